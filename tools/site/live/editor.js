// A field for code: Tab and Shift-Tab indent, Enter keeps the indent, Escape lets the next Tab leave the field.
const INDENT = "    ";
const QUOTES = { "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'" };

// Typed as by hand, so that Undo takes it back.
function type(field, text) {
  if (!document.execCommand?.("insertText", false, text)) field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input"));
}

function indent(field, back) {
  const { value, selectionStart: from, selectionEnd: to } = field;
  const first = value.lastIndexOf("\n", from - 1) + 1;
  if (!back && from === to) return type(field, " ".repeat(INDENT.length - ((from - first) % INDENT.length)));
  const end = value.indexOf("\n", Math.max(to - 1, first)), last = end < 0 ? value.length : end;
  const lines = value.slice(first, last).split("\n");
  const changed = lines.map((line) => (back ? line.replace(/^ {1,4}/, "") : INDENT + line));
  if (changed.join() === lines.join()) return;
  field.setSelectionRange(first, last);
  type(field, changed.join("\n"));
  const moved = changed[0].length - lines[0].length;
  if (from === to) field.setSelectionRange(Math.max(from + moved, first), Math.max(from + moved, first));
  else field.setSelectionRange(first, first + changed.join("\n").length);
}

function newLine(field) {
  const before = field.value.slice(field.value.lastIndexOf("\n", field.selectionStart - 1) + 1, field.selectionStart);
  type(field, `\n${before.match(/^ */)[0]}${/:\s*(#.*)?$/.test(before) ? INDENT : ""}`);
}

export function editor(text, { label, run, changed = () => {} }) {
  const field = document.createElement("textarea");
  Object.assign(field, { value: text, spellcheck: false, autocapitalize: "off", className: "live-code" });
  field.setAttribute("aria-label", label);
  field.setAttribute("autocomplete", "off");
  field.setAttribute("autocorrect", "off");
  field.setAttribute("aria-description", "Tab indents; Escape, then Tab, leaves the field; Control and Enter runs it");
  let leaving = false;
  const grow = () => { field.rows = Math.max(field.value.split("\n").length + 1, 3); };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
    else if (event.key === "Tab" && !leaving && !event.ctrlKey && !event.altKey) indent(field, event.shiftKey);
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) newLine(field);
    else {
      if (event.key !== "Shift") leaving = event.key === "Escape";
      return;
    }
    event.preventDefault();
  });
  field.addEventListener("beforeinput", (event) => {  // a phone's keyboard makes typographic marks of what is typed
    const plain = QUOTES[event.data];
    if (!plain) return;
    event.preventDefault();
    type(field, plain);
  });
  field.addEventListener("blur", () => (leaving = false));
  field.addEventListener("input", () => { grow(); changed(field.value); });
  grow();
  return field;
}
