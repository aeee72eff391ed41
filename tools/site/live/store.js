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

// Of predictions the first commitment counts, of votes the last; what is solved stays solved.
const COUNTS = { prediction: ({ right }) => right === null, vote: () => true, exercise: ({ right }) => right !== true };

export function committed(kind, key, right, said = "") {
  keep(({ done }) => {
    const before = done[key] ?? { right: null };
    if (COUNTS[kind](before)) done[key] = { ...before, kind, right, said };
  });
}

// An answer was looked up; that is no answer, and no secret.
export function looked(kind, key) {
  keep(({ done }) => { if (!done[key]?.said) done[key] = { kind, right: null, said: "", looked: true }; });
}

export const written = (key) => kept().code[key];
export const write = (key, text, first) => keep(({ code }) => { if (text === first) delete code[key]; else code[key] = text; });
export const forget = () => {
  try { localStorage.removeItem(KEY); } catch { /* nothing was kept */ }
  for (const name of ["live:forgot", "live:kept"]) document.dispatchEvent(new Event(name));
};
