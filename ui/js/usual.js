// When a contact usually is there: bars by the hour, and a square for each hour of the week, the larger the oftener.

import { make } from "./dom.js";
import { makeTable } from "./table.js";
import { WEEKDAYS, weekday } from "./texts.js";

const HOURS = [0, 6, 12, 18, 24];

/** Makes the picture, or its table. @param {import("./view.js").Usual} usual */
export function makeUsual(usual, { asTable, caption }) {
  if (asTable) return makeTable(usual.table, caption, "usual-table");
  const bars = make("div", "bars", ...usual.hours.map((share) => sized(share, "block-size", 100)));
  bars.setAttribute("role", "img");
  bars.setAttribute("aria-label", [caption, usual.sentence].filter(Boolean).join(": "));
  const hours = make("div", "hours-below", ...HOURS.map((hour) => make("span", "", String(hour))));
  hours.setAttribute("aria-hidden", "true");
  return make("div", "usual", bars, hours, makeGrid(usual));
}

/** Says nothing that the sentence and the table do not say. */
function makeGrid({ weekdays }) {
  const grid = make("div", "by-day", ...weekdays.slice(0, WEEKDAYS.length).flatMap((hours, day) =>
    [make("span", "day", weekday(day, "short")), ...hours.map((share) => make("span", "hour", square(share)))]));
  grid.setAttribute("aria-hidden", "true");
  return grid;
}

function square(share) {
  // The area tells, so the side goes with the root.
  const element = make("i", share === null ? "unknown" : "");
  element.style.setProperty("--share", Math.sqrt((share ?? 0) / 100).toFixed(2));
  return element;
}

function sized(share, name, most) {
  const element = make("i", share === null ? "unknown" : "");
  element.style.setProperty(name, `${Math.min(most, share ?? 0)}%`);
  if (share !== null) element.title = `${share} %`;
  return element;
}
