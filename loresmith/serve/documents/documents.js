// Send files one after the other, show how each fares, and draw the list anew when it changed.
"use strict";

const form = document.getElementById("upload");
const jobs = document.getElementById("jobs");
const POLL_MS = 400;
let chain = Promise.resolve();

function row(name) {
  const made = document.createElement("li");
  const title = document.createElement("strong");
  title.textContent = name;
  const note = document.createElement("span");
  note.className = "note";
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.setAttribute("aria-label", `Sending ${name}`);
  made.append(title, note, bar);
  jobs.prepend(made);
  return { made, note, bar };
}

function fail(shown, words) {
  shown.made.className = "failed";
  shown.note.textContent = words;
  shown.bar.remove();
}

function send(file, shown) {
  return new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest();
    asked.open("POST", `/documents/uploads?name=${encodeURIComponent(file.name)}`);
    asked.setRequestHeader("content-type", "application/octet-stream");
    asked.responseType = "json";
    asked.upload.onprogress = (event) => {
      shown.bar.value = (100 * event.loaded) / event.total;
      shown.note.textContent = "sending";
    };
    asked.onload = () => {
      if (asked.status === 202) resolve(asked.response);
      else reject(new Error(asked.response?.error?.message ?? `The server said ${asked.status}.`));
    };
    asked.onerror = () => reject(new Error("The server broke off: it cannot be reached, or the file is too large."));
    asked.send(file);
  });
}

async function follow(job, shown) {
  shown.bar.removeAttribute("value");
  while (true) {
    const answer = await fetch(`/documents/uploads/${job.id}`);
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error.message);
    shown.note.textContent = told.note;
    if (told.state === "failed") throw new Error(told.note);
    if (told.state === "done") return told.document;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function describe(found) {
  const counted = [
    ["page", found.pages],
    ["heading", found.headings],
    ["table", found.tables],
    ["word", found.words],
    ["passage", found.passages],
  ];
  const parts = counted.filter(([, many]) => many !== null).map(([noun, many]) => `${many} ${noun}${many === 1 ? "" : "s"}`);
  return `“${found.title}”: ${parts.join(", ")}. It can be asked about now; questions are made by the next run.`;
}

async function take(file) {
  const shown = row(file.name);
  try {
    if (file.size > form.dataset.megabytes * 1048576) {
      throw new Error(`The file is larger than ${form.dataset.megabytes} MB.`);
    }
    const found = await follow(await send(file, shown), shown);
    shown.made.className = "done";
    shown.note.textContent = describe(found);
    shown.bar.remove();
    await draw();
  } catch (wrong) {
    fail(shown, wrong instanceof TypeError ? "The server cannot be reached." : wrong.message);
  }
}

async function draw() {
  const page = new DOMParser().parseFromString(await (await fetch("/documents")).text(), "text/html");
  document.getElementById("shelf").replaceWith(document.adoptNode(page.getElementById("shelf")));
}

function enqueue(files) {
  for (const file of files) chain = chain.then(() => take(file));
}

async function remove(button) {
  if (button.dataset.sure === undefined) {
    button.dataset.sure = "";
    button.textContent = "Really delete?";
    return;
  }
  button.disabled = true;
  button.textContent = "Deleting …";
  const name = encodeURIComponent(button.dataset.delete);
  const answer = await fetch(`/documents/uploads?name=${name}`, { method: "DELETE", headers: { "content-type": "application/json" } });
  if (answer.ok) {
    await draw();
    return;
  }
  const shown = row(button.dataset.delete);
  fail(shown, (await answer.json()).error.message);
  button.remove();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-delete]");
  if (button) remove(button);
});

if (form) {
  const box = document.getElementById("file");
  box.addEventListener("change", () => {
    enqueue([...box.files]);
    box.value = "";
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    enqueue([...event.dataTransfer.files]);
  });
}
