// Asks for this page again until it is there, and shows it then. Without this script a link does.
"use strict";

const EVERY = 3000;
const MOST = 40;
let asked = 0;

async function ask() {
  asked += 1;
  if (asked >= MOST) clearInterval(asking);
  const answer = await fetch(location.href, { cache: "no-store" });
  if (answer.status !== 404) location.reload();
}

// A failed question is asked again at the next turn.
const asking = setInterval(() => ask().catch(() => {}), EVERY);
