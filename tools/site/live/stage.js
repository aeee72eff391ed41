// An explorer on the whole screen, for a lecture: its picture takes what the controls and the words leave.
const EDGE = 16, GAPS = 48, BESIDE = 320, LEAST = 320;  // CSS pixels

export const possible = Boolean(document.fullscreenEnabled);  // not on every phone

export function stage(explorer, button) {
  const { div, panel, bar } = explorer;
  const on = () => document.fullscreenElement === div;
  const fit = () => {
    const { width, height } = explorer.model.get("told"), said = div.querySelector(".cnnkit-said");
    if (!on() || !width || !said) return;
    const within = (wide, high) => Math.min(wide - 2 * EDGE, ((high - 2 * EDGE - GAPS) * width) / height);
    const high = innerHeight - bar.offsetHeight - said.offsetHeight;
    div.classList.remove("live-beside");
    const below = within(innerWidth, high - panel.offsetHeight), beside = within(innerWidth - BESIDE, high);
    div.classList.toggle("live-beside", beside > below);  // on a low screen the controls stand beside the picture
    const fills = Math.max(LEAST, below, beside);
    div.style.setProperty("--stage", `${Math.floor(fills)}px`);
    explorer.drawFor(fills / width);
  };
  button.addEventListener("click", () => (on() ? document.exitFullscreen() : div.requestFullscreen().catch(() => {})));
  div.addEventListener("fullscreenchange", () => {
    button.textContent = on() ? "Leave the full screen" : "Full screen";
    if (!on()) return explorer.drawFor(1);
    explorer.open().then(fit, () => {});
    fit();
  });
  explorer.model.on("change:told", () => requestAnimationFrame(fit));
  addEventListener("resize", fit);
}
