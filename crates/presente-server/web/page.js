// The page: who is signed in on this tab, how the connection is, and what of both is shown.

import { hideEntry, showEntry, startEntry } from "./entry.js";
import { personOf, setFace, showPeople, wordsOf } from "./people.js";
import { request } from "./requests.js";
import { connect, hasLibrary } from "./server.js";
import { announce, byId, language, say, sayCount, setText, timeOfDay } from "./words.js";

/** Where the session is kept: in this tab, and no longer than it. */
const KEPT = "presente-session";
/** How long a connection may be away before that is said aloud, in milliseconds. */
const BLIP = 2_000;
/** Who came is said aloud this long after, together with all who come meanwhile, in milliseconds. */
const BREATH = 5_000;

/** Tabs that were opened out of one another share a session, and end it together. */
const tabs = new BroadcastChannel("presente");

/** Who is signed in: `{token, user, id}`; `id` says which session it is without being a secret. */
let session = null;
let close = () => {};
let connected = false;
/** When the list was last known to be right. */
let heardAt = null;
/** The people of the last list; nothing before the first. */
let people = null;
let troubled = false;
let lostTimer = 0;
let lostSaid = false;
let came = [];
let breath = 0;

function start() {
  for (const link of document.querySelectorAll("nav a")) {
    if (link.lang === language) link.setAttribute("aria-current", "true");
  }
  setText(byId("where"), location.host);
  startEntry(enter);
  byId("sign-out").addEventListener("click", signOut);
  tabs.addEventListener("message", ({ data }) => {
    if (session && data?.over === session.id) leave(say("web-signed-out"), { calm: true });
  });
  const kept = readKept();
  if (kept && hasLibrary()) open(kept);
  else showEntry("");
}

function readKept() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    return typeof kept?.token === "string" && kept.user ? kept : null;
  } catch {
    // Storage may be forbidden: then a session ends with its page.
    return null;
  }
}

function keep(value) {
  try {
    if (value) sessionStorage.setItem(KEPT, JSON.stringify(value));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // As above.
  }
}

/** Somebody has signed in. */
function enter({ token, userData }) {
  const id = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("");
  const fresh = { token, user: userData ?? {}, id };
  keep(fresh);
  hideEntry();
  open(fresh);
  byId("people-title").focus();
}

function open(which) {
  session = which;
  byId("screen-people").hidden = false;
  const me = personOf(session.user);
  setText(byId("me-name"), me.name);
  byId("me-name").parentElement.title = me.name;
  close = connect(session.token, {
    up() {
      connected = true;
      troubled = false;
      clearTimeout(lostTimer);
      if (lostSaid) announce(say("web-back"));
      lostSaid = false;
      heard();
      show();
    },
    down() {
      if (connected || !troubled) {
        clearTimeout(lostTimer);
        lostTimer = setTimeout(sayLost, BLIP);
      }
      connected = false;
      troubled = true;
      show();
    },
    heard,
    list: listCame,
    said(payload) {
      const words = typeof payload?.mensaje === "string" ? payload.mensaje : "";
      setText(byId("said-text"), words);
      byId("said").hidden = words === "";
    },
    over: (words) => leave(words || say("web-session-over")),
  });
  show();
}

/** The session of this tab is over: back to the form, with what there is to say. */
function leave(words, { calm = false } = {}) {
  const { email } = session.user;
  close();
  keep(null);
  for (const timer of [lostTimer, breath]) clearTimeout(timer);
  session = null;
  [connected, troubled, lostSaid, heardAt, people, came, breath] = [false, false, false, null, null, [], 0];
  showPeople([]);
  byId("said").hidden = true;
  byId("screen-people").hidden = true;
  document.body.classList.remove("stale");
  document.title = "Presente";
  setText(byId("where"), location.host);
  showEntry(words, { calm, email: typeof email === "string" ? email : "" });
}

async function signOut() {
  const { token, user, id } = session;
  tabs.postMessage({ over: id });
  leave(say("web-signed-out"), { calm: true });
  // Where this does not arrive, the server misses the socket and sees that nobody is there.
  await request("/api/auth/signOut", { body: { closeuser: user.email }, token }).catch(() => {});
}

function heard() {
  heardAt = new Date();
}

function sayLost() {
  lostSaid = true;
  announce(byId("banner").textContent);
}

function listCame(list) {
  heard();
  const first = people === null;
  people = list.map(personOf);
  const fresh = showPeople(others());
  show();
  if (first) announce(countWords());
  else sayWhoCame(fresh);
}

const ownId = () => personOf(session.user).id;
const others = () => (people ?? []).filter(({ id }) => id !== ownId());

const countWords = () => {
  const count = others().length;
  return count === 0 ? say("web-count-none") : sayCount("web-count", count);
};

/** Not one by one: whoever comes within a breath is told of together. */
function sayWhoCame(fresh) {
  came.push(...fresh);
  if (came.length === 0 || breath) return;
  breath = setTimeout(() => {
    announce(sayCount("web-came", came.length, { name: came[0].name }));
    [came, breath] = [[], 0];
  }, BREATH);
}

/** Shows how things stand. */
function show() {
  const me = people?.find(({ id }) => id === ownId());
  const shape = connected ? (me?.state ?? "unseen") : "cut";
  setFace(byId("me-face"), personOf(session.user), people || !connected ? shape : "cut");
  setText(byId("me-words"), ownWords(me));

  byId("banner").hidden = connected || !troubled;
  setText(byId("banner-text"), say(heardAt ? "web-lost" : "web-not-yet", { server: location.host }));
  setText(byId("banner-time"), people && heardAt ? say("web-as-of", { time: timeOfDay(heardAt) }) : "");

  const none = others().length === 0;
  byId("empty").hidden = !none;
  byId("people").hidden = none;
  setText(byId("empty-text"), say(people ? "web-others-none" : "web-waiting"));
  setText(byId("count"), none ? "" : String(others().length));
  document.body.classList.toggle("stale", !connected);
  setText(byId("where"), people && connected ? `${location.host} · ${countWords()}` : location.host);
  document.title = connected && !none ? `(${others().length}) Presente` : "Presente";
}

function ownWords(me) {
  if (!connected) return say(troubled && heardAt ? "web-reconnecting" : "web-connecting");
  if (!people) return say("web-connecting");
  return me ? wordsOf(me) : say("web-unseen");
}

start();
