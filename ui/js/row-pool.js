// The elements of the rows that are shown. Those of rows that are gone are used again for rows that come.

import { setAttribute } from "./dom.js";
import { makeRow } from "./rows.js";

/** The height of every row in pixels: the same number as --row in css/tokens.css. */
export const ROW = 48;
/**
 * Rows glide to a new place only if nothing has moved for so long, milliseconds: else the list would swim, and each row
 * that glides is a picture of its own to the engine, which keeps much of the memory that these take.
 */
const CALM = 1000;
/** So long after a change, in milliseconds, what only screen readers see is right again: not in each step of the scrolling. */
const SETTLED_WITHIN = 150;

const still = matchMedia("(prefers-reduced-motion: reduce)");

export class RowPool {
  /** By the key of their row. */
  #shown = new Map();
  /** Those that wait to be used again, by their kind. */
  #spare = { account: [], heading: [], contact: [] };
  #moved = 0;
  /** The elements that were taken for another row, and are not in its place among the others yet. */
  #loose = new Set();
  /** How many rows there are, shown or not. */
  #total = 0;
  /** Ends when what only screen readers see is put right. */
  #rest = null;

  /** @param {HTMLElement} parent what the rows lie in */
  constructor(parent) {
    this.parent = parent;
  }

  get(key) {
    return this.#shown.get(key);
  }

  entries() {
    return this.#shown.values();
  }

  clear() {
    for (const entry of this.#shown.values()) {
      this.#release(entry);
      entry.element.remove();
    }
  }

  /**
   * Shows these rows, the first of which is at `from`, and no others. `slid` is by how many pixels the list has scrolled
   * at the same time; rows that have moved besides glide to their places, where that is to be seen: in `sight`, pixels
   * from the first row's top, if there was something before.
   */
  show(rows, { from, total, several, slid, sight }) {
    const kinds = new Map(rows.map(({ key, kind }) => [key, kind]));
    const gone = [...this.#shown.values()].filter(({ kind, row }) => kinds.get(row.key) !== kind);
    for (const entry of gone) this.#release(entry);
    const calm = !still.matches && performance.now() - this.#moved > CALM;
    rows.forEach((row, i) => {
      const entry = this.#take(row);
      fill(entry, row, several);
      this.#move(entry, from + i, slid, calm ? sight : null);
    });
    for (const spare of Object.values(this.#spare)) for (const { element } of spare) element.remove();
    this.#total = total;
    this.#rest ??= setTimeout(() => this.#settle(), SETTLED_WITHIN);
  }

  #take(row) {
    const shown = this.#shown.get(row.key);
    if (shown) return shown;
    const entry = this.#spare[row.kind].pop() ?? makeRow(row.kind);
    entry.element.dataset.key = row.key;
    entry.index = -1;
    this.#shown.set(row.key, entry);
    this.#loose.add(entry.element);
    if (!entry.element.isConnected) this.parent.append(entry.element);
    return entry;
  }

  #release(entry) {
    this.#shown.delete(entry.row.key);
    this.#spare[entry.kind].push(entry);
  }

  #move(entry, index, slid, sight) {
    if (entry.index === index) return;
    const { element } = entry;
    const by = entry.index < 0 ? 0 : (index - entry.index) * ROW - slid;
    entry.index = index;
    const top = index * ROW;
    element.setAttribute("aria-posinset", String(index + 1));
    element.style.setProperty("transform", at(top));
    if (by === 0) return;
    this.#moved = performance.now();
    const before = top - by;
    const isSeen = sight && Math.max(before, top) + ROW > sight.top && Math.min(before, top) < sight.bottom;
    if (!isSeen) return;
    const places = [at(before), at(top)];
    element.animate(places.map((transform) => ({ transform })), { duration: 150, easing: "ease-out" });
  }

  /** Puts right what only screen readers see. */
  #settle() {
    this.#rest = null;
    for (const { element } of this.#shown.values()) setAttribute(element, "aria-setsize", String(this.#total));
    this.#order();
  }

  /**
   * Puts the elements in the order of the rows; as few as may be, for each costs as much as to paint it. The one with
   * the focus never moves, for it would lose it.
   */
  #order() {
    const elements = [...this.#shown.values()].sort((a, b) => a.index - b.index).map(({ element }) => element);
    const pivot = elements.find((element) => element.contains(document.activeElement));
    this.#loose.delete(pivot);
    const settled = (element) => {
      let next = element;
      while (this.#loose.has(next)) next = next.nextElementSibling;
      return next;
    };
    let next = settled(this.parent.firstElementChild);
    let before = null;
    for (const element of elements) {
      this.#loose.delete(element);
      const isThere = element === next || element === pivot || element.previousElementSibling === before;
      if (isThere) next = settled(element.nextElementSibling);
      else this.parent.insertBefore(element, next);
      before = element;
    }
    this.#loose.clear();
  }
}

const at = (y) => `translateY(${y}px)`;

function fill(entry, row, several) {
  if (entry.row === row && entry.several === several) return;
  const onOther = entry.other?.contains(document.activeElement);
  entry.row = row;
  entry.several = several;
  entry.fill(row, { several });
  // The button that is not there any more leaves the focus to its row.
  if (onOther && entry.other.hidden) entry.main.focus({ preventScroll: true });
}
