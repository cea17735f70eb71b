// Which rows are to stay where they are: the one under the pointer, and the one with the focus.

/** The app is told of other ones at most this often, milliseconds. */
const PAUSE = 100;

export class Pins {
  /** Where the pointer is, pixels from the top of the window; `null` while it is not on the list. */
  pointer = null;
  #told = "[]";
  #toldAt = 0;
  #timer = null;

  /**
   * @param {HTMLElement} frame what scrolls
   * @param {() => string[]} keys of the rows to stay
   * @param {() => void} tell tells the app
   * @param {() => void} left is called when nobody points at the list any more
   */
  constructor(frame, { keys, tell, left }) {
    this.keys = keys;
    this.tell = tell;
    const follow = (event) => {
      if (event.pointerType === "touch") return;
      this.pointer = event.clientY;
      this.changed();
    };
    frame.addEventListener("pointerenter", follow);
    frame.addEventListener("pointermove", follow);
    frame.addEventListener("pointerleave", () => {
      this.pointer = null;
      left();
      this.changed();
    });
    for (const moved of ["focusin", "focusout"]) frame.addEventListener(moved, () => this.changed());
    for (const moved of ["focus", "blur"]) window.addEventListener(moved, () => this.changed());
  }

  /** What the app is told now, whatever for. */
  take() {
    const keys = this.keys();
    this.#told = JSON.stringify(keys);
    this.#toldAt = performance.now();
    return keys;
  }

  /** They may have become others: tells the app, if so. */
  changed() {
    if (this.#timer !== null) return;
    const wait = Math.max(0, this.#toldAt + PAUSE - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (JSON.stringify(this.keys()) !== this.#told) this.tell();
    }, wait);
  }
}
