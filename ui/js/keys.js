// The keys of the whole window: Ctrl+W closes it, Ctrl+Q quits the app.

import { command } from "./core.js";

const ASKS = { w: "close_window", q: "quit" };

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    const { key, ctrlKey, altKey, metaKey, shiftKey, repeat } = event;
    const ask = ASKS[key.toLowerCase()];
    if (!ask || !ctrlKey || altKey || metaKey || shiftKey) return;
    event.preventDefault();
    if (repeat) return;
    // What was typed is kept: leaving a field says that it has changed.
    document.activeElement?.blur?.();
    command(ask);
  });
}
