// From a file, not from a server, a browser runs no module: nothing lives, and somebody should say why.
if (location.protocol === "file:") {
  const bar = Object.assign(document.createElement("p"), { className: "from-a-file" });
  bar.textContent = "Opened as a file, this page has pictures only. Explorers and exercises work once the folder is served: README.txt says how.";
  document.querySelector("article")?.prepend(bar);
}

// On a narrow page the lists at the sides are drawers. Furo opens them with labels, which a mouse can press and no key:
// here they become buttons. Escape closes what is open.
const drawers = [["__navigation", "All pages"], ["__toc", "On this page"]];

for (const [id, name] of drawers) {
  const state = document.getElementById(id);
  for (const label of document.querySelectorAll(`label[for=${id}]:not(.overlay)`)) {
    label.classList.add("drawer-button");
    label.tabIndex = 0;
    label.setAttribute("role", "button");
    label.setAttribute("aria-label", name);
    label.setAttribute("aria-expanded", String(state.checked));
    state.addEventListener("change", () => label.setAttribute("aria-expanded", String(state.checked)));
    label.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      label.click();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !state.checked) return;
    state.checked = false;
    state.dispatchEvent(new Event("change"));
  });
}

// What scrolls within itself can be reached by the Tab key, as long as it does scroll.
const watch = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const wide of document.querySelectorAll("pre, .table-wrapper, .formula, .cell_output, details")) watch.observe(wide);

// What a link leads to is where it was asked for, also when the page has grown above it meanwhile.
const named = (hash) => {
  try { return decodeURIComponent(hash); } catch { return hash; }  // a link cut short in the middle of a letter
};
addEventListener("load", () => document.getElementById(named(location.hash.slice(1)))?.scrollIntoView({ behavior: "instant" }));

// What a search shows of a page is its words: not what the page imports.
if (typeof Search !== "undefined" && Search.htmlToText) {
  const words = Search.htmlToText;
  Search.htmlToText = (page, anchor) => {
    const text = page.replace(/<details class="setup">.*?<\/details>/gs, "");
    return words(text, anchor) || words(text);  // a place without words of its own has those of its page
  };
}

// Paper has every picture, also those that nobody has scrolled to. A browser prints what is there and waits for nothing:
// so they come, 300 kB at most, once the page has long been readable.
const SOON = 3000;  // milliseconds
const bring = () => {
  for (const image of document.querySelectorAll("article img[loading=lazy]")) Object.assign(image, { loading: "eager", decoding: "sync" });
};
addEventListener("load", () => { if (!navigator.connection?.saveData) setTimeout(bring, SOON); });
addEventListener("beforeprint", bring);
