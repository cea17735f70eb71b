// The sign-in screen: where, who, and the way in; or a new account.

import { command } from "./core.js";
import { byId, setText, setValue, showText } from "./dom.js";
import { announce } from "./live.js";
import { text } from "./texts.js";

/** What the form is for: "signIn" or "signUp". */
let mode = "signIn";
/** The fields that the person has touched since the screen opened: a view no longer fills them. */
const edited = new Set();
/** The last view shown, to see what is new in the next. */
let last = null;
/** The command of the form has not come back yet: a second Enter is not a second attempt. */
let sending = false;
/** The form was sent and no view has said yet what became of it. */
let submitted = false;
/** The question about plain HTTP that an edited address has made void. */
let voidQuestion = null;
/** The server of this computer has been asked for and has not answered. */
let starting = false;
/** What the server field held before "This computer" took it over. */
let typedServer = "";

/** The problems that are about what was typed into one field. */
const FAULTY = { refused: "password", "invalid-address": "server", "not-compatible": "server", "old-engine": "server" };

/** The problems that are about what was not typed at all. */
const INCOMPLETE = new Set(["missing-field", "credentials-needed"]);

/** An address of this very computer. */
const LOOPBACK = /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?\/?$/;

const here = () => byId("place-here").checked;

export function startSignIn() {
  byId("sign-in-form").addEventListener("submit", submit);
  byId("cancel").addEventListener("click", () => command("cancel"));
  byId("learn").addEventListener("click", () => command("learn"));
  byId("mode").addEventListener("click", changeMode);
  for (const id of ["server", "email", "keep"]) {
    byId(id).addEventListener("input", () => edited.add(id));
  }
  byId("server").addEventListener("input", voidPlainHttp);
  byId("place-here").addEventListener("change", chooseHere);
  byId("place-server").addEventListener("change", chooseServer);
  byId("screen-sign-in").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && (last?.busy || last?.canClose)) command("cancel");
  });
}

/**
 * The screen opens: nothing has been edited, and the focus goes to the first thing left to fill in. Coming `back` from
 * a detour, everything is as it was.
 */
export function enterSignIn(signIn, { back }) {
  if (back && last) return backToSignIn(signIn);
  edited.clear();
  last = null;
  sending = false;
  submitted = false;
  voidQuestion = null;
  setMode("signIn");
  byId("sign-in-form").reset();
  typedServer = "";
  const isHere = signIn.local.running && LOOPBACK.test(signIn.server);
  byId(isHere ? "place-here" : "place-server").checked = true;
  showSignIn(signIn);
  // Where there is a list already, another server is what one comes for.
  if (signIn.canClose && !signIn.problem) byId("server").select();
  else firstEmpty()?.focus();
  return undefined;
}

function backToSignIn(signIn) {
  showSignIn(signIn);
  (byId("learn").hidden ? byId("submit") : byId("learn")).focus();
}

/** The screen closes: no password outlives it. */
export function leaveSignIn() {
  byId("sign-in-form").reset();
  last = null;
}

/** The language has changed: the words that depend on the mode are set again. */
export function retext() {
  setMode(mode);
}

/** @param {import("./view.js").SignIn} signIn */
export function showSignIn(signIn) {
  const before = last;
  last = signIn;
  // Taken now: what is disabled or hidden below drops the focus.
  const focus = document.activeElement;
  const mayMove = focus === document.body || byId("screen-sign-in").contains(focus);
  showPlace(signIn, before);
  prefill(signIn);
  showText(byId("hint"), signIn.hint);
  showPlainHttp(signIn.plainHttp);
  showProgress(signIn);

  const problem = signIn.problem?.text ?? "";
  setText(byId("problem"), problem);
  markFaulty(signIn.problem);
  byId("learn").hidden = signIn.busy || !signIn.canLearn;
  setTitle();

  const ended = before?.busy && !signIn.busy;
  if (signIn.busy && !before?.busy) {
    if (mayMove) byId("cancel").focus();
  } else if (!mayMove) {
    // Somebody is busy with a notice: the problem is read out, and that is enough.
  } else if (ended || (problem && !signIn.busy && (submitted || problem !== before?.problem?.text))) {
    afterAttempt(signIn);
  }
  if (signIn.busy || problem) submitted = false;
}

function markFaulty(problem) {
  for (const id of new Set(Object.values(FAULTY))) {
    if (problem && FAULTY[problem.code] === id) byId(id).setAttribute("aria-invalid", "true");
    else byId(id).removeAttribute("aria-invalid");
  }
}

function showPlace({ server, local, problem }, before) {
  if (local.running && before && !before.local.running) {
    byId("place-here").checked = true;
    byId("server").value = server;
  }
  // It could not be started: back to the choice that works, with the problem in sight.
  if (here() && !local.running && problem && problem.text !== before?.problem?.text) chooseServer();
  byId("server").readOnly = here();
}

function prefill({ server, email, keep }) {
  if (here() || !edited.has("server")) setValue(byId("server"), awaitsHere() ? "" : server);
  if (!edited.has("email")) setValue(byId("email"), email);
  if (!edited.has("keep")) byId("keep").checked = keep;
}

const awaitsHere = () => here() && (starting || !last.local.running);

function showPlainHttp(question) {
  const asked = question && question.text !== voidQuestion ? question.text : "";
  if (byId("plain-http-text").textContent !== asked) {
    // A yes to one address is not a yes to another.
    byId("plain-http").checked = false;
    setText(byId("plain-http-text"), asked);
  }
  byId("plain-http-row").hidden = asked === "";
}

function voidPlainHttp() {
  voidQuestion = last?.plainHttp?.text ?? null;
  showPlainHttp(last?.plainHttp);
}

function showProgress({ busy, status, canClose }) {
  const waits = awaitsHere();
  byId("fields").disabled = busy;
  byId("plain-http").disabled = busy;
  byId("mode").disabled = busy;
  byId("mode").hidden = busy;
  byId("cancel").hidden = !busy && !canClose;
  byId("submit").disabled = busy || waits;
  byId("submit").setAttribute("aria-busy", String(busy));
  setText(byId("submit-text"), text(submitText(busy)));
  const words = status ?? (waits ? text("page-starting-here") : "");
  showText(byId("status"), words);
  announce("sign-in", busy ? words || text(submitText(true)) : words);
}

function submitText(busy) {
  if (mode === "signUp") return busy ? "page-signing-up" : "page-sign-up";
  return busy ? "page-signing-in" : "page-sign-in";
}

/** The attempt is over and the screen is still here: the focus goes to what has to be done next. */
function afterAttempt(signIn) {
  // First what can be done about it, then whatever gets the focus: in a low window the form scrolls.
  byId("mode").scrollIntoView({ block: "nearest" });
  if (!byId("plain-http-row").hidden && !byId("plain-http").checked) return byId("plain-http").focus();
  if (!signIn.problem) return byId("submit").focus();
  if (!byId("learn").hidden) return byId("learn").focus();
  const empty = INCOMPLETE.has(signIn.problem.code) ? firstEmpty() : null;
  if (empty) return empty.focus();
  const field = FAULTY[signIn.problem.code];
  byId(field ?? "problem").focus();
  if (field) byId(field).select();
}

/** The first field that is empty; whether it may stay so depends on the server. */
function firstEmpty() {
  const names = mode === "signUp" ? ["first-name"] : [];
  return [...names, "server", "email", "password"].map(byId).find((field) => !field.readOnly && field.value === "");
}

async function submit(event) {
  event.preventDefault();
  if (sending || byId("submit").disabled) return;
  voidQuestion = null;
  const request = {
    server: byId("server").value.trim(),
    email: byId("email").value.trim(),
    password: byId("password").value,
    keep: byId("keep").checked,
    plainHttp: !byId("plain-http-row").hidden && byId("plain-http").checked,
  };
  if (mode === "signUp") {
    request.firstName = byId("first-name").value.trim();
    request.lastName = byId("last-name").value.trim();
  }
  sending = true;
  submitted = true;
  await command(mode === "signUp" ? "sign_up" : "sign_in", { request });
  sending = false;
}

function changeMode() {
  setMode(mode === "signIn" ? "signUp" : "signIn");
  firstEmpty()?.focus();
}

function setMode(next) {
  mode = next;
  const joining = mode === "signUp";
  byId("names").hidden = !joining;
  // A password manager should offer a new one, not the one of another account.
  byId("password").autocomplete = joining ? "new-password" : "current-password";
  setText(byId("email-label"), text(joining ? "page-email" : "page-who"));
  setTitle();
  setText(byId("mode"), text(joining ? "page-to-sign-in" : "page-to-sign-up"));
  setText(byId("submit-text"), text(submitText(Boolean(last?.busy))));
}

function setTitle() {
  const asked = last?.canClose ? "page-add-title" : "page-where";
  setText(byId("sign-in-title"), text(mode === "signUp" ? "page-join" : asked));
}

async function chooseHere() {
  typedServer = byId("server").value;
  voidPlainHttp();
  starting = true;
  showSignIn(last);
  const answer = await command("use_this_computer");
  starting = false;
  if (!last || !here()) return;
  // Refused: the strip says why, and the choice that works is back.
  if (answer === undefined && !last.local.running) chooseServer();
  showSignIn(last);
}

function chooseServer() {
  byId("place-server").checked = true;
  byId("server").readOnly = false;
  setValue(byId("server"), typedServer);
  // What was typed before stays, whatever address the server of this computer has.
  edited.add("server");
  voidPlainHttp();
  showProgress(last);
}
