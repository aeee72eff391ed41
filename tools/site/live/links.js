// Links that hold a setting: …#window?n=7&k=3 opens the explorer Window of this page at n = 7, k = 3.
export const slug = (name) => name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();

// The letter of a control in the formulas, where its label ends in one: "kernel size k" is k.
function letters({ controls }) {
  const short = {};
  for (const [name, { label }] of Object.entries(controls)) {
    const letter = /(?:^|\s)([A-Za-z])$/.exec(label)?.[1];
    short[name] = letter && !Object.values(short).includes(letter) ? letter : name;
  }
  return short;
}

function named(explorers) {
  const count = {};
  return explorers.map((explorer) => {
    const name = slug(explorer.spec.name);
    count[name] = (count[name] ?? 0) + 1;
    return [count[name] > 1 ? `${name}-${count[name]}` : name, explorer];
  });
}

export function link(explorer, explorers) {
  const [name] = named(explorers).find(([, each]) => each === explorer), short = letters(explorer.spec), { controls, values } = explorer.spec;
  const changed = Object.entries(explorer.values).filter(([key, value]) =>
    !["Paint", "Upload"].includes(controls[key].kind) && JSON.stringify(value) !== JSON.stringify(values[key]));
  const query = new URLSearchParams(changed.map(([key, value]) => [short[key], typeof value === "object" ? JSON.stringify(value) : value]));
  return new URL(`#${name}${changed.length ? `?${query}` : ""}`, location.href).href;
}

function read(spec, query) {
  const short = letters(spec), values = {};
  for (const [key, text] of new URLSearchParams(query)) {
    const name = key in spec.controls ? key : Object.keys(short).find((each) => short[each] === key);
    const kind = spec.controls[name]?.kind;
    if (kind === "Slider" && text.trim() && Number.isFinite(Number(text))) values[name] = Number(text);
    else if (kind === "Choice" && spec.controls[name].options.includes(text)) values[name] = text;
    else if (kind === "Switch") values[name] = text === "true";
    else if (kind === "Numbers") try { values[name] = JSON.parse(text); } catch { /* not a table */ }
  }
  return values;
}

function decoded(text) {
  try { return decodeURI(text); } catch { return text; }  // a link cut short in the middle of a letter
}

// Open the setting that the address holds, and bring its explorer into view.
export async function follow(explorers) {
  if (!explorers.length) return;  // the address holds something else
  const [name, query = ""] = decoded(location.hash.slice(1)).split("?");
  const found = named(explorers).find(([each]) => each === name)?.[1];
  if (!found) return;
  const values = read(found.spec, query);
  found.div.closest("details")?.setAttribute("open", "");
  const away = bring(found.div);
  if (!Object.keys(values).length) return;
  for (const [control, value] of Object.entries(values)) found.rows[control].put(value);
  if (found.opening) await found.opening.then(() => found.talk("move", { values })).catch(() => {});
  else { found.wanted = values; await found.open().catch(() => {}); }
  if (!away()) bring(found.div);
}

// Bring a place into view, again when the page has loaded, which grows until then; whether the reader has gone on since.
function bring(div) {
  const show = () => div.scrollIntoView({ block: "start", behavior: "instant" });
  let gone = false;
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(kind, () => (gone = true), { once: true, passive: true });
  show();
  addEventListener("load", () => { if (!gone) show(); }, { once: true });
  return () => gone;
}

// The link to what an explorer shows; what somebody drew or uploaded stays in their browser.
export function share(explorer, explorers) {
  const own = Object.entries(explorer.values).some(([name, value]) => value && ["Paint", "Upload"].includes(explorer.spec.controls[name].kind));
  return copy(link(explorer, explorers), explorer.share, own ? "Copied, without your own picture" : "Copied");
}

export async function copy(text, button, done = "Copied") {
  const said = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = done;
  } catch {  // no right to the clipboard: the address holds it, to be copied by hand
    button.textContent = "It stands in the address now";
  }
  history.replaceState(null, "", text);
  setTimeout(() => (button.textContent = said), 2500);
}
