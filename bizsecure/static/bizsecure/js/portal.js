// Small comforts. Every page works without this file.

// A form that came back with errors begins with their list; readers and keyboards start there.
const summary = document.getElementById("error-summary");
if (summary) {
  summary.focus();
}

// Only a script can open the print dialogue, so only a script shows the buttons for it.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Whoever comes back from the page of a bank need not press the button that asks how it went.
document.querySelector("form[data-sent-at-once]")?.requestSubmit();
