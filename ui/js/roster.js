// The roster screen: me and my presence, the banner, the list, the line at the bottom.

import { command } from "./core.js";
import { closeDetails, showDetails, startDetails } from "./details.js";
import { byId, setFace, setText, showText } from "./dom.js";
import { RosterList } from "./list.js";
import { announce, announceChange } from "./live.js";
import { menuButton, popupMenu } from "./menu.js";
import { closeMessages, leaveMessages, showMessages, startMessages, writeTo } from "./messages.js";
import { text } from "./texts.js";

let list = null;
let menu = null;
let accountMenu = null;
/** The account whose menu is open, or was last. */
let chosen = null;
let latest = null;

const CHOICES = {
  "presence-online": () => command("set_presence", { presence: "online", account: null }),
  "presence-offline": () => command("set_presence", { presence: "offline", account: null }),
  "add-account": () => command("add_account"),
  "sign-out": () => command("sign_out", { account: null }),
  "account-online": (account) => command("set_presence", { presence: "online", account }),
  "account-offline": (account) => command("set_presence", { presence: "offline", account }),
  "account-sign-out": (account) => command("sign_out", { account }),
};

export function startRoster() {
  list = new RosterList(byId("list"), byId("rows"), {
    look: (range) => command("look", range),
    act,
    held: () => accountMenu.isOpen(),
  });
  // In a narrow window there is room for one of the two.
  startDetails(closeMessages);
  startMessages(closeDetails);
  menu = menuButton(byId("presence"), byId("presence-menu"), (item) => CHOICES[item.id]?.());
  accountMenu = popupMenu(byId("account-pop"), (item) => CHOICES[item.id]?.(chosen));
  // It stands beside the row that has opened it, and does not follow it.
  for (const [target, moved] of [[byId("list"), "scroll"], [window, "resize"]]) {
    target.addEventListener(moved, () => accountMenu.close({ refocus: true }));
  }
}

/** The rows to ask for before the list has ever been shown. */
export const firstRange = () => list.firstRange();

/** The next account starts at the top of an empty list. What was being written stays if there is a way back. */
export function leaveRoster({ forGood }) {
  menu.close();
  accountMenu.close();
  closeDetails();
  leaveMessages({ forGood });
  list.clear();
}

/** @param {import("./core.js").Roster} roster */
export function showRoster(roster, { from }) {
  latest = roster;
  showMe(roster);
  showBanner(roster.banner);
  byId("screen-roster").classList.toggle("stale", roster.stale);

  const nobody = roster.total === 0;
  byId("list").hidden = nobody;
  byId("empty").hidden = !(nobody && roster.empty);
  setText(byId("empty-text"), roster.empty);
  announce("empty", nobody ? roster.empty : "");
  list.show(roster);

  showAccounts(roster);
  showDetails(roster);
  showMessages(roster);
  // Who comes from the form has just lost the field the focus was in.
  if (from !== "roster" && from !== null) byId("presence").focus();
}

function showMe({ me, accounts, presence, presenceText, presenceBusy }) {
  setFace(byId("me-face"), me);
  setText(byId("me-name"), me.name);
  byId("me-name").title = me.name;
  setText(byId("me-detail"), me.detail);
  byId("me-detail").title = me.detail;
  setText(byId("presence-text"), presenceText);
  byId("presence").setAttribute("aria-busy", String(presenceBusy));
  byId("presence-online").setAttribute("aria-checked", String(presence === "online"));
  byId("presence-offline").setAttribute("aria-checked", String(presence === "offline"));
  setText(byId("sign-out-text"), text(accounts.length > 1 ? "page-sign-out-all" : "page-sign-out"));
  announce("presence", presenceText);
}

function showBanner(banner) {
  byId("banner").hidden = !banner;
  showText(byId("banner-text"), banner?.text);
  showText(byId("banner-strong"), banner?.strong);
  announce("banner", banner ? `${banner.text} ${banner.strong ?? ""}`.trim() : "");
}

/** What is so with each of several accounts is in their rows, and is said when it changes. */
function showAccounts({ accounts, rows }) {
  if (accounts.length > 1) {
    for (const { account, server, words } of accounts) announceChange(`account-${account}`, `${server}: ${words}`);
  }
  if (!accountMenu.isOpen()) return;
  const account = accounts.find((one) => one.account === chosen);
  const row = rows.find((one) => one.kind === "account" && one.account === chosen);
  if (account && row) return fillAccountMenu(account, row);
  // Gone with its row: the list keeps the focus.
  accountMenu.close();
  byId("list").focus({ preventScroll: true });
}

function fillAccountMenu({ name, presence }, { name: server, words }) {
  setText(byId("account-pop-name"), name);
  setText(byId("account-pop-words"), words);
  setText(byId("account-pop-label"), `${text("page-account-menu")} ${server}`);
  byId("account-online").setAttribute("aria-checked", String(presence === "online"));
  byId("account-offline").setAttribute("aria-checked", String(presence === "offline"));
}

/** The button of a row, or Return on it. */
function act(row, button) {
  if (row.kind === "contact") return writeTo(row, button);
  const account = latest.accounts.find((one) => one.account === row.account);
  if (!account || accountMenu.opener() === button) return accountMenu.close({ refocus: true });
  chosen = row.account;
  fillAccountMenu(account, row);
  accountMenu.open(button);
  return place(byId("account-pop"), button);
}

/** Puts the menu below its button, or above it where there is no room. */
function place(panel, button) {
  const { top, bottom, right } = button.getBoundingClientRect();
  const { height } = panel.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const below = bottom + 4 + height <= clientHeight - 8;
  panel.style.setProperty("right", `${clientWidth - right}px`);
  panel.style.setProperty("top", below ? `${bottom + 4}px` : "auto");
  panel.style.setProperty("bottom", below ? "auto" : `${clientHeight - top + 4}px`);
}
