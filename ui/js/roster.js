// The roster screen: me and my presence, the banner, the list, the line at the bottom.

import { command } from "./core.js";
import { closeDetails, showDetails, startDetails } from "./details.js";
import { byId, setFace, setText, showText } from "./dom.js";
import { RosterList } from "./list.js";
import { announce } from "./live.js";
import { menuButton } from "./menu.js";

let list = null;
let menu = null;

const CHOICES = {
  "presence-online": () => command("set_presence", { presence: "online" }),
  "presence-offline": () => command("set_presence", { presence: "offline" }),
  "sign-out": () => command("sign_out"),
};

export function startRoster() {
  list = new RosterList(byId("list"), byId("rows"), (range) => command("look", range));
  startDetails();
  menu = menuButton(byId("presence"), byId("presence-menu"), (item) => CHOICES[item.id]?.());
}

/** The rows to ask for before the list has ever been shown. */
export const firstRange = () => list.firstRange();

/** The next account starts at the top of an empty list. */
export function leaveRoster() {
  menu.close();
  closeDetails();
  list.clear();
}

/** @param {import("./core.js").Roster} roster */
export function showRoster(roster, { from }) {
  showMe(roster);
  showBanner(roster.banner);
  byId("screen-roster").classList.toggle("stale", roster.stale);

  const nobody = roster.total === 0;
  byId("list").hidden = nobody;
  byId("empty").hidden = !(nobody && roster.empty);
  setText(byId("empty-text"), roster.empty);
  announce("empty", nobody ? roster.empty : "");
  list.show(roster);

  showDetails(roster);
  // Who comes from the form has just lost the field the focus was in.
  if (from === "signIn") byId("presence").focus();
}

function showMe({ me, presence, presenceText, presenceBusy }) {
  setFace(byId("me-face"), me);
  setText(byId("me-name"), me.name);
  byId("me-name").title = me.name;
  setText(byId("me-detail"), me.detail);
  byId("me-detail").title = me.detail;
  setText(byId("presence-text"), presenceText);
  byId("presence").setAttribute("aria-busy", String(presenceBusy));
  byId("presence-online").setAttribute("aria-checked", String(presence === "online"));
  byId("presence-offline").setAttribute("aria-checked", String(presence === "offline"));
  announce("presence", presenceText);
}

function showBanner(banner) {
  byId("banner").hidden = !banner;
  showText(byId("banner-text"), banner?.text);
  showText(byId("banner-strong"), banner?.strong);
  announce("banner", banner ? `${banner.text} ${banner.strong ?? ""}`.trim() : "");
}
