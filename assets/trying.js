// SPDX-License-Identifier: Apache-2.0
// The try-it page: a client assertion signed in the browser. The key file is read here and sent nowhere; only the assertion,
// good for one minute and for one use, leaves with the form.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const form = document.querySelector("form[data-sign]");
  if (!form) return;
  const [file, amiss] = [form.querySelector("[data-key]"), form.querySelector("[data-amiss]")];
  const url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const part = (value) => url(new TextEncoder().encode(JSON.stringify(value)));
  const say = (why) => { amiss.textContent = amiss.dataset[why] || ""; amiss.hidden = !why; };

  async function assertion(pem) {
    const body = pem.replace(/-----[^-]+-----/g, "").replace(/\s/g, "");
    const der = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
    const key = await crypto.subtle.importKey("pkcs8", der, "Ed25519", false, ["sign"]);
    const jti = url(crypto.getRandomValues(new Uint8Array(16)));
    const claims = { iss: form.dataset.sign, sub: form.dataset.sign, aud: form.dataset.node, exp: Math.floor(Date.now() / 1000) + 60, jti };
    const text = `${part({ alg: "EdDSA", typ: "JWT" })}.${part(claims)}`;
    return `${text}.${url(await crypto.subtle.sign("Ed25519", key, new TextEncoder().encode(text)))}`;
  }

  form.addEventListener("submit", async (event) => {
    if (!file.files.length || form.elements.assertion.value) return;
    event.preventDefault();
    if (!window.crypto || !crypto.subtle) { say("locked"); return; }
    try {
      form.elements.assertion.value = await assertion(await file.files[0].text());
    } catch (error) {
      say(error.name === "NotSupportedError" ? "locked" : "strange");
      return;
    }
    say("");
    form.submit();
  });
});
