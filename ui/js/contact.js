// The page of a contact: when they are there, when to be told of it, and what is noted of them.

import { askAgain, dropQuestions } from "./confirm.js";
import { command } from "./core.js";
import { byId, make, setFace, setText, setValue, showText } from "./dom.js";
import { announceChange, say } from "./live.js";
import { change, enterPage, startPage } from "./page.js";
import { writeNext } from "./roster.js";
import { makeRule } from "./rule.js";
import { text } from "./texts.js";
import { makeTimeline } from "./timeline.js";
import { makeUsual } from "./usual.js";

/** @type {import("./view.js").ContactPage | null} */
let latest = null;
let rule = null;
let asTable = false;
/** What the pictures were made of: they are made again only from something else. */
const drawn = { timeline: null, usual: null };

/** The fields of which each is a note of its own, sent when it is left. */
const FIELDS = ["alias", "group", "note"];

export function startContact() {
  startPage("screen-contact", "contact-back");
  rule = makeRule("rule", (next) => note({ rule: next }));
  byId("contact-rule").append(rule.element);
  for (const id of FIELDS) {
    byId(id).addEventListener("change", () => note({ [id]: byId(id).value.trim() }));
  }
  byId("note").addEventListener("keydown", (event) => {
    // Several lines are wanted there with Shift; Return alone keeps the note, as in the other fields.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    byId("note").blur();
    byId("note").focus();
  });
  byId("contact-favourite").addEventListener("click", () => {
    say(text(latest.favourite ? "page-no-favourite" : "page-favourite"));
    note({ favourite: !latest.favourite });
  });
  byId("contact-write").addEventListener("click", () => {
    writeNext(latest);
    command("back");
  });
  for (const span of ["today", "week"]) {
    byId(`span-${span}`).addEventListener("change", () => command("show_span", { span }));
  }
  byId("as-table").addEventListener("click", () => {
    asTable = !asTable;
    byId("as-table").setAttribute("aria-pressed", String(asTable));
    drawn.timeline = null;
    drawn.usual = null;
    showHistory(latest);
  });
  startKept();
}

/** What is kept of them: whether, in a file, or no more. */
function startKept() {
  byId("keep-history").addEventListener("change", () => note({ history: byId("keep-history").checked }));
  for (const format of ["csv", "json"]) {
    byId(`contact-export-${format}`).addEventListener("click", () => {
      const { account, id } = latest;
      command("export_history", { format, account, id });
    });
  }
  byId("contact-forget").addEventListener("click", () => {
    const { account, id } = latest;
    askAgain(byId("contact-forget"), text("page-forget-question"), [
      {
        id: "contact-forget-yes",
        text: text("page-forget-yes"),
        danger: true,
        act: () => command("forget_history", { account, id }),
      },
      { id: "contact-forget-no", text: text("page-cancel") },
    ]);
  });
}

function note(what) {
  const { account, id } = latest;
  return change("note", { account, id, note: what }, () => showContact(latest));
}

/** @param {import("./view.js").ContactPage} contact */
export function enterContact(contact) {
  drawn.timeline = null;
  drawn.usual = null;
  for (const id of FIELDS) byId(id).value = "";
  byId("rule-finer").open = false;
  showContact(contact);
  enterPage("contact-sheet", "contact-name");
}

/** The page goes. What was typed last is kept, for a field that vanishes says nothing. */
export function leaveContact() {
  dropQuestions(byId("screen-contact"));
  const field = document.activeElement;
  if (FIELDS.includes(field?.id)) field.blur();
}

/** @param {import("./view.js").ContactPage} contact */
export function showContact(contact) {
  if (latest && (latest.id !== contact.id || latest.account !== contact.account)) {
    for (const id of FIELDS) if (document.activeElement === byId(id)) byId(id).blur();
  }
  latest = contact;
  setFace(byId("contact-face"), contact);
  byId("screen-contact").classList.toggle("stale", contact.stale);
  setText(byId("contact-name").firstChild, contact.name);
  setText(byId("contact-words"), contact.words);
  announceChange("contact", `${contact.name}: ${contact.words}`);
  showText(byId("contact-own-name"), contact.ownName);
  showText(byId("contact-email"), contact.email);
  showText(byId("contact-server"), contact.server);
  showText(byId("contact-last"), contact.lastOnline);
  byId("contact-favourite").setAttribute("aria-pressed", String(contact.favourite));
  byId("contact-write").hidden = !contact.canWhisper;
  rule.show(contact.rule, text("page-tell-me").replace("…", contact.name));
  showNoted(contact);
  showHistory(contact);
}

function showNoted({ alias, group, note: noted, groups }) {
  const values = { alias, group: group ?? "", note: noted };
  for (const id of FIELDS) {
    if (document.activeElement !== byId(id)) setValue(byId(id), values[id]);
  }
  const list = byId("groups");
  if ([...list.children].map(({ value }) => value).join("\n") === groups.join("\n")) return;
  list.replaceChildren(...groups.map((name) => {
    const option = make("option", "");
    option.value = name;
    return option;
  }));
}

function showHistory({ historyOn, keepHistory, timeline, usual }) {
  byId("history").hidden = !historyOn || !(keepHistory || timeline);
  byId("history-off").hidden = historyOn;
  byId("contact-kept").hidden = !historyOn;
  byId("keep-history").checked = keepHistory;
  if (timeline) {
    byId("span-today").checked = timeline.span === "today";
    byId("span-week").checked = timeline.span === "week";
  }
  // What is read a moment later has its place above the rest: the sheet comes when it is read.
  byId("contact-sheet").classList.toggle("unread", historyOn && !timeline);
  const something = (timeline && !timeline.empty) || (usual && !usual.empty);
  byId("as-table").hidden = !something;
  draw("timeline", timeline, makeTimeline, text("page-when"));
  draw("usual", usual, makeUsual, text("page-usual"));
  showText(byId("usual-sentence"), usual && !usual.empty ? usual.sentence : "");
}

/** Draws one of the two, if it is another than what is drawn, or says why there is nothing to draw. */
function draw(name, what, makePicture, caption) {
  showText(byId(`${name}-empty`), what?.empty);
  byId(name).hidden = !what || Boolean(what.empty);
  if (!what || what.empty || drawn[name] === what) return;
  drawn[name] = what;
  byId(name).replaceChildren(makePicture(what, { asTable, caption }));
}
