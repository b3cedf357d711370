// A vote by key or button; the next pair comes with the page, whose texts our own server has escaped.
"use strict";

const { contest, rater } = document.body.dataset;
const pair = document.querySelector(".pair");
const KEYS = { 1: "left", 2: "right", t: "tie", b: "bad" };
let busy = false;

async function vote(choice) {
  if (busy) return;
  busy = true;
  try {
    const answer = await fetch(`/blind/${contest}/votes`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ key: pair.dataset.key, rater, vote: choice }),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error.message);
    window.location.replace(`/blind/${contest}?rater=${encodeURIComponent(rater)}`);
  } catch (wrong) {
    busy = false;
    const words = wrong instanceof TypeError ? "The server cannot be reached; nothing was kept." : wrong.message;
    document.getElementById("said").textContent = words;
  }
}

if (pair) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-vote]");
    if (button) vote(button.dataset.vote);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const source = document.getElementById("source");
    if (KEYS[event.key]) vote(KEYS[event.key]);
    else if (event.key === "s") source.open = !source.open;
    else if (event.key === "u") document.getElementById("back")?.click();
  });
}
