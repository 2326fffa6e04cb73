// Lets a link be copied by one button. Without this script, or without a clipboard, the address
// stands in a field from which it can be taken.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const before = button.textContent;
  const status = button.parentElement.querySelector("[role=status]");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
    if (status) status.textContent = button.dataset.copied;
    setTimeout(() => {
      button.textContent = before;
      if (status) status.textContent = "";
    }, 3000);
  });
}
