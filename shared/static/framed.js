// Tells the site around this page how high the page is, so that its frame fits. It answers only to
// the window around it, and only when that belongs to a site in data-sites.
"use strict";

const sites = document.body.dataset.sites.split(" ");
// The body is never lower than the frame, so what stands in it is measured.
const content = document.querySelector("main");
let site = "";

function tell() {
  if (site) parent.postMessage({ musterHeight: content.getBoundingClientRect().height }, site);
}

addEventListener("message", (message) => {
  if (message.source !== parent || !sites.includes(message.origin)) return;
  if (message.data?.musterAsks !== "height") return;
  site = message.origin;
  tell();
});
new ResizeObserver(tell).observe(content);
