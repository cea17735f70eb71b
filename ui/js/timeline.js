// When a contact was online, as strips: one for each day. Away is hatched, what is not known is dotted.

import { make } from "./dom.js";
import { makeTable } from "./table.js";
import { text } from "./texts.js";

/** The hours that stand below the strips. */
const HOURS = [0, 6, 12, 18, 24];
const STATES = ["online", "away", "busy", "unknown"];

/** Makes the picture, or its table. @param {import("./view.js").Timeline} timeline */
export function makeTimeline(timeline, { asTable, caption }) {
  if (asTable) return makeTable(timeline.table, caption, "timeline-table");
  const strips = timeline.rows.map(makeStrip);
  const hours = make("div", "hours-below", ...HOURS.map((hour) => make("span", "", String(hour))));
  hours.setAttribute("aria-hidden", "true");
  return make("div", `strips ${timeline.span}`, ...strips, hours, makeLegend(timeline));
}

function makeStrip({ label, title, segments, minutes, now }) {
  const strip = make("div", "strip-day", ...segments.map((segment) => makeSegment(segment, minutes)));
  if (typeof now === "number") strip.append(makeNow(now / minutes));
  strip.setAttribute("role", "img");
  const words = segments.filter(({ state }) => state !== "unknown").map((segment) => segment.words);
  strip.setAttribute("aria-label", `${title}: ${words.join("; ") || text("page-nothing-known")}`);
  const name = make("span", "day", label);
  name.title = title;
  name.setAttribute("aria-hidden", "true");
  return make("div", "strip-row", name, strip);
}

function makeSegment({ state, from, until, words }, minutes) {
  const element = make("i", STATES.includes(state) ? state : "unknown");
  element.style.setProperty("inset-inline-start", `${(from / minutes) * 100}%`);
  element.style.setProperty("inline-size", `${((until - from) / minutes) * 100}%`);
  element.title = words;
  return element;
}

/** A line where the day has come to. */
function makeNow(share) {
  const line = make("b", "now");
  line.style.setProperty("inset-inline-start", `${share * 100}%`);
  return line;
}

/** Only of what there is. */
function makeLegend({ rows }) {
  const there = new Set(rows.flatMap(({ segments }) => segments.map(({ state }) => state)));
  const items = STATES.filter((state) => there.has(state)).map((state) =>
    make("span", "", make("i", state), text(`page-legend-${state}`)));
  return make("p", "legend soft", ...items);
}
