// The page of the settings. What is changed holds at once.

import { offerDays, offerMinutes, offerSeconds } from "./amounts.js";
import { askAgain, dropQuestions } from "./confirm.js";
import { command } from "./core.js";
import { byId, setOptions, setText, setValue, showText } from "./dom.js";
import { showGroups } from "./groups.js";
import { change, enterPage, startPage } from "./page.js";
import { showQuiet, startQuiet } from "./quiet.js";
import { text } from "./texts.js";

/** What the app says. @type {import("./view.js").Settings | null} */
let told = null;
/** The same with what has been changed since, for the next change may come before the app has answered. */
let latest = null;

/** How long alerts are paused for from here, minutes. */
const PAUSE = 60;

const HOLDS = [0, 5, 8, 15, 30, 60];
const ABSENCES = [0, 30, 60, 300, 900, 3600];
const COOL_DOWNS = [0, 60, 300, 900, 3600, 14400];
const AWAYS = [0, 5, 10, 15, 30, 60];
const KEEPS = [7, 30, 90, 180, 365, 1095, 3650];

/** What goes as it is read: the element, and the setting it is of. */
const PLAIN = {
  "language": ["language", String],
  "theme": ["theme", String],
  "auto-away": ["autoAwayMinutes", Number],
  "keep-days": ["keepDays", Number],
};
/** What is a part of the alerts, which go whole. */
const ALERTS = {
  "tell-of": ["tell_of", String],
  "alert-hold": ["hold", Number],
  "alert-absence": ["absence", Number],
  "alert-cool-down": ["cool_down", Number],
};
/** The same, of what is on or off. */
const SWITCHES = { "alert-sound": "sound", "alert-summary": "summary", "allow-commands": "allow_commands" };

export function startSettings() {
  startPage("screen-settings", "settings-back");
  for (const [id, [name, read]] of Object.entries(PLAIN)) {
    byId(id).addEventListener("change", () => set({ [name]: read(byId(id).value) }));
  }
  for (const [id, [name, read]] of Object.entries(ALERTS)) {
    byId(id).addEventListener("change", () => setAlerts({ [name]: read(byId(id).value) }));
  }
  for (const [id, name] of Object.entries(SWITCHES)) {
    byId(id).addEventListener("change", () => setAlerts({ [name]: byId(id).checked }));
  }
  byId("start-at-login").addEventListener("change", () => set({ startAtLogin: byId("start-at-login").checked }));
  byId("settings-snooze").addEventListener("click", () => command("snooze", { minutes: latest.snoozed ? null : PAUSE }));
  startQuiet((quiet) => setAlerts({ quiet }));
  startHistory();
}

const set = (what) => change("change_settings", { change: what }, () => showSettings(told));

function setAlerts(what) {
  const alerts = { ...latest.alerts, ...what };
  latest = { ...latest, alerts };
  return set({ alerts });
}

function startHistory() {
  const enabled = byId("history-enabled");
  enabled.addEventListener("change", () => {
    set({ historyEnabled: enabled.checked });
    if (!enabled.checked) forget(enabled.closest(".line"), "page-history-off-question", "page-history-off-keep");
  });
  for (const format of ["csv", "json"]) {
    byId(`export-${format}`).addEventListener("click", () => command("export_history", { format, account: null, id: null }));
  }
  byId("forget-all").addEventListener("click", () => forget(byId("forget-all"), "page-forget-all-question", "page-cancel"));
}

/** Asks whether everything that is kept is to be forgotten. */
function forget(element, question, no) {
  element.id ||= "history-line";
  askAgain(element, text(question), [
    {
      id: `${element.id}-yes`,
      text: text("page-forget-yes"),
      danger: true,
      act: () => command("forget_history", { account: null, id: null }),
    },
    { id: `${element.id}-no`, text: text(no) },
  ]);
}

/** @param {import("./view.js").Settings} settings */
export function enterSettings(settings) {
  dropQuestions(byId("screen-settings"));
  showSettings(settings);
  enterPage("settings-sheet", "settings-title");
}

/** @param {import("./view.js").Settings} settings */
export function showSettings(settings) {
  told = settings;
  latest = settings;
  showAlerts(settings);
  showQuiet(settings.alerts.quiet);
  showGroups(settings.groups);

  offerMinutes(byId("auto-away"), AWAYS, settings.autoAwayMinutes);
  showText(byId("idle-words"), settings.idleWords);

  byId("history-enabled").checked = settings.historyEnabled;
  offerDays(byId("keep-days"), KEEPS, settings.keepDays);
  byId("keep-days").disabled = !settings.historyEnabled;
  showText(byId("history-words"), settings.historyWords);

  choose("language", ["system", "en", "es"], settings.language);
  choose("theme", ["system", "light", "dark"], settings.theme);
  byId("start-row").hidden = settings.startAtLogin === null;
  byId("start-at-login").checked = settings.startAtLogin === true;
}

function showAlerts({ alerts, snoozed }) {
  choose("tell-of", ["everybody", "favourites", "nobody"], alerts.tell_of);
  for (const [id, name] of Object.entries(SWITCHES)) byId(id).checked = alerts[name];
  offerSeconds(byId("alert-hold"), HOLDS, alerts.hold);
  offerSeconds(byId("alert-absence"), ABSENCES, alerts.absence);
  offerSeconds(byId("alert-cool-down"), COOL_DOWNS, alerts.cool_down);
  setText(byId("settings-snoozed"), snoozed ?? text("page-not-snoozed"));
  setText(byId("settings-snooze"), text(snoozed ? "page-resume-short" : "page-snooze-short"));
}

/** Offers these values, each with the words that are called after the setting and it. */
function choose(id, values, value) {
  setOptions(byId(id), values.map((one) => ({ value: one, text: text(`page-${id}-${one}`) })));
  setValue(byId(id), value);
}
