// Choices of an amount: how long, or for how many days.

import { setOptions, setValue } from "./dom.js";
import { text } from "./texts.js";

/** So many seconds in the unit that fits. */
function duration(seconds) {
  if (seconds === 0) return text("page-at-once");
  for (const [unit, size] of [["hours", 3600], ["minutes", 60]]) {
    if (seconds % size === 0) return `${seconds / size} ${text(`page-${unit}`)}`;
  }
  return `${seconds} ${text("page-seconds")}`;
}

/** Fills `select` with these amounts and the one that is so, which may be another, and chooses it. */
function offer(select, amounts, value, words) {
  const all = [...new Set([...amounts, value])].sort((a, b) => a - b);
  setOptions(select, all.map((amount) => ({ value: String(amount), text: words(amount) })));
  setValue(select, String(value));
}

export const offerSeconds = (select, amounts, value) => offer(select, amounts, value, duration);

/** Minutes, of which none means never. */
export const offerMinutes = (select, amounts, value) =>
  offer(select, amounts, value, (minutes) => (minutes === 0 ? text("page-never") : duration(minutes * 60)));

export const offerDays = (select, amounts, value) => offer(select, amounts, value, (days) => `${days} ${text("page-days")}`);
