// A prediction or a vote: choose or type, commit, and see.
import { ask } from "./python.js";
import { committed, kept } from "./store.js";
import { failed, running } from "./exercise.js";

const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

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
    this.commit = running(row, "Commit", () => this.reply());
    this.anyway = running(row, "Show me anyway", () => this.reveal());
    this.form.append(answers, row);
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.tagName === "INPUT") this.commit(); });
    div.replaceChildren(question, this.form, this.said);
    document.addEventListener("live:forgot", () => { this.form.reset(); this.said.replaceChildren(); });
    const before = kept().done[spec.key]?.said;
    if (before && spec.choices.includes(before)) this.form.querySelectorAll("input")[spec.choices.indexOf(before)].checked = true;
    else if (before && this.field) this.field.value = before;
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

  answer() {
    if (this.field) return this.field.value.replace(",", ".").trim();
    const chosen = this.form.querySelector("input:checked");
    return chosen ? this.spec.choices[Number(chosen.value)] : "";
  }

  async reply() {
    const { kind, key, replies, choices } = this.spec, answer = this.answer();
    const refused = this.field ? "Type a number first, then commit." : "Choose an answer first, then commit.";
    if (!answer) return this.tell(`<p>${refused}</p>`, "open");
    let found = replies?.[choices.indexOf(answer)];
    if (!found) {
      try { found = (await ask("reply", { kind, key, answer })).reply; }
      catch (error) { return this.words(failed(error)); }
    }
    if (found.error) return this.words(found.error);
    if (found.refused) return this.tell(`<p>${refused}</p>`, "open");
    committed(kind, key, found.right, answer);
    this.tell(found.html, found.right ? "right" : "wrong");
  }

  async reveal() {
    const { kind, key, anyway } = this.spec;
    if (anyway) return this.tell(anyway, "open");
    try { this.tell((await ask("reply", { kind, key })).reply.html, "open"); }
    catch (error) { this.words(failed(error)); }
  }

  words(text) { this.said.replaceChildren(make("p", { textContent: text })); }

  tell(html, mood) { this.said.replaceChildren(make("div", { className: `live-${mood}`, innerHTML: html })); }
}
