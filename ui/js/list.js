// The list of a roster of any length: only the rows in sight, and some around them, exist, and their elements are used
// again and again. Row i is at i * ROW; the app sends the rows of the range that was asked for.

import { ListKeys } from "./list-keys.js";
import { Pins } from "./pins.js";
import { ROW, RowPool } from "./row-pool.js";

/** The most rows that may be asked for at once. */
const MOST = 60;
/** Rows asked for beyond each end of what is in sight. */
const BEYOND = 16;
/** Fewer rows left beyond an end, and more are asked for: a few at a time, for many at once would take longer than a frame. */
const RESERVE = 13;
export class RosterList {
  /** The rows that are shown. */
  #rows;
  /** The index of each row that is held, by its key. */
  #places = new Map();
  #from = 0;
  #total = 0;
  #asked = null;
  #framed = false;
  /** The frame's height, and how far it is from the top of the window. */
  #height = 0;
  #frameTop = 0;
  /** Where the frame is scrolled to. To ask the frame would make it lay out its rows on the spot. */
  #top = 0;
  /** Empty space above the rows, which keeps a row in its place where the list cannot scroll that far. */
  #lead = 0;
  /** Where the list was when its screen was left. */
  #left = null;

  /**
   * @param {HTMLElement} frame what scrolls
   * @param {{space: HTMLElement, rows: HTMLElement}} inside what is as high as all rows together, and in it what they lie in
   * @param {(range: {from: number, len: number, pins: string[]}) => void} look asks for another range
   * @param {(entry: object, what: "main" | "other" | "favourite") => void} act does what was asked of a row
   * @param {() => string | null} held the row that somebody is busy with though neither pointer nor focus is on it
   */
  constructor(frame, { space, rows }, { look, act, held }) {
    this.frame = frame;
    this.space = space;
    this.look = look;
    this.act = act;
    this.held = held;
    this.#rows = new RowPool(rows);
    this.keys = new ListKeys(this);
    this.pins = new Pins(frame, {
      keys: () => this.#pinned(),
      tell: () => this.#tell(),
      left: () => this.#letGo(),
    });
    frame.addEventListener("click", ({ target }) => {
      const entry = this.#rows.get(target.closest(".row")?.dataset.key);
      if (entry) act(entry, target.closest("button") === entry.other && entry.other ? "other" : "main");
    });
    frame.addEventListener("scroll", () => this.#scrolled());
    frame.addEventListener("focusout", () => queueMicrotask(() => this.#letGo()));
    new ResizeObserver(() => this.#resized()).observe(frame);
  }

  get total() {
    return this.#total;
  }

  firstRange() {
    this.#asked = { from: 0, len: Math.min(MOST, Math.ceil(window.innerHeight / ROW) + BEYOND) };
    return this.#asked;
  }

  clear() {
    this.#rows.clear();
    this.#places.clear();
    this.keys.forget();
    this.#total = 0;
    this.#asked = null;
    this.#left = null;
    this.#lead = 0;
    this.#top = 0;
    this.frame.scrollTop = 0;
  }

  /** Another screen is shown for a while. */
  leave() {
    this.#left ??= this.#offset();
    // It forgets while it is not shown.
    this.#top = NaN;
    this.pins.pointer = null;
  }

  /** Shows the rows; `anew` from the top, for they are others than those before. */
  show({ rows, from, total, accounts }, { anew }) {
    // What was asked of the list of before says nothing of this one.
    if (anew) this.#asked = { from, len: rows.length };
    const before = this.#enter();
    const { shift, held } = anew ? { shift: 0, held: false } : this.#shift(rows, from);
    const offset = anew ? 0 : before + shift * ROW;
    const focused = this.keys.focused();
    this.#from = from;
    this.#total = total;
    this.#places = new Map(rows.map((row, i) => [row.key, from + i]));
    // The focus must not fall to nothing with a row that is gone: the list keeps it.
    if (focused !== null && !this.#places.has(focused)) this.frame.focus({ preventScroll: true });
    const top = this.#fit(offset, { mayBeLoose: held });
    const sight = anew ? null : { top, bottom: top + this.#height };
    this.#rows.show(rows, { from, total, several: accounts.length > 1, slid: top - before, sight });
    this.keys.settle();
    this.#ask();
    this.pins.changed();
  }

  /** How far the list is scrolled, in pixels of rows; less than nothing where there is space above them. */
  #offset() {
    return this.#top - this.#lead;
  }

  /** The offset, also where the list has just come back. */
  #enter() {
    if (this.#height === 0 || this.#left !== null) this.#measure();
    const left = this.#left;
    this.#left = null;
    return left ?? this.#offset();
  }

  /**
   * Scrolls to this offset, and gives the one that it came to. What the list cannot scroll by is made up for with empty
   * space while somebody is at a row, so that it stays where it is.
   */
  #fit(offset, { mayBeLoose }) {
    const end = Math.max(0, this.#total * ROW - this.#height);
    const to = mayBeLoose ? offset : Math.min(end, Math.max(0, offset));
    this.#lead = Math.max(0, -to);
    setStyle(this.space, "height", `${this.#total * ROW}px`);
    setStyle(this.space, "margin-top", `${this.#lead}px`);
    setStyle(this.space, "padding-bottom", `${to > end ? to + this.#height - this.#total * ROW : 0}px`);
    const top = Math.max(0, to);
    if (this.#top !== top) this.frame.scrollTop = top;
    this.#top = top;
    return to;
  }

  /** Nobody is at a row any more: the empty space goes. */
  #letGo() {
    if (this.#total === 0 || this.#height === 0 || this.#isHeld()) return;
    const offset = this.#offset();
    const end = Math.max(0, this.#total * ROW - this.#height);
    if (offset < 0 || offset > end) this.#fit(offset, { mayBeLoose: false });
  }

  /** What is above the list may have grown: the row under the pointer stays where it is. */
  #resized() {
    const before = this.#frameTop;
    this.#measure();
    if (this.#left !== null || this.#height === 0) return;
    const grown = this.#frameTop - before;
    if (grown !== 0 && this.#total > 0 && this.#hovered(before) !== null) {
      this.#fit(this.#offset() + grown, { mayBeLoose: true });
    } else {
      this.#letGo();
    }
    this.#soon();
  }

  #measure() {
    this.#height = this.frame.clientHeight;
    this.#frameTop = this.frame.getBoundingClientRect().top;
  }

  /** The row under the pointer. */
  #hovered(frameTop = this.#frameTop) {
    if (this.pins.pointer === null) return null;
    return this.keyAt(Math.floor((this.pins.pointer - frameTop + this.#offset()) / ROW));
  }

  #isHeld() {
    return this.#hovered() !== null || this.#focusedInSight() !== null || this.held() !== null;
  }

  #focusedInSight() {
    const focused = this.keys.focused();
    const { first, end } = this.sight();
    const place = this.#places.get(focused);
    return place >= first - 1 && place < end ? focused : null;
  }

  #pinned() {
    const focused = document.hasFocus() ? this.keys.focused() : null;
    return [...new Set([this.#hovered(), focused ?? this.held()])].filter((key) => key !== null);
  }

  /**
   * How many rows the list has to scroll by so that what somebody is at stays where it is, when rows come or go above
   * it: the row under the pointer, else that with the focus, else most of those in sight, so one contact that moves does
   * not take the others along. At the very top with nobody there, new rows may push the others down. Also tells whether
   * somebody is at that row.
   */
  #shift(rows, from) {
    if (this.#places.size === 0) return { shift: 0, held: false };
    const after = new Map(rows.map((row, i) => [row.key, from + i]));
    for (const key of [this.#hovered(), this.held(), this.#focusedInSight()]) {
      if (key === null || !after.has(key) || !this.#places.has(key)) continue;
      return { shift: after.get(key) - this.#places.get(key), held: true };
    }
    if (this.#offset() <= 0) return { shift: 0, held: false };
    const { first, end } = this.sight();
    const moves = [];
    for (const [key, place] of after) {
      const before = this.#places.get(key);
      if (before !== undefined && before >= first && before < end) moves.push(place - before);
    }
    moves.sort((a, b) => a - b);
    return { shift: moves[Math.floor(moves.length / 2)] ?? 0, held: false };
  }

  /** The rows in sight: the index of the first, and of the first that is not. */
  sight() {
    const offset = this.#offset();
    const first = Math.max(0, Math.floor(offset / ROW));
    const end = Math.min(this.#total, Math.ceil((offset + this.#height) / ROW));
    return { first, end: Math.max(first, end) };
  }

  /** How many rows fit in the frame. */
  get page() {
    return Math.max(1, Math.floor(this.#height / ROW) - 1);
  }

  entry(key) {
    return this.#rows.get(key);
  }

  entries() {
    return this.#rows.entries();
  }

  place(key) {
    return this.#places.get(key);
  }

  keyAt(index) {
    for (const [key, place] of this.#places) if (place === index) return key;
    return null;
  }

  /** Brings a row into sight. */
  reveal(index) {
    const offset = this.#offset();
    const top = index * ROW;
    if (top < offset) this.#fit(top, { mayBeLoose: false });
    else if (top + ROW > offset + this.#height) this.#fit(top + ROW - this.#height, { mayBeLoose: false });
    this.#soon();
  }

  #scrolled() {
    if (this.#left !== null) return;
    this.#top = this.frame.scrollTop;
    this.#soon();
  }

  #soon() {
    if (this.#framed) return;
    this.#framed = true;
    requestAnimationFrame(() => {
      this.#framed = false;
      this.#ask();
      this.pins.changed();
    });
  }

  /** Asks for rows if those in sight, and a few more, are not all here. */
  #ask() {
    if (this.#total === 0 || this.#height === 0 || this.#left !== null) return;
    const { first, end } = this.sight();
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
    this.#tell();
  }

  #tell() {
    if (this.#asked) this.look({ ...this.#asked, pins: this.pins.take() });
  }
}

function setStyle(element, name, value) {
  if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
}
