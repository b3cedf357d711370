// A source opens beside the page: a link to one of our own documents is shown in a dialog; without this script it opens
// in a new tab.
"use strict";

(() => {
  let dialog = null;
  let frame = null;

  function made() {
    dialog = document.createElement("dialog");
    dialog.id = "viewer";
    dialog.setAttribute("aria-label", "Source");
    const bar = document.createElement("div");
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => dialog.close());
    bar.append(close);
    frame = document.createElement("iframe");
    frame.title = "Source";
    dialog.append(bar, frame);
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => frame.removeAttribute("src"));
    document.body.append(dialog);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.open-source");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = new URL(link.href);
    if (target.origin !== location.origin || !target.pathname.startsWith("/documents/")) return;
    event.preventDefault();
    if (!dialog) made();
    frame.src = target.href;
    dialog.showModal();
  });
})();
