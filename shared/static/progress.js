// Moves the progress bar of a page on and shows the page again when the work is done. Without this
// script the page asks for itself again.
"use strict";

const EVERY = 1000;
const panel = document.querySelector("[data-progress-url]");

async function ask() {
  const answer = await fetch(panel.dataset.progressUrl, { cache: "no-store" });
  if (!answer.ok) return;
  const { busy, done, total, words } = await answer.json();
  const bar = panel.querySelector("progress");
  bar.max = total;
  bar.value = done;
  const said = panel.querySelector("[role=status]");
  if (said.textContent !== words) said.textContent = words;
  if (!busy) location.reload();
}

// A failed question is asked again at the next turn.
if (panel) setInterval(() => ask().catch(() => {}), EVERY);
