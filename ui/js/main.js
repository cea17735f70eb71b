// Starts the page: gets the words, attaches to the app, and hands every view to the screen it is for.

import { attach, inApp } from "./core.js";
import { byId } from "./dom.js";
import { firstRange, leaveRoster, showRoster, startRoster } from "./roster.js";
import { enterSignIn, leaveSignIn, retext, showSignIn, startSignIn } from "./sign-in.js";
import { showNotices, startStrips } from "./strips.js";
import { fillTexts, language } from "./texts.js";

let screen = null;
let latest = null;
let ready = false;
let fetching = null;

async function start() {
  startStrips();
  startSignIn();
  startRoster();
  // Both are asked for at once; the first view waits for its words, so that no screen is shown without them.
  attach(firstRange(), receive);
  await fillTexts();
  ready = true;
  if (latest) show(latest);
}

function receive(view) {
  latest = view;
  if (!ready) return;
  show(view);
  if (view.lang !== language() && fetching !== view.lang) relearn(view.lang);
}

/** The app speaks another language now. Asks once for each, even if the answer is not the one hoped for. */
async function relearn(lang) {
  fetching = lang;
  await fillTexts();
  retext();
  show(latest);
}

function show(view) {
  const before = screen;
  screen = view.screen;
  byId("waiting").hidden = true;
  byId("screen-sign-in").hidden = screen !== "signIn";
  byId("screen-roster").hidden = screen !== "roster";
  showNotices(view.notices);
  if (screen === "roster") {
    if (before === "signIn") leaveSignIn();
    showRoster(view.roster, { from: before });
  } else {
    if (before === "roster") leaveRoster();
    if (before !== "signIn") enterSignIn(view.signIn);
    showSignIn(view.signIn);
  }
}

if (inApp) {
  start();
} else {
  byId("waiting").hidden = true;
  byId("outside").hidden = false;
}
