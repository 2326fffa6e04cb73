// Shows a group's schedule, or the sign-up form of one shift, on another site:
//   <script src="https://muster.example/embed.js" data-group="7" async></script>
//   <script src="https://muster.example/embed.js" data-shift="12" async></script>
// data-kind shows only one kind of event, data-limit at most so many, data-title names the frame.
// The page in the frame says how high it is, and only it is listened to.
"use strict";

{
  const script = document.currentScript;
  const { origin } = new URL(script.src);
  const { group, shift, kind, limit, title } = script.dataset;

  const path = shift ? `/embed/sign-up/${encodeURIComponent(shift)}`
    : `/embed/groups/${encodeURIComponent(group ?? "")}`;
  const address = new URL(path, origin);
  if (shift) {
    address.searchParams.set("site", location.origin);
    // What the link to the page around says of itself goes on to the form.
    for (const [name, said] of new URLSearchParams(location.search)) {
      if (name.startsWith("utm_")) address.searchParams.set(name, said);
    }
  }
  if (kind) address.searchParams.set("kind", kind);
  if (limit) address.searchParams.set("limit", limit);

  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = title || (shift ? "Sign up" : "What’s on");
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
