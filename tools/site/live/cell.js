// A cell of code that can be changed and run. Its stored output stands until it has run here.
import { Asked } from "./asked.js";
import { editor } from "./editor.js";
import { failed, running } from "./exercise.js";
import { Explorer } from "./explorer.js";
import { ask, now, Stopped } from "./python.js";
import { write, written } from "./store.js";

const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

export class Cell {
  constructor(div, spec, page) {
    Object.assign(this, { div, spec, page, key: `${page.name}/${spec.number}`, ran: -1 });
    this.stored = div.querySelector(".cell_output");
    this.input = div.querySelector(".cell_input");
    this.output = make("div", { className: "live-output", hidden: true });
    this.output.setAttribute("role", "status");
    this.row = make("div", { className: "live-buttons" });
    this.run = running(this.row, "Run", () => page.runTo(this));
    this.change = make("button", { type: "button", className: "live-quiet", textContent: "Edit", onclick: () => this.edit() });
    this.row.append(this.change);
    (this.input ?? div).after(this.row);
    if (this.stored) this.stored.after(this.output);
    else this.row.after(this.output);
    if (written(this.key) !== undefined) this.edit(false);
  }

  get code() { return this.field?.value ?? this.spec.code; }

  edit(focus = true) {
    if (!this.field) {
      this.field = editor(written(this.key) ?? this.spec.code, {
        label: `Code of cell ${this.spec.number}`, run: this.run, changed: (text) => { this.ran = -1; write(this.key, text, this.spec.code); },
      });
      (this.input ?? this.row).before(this.field);
      if (this.input) this.input.hidden = true;
      this.change.hidden = true;
    }
    if (focus) this.field.focus();
  }

  // Whether it went well: what stands below is not run otherwise.
  async work() {
    this.div.setAttribute("aria-busy", "true");
    this.show([{ note: "Running …" }]);
    try {
      const { page, setup } = { page: this.page.name, setup: this.page.setup };
      const { reply } = await ask("run", { page, setup, code: this.code, number: String(this.spec.number) });
      const outputs = reply.outputs ?? [{ error: reply.error }];
      this.ran = now();
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
  }
}
