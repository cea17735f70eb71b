// The list of a roster of any length: only the rows in sight, and some around them, exist.
// Row i is at i * ROW; the app sends the rows of the range that was asked for.

import { makeRow } from "./rows.js";

/** The height of every row in pixels: the same number as --row in css/tokens.css. */
const ROW = 48;
/** The most rows that may be asked for at once. */
const MOST = 60;
/** Rows asked for beyond each end of what is in sight. */
const BEYOND = 16;
/** Rows that may be left beyond the end before more are asked for. */
const RESERVE = 5;

export class RosterList {
  /** The elements by the key of their row, and what they show. */
  #rows = new Map();
  /** The index of each row that is held, by its key. */
  #places = new Map();
  #from = 0;
  #total = 0;
  #asked = null;
  #framed = false;
  /** The row that the arrow keys are at: its key, and where it was last. */
  #current = { key: null, index: 0 };
  /** A row that the focus goes to as soon as it is here. */
  #awaited = null;

  /**
   * @param {HTMLElement} frame what scrolls
   * @param {HTMLElement} space what is as high as all rows together
   * @param {(range: {from: number, len: number}) => void} look asks for another range
   * @param {(row: object, button: HTMLElement) => void} act does what the button of a row is for
   * @param {() => boolean} held whether somebody is busy with a row though neither pointer nor focus is on the list
   */
  constructor(frame, space, { look, act, held }) {
    this.frame = frame;
    this.space = space;
    this.look = look;
    this.act = act;
    this.held = held;
    frame.addEventListener("click", ({ target }) => {
      if (target.closest("button")) this.#act(target);
    });
    frame.addEventListener("scroll", () => this.#soon());
    frame.addEventListener("keydown", (event) => this.#key(event));
    frame.addEventListener("focusin", (event) => this.#focused(event.target));
    frame.addEventListener("focusout", (event) => this.#left(event));
    new ResizeObserver(() => this.#soon()).observe(frame);
    // With nothing focused the arrow keys mean the list, as in any window with one list.
    document.addEventListener("keydown", (event) => {
      if (event.target === document.body && this.#isSeen()) this.#key(event);
    });
  }

  firstRange() {
    this.#asked = { from: 0, len: Math.min(MOST, Math.ceil(window.innerHeight / ROW) + BEYOND) };
    return this.#asked;
  }

  clear() {
    for (const { element } of this.#rows.values()) element.remove();
    this.#rows.clear();
    this.#places.clear();
    this.#current = { key: null, index: 0 };
    this.#awaited = null;
    this.#total = 0;
    this.#asked = null;
    this.frame.scrollTop = 0;
  }

  #isSeen() {
    return this.frame.clientHeight > 0 && getComputedStyle(this.frame).visibility === "visible";
  }

  /** @param {import("./core.js").Roster} roster */
  show({ rows, from, total, accounts }) {
    const shift = this.#shift(rows, from);
    const top = this.frame.scrollTop;
    const focused = this.#focusedKey();
    this.#from = from;
    this.#total = total;
    this.#places = new Map(rows.map((row, i) => [row.key, from + i]));
    this.space.style.setProperty("height", `${total * ROW}px`);
    this.space.classList.toggle("still", shift !== 0);

    const several = accounts.length > 1;
    const elements = rows.map((row, i) => this.#place(row, from + i, several));
    // The focus must not fall to nothing with a row that is gone: the list keeps it.
    if (focused !== null && !this.#places.has(focused)) this.frame.focus({ preventScroll: true });
    this.#drop();
    this.#order(elements);
    if (shift !== 0) {
      this.frame.scrollTop = top + shift * ROW;
      // The rows have to be where they are before they may move smoothly again.
      void this.space.offsetHeight;
      this.space.classList.remove("still");
    }
    this.#settleFocus();
    this.#ask();
  }

  /**
   * How many rows the list has to scroll by so that what is in sight stays where it is, when rows come or go
   * above it. Most of the rows in sight decide, so one contact that moves does not take the others along.
   * At the very top with nobody pointing or reading, new rows may push the others down.
   */
  #shift(rows, from) {
    const held = this.frame.matches(":hover, :focus-within") || this.held();
    if (this.#places.size === 0 || (this.frame.scrollTop <= 0 && !held)) return 0;
    const { first, end } = this.#sight();
    const moves = [];
    rows.forEach((row, i) => {
      const before = this.#places.get(row.key);
      if (before !== undefined && before >= first && before < end) moves.push(from + i - before);
    });
    moves.sort((a, b) => a - b);
    return moves[Math.floor(moves.length / 2)] ?? 0;
  }

  #place(row, index, several) {
    let entry = this.#rows.get(row.key);
    if (entry?.kind !== row.kind) {
      entry?.element.remove();
      entry = makeRow(row.kind);
      entry.element.dataset.key = row.key;
      this.#rows.set(row.key, entry);
    }
    const { element } = entry;
    const onButton = entry.button?.contains(document.activeElement);
    entry.row = row;
    entry.fill(row, { several });
    // The button that is not there any more leaves the focus to its row.
    if (onButton && entry.button.hidden) element.focus({ preventScroll: true });
    element.setAttribute("aria-posinset", String(index + 1));
    element.setAttribute("aria-setsize", String(this.#total));
    element.style.setProperty("transform", `translateY(${index * ROW}px)`);
    return element;
  }

  #drop() {
    for (const [key, { element }] of this.#rows) {
      if (this.#places.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
  }

  /** Puts the elements in the order of the rows. The one with the focus never moves, for it would lose it. */
  #order(elements) {
    const pivot = elements.findIndex((element) => element.contains(document.activeElement));
    let next = this.space.firstElementChild;
    elements.forEach((element, i) => {
      if (i === pivot) next = element.nextElementSibling;
      else if (element === next) next = next.nextElementSibling;
      else this.space.insertBefore(element, next);
    });
  }

  #sight() {
    const first = Math.max(0, Math.floor(this.frame.scrollTop / ROW));
    const end = Math.min(this.#total, Math.ceil((this.frame.scrollTop + this.frame.clientHeight) / ROW));
    return { first, end: Math.max(first, end) };
  }

  #soon() {
    if (this.#framed) return;
    this.#framed = true;
    requestAnimationFrame(() => {
      this.#framed = false;
      this.#ask();
    });
  }

  /** Asks for rows if those in sight, and a few more, are not all here. */
  #ask() {
    if (this.#total === 0 || this.frame.clientHeight === 0) return;
    const { first, end } = this.#sight();
    const heldEnd = this.#from + this.#places.size;
    const low = Math.max(0, first - RESERVE);
    const high = Math.min(this.#total, end + RESERVE);
    if (low >= this.#from && high <= heldEnd) return;
    // What has been asked for and is on its way is not asked for again at every step of the scrolling.
    const asked = this.#asked;
    if (asked && low >= asked.from && high <= asked.from + asked.len) return;
    const seen = Math.min(MOST, end - first);
    const len = Math.min(MOST, seen + 2 * BEYOND);
    const from = Math.max(0, first - Math.floor((len - seen) / 2));
    if (asked?.from === from && asked.len === len) return;
    this.#asked = { from, len };
    this.look(this.#asked);
  }

  #focusedKey() {
    const row = document.activeElement?.closest?.(".row");
    return row && this.space.contains(row) ? row.dataset.key : null;
  }

  #focused(target) {
    const key = target.closest(".row")?.dataset.key;
    if (key === undefined) return;
    this.#awaited = null;
    this.#setCurrent(key);
  }

  #left({ relatedTarget }) {
    // Only a person takes the focus elsewhere; then no row may fetch it back.
    if (relatedTarget && !this.frame.contains(relatedTarget)) this.#awaited = null;
  }

  #setCurrent(key) {
    this.#current = { key, index: this.#places.get(key) ?? this.#current.index };
    this.#stopAt(key);
  }

  /** Tab reaches one row, and the button in it; the arrows reach the others. */
  #stopAt(key) {
    for (const [other, { element, button }] of this.#rows) {
      element.tabIndex = other === key ? 0 : -1;
      if (button) button.tabIndex = element.tabIndex;
    }
  }

  #act(target) {
    const entry = this.#rows.get(target.closest(".row")?.dataset.key);
    if (!entry?.button || entry.button.hidden) return false;
    this.act(entry.row, entry.button);
    return true;
  }

  /** After the rows have changed: one of them can be reached with Tab, and the focus is where it was. */
  #settleFocus() {
    const inList = document.activeElement === this.frame;
    if (inList && this.#awaited !== null) {
      const entry = this.#at(this.#awaited);
      if (entry) return this.#focus(entry);
    }
    if (this.#places.has(this.#current.key)) {
      this.#setCurrent(this.#current.key);
      // The row that had the focus when it scrolled away is back.
      if (inList && this.#awaited === null) this.#rows.get(this.#current.key).element.focus({ preventScroll: true });
      return;
    }
    const { first } = this.#sight();
    const stop = this.#keyAt(first) ?? this.#places.keys().next().value;
    this.#stopAt(stop);
  }

  #keyAt(index) {
    for (const [key, place] of this.#places) if (place === index) return key;
    return undefined;
  }

  #at(index) {
    return this.#rows.get(this.#keyAt(index))?.element;
  }

  #focus(element) {
    this.#awaited = null;
    element.focus({ preventScroll: true });
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || this.#total === 0) return;
    if (event.key === "Enter" && event.target.matches(".row")) {
      if (this.#act(event.target)) event.preventDefault();
      return;
    }
    const to = this.#target(event.key);
    if (to === null) return;
    event.preventDefault();
    this.#goTo(Math.min(this.#total - 1, Math.max(0, to)));
  }

  #target(key) {
    const { first, end } = this.#sight();
    const page = Math.max(1, Math.floor(this.frame.clientHeight / ROW) - 1);
    const focused = this.#focusedKey();
    // Without a row to start from, the first arrow reaches what is in sight.
    const start = focused !== null ? this.#places.get(focused) : this.#awaited;
    switch (key) {
      case "ArrowDown": return start === null ? first : start + 1;
      case "ArrowUp": return start === null ? end - 1 : start - 1;
      case "PageDown": return (start ?? first) + page;
      case "PageUp": return (start ?? first) - page;
      case "Home": return 0;
      case "End": return this.#total - 1;
      default: return null;
    }
  }

  #goTo(index) {
    const top = index * ROW;
    const height = this.frame.clientHeight;
    if (top < this.frame.scrollTop) this.frame.scrollTop = top;
    else if (top + ROW > this.frame.scrollTop + height) this.frame.scrollTop = top + ROW - height;
    const element = this.#at(index);
    if (element) {
      this.#focus(element);
    } else {
      this.#current = { key: null, index };
      this.frame.focus({ preventScroll: true });
      this.#awaited = index;
    }
    this.#ask();
  }
}
