// The list of those who are online.

import { byId, language, say, setText } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const STATES = new Set(["online", "away", "dnd"]);
const byName = new Intl.Collator(language);

/** The rows on the page, by the id of their person. */
const rows = new Map();

/** The person of a row, as shown. Not everything need be there, and nothing need be what it should. */
export function personOf(row) {
  const field = (name) => (typeof row?.[name] === "string" ? row[name].trim() : "");
  const name = `${field("firstName")} ${field("lastName")}`.trim() || say("web-unnamed");
  const state = STATES.has(field("a")) ? field("a") : "online";
  return { id: field("_id") || field("id") || field("email") || name, name, state, status: field("t") };
}

/** What a person's shape says, in words, and what they say themselves. */
export const wordsOf = ({ state, status }) => (status ? `${say(`web-${state}`)} · ${status}` : say(`web-${state}`));

/** Shows exactly these people, by name, and gives those who were not there before. */
export function showPeople(people) {
  const wanted = [...people].sort((one, other) => byName.compare(one.name, other.name) || (one.id < other.id ? -1 : 1));
  const ids = new Set(wanted.map(({ id }) => id));
  const first = rows.size === 0;
  for (const [id, row] of rows) {
    if (ids.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  const came = [];
  let next = byId("people").firstElementChild;
  for (const person of wanted) {
    let row = rows.get(person.id);
    if (!row) {
      row = makeRow();
      row.classList.toggle("new", !first);
      rows.set(person.id, row);
      came.push(person);
    }
    fill(row, person);
    // Only what is not in its place is moved.
    if (row === next) next = next.nextElementSibling;
    else byId("people").insertBefore(row, next);
  }
  return came;
}

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

function makeRow() {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.append(document.createElementNS(SVG, "use"));
  const face = make("span", "face", make("span", "initials"), make("span", "mark", drawing));
  face.setAttribute("aria-hidden", "true");
  const name = make("span", "name", document.createElement("bdi"));
  const words = make("span", "words soft", document.createElement("bdi"));
  return make("li", "person", face, make("span", "who", name, words));
}

function fill(row, person) {
  setFace(row.firstElementChild, person, person.state);
  const [name, words] = row.querySelectorAll("bdi");
  setText(name, person.name);
  setText(words, wordsOf(person));
  // What may be cut off on the screen.
  name.parentElement.title = person.name;
  words.parentElement.title = person.status;
}

/** Puts initials, hue and shape on a face: `.face > .initials, .mark > svg > use`. */
export function setFace(face, { id, name }, shape) {
  setText(face.querySelector(".initials"), initials(name));
  face.style.setProperty("--hue", String(hue(id)));
  const use = face.querySelector("use");
  if (use.getAttribute("href") !== `#shape-${shape}`) use.setAttribute("href", `#shape-${shape}`);
}

/** Up to two letters that stand for a name. */
function initials(name) {
  const letters = name.split(/\s+/).map((word) => word.match(/[\p{L}\p{N}]/u)?.[0]).filter(Boolean);
  const [first, last] = [letters[0] ?? "?", letters.length > 1 ? letters.at(-1) : ""];
  return (first + last).toLocaleUpperCase(language);
}

/** A hue that stays the same for the same person (FNV-1a). */
function hue(id) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(id)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % 360;
}
