// A prediction or a vote: choose or type, commit, and see. Every reply is on the page: nothing waits for Python.
import { committed, kept, looked } from "./store.js";

const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const MOODS = { true: "right", false: "wrong", null: "open" };

// The reply to a number, as a notebook finds it: it is right, or a known mistake, or neither; none to what is no number.
export function replyTo(text, { truth, within, right, near, far }) {
  const number = NUMBER.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(number)) return null;
  const off = (value) => Math.abs(number - value), close = (value) => off(value) <= within * Math.abs(value);
  if (close(truth)) return right;
  const [nearest] = [...near].sort((a, b) => off(a.value) - off(b.value));
  return nearest && close(nearest.value) ? nearest : far;
}

export class Asked {
  constructor(div, spec) {
    const question = div.querySelector(".live-question") ?? make("div", { className: "live-question", innerHTML: spec.question });
    question.id ||= `ask-${spec.key}`;
    this.spec = spec;
    this.form = make("form", { className: "live-ask", noValidate: true });
    this.said = make("div", { className: "live-verdict" });
    this.said.setAttribute("role", "status");
    const answers = spec.choices.length ? this.choices(question) : this.number(question);
    const row = make("div", { className: "live-buttons" });
    row.append(make("button", { type: "submit", textContent: "Commit" }));
    if (spec.anyway) row.append(make("button", { type: "button", textContent: "Show me anyway", onclick: () => this.reveal() }));
    this.form.append(answers, row);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.commit(); });
    div.replaceChildren(question, this.form, this.said);
    document.addEventListener("live:forgot", () => { this.form.reset(); this.said.replaceChildren(); });
    this.recall(kept().done[spec.key]);
  }

  choices(question) {
    const group = make("div", { className: "live-choices" });
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-labelledby", question.id);
    const marked = this.spec.labels ?? [];
    this.spec.choices.forEach((text, i) => {
      const label = make("label"), words = make("span");
      if (marked[i]) words.innerHTML = marked[i];
      else words.textContent = text;
      label.append(make("input", { type: "radio", name: `ask-${this.spec.key}`, value: String(i) }), words);
      group.append(label);
    });
    return group;
  }

  number(question) {
    const line = make("div", { className: "live-number" });
    this.field = make("input", { type: "text", inputMode: "decimal", autocomplete: "off" });
    this.field.setAttribute("aria-labelledby", question.id);
    line.append(this.field, make("span", { textContent: this.spec.unit }));
    return line;
  }

  // What was answered on an earlier visit stands here again, with its reply.
  recall(before) {
    const { choices } = this.spec, at = choices.indexOf(before?.said);
    if (before?.said && this.field) this.field.value = before.said;
    else if (at >= 0) this.form.querySelectorAll("input")[at].checked = true;
    const found = before?.said && this.replyTo(before.said);
    if (found) this.tell(found);
    else if (before?.looked) this.reveal();
  }

  answer() {
    if (this.field) return this.field.value.replace(",", ".").trim();
    const chosen = this.form.querySelector("input:checked");
    return chosen ? this.spec.choices[Number(chosen.value)] : "";
  }

  replyTo(answer) {
    const { number, replies, choices } = this.spec;
    return this.field ? replyTo(answer, number) : replies[choices.indexOf(answer)];
  }

  commit() {
    const { kind, key } = this.spec, answer = this.answer(), found = this.replyTo(answer);
    if (!found) return this.tell({ html: `<p>${this.field ? "Type a number" : "Choose an answer"} first, then commit.</p>` });
    committed(kind, key, found.right, answer);
    this.tell(found);
  }

  reveal() {
    const { kind, key, anyway } = this.spec;
    looked(kind, key);
    this.tell({ html: anyway });
  }

  tell({ html, right = null }) { this.said.replaceChildren(make("div", { className: `live-${MOODS[right]}`, innerHTML: html })); }
}
