// Shows a group's schedule on another site:
//   <script src="https://muster.example/embed.js" data-group="7" async></script>
// data-kind shows only one kind of event, data-limit at most so many, data-title names the frame.
// The page in the frame says how high it is, and only it is listened to.
"use strict";

{
  const script = document.currentScript;
  const { origin } = new URL(script.src);
  const { group, kind, limit, title } = script.dataset;

  const address = new URL(`/embed/groups/${encodeURIComponent(group ?? "")}`, origin);
  if (kind) address.searchParams.set("kind", kind);
  if (limit) address.searchParams.set("limit", limit);

  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = title || "What’s on";
  frame.loading = "lazy";
  frame.referrerPolicy = "no-referrer";
  frame.style.cssText = "display: block; width: 100%; height: 480px; border: 0;";

  addEventListener("message", (message) => {
    if (message.origin !== origin || message.source !== frame.contentWindow) return;
    const height = Number(message.data?.musterHeight);
    if (height > 0 && height < 100000) frame.style.height = `${Math.ceil(height)}px`;
  });
  frame.addEventListener("load", () => {
    frame.contentWindow.postMessage({ musterAsks: "height" }, origin);
  });
  script.after(frame);
}
