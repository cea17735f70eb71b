// Small things that every part of the page does with elements. Text is only ever set as text.

export const byId = (id) => document.getElementById(id);

/** Sets the text if it differs: an unchanged text node keeps selections, and screen readers quiet. */
export function setText(element, value) {
  const words = value ?? "";
  if (element.textContent !== words) element.textContent = words;
}

/** Words of a text that are nodes of their own; the rest is one. */
const WORDS = 8;

/**
 * Sets the text if it differs, each word in a node of its own: for every node of several words that it has laid out, the
 * engine keeps where they can be broken (docs/decisions/0022-a-small-page.md). For texts that are hardly ever the same.
 */
export function setWords(element, value) {
  if (element.textContent === value) return;
  const words = value.match(/\S+\s*|\s+/gu) ?? [];
  const texts = [...words.slice(0, WORDS), words.slice(WORDS).join("")].filter((text) => text !== "");
  while (element.childNodes.length > texts.length) element.lastChild.remove();
  texts.forEach((text, i) => {
    const node = element.childNodes[i];
    if (!node) element.append(text);
    else if (node.data !== text) node.data = text;
  });
}

/** Sets the attribute if it differs. */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Shows the words, or hides the element if there are none. */
export function showText(element, value) {
  setText(element, value);
  element.hidden = !value;
}

/** Makes `<tag class="…">` with children. */
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** A drawing from the sheet at the top of the page. */
export function drawing(id) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "use"));
  setDrawing(svg, id);
  return svg;
}

/** Makes an existing `<svg><use></svg>` show another drawing. */
export function setDrawing(svg, id) {
  setAttribute(svg.firstElementChild, "href", `#${id}`);
}

const SHAPES = new Set(["online", "away", "busy", "offline", "cut"]);

/** The drawing of a state; one that is not known looks like nobody being there. */
export const shapeId = (shape) => `shape-${SHAPES.has(shape) ? shape : "offline"}`;

/** Puts initials, hue, shape and the picture, if there is one, on a face: `.face > .initials, .mark > svg`. */
export function setFace(face, { initials, hue, shape, picture }) {
  setText(face.querySelector(".initials"), initials);
  face.style.setProperty("--hue", String(Number(hue) || 0));
  setDrawing(face.querySelector("svg"), shapeId(shape));
  setPicture(face, picture ?? null);
}

/** The picture lies over the initials once it is here; they stay where it does not come. */
function setPicture(face, number) {
  let image = face.querySelector("img");
  if (number === null) return image?.remove();
  if (image?.dataset.picture === String(number)) return undefined;
  image?.remove();
  image = make("img", "");
  image.alt = "";
  image.hidden = true;
  image.dataset.picture = String(number);
  image.addEventListener("load", () => { image.hidden = false; });
  image.addEventListener("error", () => { image.hidden = true; });
  image.src = `picture://localhost/${number}`;
  return face.querySelector(".initials").after(image);
}

/** Sets the value of a field if it differs: setting even the same one would move the caret. */
export function setValue(field, value) {
  if (field.value !== value) field.value = value;
}

/** Makes the options of a `<select>` these, if they are not these already: an open one would close. */
export function setOptions(select, options) {
  const now = [...select.options].map((option) => `${option.value}\n${option.text}`).join("\n");
  if (now === options.map(({ value, text }) => `${value}\n${text}`).join("\n")) return;
  const { value } = select;
  select.replaceChildren(...options.map(({ value, text }) => new Option(text, value)));
  select.value = value;
}
