// The picture of an explorer: shown, touched, and said. Python's side of it is touch.py; there is no build step.
const SMALLEST = 0.8;   // a picture shrinks to this part of its width; then it scrolls
const QUIET = 700;      // milliseconds without a change before a screen reader is told
const HANDLE = ".noUi-handle, .ui-slider-handle";
const GONE = "The kernel that drew this is gone: run this cell again, and the controls work.";
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

const make = (parent, tag, name, attributes = {}) => {
  const node = Object.assign(document.createElement(tag), { className: `cnnkit-${name}` });
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return parent.appendChild(node);
};

function render({ model, el }) {
  const root = make(el, "div", "screen");
  make(root, "div", "dead", { role: "alert" }).textContent = GONE;
  const scroll = make(root, "div", "scroll");
  const touch = make(scroll, "div", "touch");
  const image = make(touch, "canvas", "all", { role: "img" });
  const kept = make(touch, "canvas", "kept", { "aria-hidden": true });
  const mark = make(touch, "div", "mark", { hidden: "" });
  const tip = make(touch, "div", "tip", { hidden: "" });
  const busy = make(root, "div", "busy", { hidden: "" });
  busy.textContent = "Computing …";
  const said = make(root, "div", "said");
  const live = make(root, "div", "live", { role: "status", "aria-live": "polite" });
  let told = {}, announce, pressed = false, stroke = [], last = null, aimed = null, pen = [16, 16];
  const stop = new AbortController();
  const on = (node, kind, call, options = {}) => node.addEventListener(kind, call, { signal: stop.signal, ...options });

  // One message at a time: what comes while the kernel is at work replaces what waits of its kind.
  let waiting = false, next = null;
  const send = (message) => {
    if (waiting) {
      const { paint, ...rest } = next ?? {}, strokes = message.clear ? message.paint : [...(paint ?? []), ...(message.paint ?? [])];
      next = { ...rest, ...message, ...(strokes?.length ? { paint: strokes } : {}) };
      return;
    }
    waiting = true;
    model.send(message);
  };
  const answered = () => {
    waiting = false;
    if (!next) aimed = null;
    if (next) { const message = next; next = null; send(message); }
  };

  // The picture. It is decoded before it takes the old one's place; a newer one does not wait for it.
  // The web site's pages have its pixels in `image`, a notebook has a file in `png`.
  let turn = 0;
  const show = async () => {
    const mine = ++turn, telling = model.get("told");
    if (!telling.width) return;
    root.dataset.drawing = mine;
    const bitmap = await createImageBitmap(model.get("image") ?? new Blob([model.get("png")], { type: "image/png" }));
    if (mine !== turn) return;
    root.told = told = telling;
    const { width, height } = bitmap, each = width / told.width;
    for (const canvas of [image, kept]) if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    if (told.pixels.length || kept.dataset.used) {
      const copy = kept.getContext("2d");
      copy.clearRect(0, 0, width, height);
      for (const box of told.pixels) copy.drawImage(bitmap, ...box.map((n) => n * each), ...box.map((n) => n * each));
      kept.dataset.used = true;
    }
    image.getContext("bitmaprenderer").transferFromImageBitmap(bitmap);
    image.setAttribute("aria-label", told.alt);
    image.dataset.count = told.count;
    delete root.dataset.drawing;
    touch.style.width = `${told.width}px`;
    touch.style.minWidth = `${Math.round(told.width * (told.painted ? 1 : SMALLEST))}px`;
    touch.classList.toggle("cnnkit-can", told.areas.length > 0);
    touch.classList.toggle("cnnkit-paint", told.painted);
    if (told.areas.length) {
      touch.tabIndex = 0;
      touch.setAttribute("role", "application");
      touch.setAttribute("aria-label", told.painted ? told.alt : "The picture: the arrow keys move what is marked in it");
    } else for (const name of ["tabindex", "role", "aria-label"]) touch.removeAttribute(name);
    said.hidden = told.painted;
    if (!told.painted) said.innerHTML = told.said;
    clearTimeout(announce);
    announce = setTimeout(() => (live.textContent = told.alt), QUIET);
  };

  // Where a pointer is: [area, row, column] with fractions, or null.
  const at = (event, within = null) => {
    const frame = touch.getBoundingClientRect(), zoom = told.width / frame.width;
    const x = (event.clientX - frame.left) * zoom, y = (event.clientY - frame.top) * zoom;
    const found = within ?? told.areas.findIndex(({ box: [a, b, w, h] }) => x >= a && x < a + w && y >= b && y < b + h);
    if (found < 0 || !told.areas[found]) return null;
    const { box: [a, b, w, h], rows, columns } = told.areas[found];
    return [found, ((y - b) / h) * rows, ((x - a) / w) * columns];
  };
  const cell = ([area, row, column]) => {
    const { rows, columns } = told.areas[area];
    return [area, Math.min(Math.max(Math.floor(row), 0), rows - 1), Math.min(Math.max(Math.floor(column), 0), columns - 1)];
  };
  const point = (place, shown = !told.painted) => {
    mark.hidden = tip.hidden = !place || !shown;
    if (mark.hidden) return;
    const [area, row, column] = place;
    const { box: [a, b, w, h], rows, columns, says } = told.areas[area];
    const zoom = touch.clientWidth / told.width;
    const box = { left: a + (column * w) / columns, top: b + (row * h) / rows, width: w / columns, height: h / rows };
    for (const [side, value] of Object.entries(box)) mark.style[side] = `${value * zoom}px`;
    const numbers = { row: row + 1, column: column + 1, number: row * columns + column + 1 };
    tip.textContent = says.replace(/\{(\w+)\}/g, (_, name) => numbers[name]);
    tip.hidden = !says;
    const right = box.left + box.width / 2 > told.width / 2;
    Object.assign(tip.style, right ? { left: "", right: `${(told.width - box.left) * zoom + 4}px` }
      : { right: "", left: `${(box.left + box.width) * zoom + 4}px` }, { top: `${box.top * zoom}px` });
  };
  const choose = (place) => {
    const same = last && String(place) === String(last);
    last = place;
    if (!same) send({ touch: place });
  };
  const draw = (event) => {
    const place = at(event, 0);
    if (!place) return;
    const [, row, column] = place, from = stroke.at(-1) ?? [row, column];
    const steps = Math.max(1, Math.ceil(Math.hypot(row - from[0], column - from[1])));
    const cells = Array.from({ length: steps }, (_, i) => [0, 1].map((k) => from[k] + ([row, column][k] - from[k]) * ((i + 1) / steps)));
    stroke.push(...cells);
    send({ paint: cells });
  };
  // A finger moves an enlarged picture within its frame; there a tap chooses.
  const pans = (event) => event.pointerType === "touch" && !told.painted && Boolean(touch.closest(".cnnkit-large"));
  let finger = false;
  on(touch, "click", (event) => {
    const place = finger && at(event);
    if (!place) return;
    last = null;
    choose(cell(place));
  });
  on(touch, "pointerdown", (event) => {
    const place = at(event);
    finger = pans(event);
    if (!place || event.button || finger) return;
    pressed = true;
    touch.focus({ preventScroll: true });
    touch.setPointerCapture?.(event.pointerId);
    last = null;
    if (told.painted) { stroke = []; draw(event); } else { choose(cell(place)); point(cell(place)); }
    event.preventDefault();
  });
  on(touch, "pointermove", (event) => {
    if (pans(event)) return;
    if (pressed && told.painted) return draw(event);
    const place = pressed && last ? at(event, last[0]) : at(event);
    point(place && cell(place));
    if (place && (pressed || told.areas[place[0]].follows)) choose(cell(place));
  });
  for (const kind of ["pointerup", "pointercancel"]) on(touch, kind, () => (pressed = false));
  on(touch, "pointerleave", () => { if (!pressed) { point(null); last = null; } });
  on(touch, "keydown", (event) => {
    const arrow = ARROWS[event.key], inked = event.key === " ";
    if (told.painted && ["Delete", "Backspace", "Escape"].includes(event.key)) send({ clear: [] });
    else if (told.painted && (arrow || inked)) {  // the arrow keys move a pen, the space bar or Shift puts it down
      const [down, across] = arrow ?? [0, 0];
      pen = cell([0, pen[0] + down, pen[1] + across]).slice(1);
      point([0, ...pen], true);
      if (inked || event.shiftKey) send({ paint: [pen.map((n) => n + 0.5)] });
    } else if (arrow && told.areas.length) {
      const { areas } = model.get("told"), chosen = Math.max(areas.findIndex((each) => each.here), 0);
      const [area, row, column] = (waiting && aimed) || [chosen, ...(areas[chosen].here ?? [0, 0])];
      aimed = cell([area, row + arrow[0], column + arrow[1]]);
      send({ touch: aimed });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // What core widgets cannot: names for sliders, the arrow keys after a click anywhere on a slider's row.
  const name = (box) => {
    for (const row of box.querySelectorAll(".widget-slider")) {
      const label = row.querySelector(".widget-label"), handle = row.querySelector(HANDLE);
      handle?.setAttribute("aria-label", label?.textContent ?? "");
      if (handle && !handle.hasAttribute("role")) {
        handle.setAttribute("role", "slider");
        handle.setAttribute("aria-valuenow", row.querySelector(".widget-readout")?.textContent ?? "");
      }
      row.querySelector(".widget-readout")?.setAttribute("aria-label", `${label?.textContent}, to type into`);
    }
    for (const table of box.querySelectorAll(".cnnkit-table")) {
      const label = table.querySelector(".widget-label")?.textContent ?? "";
      table.querySelectorAll("input").forEach((field, i) => field.setAttribute("aria-label", `${label}, number ${i + 1}`));
    }
    for (const button of box.querySelectorAll(".widget-play button")) {
      const icon = /fa-(\w+)/.exec(button.firstElementChild?.className ?? "")?.[1] ?? "play";
      const label = button.closest(".widget-box")?.querySelector(".widget-label")?.textContent ?? "";
      button.setAttribute("aria-label", `${icon}: ${label}`);
    }
    // JupyterLab and Notebook 7 take keys for their own unless the element with the focus says this.
    for (const node of box.querySelectorAll(`${HANDLE}, select, input, button, .cnnkit-touch`)) node.dataset.lmSuppressShortcuts = true;
    for (const label of box.querySelectorAll('[title="null"]')) label.removeAttribute("title");
  };
  let named;
  const settle = () => {
    const box = el.closest(".cnnkit-explorer");
    if (!box) return void (named = requestAnimationFrame(settle));
    if (told.painted) return;
    box.classList.add("cnnkit-touched");
    name(box);
    const changes = new MutationObserver(() => name(box));
    changes.observe(box.firstElementChild, { childList: true, subtree: true, attributeFilter: ["class"] });
    on(box, "click", (event) => {
      const row = event.target.closest(".widget-slider");
      if (row && !event.target.closest(".widget-readout")) row.querySelector(HANDLE)?.focus();
    });
    stop.signal.addEventListener("abort", () => changes.disconnect());
  };
  const measure = () => { send({ ratio: [window.devicePixelRatio] }); };
  let ratio = window.devicePixelRatio;
  on(window, "resize", () => { if (ratio !== window.devicePixelRatio) { ratio = window.devicePixelRatio; measure(); } });

  const marked = () => (busy.hidden = !model.get("busy"));
  const listeners = { "change:told": show, "change:busy": marked, "change:answered": answered };
  for (const [kind, call] of Object.entries(listeners)) model.on(kind, call);
  show();
  marked();
  settle();
  if (!told.painted) measure();
  return () => {
    stop.abort();
    cancelAnimationFrame(named);
    clearTimeout(announce);
    for (const [kind, call] of Object.entries(listeners)) model.off(kind, call);
  };
}

export default { render };
