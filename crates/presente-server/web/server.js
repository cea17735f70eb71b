// The socket. A client of the field, which also takes the list by changes where that is offered.

import { Problem, request } from "./requests.js";
import { followRoll, OFFER } from "./roll.js";
import { language } from "./words.js";

/** Whether the client library came with the page. */
export const hasLibrary = () => typeof window.io === "function";

/**
 * Keeps a socket open and says what comes over it: `up`, `down`, `heard` (a sign of life), `list` (everybody online, as
 * rows of either kind), `said`, and `over` with the server's words when it takes the token no longer. Gives what closes it.
 */
export function connect(token, { up, down, heard, list, said, over }) {
  let closed = false;
  let timer = 0;
  /** Within how many milliseconds all who were sent away come back. */
  let jitter = 3000;
  const auth = { token, presence: OFFER };
  const socket = window.io({ auth, extraHeaders: { "Accept-Language": language }, forceNew: true });
  const unfollow = followRoll(socket, token, list);
  const again = () => {
    timer = setTimeout(() => socket.connect(), 1000 + Math.random() * jitter);
  };
  socket.on("presence:hello", (hello) => {
    // How far apart the server wants its clients to come back when it has gone without a word: from nothing to twice this.
    if (hello.jitter > 1000) socket.io.reconnectionDelay(hello.jitter / 2).randomizationFactor(1);
  });
  socket.on("presence:bye", (bye) => {
    jitter = bye.jitter ?? jitter;
  });
  socket.on("connect", () => {
    up();
    socket.emit("user list");
  });
  socket.on("disconnect", (reason) => {
    if (closed) return;
    down();
    // Whom the server has sent away, the library does not bring back: it may be stopping, or the session be over.
    if (reason === "io server disconnect") again();
  });
  socket.on("connect_error", async (error) => {
    if (closed) return;
    down();
    if (socket.active) return;
    // Refused, in the server's words. Whether for good is known by asking for the session itself.
    const verdict = await request("/api/auth/renew", { token }).catch((problem) => problem);
    if (closed) return;
    if (verdict instanceof Problem && verdict.isFinal) over(error.message);
    else again();
  });
  socket.io.on("ping", heard);
  socket.on("usersConected", (payload) => {
    const people = payload?.response?.user;
    if (Array.isArray(people)) list(people);
  });
  socket.on("saludo", said);
  return () => {
    closed = true;
    clearTimeout(timer);
    unfollow();
    socket.disconnect();
  };
}
