// The page's copy of what the app shows: put together from frames, which carry only what has become different.
//
// A difference is JSON, `{revision, set, gone}`, cut into frames: `+` stands before a part that is followed by another
// one, `.` before the last. It changes units, by their path: `lang`, `roster.me`, and `roster.rows#c1` for the row of
// the list `roster.rows` whose key is `c1`; the list itself is then a unit that holds the keys in order.

export class Copy {
  #text = "";
  #units = new Map();
  #view = {};

  /**
   * Takes a frame. Gives the view once a difference is whole, else `null`. Whatever has not changed in it is the same
   * object as before: rows, and whole parts like `roster`.
   * @returns {import("./view.js").View | null}
   */
  take(frame) {
    this.#text += frame.slice(1);
    if (frame[0] !== ".") return null;
    const { set, gone } = JSON.parse(this.#text);
    this.#text = "";
    const changed = new Set();
    for (const path of gone) {
      this.#units.delete(path);
      changed.add(partOf(path));
    }
    for (const [path, value] of set) {
      this.#units.set(path, value);
      changed.add(partOf(path));
    }
    this.#view = { ...this.#view, ...this.#build(changed) };
    for (const part of changed) if (!this.#units.has(part)) delete this.#view[part];
    return this.#view;
  }

  /** Builds these parts of the view anew, from their units. */
  #build(parts) {
    const built = {};
    for (const part of parts) {
      if (this.#units.has(part)) built[part] = this.#value(part);
    }
    for (const path of this.#units.keys()) {
      const part = partOf(path);
      if (path === part || path.includes(KEYED) || !(part in built)) continue;
      // The first field takes the place of the empty object that says there is one.
      if (built[part] === this.#units.get(part)) built[part] = {};
      built[part][path.slice(part.length + 1)] = this.#value(path);
    }
    return built;
  }

  #value(path) {
    const value = this.#units.get(path);
    if (!Array.isArray(value) || value.length === 0) return value;
    // A list of keys, or one of plain words?
    const row = (key) => `${path}${KEYED}${key}`;
    if (!value.every((key) => typeof key === "string" && this.#units.has(row(key)))) return value;
    return value.map((key) => this.#units.get(row(key)));
  }
}

const KEYED = "#";

/** The part of the view that a unit belongs to. A key may hold a dot; the name of a field does not. */
function partOf(path) {
  const end = path.search(/[.#]/);
  return end < 0 ? path : path.slice(0, end);
}
