// The words of the page, which came with it in its own language, and saying them.

const words = JSON.parse(document.body.dataset.words);

/** The language of the page, `es` or `en`. */
export const language = document.documentElement.lang;

/** The words with this id, with these values in their places. */
export function say(id, values = {}) {
  // In one pass: what looks like a place inside a value, such as a name, is left alone.
  return (words[id] ?? id).replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

const plural = new Intl.PluralRules(language);
const number = new Intl.NumberFormat(language);
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** The words for so many; those for one also take the values. */
export function sayCount(id, count, values = {}) {
  const kind = count > 0 && plural.select(count) === "one" ? "one" : "other";
  return say(`${id}-${kind}`, { ...values, count: number.format(count) });
}

/** The time of day, as in 14:02. */
export const timeOfDay = (date) => clock.format(date);

export const byId = (id) => document.getElementById(id);

/** Sets the text if it differs: an unchanged text node keeps selections, and screen readers quiet. */
export function setText(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

/** How long a sentence stands before the next may take its place, in milliseconds: what is gone is not read. */
const HOLD = 2_000;

let pending = [];
let saidAt = -HOLD;

/** Says to screen readers what has changed by itself. What comes while something is said follows in one breath. */
export function announce(sentence) {
  pending.push(sentence);
  if (pending.length > 1) return;
  setTimeout(() => {
    // Emptied first, or the same sentence twice would be said once.
    byId("live").textContent = "";
    setTimeout(() => {
      byId("live").textContent = pending.join(" ");
      pending = [];
      saidAt = performance.now();
    }, 100);
  }, Math.max(0, saidAt + HOLD - performance.now()));
}
