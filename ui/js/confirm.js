// Asks once more, in the place of the button that was pressed, before something that cannot be taken back.

import { make } from "./dom.js";

/**
 * Puts a question and its answers in the place of `element` until one is chosen, or Escape is pressed; then `element`
 * is back, with the focus. The last answer changes nothing and has the focus at first.
 * @param {HTMLElement} element
 * @param {string} question
 * @param {{id: string, text: string, danger?: boolean, act?: () => void}[]} answers
 */
export function askAgain(element, question, answers) {
  const words = make("p", "", question);
  words.id = `${element.id}-question`;
  const buttons = answers.map(({ id, text, danger, act }) => {
    const button = make("button", danger ? "pill danger" : "pill", text);
    button.type = "button";
    button.id = id;
    button.addEventListener("click", () => done(act));
    return button;
  });
  const box = make("div", "question", words, make("div", "buttons", ...buttons));
  box.setAttribute("role", "group");
  box.setAttribute("aria-labelledby", words.id);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    done();
  });

  function done(act) {
    box.remove();
    element.hidden = false;
    (element.matches("button, input") ? element : element.querySelector("input, button"))?.focus();
    act?.();
  }

  element.hidden = true;
  element.after(box);
  buttons.at(-1).focus();
}

/** Takes away questions that nobody has answered below `root`. */
export function dropQuestions(root) {
  for (const box of root.querySelectorAll(".question")) {
    box.previousElementSibling.hidden = false;
    box.remove();
  }
}
