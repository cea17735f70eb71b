// The list by changes, where the server offers that: it tells more than whole lists do (how people can be reached, and
// what they say of themselves), and costs less. A gap is mended by asking for what is missing.

import { request } from "./requests.js";

/** What the page offers when it connects. */
export const OFFER = { v: 1, caps: ["delta"] };
/** Pause before a snapshot that could not be had is asked for again, in milliseconds. */
const PAUSE = 3_000;

/** Follows the list over this socket, and hands over all rows whenever they have changed. */
export function followRoll(socket, token, list) {
  let rows = new Map();
  /** Which run of the server the rows are of, and where in it they stand; nothing before the first snapshot. */
  let at = null;
  /** Where the snapshot is. */
  let place = "";
  /** Changes that came while what is before them is on its way. */
  let early = [];
  let asking = false;
  let timer = 0;

  const put = (row) => rows.set(row.id, row);

  /** Applies a change; `false` when something before it is missing, or the outcome is not what the server has. */
  function apply({ e, f, t, j = [], u = [], l = [], c }) {
    if (at?.e !== e || f > at.s) return false;
    if (t <= at.s) return true;
    [...j, ...u].forEach(put);
    l.forEach((id) => rows.delete(id));
    at = { e, s: t };
    if (rows.size === c) return true;
    // Not to be mended by changes: from the start.
    at = null;
    return false;
  }

  async function ask() {
    if (asking) return;
    asking = true;
    clearTimeout(timer);
    const query = at ? `?e=${encodeURIComponent(at.e)}&s=${at.s}` : "";
    const answer = await request(place + query, { token }).catch(() => null);
    asking = false;
    if (!socket.connected) return;
    const { snapshot, delta } = answer ?? {};
    if (snapshot) {
      rows = new Map();
      snapshot.rows.forEach(put);
      at = { e: snapshot.e, s: snapshot.s };
    }
    const whole = snapshot ? true : Boolean(delta) && apply(delta);
    const waiting = early;
    early = [];
    const complete = whole && waiting.every(apply);
    if (at) list([...rows.values()]);
    if (!complete) timer = setTimeout(ask, PAUSE * (0.5 + Math.random()));
  }

  socket.on("presence:hello", (hello) => {
    place = hello.snap;
    early = [];
    if (at?.e !== hello.e) at = null;
    if (at?.s === hello.s) list([...rows.values()]);
    else ask();
  });
  socket.on("presence:delta", (delta) => {
    if (asking) early.push(delta);
    else if (apply(delta)) list([...rows.values()]);
    else ask();
  });
  socket.on("presence:stale", ({ jitter = 0 }) => {
    clearTimeout(timer);
    timer = setTimeout(ask, Math.random() * jitter);
  });
  socket.on("disconnect", () => clearTimeout(timer));
  return () => clearTimeout(timer);
}
