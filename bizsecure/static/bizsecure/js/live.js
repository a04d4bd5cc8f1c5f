// Counts a page anew every few seconds: the part marked data-live is replaced by the same part of
// the page as it is now. Stops when that part says so, or when the answer is no page.
const INTERVAL = 5000;

async function countAnew() {
  const part = document.querySelector("[data-live]");
  if (!part || part.dataset.live === "done") return;
  if (!document.hidden) {
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    if (answer && !answer.ok) return;
    if (answer) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const counted = page.querySelector("[data-live]");
      if (!counted) return;
      part.replaceWith(counted);
    }
  }
  setTimeout(countAnew, INTERVAL);
}

setTimeout(countAnew, INTERVAL);
