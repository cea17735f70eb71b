// The rows of the list: how each kind is made, and how it is filled.

import { drawing, make, setDrawing, setFace, setText, shapeId } from "./dom.js";

let made = 0;

const KINDS = { account: makeAccount, heading: makeHeading, contact: makeContact };

/** Makes an empty row of this kind: its element, what fills it, and the button in it if it has one. */
export const makeRow = (kind) => ({ kind, row: null, button: null, ...KINDS[kind]() });

function named(element, ...parts) {
  const number = ++made;
  parts.forEach((part, i) => { part.id = `row-${number}-${i}`; });
  element.setAttribute("aria-labelledby", parts.map((part) => part.id).join(" "));
  element.setAttribute("role", "listitem");
  element.tabIndex = -1;
}

/** The button of a row, named by what it does and whose row it is. The words are the page's, hidden in the markup. */
function rowButton(picture, words, name) {
  const button = make("button", "round", drawing(picture));
  button.type = "button";
  button.tabIndex = -1;
  button.setAttribute("aria-labelledby", `${words} ${name.id}`);
  return button;
}

/** The head of a server's group: our shape there, the server, and what is so there. */
function makeAccount() {
  const shape = drawing(shapeId("offline"));
  const name = make("h2", "name", document.createElement("bdi"));
  const words = make("span", "words soft", document.createElement("bdi"));
  const element = make("div", "row account", make("span", "own", shape), make("span", "who", name, words));
  named(element, name, words);
  const button = rowButton("more", "label-account", name);
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", "account-pop");
  element.append(button);
  return {
    element,
    button,
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

function makeHeading() {
  const words = document.createElement("bdi");
  const title = make("h2", "", words);
  const count = make("span", "count");
  const element = make("div", "row heading", title, count);
  named(element, title, count);
  return {
    element,
    fill(row, { several }) {
      setText(words, row.text);
      setText(count, row.count);
      // Where there are several accounts, it belongs to the head of one of them.
      title.setAttribute("aria-level", several ? "3" : "2");
    },
  };
}

function makeContact() {
  const mark = make("span", "mark", drawing(shapeId("offline")));
  const face = make("span", "face", make("span", "initials"), mark);
  face.setAttribute("aria-hidden", "true");
  const name = make("span", "name", document.createElement("bdi"));
  const words = make("span", "words soft", document.createElement("bdi"));
  const element = make("div", "row contact", face, make("span", "who", name, words));
  named(element, name, words);
  const button = rowButton("bubble", "label-write", name);
  element.append(button);
  return {
    element,
    button,
    fill(row) {
      setFace(face, row);
      setText(name.firstChild, row.name);
      name.title = row.name;
      setText(words.firstChild, row.words);
      words.title = row.words;
      element.classList.toggle("offline", row.shape === "offline");
      element.classList.toggle("stale", row.stale);
      button.hidden = !row.canWhisper;
    },
  };
}
