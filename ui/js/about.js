// The page about the app: what it is, and what helps to find out what is wrong.

import { byId, make, setText } from "./dom.js";
import { say } from "./live.js";
import { enterPage, startPage } from "./page.js";
import { text } from "./texts.js";

/** @type {import("./view.js").About | null} */
let latest = null;

export function startAbout() {
  startPage("screen-about", "about-back");
  byId("about-copy").addEventListener("click", async () => {
    const copied = await copy(latest.text);
    byId("copied").hidden = false;
    setText(byId("copied"), text(copied ? "page-copied" : "page-not-copied"));
    say(text(copied ? "page-copied" : "page-not-copied"));
  });
}

async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return copyBySelection(words);
  }
}

/** Where the page may not write to the clipboard by itself, what is selected may be copied. */
function copyBySelection(words) {
  const focus = document.activeElement;
  const field = make("textarea", "unseen");
  field.value = words;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focus?.focus();
  return copied;
}

/** @param {import("./view.js").About} about */
export function enterAbout(about) {
  byId("copied").hidden = true;
  showAbout(about);
  enterPage("about-sheet", "about-title");
}

/** @param {import("./view.js").About} about */
export function showAbout(about) {
  if (about === latest) return;
  latest = about;
  setText(byId("about-version"), about.version);
  fill(byId("about-words"), about.words, () => make("p", ""), setText);
  fill(byId("about-parts"), about.parts, makePart, showPart);
  showHappenings("errors", about.errors);
  showHappenings("alerts", about.alerts);
}

/** Makes the children of `list` as many as `items`, and shows each item in one. */
function fill(list, items, makeChild, show) {
  while (list.children.length > items.length) list.lastElementChild.remove();
  items.forEach((item, i) => {
    if (!list.children[i]) list.append(makeChild());
    show(list.children[i], item);
  });
}

const makePart = () => make("section", "", make("h2", "", make("bdi", "")), make("dl", "known"));

function showPart(section, { key, title, items }) {
  section.dataset.part = key;
  const [heading, list] = section.children;
  setText(heading.firstChild, title);
  const pairs = items.flatMap(({ label, value }) => [["DT", label], ["DD", value]]);
  while (list.children.length > pairs.length) list.lastElementChild.remove();
  pairs.forEach(([tag, words], i) => {
    if (!list.children[i]) list.append(make(tag, "", make("bdi", "")));
    setText(list.children[i].firstChild, words);
  });
}

function showHappenings(name, happenings) {
  const list = byId(`about-${name}`);
  list.hidden = happenings.length === 0;
  byId(`about-no-${name}`).hidden = happenings.length > 0;
  fill(list, happenings, () => make("li", "", make("span", "time soft"), " ", make("bdi", "")), (item, { time, text: words }) => {
    setText(item.firstElementChild, time);
    setText(item.lastElementChild, words);
  });
}
