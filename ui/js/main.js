// Starts the page: attaches to the app, and hands every view to the screen it is for.

import { enterAbout, showAbout, startAbout } from "./about.js";
import { enterContact, leaveContact, showContact, startContact } from "./contact.js";
import { attach, inApp, knowsChanges } from "./core.js";
import { byId } from "./dom.js";
import { startKeys } from "./keys.js";
import { enterLearn, showLearn, startLearn } from "./learn.js";
import { startPresses, whenLetGo } from "./press.js";
import { firstRange, leaveRoster, showRoster, startRoster } from "./roster.js";
import { enterSettings, showSettings, startSettings } from "./settings.js";
import { enterSignIn, leaveSignIn, retext, showSignIn, startSignIn } from "./sign-in.js";
import { showNotices, startStrips } from "./strips.js";
import { takeTexts } from "./texts.js";

/** @type {import("./view.js").View | null} */
let latest = null;
let screen = null;
let waits = false;

function start() {
  startPresses();
  startKeys();
  startStrips();
  startSignIn();
  startRoster();
  startLearn();
  startContact();
  startSettings();
  startAbout();
  attach(firstRange(), receive);
}

/** However many views come, one is shown for each picture on the screen, the last; none while something is pressed. */
function receive(view) {
  latest = view;
  if (waits) return;
  waits = true;
  const next = () => whenLetGo(() => {
    waits = false;
    // The next one is on its way.
    if (knowsChanges(latest)) show(latest);
  });
  // A window that is not seen paints nothing.
  if (document.hidden) setTimeout(next, 50);
  else requestAnimationFrame(next);
}

/** By the name of a screen: its element, what shows it, and what is done besides when it comes. */
const SCREENS = {
  signIn: {
    id: "screen-sign-in",
    show: ({ signIn }) => showSignIn(signIn),
    // The assistant is a detour: whoever comes back finds the form as it was left.
    enter: ({ signIn }, before) => enterSignIn(signIn, { back: before === "learn" }),
  },
  roster: { id: "screen-roster", show: ({ roster }, before) => showRoster(roster, { from: before }) },
  learn: { id: "screen-learn", show: ({ learn }) => showLearn(learn), enter: ({ learn }) => enterLearn(learn) },
  contact: {
    id: "screen-contact",
    show: ({ contact }) => showContact(contact),
    enter: ({ contact }) => enterContact(contact),
  },
  settings: {
    id: "screen-settings",
    show: ({ settings }) => showSettings(settings),
    enter: ({ settings }) => enterSettings(settings),
  },
  about: { id: "screen-about", show: ({ about }) => showAbout(about), enter: ({ about }) => enterAbout(about) },
};

/** Screens from which one comes back to the list as it was. */
const DETOURS = new Set(["contact", "settings", "about"]);

/** @param {import("./view.js").View} view */
function show(view) {
  if (!isWhole(view)) return;
  const before = screen;
  screen = view.screen;
  if (document.documentElement.dataset.theme !== view.theme) document.documentElement.dataset.theme = view.theme;
  if (takeTexts(view.words, view.lang)) retext();
  if (before === "contact" && screen !== "contact") leaveContact();
  if (before === "roster" && screen !== "roster") {
    leaveRoster({ forGood: !view.signIn.canClose && !DETOURS.has(screen), comesBack: DETOURS.has(screen) });
  }
  // Signed out on another screen: there is no list to come back to.
  if (DETOURS.has(before) && (screen === "signIn" || screen === "learn")) {
    leaveRoster({ forGood: !view.signIn.canClose, comesBack: false });
  }
  byId("waiting").hidden = true;
  for (const [name, { id }] of Object.entries(SCREENS)) byId(id).hidden = name !== screen;
  showNotices(view.notices);
  if (before !== null && screen === "roster" && before !== "roster") leaveSignIn();
  if (before !== screen) SCREENS[screen].enter?.(view, before);
  SCREENS[screen].show(view, before);
}

/** A screen whose part is still on its way is not shown yet. */
function isWhole(view) {
  return Boolean(SCREENS[view.screen] && view[view.screen]);
}

if (inApp) {
  start();
} else {
  byId("waiting").hidden = true;
  byId("outside").hidden = false;
}
