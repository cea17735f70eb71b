// The way in: signing in, or making an account first.

import { Problem, request } from "./requests.js";
import { hasLibrary } from "./server.js";
import { byId, say, setText } from "./words.js";

/** What the form is for: "signIn" or "signUp". */
let mode = "signIn";
/** An attempt is on its way: a second Enter is not a second one. */
let busy = false;
let entered = () => {};

/** Sets the form up. `whenIn` gets what the server says to somebody who has signed in. */
export function startEntry(whenIn) {
  entered = whenIn;
  byId("entry").addEventListener("submit", submit);
  byId("mode").addEventListener("click", () => {
    if (busy) return;
    setMode(mode === "signIn" ? "signUp" : "signIn");
    tell("");
    firstEmpty()?.focus();
  });
}

/** The form comes up, with something to say or nothing; `calm` when nothing is wrong. */
export function showEntry(words, { calm = false, email = "" } = {}) {
  byId("screen-entry").hidden = false;
  setMode("signIn");
  if (email) byId("email").value = email;
  if (hasLibrary()) {
    tell(words, { calm });
  } else {
    tell(say("web-no-client"));
    byId("submit").setAttribute("aria-disabled", "true");
  }
  firstEmpty()?.focus();
}

/** The form goes; no password outlives it. */
export function hideEntry() {
  byId("screen-entry").hidden = true;
  byId("entry").reset();
  tell("");
}

function tell(words, { calm = false } = {}) {
  byId("problem").classList.toggle("calm", calm);
  setText(byId("problem"), words);
  byId("password").removeAttribute("aria-invalid");
}

const fieldsOf = () => (mode === "signUp" ? ["first-name", "email", "password"] : ["email", "password"]).map(byId);
const firstEmpty = () => fieldsOf().find((field) => field.value.trim() === "");

function setMode(next) {
  mode = next;
  const joining = mode === "signUp";
  byId("names").hidden = !joining;
  byId("password-hint").hidden = !joining;
  // A password manager should offer a new one, not the one of another account.
  byId("password").autocomplete = joining ? "new-password" : "current-password";
  setText(byId("entry-title"), say(joining ? "web-sign-up-title" : "web-sign-in-title"));
  setText(byId("mode"), say(joining ? "web-to-sign-in" : "web-to-sign-up"));
  setBusy(busy);
}

function setBusy(is) {
  busy = is;
  const joining = mode === "signUp";
  const words = joining ? ["web-sign-up", "web-signing-up"] : ["web-sign-in", "web-signing-in"];
  setText(byId("submit"), say(words[busy ? 1 : 0]));
  // Not `disabled`: that would drop the focus.
  byId("submit").setAttribute("aria-disabled", String(busy));
}

async function submit(event) {
  event.preventDefault();
  if (busy || !hasLibrary()) return;
  const empty = firstEmpty();
  tell("");
  if (empty) {
    tell(say(mode === "signUp" ? "web-missing-name" : "web-missing-fields"));
    empty.focus();
    return;
  }
  setBusy(true);
  try {
    if (mode === "signUp") await signUp();
    const answer = await signIn();
    setBusy(false);
    entered(answer.response);
  } catch (problem) {
    setBusy(false);
    if (!(problem instanceof Problem)) throw problem;
    refused(problem);
  }
}

/** The account is made; whether it can be used at once shows when signing in. */
async function signUp() {
  const { message } = await request("/api/auth/signUp", {
    body: {
      newUser: {
        firstName: byId("first-name").value.trim(),
        lastName: byId("last-name").value.trim(),
        email: byId("email").value.trim(),
        password: byId("password").value,
        from: "signup",
      },
    },
  });
  setMode("signIn");
  tell(String(message ?? ""), { calm: true });
}

async function signIn() {
  const logedUser = { email: byId("email").value.trim(), password: byId("password").value, from: "web" };
  const answer = await request("/api/auth/signIn", { body: { logedUser } });
  if (typeof answer?.response?.token !== "string") throw new Problem(say("web-unexpected", { status: 200 }), 200);
  return answer;
}

/** Says why not, and puts the focus where something can be done about it. */
function refused(problem) {
  // An account that was made just now may still have to be verified: that is said before, and stays.
  const said = byId("problem").textContent;
  tell(said ? `${said} ${problem.message}` : problem.message, { calm: said !== "" });
  const field = problem.isFinal && mode === "signIn" ? byId("password") : null;
  field?.setAttribute("aria-invalid", "true");
  (field ?? byId("submit")).focus();
  field?.select();
}
