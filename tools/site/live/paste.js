// The page "Paste your layer": a field for code, one for an error's message, and what the course's Python says of them.
import { running } from "./exercise.js";
import { Explorer } from "./explorer.js";
import { copy } from "./links.js";
import { ask, start, started, stop, Stopped } from "./python.js";

const PAUSE = 400;             // milliseconds without a key, after which what was typed is read
const LONGEST = 30_000;        // milliseconds that a reading may take
const LONGEST_LINK = 8000;     // characters that an address may have everywhere
const OFF = "Python is not running here. Your text is still here, and the button tries again.";
const make = (tag, properties = {}, attributes = {}) => {
  const node = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};

const label = (input, text) => make("label", { htmlFor: input.id, textContent: text });
const field = (id, properties) => make("textarea",
  { id, className: "live-code", spellcheck: false, autocapitalize: "off", ...properties }, { autocomplete: "off" });

// A button, and work that is done again when somebody has typed meanwhile: only the newest counts.
function asking(row, label, work) {
  let wanted = false, clock = null;
  const now = running(row, label, async () => {
    do { clearTimeout(clock); wanted = false; await work(); } while (wanted);
  });
  const again = () => { wanted = true; return now(); };
  return { now: again, soon: () => { clearTimeout(clock); clock = setTimeout(again, PAUSE); } };
}

// An answer of Python, which may not take for ever once Python is there.
async function answered(command, question) {
  await start().catch(() => { throw new Error(OFF); });
  let late = false;
  const clock = setTimeout(() => { late = true; stop(); }, LONGEST);
  try {
    const { reply } = await ask(command, question);
    if (reply.error) throw new Error(reply.error);
    return reply;
  } catch (error) {
    if (late) throw new Error("This took too long and was stopped. Your text is still here.");
    throw error instanceof Stopped ? new Error("Stopped. Your text is still here.") : error;
  } finally { clearTimeout(clock); }
}

const firstLine = (text) => text.trim().split("\n", 1)[0].trim();

// An answer that is asked for comes into view, on a small screen too; while somebody types, nothing moves.
function bringIntoView(node) {
  const { top, bottom } = node.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) node.scrollIntoView({ block: bottom - top > innerHeight ? "start" : "nearest" });
}

export class Paste {
  constructor(div, spec) {
    Object.assign(this, { div, spec, before: "", example: spec.examples[0].code, willing: true, stack: null });
    this.said = div.querySelector(".paste-said");
    this.result = div.querySelector(".paste-result");
    this.said.setAttribute("aria-live", "polite");
    this.makeCode(div.querySelector(".paste-code"));
    this.stackBox = make("div", { className: "paste-stack" });
    this.result.after(this.stackBox);
    this.makeMessage();
    document.addEventListener("live:ready", () => { this.willing = true; });
    addEventListener("hashchange", () => this.restore());
    this.restore();
  }

  makeCode(stored) {
    const rows = make("div", { className: "paste-fields" }), bar = make("div", { className: "live-buttons" });
    this.code = field("paste-code", { value: stored.textContent });
    this.size = make("input", { id: "paste-size", type: "text", autocomplete: "off", placeholder: "224, or 240 × 320" });
    this.size.value = this.spec.examples[0].size;
    this.reading = asking(bar, "Read it", () => this.read());
    const share = make("button", { type: "button", className: "live-quiet", textContent: "Link to this" });
    share.addEventListener("click", () => this.share(share));
    bar.append(share);
    const small = make("div", { className: "paste-size" });
    small.append(label(this.size, "Image’s size in pixels (may stay empty)"), this.size);
    const called = label(this.code, "Your code, of PyTorch or Keras; an error’s message may stand here, too");
    rows.append(this.examples(), called, this.code, small, bar);
    stored.replaceWith(rows);
    this.code.addEventListener("input", () => { this.grow(); this.forget(); this.typed(this.reading); });
    this.code.addEventListener("paste", () => { this.near = true; });
    bar.firstElementChild.addEventListener("click", () => { this.near = true; });
    this.size.addEventListener("input", () => { this.example = null; this.typed(this.reading); });
    this.size.addEventListener("keydown", (event) => { if (event.key === "Enter") this.reading.now(); });
    this.code.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.reading.now();
    });
    this.grow();
  }

  examples() {
    const group = make("div", { className: "live-buttons" }, { role: "group", "aria-label": "Examples" });
    for (const { name, code, size } of this.spec.examples) {
      const button = make("button", { type: "button", textContent: name });
      button.addEventListener("click", () => { this.put(code, size); this.example = code; });
      group.append(button);
    }
    return group;
  }

  makeMessage() {
    const box = make("div", { className: "paste-fields" }), bar = make("div", { className: "live-buttons" });
    this.message = field("paste-message", { rows: 3, placeholder: this.spec.message });
    this.meaning = make("div", { className: "live-verdict" }, { "aria-live": "polite" });
    this.explaining = asking(bar, "Explain it", () => this.explain());
    box.append(label(this.message, "An error’s message about shapes"), this.message, bar, this.meaning);
    this.stackBox.after(box);
    this.message.addEventListener("input", () => this.typed(this.explaining));
    this.message.addEventListener("paste", () => { this.near = true; });
    bar.firstElementChild.addEventListener("click", () => { this.near = true; });
  }

  // What is typed is read at once, unless somebody has said no to Python: then only the buttons ask for it again.
  typed(what) { if (this.willing || started()) what.soon(); }
  // An example's size is not that of other code: where the first line is another one, nobody has said a size.
  forget() {
    if (this.example === null || firstLine(this.code.value) === firstLine(this.example)) return;
    this.example = null;
    this.size.value = "";
  }

  grow() { this.code.rows = Math.min(Math.max(this.code.value.split("\n").length + 1, 3), 24); }

  put(code, size = "") {
    Object.assign(this, { near: true, example: null });
    Object.assign(this.code, { value: code });
    this.size.value = size;
    this.grow();
    return this.reading.now();
  }

  async read() {
    const question = { code: this.code.value, size: this.size.value, before: this.before };
    if (!question.code.trim()) return this.show({ refused: "<p>Paste a layer, or take one of the examples.</p>" });
    const reply = await this.asked("code", question, this.said);
    if (!reply || question.code !== this.code.value) return;  // typed on meanwhile: that is read next
    if (reply.message) this.isMessage(reply);
    else this.show(reply);
    this.keep();
    if (this.near) bringIntoView(this.said);
    this.near = false;
  }

  async explain() {
    const message = this.message.value;
    if (!message.trim()) return this.meaning.replaceChildren();
    const reply = await this.asked("message", { message, code: this.before }, this.meaning);
    if (reply && message === this.message.value) this.showMeaning(reply);
    this.keep();
    if (this.near) bringIntoView(this.meaning);
    this.near = false;
  }

  async asked(command, question, place) {
    this.div.setAttribute("aria-busy", "true");
    try { return await answered(command, question); }
    catch (error) {
      this.willing = false;
      place.replaceChildren(make("p", { className: "live-note", textContent: String(error.message ?? error) }));
      return null;
    } finally { this.div.removeAttribute("aria-busy"); }
  }

  // A message in the field for code stays there and is answered there; the code that was read last can come back.
  isMessage({ message, mend }) {
    const box = make("div", { className: "live-right", innerHTML: message });
    box.prepend(make("p", { className: "paste-total", textContent: "This is an error’s message, and no code. It says:" }));
    this.offer(box, mend);
    if (this.before) {
      const back = make("button", { type: "button", className: "live-quiet", textContent: "Back to the code before" });
      back.addEventListener("click", () => { this.code.focus(); this.put(this.before, this.size.value); });
      box.append(back);
    }
    const said = make("div", { className: "live-verdict" });
    said.append(box);
    this.said.replaceChildren(said);
    this.code.classList.add("paste-wraps");
    this.result.replaceChildren();
    this.showStack(null, "", "");
  }

  showMeaning({ meaning, mend = null, refused }) {
    const box = make("div", { className: meaning ? "live-right" : "live-open", innerHTML: meaning ?? refused });
    this.meaning.replaceChildren(this.offer(box, mend));
  }

  // The code that fits, and a button where its place in the whole code is known.
  offer(box, mend) {
    if (!mend) return box;
    box.append(make("p", { textContent: "What fits:" }), make("pre", { textContent: mend.to }));
    if (mend.code) {
      const button = make("button", { type: "button", textContent: "Put it into my code" });
      button.addEventListener("click", () => { this.code.focus(); this.put(mend.code, this.size.value); });
      box.append(button);
    }
    return box;
  }

  show({ table = "", total = "", wrong = "", mend = null, refused = "", stack = null, unshown = "", biases = "" }) {
    const said = make("div", { className: "live-verdict" });
    if (wrong || refused) said.append(this.box(wrong, mend, refused));
    if (total) said.append(make("p", { className: "paste-total", textContent: total }));
    const same = said.innerHTML === this.said.firstElementChild?.innerHTML;  // it is not said twice
    if (!same) this.said.replaceChildren(said);
    this.result.innerHTML = table;
    this.code.classList.remove("paste-wraps");
    if (!refused) this.before = this.code.value;
    this.showStack(stack, unshown, biases).catch(() => {});
  }

  box(wrong, mend, refused) {
    const box = make("div", { className: wrong ? "live-wrong paste-wrong" : "live-open", innerHTML: wrong || refused });
    if (wrong) box.prepend(make("p", { className: "paste-mark", textContent: "✗ This layer does not fit" }));
    return this.offer(box, mend);
  }

  // The explorer is made once; what is read later moves it, so that the picture changes in its place.
  async showStack(values, unshown, biases) {
    if (!values) {
      this.stack = null;
      const why = unshown ? [make("p", { className: "live-note", textContent: unshown })] : [];
      return this.stackBox.replaceChildren(...why);
    }
    const text = `These convolutions and poolings as a stack, and what the unit in its middle sees. ${biases}`.trim();
    if (this.stack) {
      this.stackText.textContent = text;
      return this.stack.talk("move", { values });
    }
    const box = make("div", { className: "live live-explorer" });
    const { stack } = this.spec, now = { ...stack.values, ...values };
    this.stackText = make("p", { textContent: text });
    this.stackBox.replaceChildren(this.stackText, box);
    this.stack = new Explorer(box, { ...stack, key: "paste-stack", start: values, values: now });
    this.stack.share.remove();  // the page's own link holds the code
    await this.stack.open();
    return this.stack.talk("move", { values });
  }

  // The address holds the code, so that it can be sent; it is not sent to the site's server.
  link() {
    const held = { code: this.code.value, size: this.size.value, message: this.message.value };
    const given = Object.entries(held).filter(([, text]) => text.trim());
    const query = given.map(([name, text]) => `${name}=${encodeURIComponent(text)}`);
    return new URL(`#${query.join("&")}`, location.href).href;
  }

  keep() {
    this.kept = this.link().length <= LONGEST_LINK ? this.link() : location.href.replace(/#.*/s, "");
    try { history.replaceState(null, "", this.kept); } catch { /* some browsers refuse when it is done often */ }
  }

  share(button) {
    if (this.link().length <= LONGEST_LINK) return copy(this.link(), button);
    button.textContent = "Too long for an address";
    setTimeout(() => (button.textContent = "Link to this"), 2500);
  }

  restore() {
    const held = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
    if (location.href === this.kept || !(held.has("code") || held.has("message"))) return;
    if (held.has("message")) this.message.value = held.get("message");
    if (held.has("code")) this.put(held.get("code"), held.get("size") ?? "");
    if (held.has("message")) this.explaining.now();
  }
}
