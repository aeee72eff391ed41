// How a learner did: on this page and in the whole course, from what this browser has kept.
import { forget, kept } from "./store.js";

const KINDS = { prediction: "predictions", vote: "votes", exercise: "exercises" };

function lines(kinds, done) {
  return Object.entries(KINDS).flatMap(([kind, name]) => {
    const keys = Object.keys(kinds).filter((key) => kinds[key] === kind), count = (right) => keys.filter((key) => done[key]?.right === right).length;
    if (!keys.length) return [];
    if (kind === "vote") return [`${keys.filter((key) => done[key]?.said).length} of ${keys.length} votes cast.`];
    const open = keys.length - count(true) - count(false), seen = keys.filter((key) => done[key]?.looked).length;
    const rest = `${open ? `, ${open} open` : ""}${seen ? `; ${seen} looked up` : ""}`;
    return [`${count(true)} of ${keys.length} ${name} right; ${count(false)} wrong${rest}.`];
  });
}

export function score(div) {
  const list = document.createElement("ul"), row = document.createElement("p");
  const note = Object.assign(document.createElement("p"), { className: "live-note", textContent: "Kept in this browser only; nothing is sent." });
  const button = (text, call) => row.append(Object.assign(document.createElement("button"), { type: "button", textContent: text, onclick: call }));
  button("Export", () => {
    const file = new Blob([JSON.stringify(kept(), null, 1)], { type: "application/json" });
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: "course-score.json" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  button("Forget", () => { if (confirm("Forget all answers and all code of the whole course in this browser?")) forget(); });
  row.className = "live-buttons";
  div.replaceChildren(list, row, note);
  div.setAttribute("role", "status");
  const show = () => {
    const { done } = kept(), here = {};
    for (const each of document.querySelectorAll("[data-live=asked], [data-live=exercise]")) {
      const { key, kind } = JSON.parse(each.dataset.spec);
      here[key] = kind ?? "exercise";
    }
    const all = Object.values(done).filter(({ kind, right }) => kind !== "vote" && right === true).length;
    const texts = [...lines(here, done), `In the whole course: ${all} right so far.`];
    list.replaceChildren(...texts.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  };
  document.addEventListener("live:kept", show);
  show();
}
