// The page's Python: started once, asked in messages, ended when it must be stopped. What it is at stands in a bar.
const HERE = new URL("./", import.meta.url);
const BUILD = "BUILD";  // of the site that this page is from; a newer one may lie on the server by now
const SILENT = 90_000;  // milliseconds without a byte until the start is given up
const WHY = {
  old: "This browser is too old to run Python: it lacks WebAssembly or module workers. All pictures and texts stay.",
  offline: "Python could not be loaded: there seems to be no network. All pictures and texts stay.",
  memory: "This device has too little free memory for Python. Close other tabs and try again. All pictures and texts stay.",
  missing: "This copy of the site was built without Python. All pictures and texts are here.",
  renewed: "The course was renewed since this page was opened. Reload it to go on: what you wrote and answered is kept.",
  other: "Python could not start in this browser. All pictures and texts stay.",
};
const CLOSE = ["Close", () => {}];
const WAYS_OUT = { old: CLOSE, missing: CLOSE, renewed: ["Reload", () => location.reload()] };

export class Stopped extends Error {}

let worker = null, starting = null, generation = 0, last = 0;
const waiting = new Map();
const bar = document.createElement("div");

const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);
export const now = () => generation;  // another number for each Python that was started
export const started = () => worker !== null;
export const times = [];              // how long the last answers took, in milliseconds: for measurements

function say(text, { fraction = null, button = "", call = null } = {}) {
  bar.className = "live-bar";
  bar.setAttribute("role", "status");
  bar.hidden = !text;
  if (bar.dataset.text !== text) {
    bar.dataset.text = text;
    bar.replaceChildren(make("span", { textContent: text }));
    if (fraction !== null) bar.append(make("progress", { max: 1, ariaLabel: "how much is loaded" }));
    if (button) bar.append(make("button", { type: "button", textContent: button, onclick: call }));
    if (!bar.isConnected) document.body.append(bar);
  }
  if (fraction !== null) bar.querySelector("progress").value = Math.min(fraction, 1);
}

function reason(message) {
  if (message.includes("Traceback")) return /MemoryError/.test(message) ? "memory" : "other";  // Python itself says it
  if (/memory|allocat/i.test(message)) return "memory";
  if (navigator.onLine === false || /fetch|network|load/i.test(message)) return "offline";
  return "other";
}

function fail(why) {
  end(new Error(WHY[why]));
  const [button, call] = WAYS_OUT[why] ?? ["Try again", () => start().catch(() => {})];
  say(WHY[why], { button, call: () => { say(""); call(); } });
  document.dispatchEvent(new CustomEvent("live:failed", { detail: why }));
}

function end(error) {
  worker?.terminate();
  worker = starting = null;
  generation += 1;
  for (const { refuse } of waiting.values()) refuse(error);
  waiting.clear();
  document.dispatchEvent(new Event("live:ended"));
}

// Ends whatever runs. The page keeps its text; the next question starts Python anew, from what is cached.
export function stop() {
  end(new Stopped("stopped"));
  say("");
}

// Whether the service worker has kept Python from an earlier visit or page. A private window may refuse to say.
async function kept() {
  try {
    const cache = await caches.open(`cnnkit-${BUILD}`);
    return Boolean(await cache.match(new URL("pyodide/pyodide.asm.wasm", HERE)));
  } catch { return false; }
}

async function begin() {
  if (typeof WebAssembly !== "object" || typeof Worker !== "function") throw new Error("old");
  const runtime = await fetch(new URL("runtime.json", HERE)).then((answer) => {
    if (!answer.ok) throw new Error("missing");
    return answer.json();
  });
  if (runtime.python === "none") throw new Error("missing");
  if (runtime.build && runtime.build !== BUILD) throw new Error("renewed");
  const text = await kept() ? "Python is starting in your browser; it is already here"
    : `Python is starting in your browser, ${runtime.megabytes} MB, once`;
  say(text, { fraction: 0, button: "Not now", call: stop });
  const address = new URL("worker.js", HERE);
  if (runtime.python === "standin") address.search = "standin";
  const mine = (worker = new Worker(address, { type: "module" }));
  await new Promise((done, refuse) => {
    let clock = setTimeout(refuse, SILENT, new Error("network"));
    mine.onerror = (event) => refuse(new Error(event.message ?? "could not start"));
    mine.onmessage = ({ data }) => {
      if (data.loaded) {
        clearTimeout(clock);
        clock = setTimeout(refuse, SILENT, new Error("network"));
        say(text, { fraction: data.loaded / runtime.bytes });
      } else if (data.failed) refuse(new Error(data.failed));
      else if (data.ready) { clearTimeout(clock); done(); }
    };
    document.addEventListener("live:ended", () => refuse(new Stopped("stopped")), { once: true });
  });
  mine.onerror = (event) => fail(reason(event.message ?? ""));
  mine.onmessage = ({ data }) => hear(data);
  say("");
  document.dispatchEvent(new Event("live:ready"));
}

function hear({ id, reply, pixels, took, brings }) {
  if (brings !== undefined) return say(brings ? `Bringing ${brings.join(", ")}, once` : "");
  const asked = waiting.get(id);
  waiting.delete(id);
  if (took) times.push(took);
  asked?.done({ reply, image: pixels && new ImageData(new Uint8ClampedArray(pixels), ...reply.size) });
}

export function start() {
  starting ??= begin().catch((error) => {
    if (!(error instanceof Stopped)) fail(error.message in WHY ? error.message : reason(error.message));
    throw error;
  });
  return starting;
}

// The answer to a question: { reply, image }; the image is the ImageData of a new picture, or null. The promise is
// refused when Python is stopped, or cannot start.
export async function ask(command, question) {
  await start();
  return new Promise((done, refuse) => {
    waiting.set(++last, { done, refuse });
    worker.postMessage({ id: last, command, question });
  });
}
