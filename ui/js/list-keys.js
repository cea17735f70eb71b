// The keys of the list: arrows, pages, Home and End go from row to row; Tab reaches one row, and the button in it.

export class ListKeys {
  /** The row that the arrow keys are at: its key, and where it was last. */
  #current = { key: null, index: 0 };
  /** The index of a row that the focus goes to as soon as it is here. */
  #awaited = null;

  /** @param {import("./list.js").RosterList} list */
  constructor(list) {
    this.list = list;
    list.frame.addEventListener("keydown", (event) => this.#key(event));
    list.frame.addEventListener("focusin", ({ target }) => this.#focused(target));
    list.frame.addEventListener("focusout", ({ relatedTarget }) => {
      // Only a person takes the focus elsewhere; then no row may fetch it back.
      if (relatedTarget && !list.frame.contains(relatedTarget)) this.#awaited = null;
    });
    // With nothing focused the arrow keys mean the list, as in any window with one list.
    document.addEventListener("keydown", (event) => {
      if (event.target === document.body && this.#isSeen()) this.#key(event);
    });
  }

  forget() {
    this.#current = { key: null, index: 0 };
    this.#awaited = null;
  }

  /** The key of the row that has the focus. */
  focused() {
    const row = document.activeElement?.closest?.(".row");
    return row && this.list.space.contains(row) ? row.dataset.key : null;
  }

  /** Puts the focus on a row that is shown; tells whether it is. */
  focus(key) {
    const entry = this.list.entry(key);
    if (!entry) return false;
    this.#awaited = null;
    entry.main.focus({ preventScroll: true });
    return true;
  }

  /** Puts the focus on the first row in the list for which this is true. */
  focusFirst(wanted) {
    const found = [...this.list.entries()].filter(({ row }) => wanted(row)).sort((a, b) => a.index - b.index)[0];
    return found ? this.focus(found.row.key) : false;
  }

  /** After the rows have changed: one of them can be reached with Tab, and the focus is where it was. */
  settle() {
    const inList = document.activeElement === this.list.frame;
    if (inList && this.#awaited !== null && this.focus(this.list.keyAt(this.#awaited))) return;
    const { key } = this.#current;
    if (this.list.place(key) !== undefined) {
      this.#setCurrent(key);
      // The row that had the focus when it scrolled away is back.
      if (inList && this.#awaited === null) this.focus(key);
      return;
    }
    const { first } = this.list.sight();
    this.#stopAt(this.list.keyAt(first) ?? this.list.entries().next().value?.row.key ?? null);
  }

  #isSeen() {
    const { frame } = this.list;
    return frame.clientHeight > 0 && getComputedStyle(frame).visibility === "visible";
  }

  #focused(target) {
    const key = target.closest(".row")?.dataset.key;
    if (key === undefined) return;
    this.#awaited = null;
    this.#setCurrent(key);
  }

  #setCurrent(key) {
    this.#current = { key, index: this.list.place(key) ?? this.#current.index };
    this.#stopAt(key);
  }

  #stopAt(key) {
    // An element that has come from another row may still have its tab stop.
    for (const { row, main, other } of this.list.entries()) {
      const tabIndex = row.key === key ? 0 : -1;
      if (main.tabIndex !== tabIndex) main.tabIndex = tabIndex;
      if (other && other.tabIndex !== tabIndex) other.tabIndex = tabIndex;
    }
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || this.list.total === 0) return;
    const entry = this.list.entry(this.focused());
    if (entry && this.#act(entry, event.key)) return event.preventDefault();
    const to = this.#target(event.key);
    if (to === null) return undefined;
    event.preventDefault();
    return this.#goTo(Math.min(this.list.total - 1, Math.max(0, to)));
  }

  #act(entry, key) {
    const { row } = entry;
    if (row.kind === "contact" && key === "f") this.list.act(entry, "favourite");
    else if (row.kind === "heading" && key === (row.expanded ? "ArrowLeft" : "ArrowRight")) this.list.act(entry, "main");
    else return false;
    return true;
  }

  #target(key) {
    const { first, end } = this.list.sight();
    // Without a row to start from, the first arrow reaches what is in sight.
    const start = this.list.place(this.focused()) ?? this.#awaited;
    switch (key) {
      case "ArrowDown": return start === null ? first : start + 1;
      case "ArrowUp": return start === null ? end - 1 : start - 1;
      case "PageDown": return (start ?? first) + this.list.page;
      case "PageUp": return (start ?? first) - this.list.page;
      case "Home": return 0;
      case "End": return this.list.total - 1;
      default: return null;
    }
  }

  #goTo(index) {
    this.list.reveal(index);
    if (this.focus(this.list.keyAt(index))) return;
    this.#current = { key: null, index };
    this.list.frame.focus({ preventScroll: true });
    this.#awaited = index;
  }
}
