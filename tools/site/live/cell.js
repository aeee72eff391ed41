// A cell of code that can be changed and run. Its stored output stands until it has run here.
import { Asked } from "./asked.js";
import { editor } from "./editor.js";
import { failed, hasRun, running } from "./exercise.js";
import { Explorer } from "./explorer.js";
import { ask, now, Stopped } from "./python.js";
import { write, written } from "./store.js";

const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

export class Cell {
  // number: among the cells of the page that run, from 1
  constructor(div, spec, page, number) {
    Object.assign(this, { div, spec, page, number, key: `${page.name}/${spec.number}`, ran: -1, shown: spec.code });
    this.stored = div.querySelector(".cell_output");
    this.input = div.querySelector(".cell_input");
    this.output = make("div", { className: "live-output", hidden: true });
    this.output.setAttribute("role", "status");
    this.row = make("div", { className: "live-buttons" });
    this.run = running(this.row, "Run", () => page.runTo(this));
    this.change = make("button", { type: "button", className: "live-quiet", textContent: "Edit", onclick: () => this.edit() });
    this.undo = make("button", { type: "button", className: "live-quiet", textContent: "Undo my changes", hidden: true });
    this.undo.addEventListener("click", () => { this.reset(); this.change.focus(); });
    this.note = make("p", { className: "live-note", hidden: true });
    this.note.setAttribute("role", "status");
    this.row.append(this.change, this.undo);
    (this.input ?? div).after(this.row);
    this.row.after(this.note);
    if (this.stored) this.stored.after(this.output);
    else this.note.after(this.output);
    document.addEventListener("live:forgot", () => this.reset());
    if (written(this.key) !== undefined) this.edit(false);
  }

  get code() { return this.field?.value ?? this.spec.code; }

  edit(focus = true) {
    if (!this.field) {
      this.field = editor(written(this.key) ?? this.spec.code, {
        label: `Code of cell ${this.number}`, run: this.run,
        changed: (text) => {
          this.ran = -1;
          write(this.key, text, this.spec.code);
          this.compare();
        },
      });
      (this.input ?? this.row).before(this.field);
      if (this.input) this.input.hidden = true;
      this.change.hidden = true;
      this.compare();
    }
    if (focus) this.field.focus();
  }

  // Says whether what stands below came from other code than what stands here.
  compare() {
    const older = this.code !== this.shown, stored = this.output.hidden;
    this.undo.hidden = this.code === this.spec.code;
    for (const part of [this.stored, this.output]) part?.classList.toggle("live-pale", older);
    const whose = stored ? "as it was stored" : "before your last change";
    this.say(older && (this.stored || !stored) ? `This is the output of the code ${whose}. Run it again.` : "");
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  // Whether it went well: what stands below is not run otherwise.
  async work() {
    this.div.setAttribute("aria-busy", "true");
    this.shown = this.code;
    this.show([{ note: "Running …" }]);
    this.compare();
    try {
      const { page, setup } = { page: this.page.name, setup: this.page.setup };
      const { reply } = await ask("run", { page, setup, code: this.shown, number: String(this.number) });
      hasRun();
      const outputs = reply.outputs ?? [{ error: reply.error }];
      this.ran = this.code === this.shown ? now() : -1;
      this.show(outputs);
      return !outputs.some(({ error }) => error);
    } catch (error) {
      this.show([{ note: failed(error) }]);
      if (!(error instanceof Stopped)) console.error(error);
      return false;
    } finally { this.div.removeAttribute("aria-busy"); }
  }

  show(outputs) {
    if (this.stored) this.stored.hidden = true;
    this.output.hidden = false;
    this.output.replaceChildren(...outputs.map((each) => this.part(each)));
  }

  part({ text, error, html, png, alt, width, explorer, asked, note }) {
    if (note) return make("p", { className: "live-note", textContent: note });
    if (text) return make("pre", { textContent: text });
    if (error) return make("pre", { className: "live-error", textContent: error });
    if (png) return make("img", { src: `data:image/png;base64,${png}`, alt, ...(width ? { width } : {}) });
    const box = make("div", { className: "live", innerHTML: html ?? "" });
    if (explorer) queueMicrotask(() => new Explorer(box, explorer).open().catch(() => {}));
    if (asked) new Asked(box, asked);
    return box;
  }

  reset() {
    this.ran = -1;
    this.output.hidden = true;
    if (this.stored) this.stored.hidden = false;
    if (this.field) {
      this.field.remove();
      this.field = null;
      this.change.hidden = false;
      if (this.input) this.input.hidden = false;
    }
    write(this.key, this.spec.code, this.spec.code);
    this.shown = this.spec.code;
    this.compare();
  }
}
