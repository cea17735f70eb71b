// What was said, and the field to say something: a panel over the list, or beside it in a wide window.

import { command } from "./core.js";
import { byId, drawing, make, setDrawing, setOptions, setText, setValue } from "./dom.js";

/** The elements by the key of their message. */
const shown = new Map();
/** @type {import("./view.js").Roster | null} */
let latest = null;
/** Whom to write to: a contact, or everybody at one of the servers. Nobody but the person changes it. */
let contact = null;
let place = null;
/** What the focus goes back to. */
let opener = null;
/** The newest message is in sight, and the next one shall be too. */
let atEnd = true;

let makeRoom = () => {};

/** Nearer to the end than this many pixels is at the end. */
const NEAR = 24;

const isOpen = () => !byId("messages").hidden;

/** `opening` is called before the panel opens: something else may have to make room. */
export function startMessages(opening) {
  makeRoom = opening;
  byId("messages-open").addEventListener("click", () => {
    if (isOpen()) leave();
    else enter(byId("messages-open"));
  });
  byId("messages-close").addEventListener("click", leave);
  byId("messages").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    leave();
  });
  byId("composer").addEventListener("submit", send);
  byId("place").addEventListener("change", () => {
    place = Number(byId("place").value);
    showComposer();
  });
  byId("to-all-again").addEventListener("click", () => {
    contact = null;
    showComposer();
    byId("message-text").focus();
  });
  const said = byId("said");
  said.addEventListener("scroll", () => { atEnd = said.scrollHeight - said.clientHeight - said.scrollTop < NEAR; });
  new ResizeObserver(() => { if (atEnd) toEnd(); }).observe(said);
  document.addEventListener("visibilitychange", tellSeen);
}

/** Opens the panel to write to one contact; `from` is what the focus goes back to. */
export function writeTo({ account, id, name }, from) {
  contact = { account, id, name };
  enter(from);
}

export function closeMessages() {
  byId("messages").hidden = true;
  byId("screen-roster").classList.remove("talking");
  byId("messages-open").setAttribute("aria-expanded", "false");
}

/** The screen closes. What was being written outlives it only if it comes back. */
export function leaveMessages({ forGood }) {
  closeMessages();
  opener = null;
  if (!forGood) return;
  contact = null;
  place = null;
  byId("composer").reset();
}

function enter(from) {
  opener = from;
  makeRoom();
  byId("messages").hidden = false;
  byId("screen-roster").classList.add("talking");
  byId("messages-open").setAttribute("aria-expanded", "true");
  showComposer();
  toEnd();
  tellSeen();
  byId("message-text").focus();
}

function leave() {
  closeMessages();
  (opener?.isConnected && !opener.hidden ? opener : byId("messages-open")).focus();
  opener = null;
}

/** @param {import("./view.js").Roster} roster */
export function showMessages(roster) {
  latest = roster;
  showUnread(roster.messages.unread);
  showItems(roster.messages.items);
  showComposer();
  tellSeen();
}

function showUnread(count) {
  byId("unread").hidden = count === 0;
  setText(byId("unread-count"), count > 99 ? "99+" : String(count));
}

/** What is in sight is seen. */
function tellSeen() {
  if (isOpen() && latest?.messages.unread > 0 && document.visibilityState === "visible") command("seen");
}

function showItems(items) {
  const said = byId("said");
  const list = byId("said-list");
  // What is being read stays where it is when older messages go, or this one's words change.
  const read = [...list.children].find((item) => item.offsetTop + item.offsetHeight > said.scrollTop);
  const top = read?.offsetTop;
  const wanted = new Set(items.map(({ key }) => key));
  for (const [key, entry] of shown) {
    if (wanted.has(key)) continue;
    entry.element.remove();
    shown.delete(key);
  }
  items.forEach((item, i) => {
    const entry = shown.get(item.key) ?? makeMessage(item.key);
    entry.fill(item);
    if (list.children[i] !== entry.element) list.insertBefore(entry.element, list.children[i] ?? null);
  });
  list.hidden = items.length === 0;
  byId("said-nothing").hidden = items.length > 0;
  if (atEnd) toEnd();
  else if (read?.isConnected) said.scrollTop += read.offsetTop - top;
}

function toEnd() {
  byId("said").scrollTop = byId("said").scrollHeight;
  atEnd = true;
}

const DELIVERIES = new Set(["sending", "sent", "delivered", "unconfirmed", "failed"]);

function makeMessage(key) {
  const heading = make("bdi", "from");
  const time = make("span", "time soft");
  const text = make("p", "text");
  text.dir = "auto";
  const state = drawing("delivery-sending");
  const words = make("span", "");
  const delivery = make("p", "delivery soft", state, words);
  const element = make("li", "message", make("p", "head", heading, " ", time), text, delivery);
  element.dataset.message = key;
  const fill = (item) => {
    setText(heading, item.heading);
    setText(time, item.time);
    setText(text, item.text);
    element.classList.toggle("ours", item.ours);
    delivery.hidden = !item.delivery;
    const known = DELIVERIES.has(item.deliveryCode) ? item.deliveryCode : "sending";
    const code = item.deliveryCode === "not-offered" ? "failed" : known;
    delivery.dataset.delivery = code;
    setDrawing(state, `delivery-${code}`);
    setText(words, item.delivery);
  };
  shown.set(key, { element, fill });
  return shown.get(key);
}

/** Says to whom, and whether anything can be said now. Nothing that was typed changes. */
function showComposer() {
  if (!latest) return;
  const { accounts } = latest;
  if (!accounts.some(({ account }) => account === place)) place = null;
  const able = accounts.filter(({ account, canAnnounce }) => canAnnounce || account === place);
  // With words already typed, another server is for the person to choose.
  if (place === null && (able.length === 1 || byId("message-text").value === "")) place = able[0]?.account ?? null;
  showAudience(able);
  const now = accounts.find(({ account }) => account === (contact ? contact.account : place));
  const can = Boolean(contact ? now && now.shape !== "cut" : now?.canAnnounce);
  const choose = !contact && place === null && able.length > 1;
  byId("message-send").disabled = !can;
  // Not disabled: that would drop the focus.
  byId("message-text").readOnly = !can && !choose;
  byId("cannot-write").hidden = can || choose;
}

function showAudience(able) {
  byId("audience").hidden = !contact && able.length === 0;
  byId("to-all").hidden = Boolean(contact);
  byId("to-one").hidden = !contact;
  byId("to-all-again").hidden = !contact;
  setText(byId("to-name"), contact?.name);
  byId("place").hidden = able.length < 2;
  byId("place-only").hidden = able.length >= 2;
  setText(byId("place-only"), able[0]?.server);
  setOptions(byId("place"), able.map(({ account, server }) => ({ value: String(account), text: server })));
  setValue(byId("place"), place === null ? "" : String(place));
  const label = contact ? "to-one" : `to-all-words ${able.length < 2 ? "place-only" : "place"}`;
  byId("message-text").setAttribute("aria-labelledby", `message-label ${label}`);
}

async function send(event) {
  event.preventDefault();
  const text = byId("message-text").value.trim();
  if (text === "" || byId("message-send").disabled) return;
  byId("message-text").value = "";
  byId("message-text").focus();
  toEnd();
  const to = contact ? { account: contact.account, to: contact.id } : { account: place, to: null };
  const answer = await command("say", { text, ...to });
  // Refused: the words are not lost.
  if (answer === undefined) setValue(byId("message-text"), text);
}
