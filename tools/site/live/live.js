// Brings a page to life: finds what stands in <div class="live" data-live="…"> and puts the live thing in its place.
import { Asked } from "./asked.js";
import { Cell } from "./cell.js";
import { claims } from "./claims.js";
import { Exercise, running } from "./exercise.js";
import { Explorer } from "./explorer.js";
import { follow, share } from "./links.js";
import { Paste } from "./paste.js";
import { ask, now, start, started, stop, times } from "./python.js";
import { score } from "./score.js";

const IDLE = 6000;  // milliseconds of quiet with an explorer in view, after which Python starts by itself
const ROOT = new URL("../../", import.meta.url);
const all = (kind) => [...document.querySelectorAll(`[data-live=${kind}]`)];
const spec = (div) => JSON.parse(div.dataset.spec);

const page = {
  name: location.pathname.slice(ROOT.pathname.length).replace(/\.html$/, ""),
  setup: all("setup").map((div) => spec(div).code).join("\n"),
  cells: [],
  // A cell, and those above it that have not run in the Python of now.
  async runTo(last) {
    for (const cell of page.cells) {
      if (cell !== last && cell.ran === now()) continue;
      if (cell !== last) last.say("The cells above it run first …");
      const well = await cell.work();
      if (cell === last) return;
      last.compare();
      if (!well) return last.say(`This cell has not run: cell ${cell.number}, above it, stopped.`);
    }
  },
};

// A theme may say "auto" on <body>; what is drawn here asks <html> whether it is dark.
function followTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const said = document.body.dataset.theme ?? "auto";
    document.documentElement.dataset.theme = said === "dark" || (said === "auto" && dark.matches) ? "dark" : "light";
  };
  dark.addEventListener("change", show);
  new MutationObserver(show).observe(document.body, { attributeFilter: ["data-theme"] });
  show();
}

function runAllBar() {
  if (!page.cells.length) return;
  const bar = Object.assign(document.createElement("div"), { className: "live live-buttons live-all" });
  const told = Object.assign(document.createElement("span"), { className: "live-note" }), count = page.cells.length;
  told.setAttribute("role", "status");
  running(bar, "Run all", async () => {
    for (const cell of page.cells) {
      told.textContent = `Cell ${cell.number} of ${count} …`;
      if (await cell.work()) continue;
      told.textContent = `Stopped at cell ${cell.number} of ${count}: those below it have not run.`;
      return cell.div.scrollIntoView({ block: "center" });
    }
    told.textContent = count > 1 ? `All ${count} cells ran.` : "The cell ran.";
  });
  const reset = Object.assign(document.createElement("button"), { type: "button", className: "live-quiet", textContent: "Reset the cells" });
  reset.addEventListener("click", () => {
    page.cells.forEach((cell) => cell.reset());
    told.textContent = "";
    if (started()) ask("reset", { page: page.name }).catch(() => {});
  });
  bar.append(reset, told);
  const first = all("setup")[0]?.closest("details") ?? all("setup")[0] ?? page.cells[0].div;
  first.before(bar);
}

// Once Python is there, every explorer that comes into view opens. Before, quiet with one in view starts it.
function watchView(explorers) {
  const seen = new Set();
  const saving = navigator.connection?.saveData || navigator.connection?.type === "cellular";
  let clock = null;
  const quiet = () => {
    clearTimeout(clock);
    if (!saving && !started() && seen.size && navigator.onLine !== false) clock = setTimeout(() => { if (!tried) { tried = true; start().catch(() => {}); } }, IDLE);
  };
  let tried = false;
  const open = () => seen.forEach((explorer) => { if (!explorer.shown) explorer.open().catch(() => {}); });
  const view = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) seen.add(target.explorer); else seen.delete(target.explorer);
    if (started()) open();
    quiet();
  });
  explorers.forEach(({ div }) => view.observe(div));
  document.addEventListener("live:ready", open);
  for (const kind of ["scroll", "keydown", "pointerdown"]) addEventListener(kind, quiet, { passive: true });
}

followTheme();
const explorers = all("explorer").map((div) => new Explorer(div, spec(div)));
for (const explorer of explorers) explorer.share.addEventListener("click", () => share(explorer, explorers));
all("exercise").forEach((div) => new Exercise(div, spec(div), page));
all("asked").forEach((div) => new Asked(div, spec(div)));
page.cells = all("cell").map((div, i) => new Cell(div, spec(div), page, i + 1));
all("score").forEach(score);
all("claims").forEach(claims);
all("paste").forEach((div) => new Paste(div, spec(div)));
runAllBar();
watchView(explorers);
addEventListener("hashchange", () => follow(explorers));
follow(explorers);
navigator.serviceWorker?.register(new URL("service-worker.js", ROOT)).catch(() => {});
window.live = { ask, start, stop, now, times, explorers, page };  // for tests, and for the curious
document.documentElement.dataset.live = "there";
