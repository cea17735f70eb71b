// The fixed words of the page, in the language of the app.

import { command } from "./core.js";

let texts = {};
let spoken = "";

/** The text with this id, or nothing if there is none. */
export const text = (id) => texts[id] ?? "";

/** The language that the words on the page are in. */
export const language = () => spoken;

/** Fetches the words and puts them wherever the markup asks for them. */
export async function fillTexts() {
  const answer = await command("texts");
  if (!answer) return;
  texts = answer.texts;
  spoken = answer.lang;
  document.documentElement.lang = spoken;
  if (text("page-title")) document.title = text("page-title");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  for (const element of document.querySelectorAll("[data-text-placeholder]")) {
    element.placeholder = text(element.dataset.textPlaceholder);
  }
  for (const element of document.querySelectorAll("[data-text-label]")) {
    element.setAttribute("aria-label", text(element.dataset.textLabel));
  }
}
