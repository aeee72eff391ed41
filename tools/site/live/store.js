// What a learner did and wrote, kept in this browser only. Nothing is sent anywhere.
const KEY = "cnnkit";
const EMPTY = { done: {}, code: {} };

export function kept() {
  try { return { ...structuredClone(EMPTY), ...JSON.parse(localStorage.getItem(KEY) ?? "{}") }; }
  catch { return structuredClone(EMPTY); }  // no storage here, or something else lies in it
}

function keep(change) {
  const all = kept();
  change(all);
  try { localStorage.setItem(KEY, JSON.stringify(all)); } catch { /* private windows may refuse: this visit goes on */ }
  document.dispatchEvent(new Event("live:kept"));
}

// The first commitment counts; of exercises the last one does.
export function committed(kind, key, right, said = "") {
  keep(({ done }) => {
    if (kind === "exercise" || !done[key] || done[key].right === null) done[key] = { kind, right, said };
  });
}

export const written = (key) => kept().code[key];
export const write = (key, text, first) => keep(({ code }) => { if (text === first) delete code[key]; else code[key] = text; });
export const forget = () => {
  try { localStorage.removeItem(KEY); } catch { /* nothing was kept */ }
  for (const name of ["live:forgot", "live:kept"]) document.dispatchEvent(new Event(name));
};
