// The rows of the list: how each kind is made, and how it is filled.

import { drawing, make, setDrawing, setFace, setText, setWords, shapeId } from "./dom.js";
import { text } from "./texts.js";

let made = 0;

const KINDS = { account: makeAccount, heading: makeHeading, contact: makeContact };

/**
 * Makes an empty row of this kind: its element, what fills it, its main button, which has the focus for the row, and
 * another one where it has one.
 */
export const makeRow = (kind) => ({ kind, row: null, index: -1, other: null, ...KINDS[kind]() });

/** A button named by words that are in the row, and others that are the page's own, hidden in the markup. */
function rowButton(className, parts, ...children) {
  const number = ++made;
  const ids = parts.map((part, i) => {
    if (typeof part === "string") return part;
    part.id ||= `row-${number}-${i}`;
    return part.id;
  });
  const button = make("button", className, ...children);
  button.type = "button";
  button.tabIndex = -1;
  button.setAttribute("aria-labelledby", ids.join(" "));
  return button;
}

function makeElement(className, ...children) {
  const element = make("div", `row ${className}`, ...children);
  element.setAttribute("role", "listitem");
  return element;
}

/** The head of a server's group: our shape there, the server, and what is so there. */
function makeAccount() {
  const shape = drawing(shapeId("offline"));
  const name = make("h2", "name", document.createElement("bdi"));
  const words = make("span", "words soft", document.createElement("bdi"));
  const main = rowButton("round", ["label-account", name, words], drawing("more"));
  main.setAttribute("aria-haspopup", "menu");
  main.setAttribute("aria-expanded", "false");
  main.setAttribute("aria-controls", "account-pop");
  const element = makeElement("account", make("span", "own", shape), make("span", "who", name, words), main);
  return {
    element,
    main,
    fill(row) {
      setDrawing(shape, shapeId(row.shape));
      setText(name.firstChild, row.name);
      name.title = row.name;
      setText(words.firstChild, row.words);
      words.title = row.words;
      element.dataset.account = row.account;
    },
  };
}

/** The head of a section, which folds it. */
function makeHeading() {
  const words = document.createElement("bdi");
  const count = make("span", "count");
  const main = rowButton("main", [words, count], drawing("chevron"), words);
  const title = make("h2", "", main);
  const element = makeElement("heading", title, count);
  return {
    element,
    main,
    fill(row, { several }) {
      setText(words, row.text);
      setText(count, row.count);
      main.setAttribute("aria-expanded", String(row.expanded));
      element.dataset.section = row.section;
      // Of what is in it a screen reader would take the count alone.
      element.setAttribute("aria-label", `${row.text}, ${row.count}`);
      // Where there are several accounts, it belongs to the head of one of them.
      title.setAttribute("aria-level", several ? "3" : "2");
    },
  };
}

/** The drawing of a rule of a contact's own, by how often people are told: each another shape. */
const BELLS = { always: "bell-always", never: "bell-off", once: "bell" };

/** A contact. The whole row opens their page; a button of its own writes to them. */
function makeContact() {
  const mark = make("span", "mark", drawing(shapeId("offline")));
  const face = make("span", "face", make("span", "initials"), mark);
  face.setAttribute("aria-hidden", "true");
  const name = make("span", "name", document.createElement("bdi"));
  const words = make("span", "words soft", document.createElement("bdi"));
  const bellWords = make("span", "unseen");
  // For the eye a drawing is enough, but for what is over as soon as it has happened.
  const bellOnce = make("span", "");
  bellOnce.setAttribute("aria-hidden", "true");
  const bell = make("span", "bell soft", drawing("bell"), bellWords, bellOnce);
  const main = rowButton("main", [name, words, bellWords]);
  main.setAttribute("aria-keyshortcuts", "f");
  const other = rowButton("round", ["label-write", name], drawing("bubble"));
  const element = makeElement("contact", main, face, make("span", "who", name, words), bell, other);
  return {
    element,
    main,
    other,
    fill(row) {
      setFace(face, row);
      setWords(name.firstChild, row.name);
      name.title = row.name;
      setWords(words.firstChild, row.words);
      words.title = row.words;
      bell.hidden = !row.bell;
      bell.title = row.bell?.words ?? "";
      setText(bellWords, row.bell?.words);
      setText(bellOnce, row.bell?.often === "once" ? text("page-often-once") : "");
      setDrawing(bell.firstChild, BELLS[row.bell?.often] ?? "bell");
      element.classList.toggle("offline", row.shape === "offline");
      element.classList.toggle("stale", row.stale);
      other.hidden = !row.canWhisper;
    },
  };
}
