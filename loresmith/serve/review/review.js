// Accept, edit, reject by key or button. Cards come from our own server, which has escaped every text in them.
"use strict";

const history = []; // what to post to undo, the latest last; this tab only
let current = null; // key of the card that the keys are about
let busy = false;

const cards = () => [...document.querySelectorAll(".card")];
const cardOf = (key) => document.getElementById(`q-${key}`);
const openForm = () => document.querySelector(".card form:not([hidden])");

function here() {
  const focused = document.activeElement && document.activeElement.closest(".card");
  return focused || (current && cardOf(current)) || cards()[0] || null;
}

function point(card) {
  if (!card) return;
  for (const other of document.querySelectorAll(".card.here")) other.classList.remove("here");
  card.classList.add("here");
  current = card.dataset.key;
}

function go(card) {
  point(card);
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = cards();
  const next = all[all.indexOf(here()) + by];
  if (next) go(next);
  else if (by > 0) document.getElementById("after")?.focus();
}

function say(words) {
  document.getElementById("said").textContent = words;
}

function show(result) {
  document.getElementById("progress").textContent = result.progress;
  document.getElementById("bar").value = result.decided;
  document.getElementById("pending").hidden = result.is_applied;
}

function put(key, html) {
  const old = cardOf(key);
  if (!old) return null;
  old.insertAdjacentHTML("afterend", html);
  old.remove();
  return cardOf(key);
}

async function post(decision) {
  const answer = await fetch("/review/decisions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(decision),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error.message);
  return told;
}

// Post a decision; the card that stands for it now, or null where it failed and `fault` says why.
async function decide(decision, fault = say) {
  if (busy) return null;
  busy = true;
  try {
    const result = await post(decision);
    show(result);
    history.push(result.before);
    document.getElementById("undo").disabled = false;
    say("");
    return put(decision.key, result.card);
  } catch (wrong) {
    fault(wrong instanceof TypeError ? "The server cannot be reached; nothing was kept." : wrong.message);
    return null;
  } finally {
    busy = false;
  }
}

async function settle(card, verdict) {
  const next = cards()[cards().indexOf(card) + 1];
  const drawn = await decide({ key: card.dataset.key, verdict });
  if (drawn) go(verdict === "accept" && next ? next : drawn);
}

async function undo() {
  if (busy || history.length === 0) return;
  const before = history.pop();
  const length = history.length;
  const drawn = await decide(before);
  if (history.length > length) {
    history.length = length; // what undoes the undoing is no step of the reviewer
    say("Taken back.");
  } else {
    history.push(before);
  }
  document.getElementById("undo").disabled = history.length === 0;
  if (drawn) go(drawn);
}

function open(card, name) {
  if (openForm()) leave(openForm());
  point(card);
  const form = card.querySelector(`form.${name}`);
  form.hidden = false;
  card.querySelector(".choose").hidden = true;
  form.querySelector("textarea, input").focus();
  form.scrollIntoView({ block: "nearest" });
}

function leave(form) {
  const card = form.closest(".card");
  form.reset();
  form.hidden = true;
  form.querySelector(".fault").textContent = "";
  card.querySelector(".choose").hidden = false;
  go(card);
}

async function send(form) {
  const card = form.closest(".card");
  const next = cards()[cards().indexOf(card) + 1];
  const verdict = form.classList.contains("edit") ? "edit" : "reject";
  const words = Object.fromEntries(new FormData(form));
  const fault = (text) => (form.querySelector(".fault").textContent = text);
  const drawn = await decide({ key: card.dataset.key, verdict, ...words }, fault);
  if (drawn) go(next || drawn);
}

const DO = {
  accept: (card) => settle(card, "accept"),
  undecided: (card) => settle(card, "undecided"),
  edit: (card) => open(card, "edit"),
  reject: (card) => open(card, "reject"),
  leave: (card) => leave(card.querySelector("form:not([hidden])")),
};
const KEYS = { a: "accept", e: "edit", r: "reject" };

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const card = event.target.closest(".card");
  if (button?.id === "undo") undo();
  else if (button?.dataset.do) DO[button.dataset.do](card);
  else if (card) point(card);
});

document.addEventListener("focusin", (event) => point(event.target.closest(".card")));

document.addEventListener("submit", (event) => {
  if (!event.target.closest(".card")) return;
  event.preventDefault();
  send(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const form = event.target.closest(".card form");
  if (form) {
    if (event.key === "Escape") leave(form);
    else if (event.key === "Enter" && event.target.matches("textarea") && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    }
    return;
  }
  if (event.target.matches("select, input, textarea")) return;
  const card = here();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "u") undo();
  else if (KEYS[event.key] && card && !event.repeat) {
    event.preventDefault(); // or the letter lands in the field that opens
    DO[KEYS[event.key]](card);
  }
});

for (const select of document.querySelectorAll(".filters select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
if (cards().length) go(cards()[0]);
window.scrollTo(0, 0);
