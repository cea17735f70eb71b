// Quiet hours: from when until when, on which days, and whether they hold.

import { byId, drawing, make, setText, setValue } from "./dom.js";
import { say } from "./live.js";
import { text, WEEKDAYS, weekday } from "./texts.js";

/** What new quiet hours are at first. */
const NIGHT = { from: "22:00", until: "07:00", weekdays: WEEKDAYS, enabled: true };
/** The most that the app keeps. */
const MOST = 32;

/** @type {import("./view.js").QuietHours[]} */
let latest = [];
let send = () => {};
let made = 0;
/** The last have just been added, and get the focus. */
let focusNext = false;

/** `sends` gets all quiet hours when some have been changed. */
export function startQuiet(sends) {
  send = sends;
  byId("quiet-add").addEventListener("click", () => {
    focusNext = true;
    put([...latest, NIGHT]);
  });
}

/** Shows them at once: the next change may come before the app has answered. */
function put(quiet) {
  showQuiet(quiet);
  send(quiet);
}

/** @param {import("./view.js").QuietHours[]} quiet */
export function showQuiet(quiet) {
  latest = quiet;
  const list = byId("quiet-list");
  while (list.children.length > quiet.length) takeAway(list.lastElementChild);
  while (list.children.length < quiet.length) list.append(makeHours());
  quiet.forEach((hours, i) => list.children[i].show(hours, i));
  byId("quiet-add").hidden = quiet.length >= MOST;
  if (focusNext && quiet.length > 0) list.lastElementChild.querySelector("input[type=text]").focus();
  focusNext = false;
}

function takeAway(element) {
  const hadFocus = element.contains(document.activeElement);
  element.remove();
  if (hadFocus) byId("quiet-add").focus();
}

function makeHours() {
  const number = ++made;
  const legend = make("legend", "unseen");
  const on = make("input", "switch");
  on.type = "checkbox";
  on.setAttribute("role", "switch");
  const times = ["from", "until"].map((name) => makeTime(`quiet-${number}-${name}`));
  const remove = make("button", "round", drawing("cross"));
  remove.type = "button";
  const days = WEEKDAYS.map((name) => makeDay(name));
  const element = make("fieldset", "quiet", legend,
    make("div", "quiet-line", times[0].label, times[1].label, on, remove),
    make("div", "days", ...days.map(({ label }) => label)));

  const at = () => [...byId("quiet-list").children].indexOf(element);
  const read = () => ({
    from: times[0].value() ?? latest[at()].from,
    until: times[1].value() ?? latest[at()].until,
    weekdays: WEEKDAYS.filter((_, day) => days[day].input.checked),
    enabled: on.checked,
  });
  element.addEventListener("change", () => {
    const changed = read();
    // What is no time of day is as it was before.
    times[0].set(changed.from);
    times[1].set(changed.until);
    put(latest.map((hours, i) => (i === at() ? changed : hours)));
  });
  remove.addEventListener("click", () => {
    const gone = at();
    byId("quiet-add").focus();
    say(text("page-quiet-removed"));
    put(latest.filter((_, i) => i !== gone));
  });

  element.show = ({ from, until, weekdays, enabled }, i) => {
    setText(legend, `${text("page-quiet")} ${i + 1}`);
    on.checked = enabled;
    on.setAttribute("aria-label", text("page-quiet-on"));
    remove.setAttribute("aria-label", text("page-quiet-remove"));
    times[0].show(from, text("page-from"));
    times[1].show(until, text("page-until"));
    days.forEach((day, i2) => day.show(weekdays.includes(WEEKDAYS[i2]), i2));
    element.classList.toggle("off", !enabled);
  };
  return element;
}

/** A time of day is typed: the pickers of some web views have none for it. */
function makeTime(id) {
  const input = make("input", "");
  input.type = "text";
  input.id = id;
  input.inputMode = "numeric";
  input.maxLength = 5;
  input.autocomplete = "off";
  const words = make("span", "");
  const set = (time) => setValue(input, time);
  return {
    label: make("label", "field", words, input),
    set,
    value: () => timeOfDay(input.value),
    show(time, name) {
      setText(words, name);
      if (document.activeElement !== input) set(time);
    },
  };
}

/** `22:00`, also from `22`, `22.00` or `2200`; `null` where it is none. */
export function timeOfDay(typed) {
  const found = /^(\d{1,2})(?:[:.h ]?(\d{2}))?$/.exec(typed.trim());
  if (!found) return null;
  const [hours, minutes] = [Number(found[1]), Number(found[2] ?? "0")];
  if (hours > 23 || minutes > 59) return null;
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

function makeDay(name) {
  const input = make("input", "");
  input.type = "checkbox";
  input.value = name;
  const words = make("span", "");
  return {
    input,
    label: make("label", "day", input, words),
    show(checked, day) {
      input.checked = checked;
      input.setAttribute("aria-label", weekday(day, "long"));
      setText(words, weekday(day, "short").replace(".", ""));
    },
  };
}
