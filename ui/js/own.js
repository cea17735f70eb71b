// Ourselves at the top of the roster: name and face, the menu that says how we are seen, and the pause of alerts.

import { command } from "./core.js";
import { byId, setFace, setText, setValue } from "./dom.js";
import { announce } from "./live.js";
import { menuButton } from "./menu.js";
import { text } from "./texts.js";

/** The states by the end of the id of the item that chooses them, in both menus. */
export const STATES = { online: "online", away: "away", dnd: "dnd", offline: "invisible" };

/** How long alerts are paused for from the menu, minutes. */
const PAUSE = 60;

let menu = null;
/** @type {import("./view.js").Roster | null} */
let latest = null;
/** The number of the offer of the line that was taken up last. */
let offered = null;

const ITEMS = {
  "snooze": () => command("snooze", { minutes: latest.snoozed ? null : PAUSE }),
  "open-settings": () => command("open_settings"),
  "open-about": () => command("open_about"),
  "add-account": () => command("add_account"),
  "sign-out": () => command("sign_out", { account: null }),
};

export function startOwn() {
  menu = menuButton(byId("presence"), byId("presence-pop"), choose);
  byId("settings-open").addEventListener("click", () => command("open_settings"));
  byId("snooze-resume").addEventListener("click", () => {
    byId("presence").focus();
    command("snooze", { minutes: null });
  });
  const line = byId("status-line");
  line.addEventListener("change", () => command("set_status_line", { line: line.value.trim(), account: null }));
  byId("status-form").addEventListener("submit", (event) => {
    event.preventDefault();
    // Leaving the field says that it has changed.
    menu.close({ refocus: true });
  });
}

function choose({ id }) {
  const state = STATES[id.replace("presence-", "")];
  if (state) command("set_state", { state, account: null });
  else ITEMS[id]?.();
}

export const closeOwn = () => menu.close();

/** @param {import("./view.js").Roster} roster */
export function showOwn(roster) {
  latest = roster;
  const { me, accounts, state, statusLine, tellsMore, presenceText, presenceBusy, snoozed } = roster;
  if (me) showMe(me);
  setText(byId("presence-text"), presenceText);
  byId("presence").setAttribute("aria-busy", String(presenceBusy));
  tickState("presence", state);
  if (document.activeElement !== byId("status-line")) setValue(byId("status-line"), statusLine);
  byId("tells-less").hidden = tellsMore;
  setText(byId("snooze-item"), text(snoozed ? "page-resume" : "page-snooze"));
  setText(byId("sign-out-text"), text(accounts.length > 1 ? "page-sign-out-all" : "page-sign-out"));
  announce("presence", presenceText);

  byId("snoozed").hidden = !snoozed;
  setText(byId("snoozed-text"), snoozed);
  announce("snoozed", snoozed ?? "");
}

/** Opens the menu with the focus on the line, where somebody has asked for that in the tray. */
export function offerStatusLine({ offersStatusLine }) {
  if (offersStatusLine === null || offersStatusLine === offered) return;
  offered = offersStatusLine;
  command("status_line_offered");
  menu.open(byId("presence"));
  byId("status-line").select();
  byId("status-line").focus();
}

function showMe(me) {
  setFace(byId("me-face"), me);
  setText(byId("me-name"), me.name);
  byId("me-name").title = me.name;
  setText(byId("me-detail"), me.detail);
  byId("me-detail").title = me.detail;
}

/** Ticks the item of what is chosen, in the menu whose items' ids begin with this. */
export function tickState(menuName, state) {
  for (const [item, its] of Object.entries(STATES)) {
    byId(`${menuName}-${item}`).setAttribute("aria-checked", String(its === state));
  }
}
