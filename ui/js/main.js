// Starts the page: gets the words, attaches to the app, and hands every view to the screen it is for.

import { attach, inApp } from "./core.js";
import { byId } from "./dom.js";
import { enterLearn, showLearn, startLearn } from "./learn.js";
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
  startLearn();
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

const ELEMENTS = { signIn: "screen-sign-in", roster: "screen-roster", learn: "screen-learn" };

function show(view) {
  const before = screen;
  screen = view.screen;
  byId("waiting").hidden = true;
  for (const [name, id] of Object.entries(ELEMENTS)) byId(id).hidden = name !== screen;
  showNotices(view.notices);
  if (before === "roster" && screen !== "roster") leaveRoster({ forGood: !view.signIn.canClose });
  if (before !== null && screen === "roster" && before !== "roster") leaveSignIn();
  if (screen === "roster") showRoster(view.roster, { from: before });
  else if (screen === "learn") showLearning(view.learn, before);
  else showForm(view.signIn, before);
}

function showLearning(learn, before) {
  if (before === "learn") showLearn(learn);
  else enterLearn(learn);
}

function showForm(signIn, before) {
  // The assistant is a detour: whoever comes back finds the form as it was left.
  if (before !== "signIn") enterSignIn(signIn, { back: before === "learn" });
  showSignIn(signIn);
}

if (inApp) {
  start();
} else {
  byId("waiting").hidden = true;
  byId("outside").hidden = false;
}
