// Shows new mails without a reload: asks for the page again and swaps the list when it differs.
const EVERY = 2000;

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("mails");
  const shown = document.getElementById("mails");
  if (fresh && shown && fresh.innerHTML !== shown.innerHTML && !shown.contains(document.activeElement)) {
    shown.replaceWith(fresh);
  }
}

setInterval(() => refresh().catch(() => {}), EVERY);
