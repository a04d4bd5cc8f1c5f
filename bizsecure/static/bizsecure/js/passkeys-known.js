// Runs before the page is drawn: what a browser with passkeys shows, and another one does not, is
// there or not from the first moment, so nothing moves.
if (window.PublicKeyCredential && navigator.credentials?.create && navigator.credentials.get) {
  document.documentElement.dataset.passkeys = "known";
}
