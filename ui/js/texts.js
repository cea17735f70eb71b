// The fixed words of the page, in the language of the app.

let texts = {};
let spoken = "en";

/** The text with this id, or nothing if there is none. */
export const text = (id) => texts[id] ?? "";

/**
 * Takes the words and puts them wherever the markup asks for them.
 * Tells whether they are other words than before.
 */
export function takeTexts(words, lang) {
  if (words === texts || !words) return false;
  texts = words;
  spoken = lang;
  document.documentElement.lang = lang;
  if (text("page-title")) document.title = text("page-title");
  fillTexts(document);
  return true;
}

/** Puts the words wherever the markup below `root` asks for them. */
export function fillTexts(root) {
  for (const element of root.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  for (const element of root.querySelectorAll("[data-text-placeholder]")) {
    element.placeholder = text(element.dataset.textPlaceholder);
  }
  for (const element of root.querySelectorAll("[data-text-label]")) {
    element.setAttribute("aria-label", text(element.dataset.textLabel));
  }
}

/** The days of the week from Monday on, as settings write them. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The name of a day of the week, 0 for Monday; `length` is "short" or "long". */
export function weekday(day, length) {
  // 2024 began on a Monday.
  return new Intl.DateTimeFormat(spoken, { weekday: length, timeZone: "UTC" }).format(Date.UTC(2024, 0, day + 1));
}
