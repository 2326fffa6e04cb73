// Keeps the numbers of places on a page fresh. A container says where they are asked
// (data-places-url), each number says whose it is (data-shift). Without this script the page shows
// the numbers of when it was loaded.
"use strict";

const EVERY = 15000;

async function refresh(container) {
  if (document.hidden) return;
  const answer = await fetch(container.dataset.placesUrl, { cache: "no-cache" });
  if (!answer.ok) return;
  const { shifts } = await answer.json();
  for (const shift of shifts) {
    const shown = container.querySelector(`[data-shift="${shift.id}"]`);
    if (!shown || shown.textContent === shift.words) continue;
    shown.textContent = shift.words;
    shown.className = `places places-${shift.state}`;
  }
}

for (const container of document.querySelectorAll("[data-places-url]")) {
  // A failed question is asked again at the next turn.
  const ask = () => refresh(container).catch(() => {});
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
}
