// Forms that are filled in by a passkey. They show only where a browser has passkeys; every page
// with one also says what to do without.
const browser = window.webauthnJSON;

// What the server asks of the passkey: on the page, or fetched when the button is pressed, so that
// merely opening the page leaves nothing behind.
async function asked(form) {
  if (form.dataset.passkey !== "fetch") {
    return JSON.parse(document.getElementById("passkey-options").textContent);
  }
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

function create(options, form) {
  const alone = form.elements.passwordless?.checked ?? false;
  const wanted = options.creation_options;
  Object.assign(wanted.publicKey.authenticatorSelection, {
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    userVerification: "required",
  });
  return browser.create(wanted);
}

async function fill(form) {
  const problem = form.querySelector("[data-passkey-problem]");
  problem.hidden = true;
  try {
    const options = await asked(form);
    const isNew = form.dataset.passkey === "create";
    const credential = isNew
      ? await create(options, form)
      : await browser.get(options.request_options);
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  } catch {
    problem.hidden = false;
  }
}

if (browser?.supported()) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      fill(form);
    });
  }
  for (const words of document.querySelectorAll("[data-without-passkeys]")) words.hidden = true;
}
