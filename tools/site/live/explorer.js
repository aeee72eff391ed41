// An explorer in the page: labelled inputs, the picture with what can be touched in it, what it says.
import { ask, now, start, started } from "./python.js";
import { possible, stage } from "./stage.js";
import touch from "./touch.js";

// On a narrow page a picture is shrunk to less than half: what a phone's screen has beyond two would not be seen.
const pixels = (zoom) => Math.min(window.devicePixelRatio * zoom, matchMedia("(max-width: 640px)").matches ? 2 : 3);
const SHRUNK = 0.6;  // below this part of its width a picture's letters are small, and it can be enlarged
const TICK = 500;  // milliseconds between two steps of a Play button
const make = (parent, tag, properties = {}, attributes = {}) => {
  const node = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return parent.appendChild(node);
};
const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const decimals = (step) => (String(step).split(".")[1] ?? "").length;

// What touch.js draws from: some values, who listens, where messages go.
class Model {
  constructor(send) { Object.assign(this, { send, values: { told: {}, busy: false, answered: 0 }, heard: {} }); }
  get(name) { return this.values[name]; }
  on(kind, call) { (this.heard[kind] ??= new Set()).add(call); }
  off(kind, call) { this.heard[kind]?.delete(call); }
  set(values) {
    Object.assign(this.values, values);
    for (const name of Object.keys(values)) this.heard[`change:${name}`]?.forEach((call) => call());
  }
}

export class Explorer {
  constructor(div, spec) {
    Object.assign(this, { div, spec, rows: {}, pads: {}, next: {}, values: { ...spec.values }, born: -1, seen: 0, turn: -1, asking: 0, zoom: 1 });
    div.classList.add("cnnkit-explorer");
    div.explorer = this;
    this.panel = make(div, "div", { className: "live-panel" }, { role: "group", "aria-label": `Controls of ${spec.name}` });
    div.prepend(this.panel);
    for (const [name, control] of Object.entries(spec.controls)) this.rows[name] = this.row(name, control);
    this.bar = make(div, "div", { className: "live-buttons" });
    for (const [name, label] of Object.entries(spec.actions)) this.button(name, label);
    this.progress = make(this.bar, "progress", { max: 1, value: 0, hidden: true, ariaLabel: "how far it is" });
    this.share = make(this.bar, "button", { type: "button", className: "live-quiet", textContent: "Link to this setting" });
    this.screen = make(div, "div", { className: "live-screen", hidden: true });
    this.enlarger = make(div, "button", { type: "button", className: "live-quiet live-enlarger", hidden: true });
    this.enlarger.addEventListener("click", () => this.enlarge(!div.matches(".cnnkit-large")));
    div.append(this.bar);
    this.model = new Model((message) => this.touched(message));
    if (possible) stage(this, make(this.bar, "button", { type: "button", className: "live-quiet", textContent: "Full screen" }));
    this.reflect(spec);
    this.enlarge(false);
    new ResizeObserver(() => this.fit()).observe(div);
    for (const kind of ["pointerdown", "focusin"])
      div.addEventListener(kind, (event) => { if (!event.target.closest(".live-quiet")) this.open().catch(() => {}); }, { passive: true });
  }

  row(name, control) {
    const id = `${this.spec.key}.${name}`, row = make(this.panel, "div", { className: "live-row" });
    if (control.wide || control.kind === "Numbers" || control.kind === "Paint") row.classList.add("live-wide");
    const table = control.kind === "Numbers" || control.kind === "Paint";
    make(row, table ? "span" : "label", { textContent: control.label, className: "live-label", ...(table ? { id } : { htmlFor: id }) });
    return { row, ...this[`make${control.kind}`](row, id, name, control) };
  }

  makeSlider(row, id, name, { low, high, step, late, play }) {
    const input = make(row, "input", { type: "range", id, min: low, max: high, step });
    const output = make(row, "output", {}, { for: id });
    const show = () => (output.textContent = Number(input.value).toFixed(decimals(step)).replace("-", "−"));
    input.addEventListener("input", () => { show(); if (!late) this.move(name, Number(input.value)); });
    if (late) input.addEventListener("change", () => this.move(name, Number(input.value)));
    const parts = [input, ...(play ? [this.player(row, name)] : [])];
    return { parts, put: (value) => { input.value = value; show(); }, most: (high) => (input.max = Math.max(high, low)) };
  }

  makeChoice(row, id, name, { options }) {
    const input = make(row, "select", { id });
    for (const option of options) input.append(new Option(option, option));
    input.addEventListener("change", () => this.move(name, input.value));
    return { parts: [input], put: (value) => (input.value = value) };
  }

  makeSwitch(row, id, name) {
    const input = make(row, "input", { type: "checkbox", id });
    input.addEventListener("change", () => this.move(name, input.checked));
    return { parts: [input], put: (value) => (input.checked = value) };
  }

  makeNumbers(row, id, name, { label, start: table, most }) {
    const grid = make(row, "div", { className: "live-numbers" }, { role: "group", "aria-labelledby": id });
    grid.style.gridTemplateColumns = `repeat(${table[0].length}, minmax(2.6rem, 4.5rem))`;
    const inputs = table.map((line, i) => line.map((_, j) => make(grid, "input",
      { type: "number", step: "any", min: -most, max: most }, { "aria-label": `${label}, row ${i + 1}, column ${j + 1}` })));
    const read = () => inputs.map((line) => line.map((input) => Math.min(Math.max(Number(input.value) || 0, -most), most)));
    grid.addEventListener("change", () => this.move(name, read()));
    return { parts: inputs.flat(), put: (value) => inputs.forEach((line, i) => line.forEach((input, j) => (input.value = value[i][j]))) };
  }

  makePaint(row, id, name) {
    const field = make(row, "div", { className: "live-pad" });
    const clear = make(row, "button", { type: "button", textContent: "Clear" });
    const model = new Model((message) => this.touched(message, name));
    clear.addEventListener("click", () => this.touched({ clear: [] }, name));
    this.pads[name] = model;
    return { parts: [clear], put() {}, draw: ({ told, png }) => {
      const first = !model.get("png");
      model.set({ png: bytesOf(png), told });
      if (first) touch.render({ model, el: field });
    } };
  }

  makeUpload(row, id, name, { kinds }) {
    const input = make(row, "input", { type: "file", id, accept: kinds });
    input.addEventListener("change", async () => {
      const [file] = input.files;
      this.move(name, file ? base64(new Uint8Array(await file.arrayBuffer())) : "");
    });
    return { parts: [input], put() {} };
  }

  player(row, name) {
    const button = make(row, "button", { type: "button", className: "live-play", textContent: "▶", ariaLabel: `Play: ${this.spec.controls[name].label}` });
    let clock = null;
    const halt = () => { clearInterval(clock); clock = null; button.textContent = "▶"; button.setAttribute("aria-pressed", "false"); };
    halt();
    button.addEventListener("click", () => {
      if (clock) return halt();
      if (button.disabled) return;
      button.textContent = "⏸";
      button.setAttribute("aria-pressed", "true");
      let under = false;
      clock = setInterval(async () => {
        if (!this.div.isConnected || button.disabled) return halt();
        if (under) return;
        under = true;
        await this.talk("play", { name }).catch(halt);
        under = false;
      }, TICK);
    });
    return button;
  }

  button(name, label) {
    const button = make(this.bar, "button", { type: "button", textContent: label });
    button.addEventListener("click", () => this.talk("act", { name }).catch(() => {}));
    (this.buttons ??= {})[name] = button;
  }

  // Moves that come while Python is at work wait; only the newest value of each control is kept.
  async move(name, value) {
    this.next[name] = value;
    if (this.moving) return;
    this.moving = true;
    this.wait();
    try {
      while (Object.keys(this.next).length) {
        await this.open();
        const values = this.next;
        this.next = {};
        await this.talk("move", { values });
      }
    } catch { this.next = {}; } finally { this.moving = false; this.wait(); }
  }

  async touched(message, pad = "") {
    const model = pad ? this.pads[pad] : this.model;
    if (message.ratio) message = { ...message, ratio: [pixels(this.zoom)] };
    try { await this.talk("send", { message, pad }); }
    catch { /* it was stopped: the next touch opens it again */ }
    model.set({ answered: model.get("answered") + 1 });
  }

  // Open it in the Python that runs now, at what its controls show.
  open() {
    if (this.born === now() && this.opening) return this.opening;
    this.born = now();
    const first = this.seen === 0;
    Object.assign(this, { seen: 0, turn: -1 });
    this.opening = (async () => {
      this.wait(true);
      await start();
      const born = (this.born = now());
      const values = first ? this.wanted ?? {} : this.plainValues();
      const { key, module, name, start: begin } = this.spec;
      const { reply, image } = await ask("open", { key, module, name, start: begin ?? {}, ratio: pixels(this.zoom), values });
      if (born !== now()) throw new Error("stopped");
      if (reply.error) throw new Error(reply.error);
      this.take(reply, image);
    })();
    this.opening.catch(() => { this.opening = null; }).finally(() => this.wait());
    return this.opening;
  }

  // How many times as large as it is drawn a picture is shown: it is drawn as sharp as that needs.
  drawFor(zoom) {
    if (zoom === this.zoom) return;
    this.zoom = zoom;
    if (this.opening) this.touched({ ratio: [] });
  }

  plainValues() {
    const plain = ([name]) => !["Paint", "Upload"].includes(this.spec.controls[name].kind);
    return Object.fromEntries(Object.entries(this.values).filter(plain));
  }

  async talk(command, question) {
    await this.open();
    this.asking += 1;
    const { reply, image } = await ask(command, { key: this.spec.key, seen: this.seen, ...question }).finally(() => (this.asking -= 1));
    if (reply.error) { console.error(reply.error); throw new Error(reply.error); }
    this.take(reply, image);
    return reply;
  }

  take(reply, image) {
    if (reply.turn < this.turn) return;
    this.turn = reply.turn;
    this.reflect(reply);
    if (reply.told && reply.count !== this.seen) {
      this.seen = reply.count;
      this.model.set({ image, told: reply.told });
      this.sentence = reply.sentence;
      this.div.classList.toggle("live-carded", reply.told.card);
      if (!this.shown) this.appear();
    }
    this.model.set({ busy: reply.busy });
    if (reply.active && !this.looking) this.look();
  }

  async look() {
    this.looking = true;
    try {
      let active = true;
      while (active) active = (await this.talk("look", { turn: this.turn })).active;
    } catch { this.model.set({ busy: false }); } finally { this.looking = false; }
  }

  // The stored picture stays until the first of its own is on the screen.
  appear() {
    this.shown = true;
    touch.render({ model: this.model, el: this.screen });
    this.div.classList.remove("cnnkit-touched");
    const canvas = this.screen.querySelector("canvas");
    const there = () => {
      watch.disconnect();
      const from = this.frames()[0]?.scrollLeft ?? 0;
      this.screen.hidden = false;
      this.div.classList.add("cnnkit-touched", "live-alive");
      this.fit();
      this.enlarge(this.div.matches(".cnnkit-large"));  // its frame, too
      this.frames().at(-1).scrollLeft = from;
      this.model.heard["change:told"]?.forEach((call) => call());  // it has a width to measure now
    };
    const watch = new MutationObserver(there);
    watch.observe(canvas, { attributeFilter: ["data-count"] });
    // On a phone it stays in sight while its controls are moved, where it leaves them half of the screen.
    this.keepHeight(this.screen.querySelector(".cnnkit-said"));
    new ResizeObserver(() => this.div.classList.toggle("live-sticks", this.screen.offsetHeight <= innerHeight / 2)).observe(this.screen);
  }

  // What is said keeps the height of its longest text, so that no control moves away from under a finger.
  keepHeight(said) {
    let width = 0, most = 0;
    new ResizeObserver(() => {
      if (said.offsetWidth !== width) [width, most] = [said.offsetWidth, 0];
      if (said.offsetHeight <= most) return;
      most = said.offsetHeight;
      said.style.minHeight = `${most}px`;
    }).observe(said);
  }

  // A picture that has to shrink much can be seen at its full size: it is then moved sideways within its frame.
  fit() {
    const width = this.model.get("told").width ?? Number(this.div.querySelector(".live-frame img")?.getAttribute("width") ?? 0);
    this.enlarger.hidden = this.div.clientWidth >= SHRUNK * width;
    if (this.enlarger.hidden) this.enlarge(false);
  }

  frames() { return [...this.div.querySelectorAll(".live-frame, .live-screen .cnnkit-scroll")]; }

  enlarge(large) {
    this.div.classList.toggle("cnnkit-large", large);
    this.enlarger.textContent = large ? "Show the whole picture" : "Enlarge the picture";
    for (const frame of this.frames()) {  // what scrolls can be reached by the Tab key
      if (large) Object.assign(frame, { tabIndex: 0, role: "group", ariaLabel: "The picture, enlarged: it scrolls sideways" });
      else for (const name of ["tabindex", "role", "aria-label"]) frame.removeAttribute(name);
    }
  }

  reflect({ values, highest, shown, disabled, usable, done = 0, pads = {} }) {
    this.values = { ...values };
    for (const [name, { row, parts, put, most, draw }] of Object.entries(this.rows)) {
      row.hidden = !shown.includes(name);
      if (name in highest) most?.(highest[name]);
      if (!(name in this.next)) put(values[name]);
      for (const part of parts) part.disabled = disabled.includes(name);
      if (name in pads) draw(pads[name]);
    }
    for (const [name, button] of Object.entries(this.buttons ?? {})) button.disabled = started() && !usable.includes(name);
    this.progress.hidden = !done;
    this.progress.value = done;
  }

  wait(starting = false) {
    this.div.classList.toggle("live-waits", Boolean(starting || this.moving));
    this.div.setAttribute("aria-busy", String(Boolean(starting || this.moving)));
  }
}
