// The menu of one of several accounts, beside the row that has opened it.

import { command } from "./core.js";
import { byId, setText } from "./dom.js";
import { announceChange } from "./live.js";
import { popupMenu } from "./menu.js";
import { STATES, tickState } from "./own.js";
import { text } from "./texts.js";

let menu = null;
/** The account whose menu is open, or was last, and the key of its row. */
let chosen = null;
let rowKey = null;
/** How far from the top of the window its button was then, pixels. */
let openedAt = 0;

export function startAccountMenu() {
  menu = popupMenu(byId("account-pop"), ({ id }) => {
    const state = STATES[id.replace("account-", "")];
    if (state) command("set_state", { state, account: chosen });
    else command("sign_out", { account: chosen });
  });
  // It does not follow its row. The list also scrolls so that the row stays where it is.
  for (const [target, moved] of [[byId("list"), "scroll"], [window, "resize"]]) {
    target.addEventListener(moved, () => {
      const top = menu.opener()?.getBoundingClientRect().top;
      if (top !== undefined && Math.abs(top - openedAt) > 1) menu.close({ refocus: true });
    });
  }
}

/** The key of the row whose menu is open. */
export const menuRow = () => (menu.isOpen() ? rowKey : null);

export const closeAccountMenu = () => menu.close();

/** Opens the menu of this row, or closes it. */
export function toggleAccountMenu({ row, main }, accounts) {
  const account = accounts.find((one) => one.account === row.account);
  if (!account || menu.opener() === main) return menu.close({ refocus: true });
  chosen = row.account;
  rowKey = row.key;
  openedAt = main.getBoundingClientRect().top;
  fill(account, row);
  menu.open(main);
  return place(byId("account-pop"), main);
}

/**
 * What is so with each of several accounts is in their rows, and is said when it changes.
 * @param {import("./view.js").Roster} roster
 */
export function showAccounts({ accounts, rows }) {
  if (accounts.length > 1) {
    for (const { account, server, words } of accounts) announceChange(`account-${account}`, `${server}: ${words}`);
  }
  if (!menu.isOpen()) return;
  const account = accounts.find((one) => one.account === chosen);
  const row = rows.find((one) => one.kind === "account" && one.account === chosen);
  if (account && row) return fill(account, row);
  // Gone with its row: the list keeps the focus.
  menu.close();
  byId("list").focus({ preventScroll: true });
}

function fill({ name, state }, { name: server, words }) {
  setText(byId("account-pop-name"), name);
  setText(byId("account-pop-words"), words);
  setText(byId("account-pop-label"), `${text("page-account-menu")} ${server}`);
  tickState("account", state);
}

/** Puts the menu below its button, or above it where there is no room. */
function place(panel, button) {
  const { top, bottom, right } = button.getBoundingClientRect();
  const { height } = panel.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const below = bottom + 4 + height <= clientHeight - 8;
  panel.style.setProperty("right", `${clientWidth - right}px`);
  panel.style.setProperty("top", below ? `${bottom + 4}px` : "auto");
  panel.style.setProperty("bottom", below ? "auto" : `${Math.max(8, Math.min(clientHeight - top + 4, clientHeight - 8 - height))}px`);
}
