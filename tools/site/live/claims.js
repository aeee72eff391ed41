// The table of a lab's claims: what was voted in this browser stands beside the verdicts.
import { kept } from "./store.js";

export function claims(div) {
  const [head = [], ...rows] = [...div.querySelectorAll("tr")].map((row) => [...row.cells]);
  const names = head.map((cell) => cell.textContent.trim()), votes = names.indexOf("your vote");
  if (votes < 0) return;
  for (const row of rows) row.forEach((cell, i) => (cell.dataset.head = names[i]));
  const show = () => {
    const { done } = kept();
    for (const row of rows) (row[votes].querySelector("p") ?? row[votes]).textContent = done[row[0].textContent.trim()]?.said || "–";
  };
  document.addEventListener("live:kept", show);
  show();
}
