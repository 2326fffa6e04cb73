// Does the work that a form asks for while very many come at once: an ALTCHA challenge, version 1.
// It looks for the number whose SHA-256 together with the salt is the challenge's. A form that is
// sent before it is found waits for it.
"use strict";

{
  const field = document.querySelector("input[data-challenge]");
  const said = document.querySelector("[data-proof]");
  const form = field.form;
  const task = JSON.parse(field.dataset.challenge);
  const salt = task.salt.endsWith("&") ? task.salt : `${task.salt}&`;
  const encoder = new TextEncoder();
  const AT_ONCE = 500;
  let isWanted = false;

  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const digest = async (number) => hex(await crypto.subtle.digest("SHA-256", encoder.encode(salt + number)));

  async function solve() {
    for (let first = 0; first <= task.maxNumber; first += AT_ONCE) {
      const found = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => digest(first + i)));
      const at = found.indexOf(task.challenge);
      if (at >= 0) return first + at;
    }
    return null;
  }

  form.addEventListener("submit", (sending) => {
    if (field.value) return;
    sending.preventDefault();
    isWanted = true;
    said.textContent = "One moment: your form is sent as soon as the sum is done.";
  });

  solve().then((number) => {
    const { algorithm, challenge, signature } = task;
    field.value = btoa(JSON.stringify({ algorithm, challenge, number, salt: task.salt, signature }));
    if (isWanted) form.requestSubmit();
    else said.textContent = "Very many forms come in just now. Yours is ready to be sent.";
  }).catch(() => {
    // Without crypto.subtle, as on an address without https, somebody looks at the form first.
    field.value = "none";
    if (isWanted) form.requestSubmit();
  });
}
