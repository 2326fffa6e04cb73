// Keeps the numbers of places on a page fresh. A container says where they are asked
// (data-places-url); each number (data-shift), and each button (data-button), says whose it is; what
// needs several shifts names them (data-needs). Without this script the page shows what was true when
// it was loaded.
"use strict";

const EVERY = 15000;

function showNumber(container, shift) {
  const shown = container.querySelector(`[data-shift="${shift.id}"]`);
  if (!shown || shown.textContent === shift.words) return;
  shown.textContent = shift.words;
  shown.className = `places places-${shift.state}`;
}

function showButton(container, shift) {
  const link = container.querySelector(`[data-button="${shift.id}"]`);
  if (!link) return;
  link.hidden = !shift.button;
  link.closest(".shift").classList.toggle("is-closed", !shift.button);
  if (shift.button) link.firstElementChild.textContent = shift.button;
  link.classList.toggle("btn-primary", shift.state !== "full");
  link.classList.toggle("btn-secondary", shift.state === "full");
}

async function refresh(container) {
  if (document.hidden) return;
  const answer = await fetch(container.dataset.placesUrl, { cache: "no-cache" });
  if (!answer.ok) return;
  const { shifts } = await answer.json();
  for (const shift of shifts) {
    showNumber(container, shift);
    showButton(container, shift);
  }
  const open = new Set(shifts.filter((shift) => shift.button).map((shift) => String(shift.id)));
  for (const offer of container.querySelectorAll("[data-needs]")) {
    offer.hidden = !offer.dataset.needs.split(" ").every((id) => open.has(id));
  }
}

for (const container of document.querySelectorAll("[data-places-url]")) {
  // A failed question is asked again at the next turn.
  const ask = () => refresh(container).catch(() => {});
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
}
