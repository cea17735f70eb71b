// The roster screen: ourselves, the banner, the list, the line at the bottom.

import { closeAccountMenu, menuRow, showAccounts, startAccountMenu, toggleAccountMenu } from "./account-menu.js";
import { command } from "./core.js";
import { closeDetails, showDetails, startDetails } from "./details.js";
import { byId, setText, showText } from "./dom.js";
import { RosterList } from "./list.js";
import { announce, say } from "./live.js";
import { closeMessages, leaveMessages, showMessages, startMessages, writeTo } from "./messages.js";
import { closeOwn, offerStatusLine, showOwn, startOwn } from "./own.js";
import { closeSearch, showSearch, startSearch } from "./search.js";
import { text } from "./texts.js";

let list = null;
/** @type {import("./view.js").Roster | null} */
let latest = null;
/** The row whose page was opened: the focus comes back to it. */
let opened = null;
/** Whom to write to as soon as the screen is back. */
let awaited = null;

export function startRoster() {
  list = new RosterList(byId("list"), { space: byId("space"), rows: byId("rows") }, {
    look: (range) => command("look", range),
    act,
    held: menuRow,
  });
  // In a narrow window there is room for one of the two.
  startDetails(closeMessages);
  startMessages(closeDetails);
  startOwn();
  startAccountMenu();
  startSearch({
    intoList: () => list.keys.focusFirst(isContact),
    openFirst: () => {
      if (list.keys.focusFirst(isContact)) act(list.entry(list.keys.focused()), "main");
    },
  });
}

const isContact = ({ kind }) => kind === "contact";

/** The rows to ask for before the list has ever been shown. */
export const firstRange = () => list.firstRange();

/** Another screen comes. What was being written stays if there is a way back, and the list where it is. */
export function leaveRoster({ forGood, comesBack }) {
  closeOwn();
  closeAccountMenu();
  closeSearch();
  closeDetails();
  leaveMessages({ forGood });
  if (comesBack) return list.leave();
  latest = null;
  opened = null;
  return list.clear();
}

/** Writes to this contact as soon as the screen is shown. */
export function writeNext(contact) {
  awaited = contact;
}

/** @param {import("./view.js").Roster} roster */
export function showRoster(roster, { from }) {
  const nobody = roster.total === 0;
  const anew = latest !== null && (latest.search !== roster.search || latest.sort !== roster.sort);
  latest = roster;
  byId("list").hidden = nobody;
  // First, for it looks where it is before anything else moves.
  list.show(roster, { anew });
  byId("empty").hidden = !(nobody && roster.empty);
  setText(byId("empty-text"), roster.empty);
  announce("empty", nobody ? roster.empty : "");

  showOwn(roster);
  showSearch(roster);
  showBanner(roster.banner);
  byId("screen-roster").classList.toggle("stale", roster.stale);
  showAccounts(roster);
  showDetails(roster);
  showMessages(roster);
  if (from !== "roster" && from !== null) arrive(from);
  // Last, for it takes the focus.
  offerStatusLine(roster);
}

/** Who comes from another screen has just lost what the focus was on. */
function arrive(from) {
  const to = awaited;
  awaited = null;
  const back = from === "contact" && opened !== null && list.keys.focus(opened);
  if (!back) byId("presence").focus();
  if (to) writeTo(to, back ? document.activeElement : byId("presence"));
}

function showBanner(banner) {
  byId("banner").hidden = !banner;
  showText(byId("banner-text"), banner?.text);
  showText(byId("banner-strong"), banner?.strong);
  announce("banner", banner ? `${banner.text} ${banner.strong ?? ""}`.trim() : "");
}

/** Does what was asked of a row: by its button, by Return, or by a click on it. */
function act(entry, what) {
  const { row } = entry;
  if (row.kind === "account") return toggleAccountMenu(entry, latest.accounts);
  if (row.kind === "heading") return command("fold", { section: row.section, folded: row.expanded });
  if (what === "other") return writeTo(row, entry.other);
  const { account, id, key, name, favourite } = row;
  if (what === "favourite") {
    say(`${name}: ${text(favourite ? "page-no-favourite" : "page-favourite")}`);
    return command("note", { account, id, note: { favourite: !favourite } });
  }
  opened = key;
  return command("open_contact", { account, id });
}
