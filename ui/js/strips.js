// The strips at the top: the app's notices, and the sentence of a command that was refused.

import { command, onRefusal } from "./core.js";
import { byId, drawing, make, setText } from "./dom.js";
import { text } from "./texts.js";

const strips = new Map();

export function startStrips() {
  onRefusal((words) => {
    setText(byId("error-text"), words);
    byId("error").hidden = words === "";
  });
  byId("error-dismiss").addEventListener("click", () => {
    setText(byId("error-text"), "");
    byId("error").hidden = true;
    goOn();
  });
}

/** Shows these notices and no others. */
export function showNotices(notices) {
  const wanted = new Set(notices.map((notice) => notice.id));
  for (const [id, strip] of strips) {
    if (!wanted.has(id)) takeAway(id, strip);
  }
  for (const notice of notices) {
    const strip = strips.get(notice.id) ?? add(notice.id);
    setText(strip.querySelector("bdi"), notice.text);
    strip.querySelector("button").setAttribute("aria-label", text("page-dismiss"));
  }
}

function add(id) {
  const close = make("button", "strip-close", drawing("cross"));
  close.type = "button";
  close.addEventListener("click", () => command("dismiss", { notice: id }));
  const words = make("p", "", document.createElement("bdi"));
  words.setAttribute("role", "status");
  const strip = make("div", "strip", words, close);
  strip.dataset.notice = id;
  strips.set(id, strip);
  byId("notices").append(strip);
  return strip;
}

function takeAway(id, strip) {
  const hadFocus = strip.contains(document.activeElement);
  strips.delete(id);
  strip.remove();
  if (hadFocus) goOn();
}

/** The strip that had the focus is gone: go on at the next one, or at the first thing on the screen. */
function goOn() {
  const next = document.querySelector("#strips .strip:not([hidden]) button")
    ?? document.querySelector("main:not([hidden]) :is(input, button):enabled");
  next?.focus();
}
