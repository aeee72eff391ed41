// An exercise: a field for code, Check, Stop, and what is said about the answer.
import { editor } from "./editor.js";
import { ask, stop, Stopped } from "./python.js";
import { committed, kept, write, written } from "./store.js";

const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

// What a button starts: while it runs it cannot be started again, and after a moment there is a way to stop it.
export function running(row, label, work) {
  const button = make("button", { type: "button", textContent: label });
  const halt = make("button", { type: "button", textContent: "Stop", className: "live-stop", hidden: true, onclick: stop });
  let under = false;
  const run = async () => {
    if (under) return;
    under = true;
    button.setAttribute("aria-disabled", "true");
    const clock = setTimeout(() => (halt.hidden = false), 400);
    try { await work(); }
    finally {
      clearTimeout(clock);
      if (halt === document.activeElement) button.focus();
      halt.hidden = true;
      button.removeAttribute("aria-disabled");
      under = false;
    }
  };
  button.addEventListener("click", run);
  row.append(button, halt);
  return run;
}

// Whether the Python of now has run anything of this page, and whether the one that ended last had.
let ran = false, lost = false;
export const hasRun = () => (ran = true);
document.addEventListener("live:ended", () => { [lost, ran] = [ran, false]; });

export function failed(error) {
  if (!(error instanceof Stopped)) return String(error.message ?? error);
  const rest = lost ? " What other cells have made is gone: they run again when they are needed." : "";
  return `Stopped. Your text is still here.${rest}`;
}

export class Exercise {
  constructor(div, spec, page) {
    const first = spec.code, said = make("div", { className: "live-verdict" }), row = make("div", { className: "live-buttons" });
    said.setAttribute("role", "status");
    const run = running(row, "Check", async () => {
      said.replaceChildren(make("p", { className: "live-note", textContent: "Checking …" }));
      try {
        const question = { page: page.name, setup: page.setup, key: spec.key, code: this.field.value };
        const { reply } = await ask("check", question);
        this.show(said, reply);
        if (reply.passed !== null && !reply.error) committed("exercise", spec.key, reply.passed);
      } catch (error) { said.replaceChildren(make("p", { textContent: failed(error) })); }
    });
    this.field = editor(written(spec.key) ?? first, {
      label: `Your code for exercise ${spec.key}, ${spec.title}`, run, changed: (text) => write(spec.key, text, first),
    });
    const again = make("button", { type: "button", className: "live-quiet", textContent: "Start over" });
    const afresh = () => {
      this.field.value = first;
      this.field.dispatchEvent(new Event("input"));
      said.replaceChildren();
    };
    again.addEventListener("click", afresh);
    document.addEventListener("live:forgot", afresh);
    row.append(again);
    const before = kept().done[spec.key]?.right;
    if (before === true) this.show(said, { passed: true, html: "<p><b>✓ right</b>: this is solved. Check tries what stands here now.</p>" });
    if (before === false) this.show(said, { passed: false, html: "<p><b>✗ not yet</b>, press Check again.</p>" });
    div.replaceChildren(this.field, row, make("p", { className: "live-note live-keys", textContent: "Ctrl + Enter checks. Escape, then Tab, leaves the field." }), said);
  }

  show(said, { passed, html, error, printed }) {
    const mood = error ? "wrong" : passed === true ? "right" : passed === false ? "wrong" : "open";
    const box = make("div", { className: `live-${mood}`, innerHTML: html ?? "" });
    if (error) box.append(make("pre", { className: "live-error", textContent: error }));
    if (printed) box.append(make("p", { className: "live-note", textContent: "Printed" }), make("pre", { textContent: printed }));
    said.replaceChildren(box);
  }
}
