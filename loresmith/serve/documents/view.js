// Bring the marked passage into view.
"use strict";

const passage = document.getElementById("passage");
if (passage) {
  passage.scrollIntoView({ block: "center" });
  passage.focus({ preventScroll: true });
}
for (const picture of document.querySelectorAll("figure img")) {
  picture.addEventListener("error", () => {
    picture.closest("main").classList.remove("paired");
    picture.closest("figure").hidden = true;
  });
}
