// While somebody presses something with the pointer, nothing moves: a click counts only if it ends where it began.

/** What is pressed and let go at the same place. */
const PRESSED = "button, summary, label, input, a";
/** A list of options opens with the press, and tells of no end. */
const OPENS = "select";
/** The end of a press may never be told, milliseconds. */
const LONGEST = 2000;

let pressed = false;
let waiting = null;
let timer = 0;

export function startPresses() {
  document.addEventListener("pointerdown", ({ target }) => {
    if (!(target instanceof Element) || target.closest(OPENS) || !target.closest(PRESSED)) return;
    pressed = true;
    clearTimeout(timer);
    timer = setTimeout(end, LONGEST);
  }, true);
  for (const type of ["pointerup", "pointercancel"]) {
    // The click comes after it, and before anything else.
    document.addEventListener(type, () => {
      clearTimeout(timer);
      timer = setTimeout(end);
    }, true);
  }
}

/** Does it now, or, while something is pressed, when that is let go. What was to be done then before is left. */
export function whenLetGo(act) {
  if (pressed) waiting = act;
  else act();
}

function end() {
  clearTimeout(timer);
  pressed = false;
  const act = waiting;
  waiting = null;
  act?.();
}
