// The way to the app behind the page: commands out, views in.

import { Copy } from "./copy.js";

const ipc = window.__TAURI__?.core;

/** Whether the page runs inside the app at all. */
export const inApp = Boolean(ipc);

let tell = () => {};

/** What the page does by itself says nothing about what was refused to the person before. */
const BY_ITSELF = new Set(["attach", "look", "seen", "status_line_offered"]);

/** Where the sentence goes when a command is refused; an empty one when the person goes on. */
export function onRefusal(show) {
  tell = show;
}

/**
 * Asks the app for something and resolves to its answer. A refusal is shown to the person and resolves to `undefined`,
 * so nobody who calls this has to catch anything; compare with `null`, the answer where all went well.
 */
export function command(name, args = {}) {
  return invoke(name, "ask", { ask: { ask: name, ...args } });
}

/** How often somebody has changed something, and of which of these changes a view has to know to be shown. */
let changes = 0;
let awaited = 0;

/** Whether the app had heard of all changes when it made the view. */
export const knowsChanges = (view) => view.heard >= awaited;

/** Asks for what somebody has just changed on the page. Views on their way that know nothing of it would take it back. */
export async function commandChange(name, args) {
  awaited = changes += 1;
  const answer = await invoke(name, "ask", { ask: { ask: name, ...args }, change: changes });
  if (answer === undefined) awaited = 0;
  return answer;
}

async function invoke(name, door, args) {
  if (!BY_ITSELF.has(name)) tell("");
  try {
    return await ipc.invoke(door, args);
  } catch (refusal) {
    tell(sentence(refusal));
    return undefined;
  }
}

function sentence(refusal) {
  if (typeof refusal === "string" && refusal !== "") return refusal;
  return refusal instanceof Error ? refusal.message : String(refusal);
}

/** Asks for views. `show` gets each of them whole. */
export function attach(range, show) {
  const channel = new ipc.Channel();
  const copy = new Copy();
  channel.onmessage = (frame) => {
    const view = copy.take(frame);
    if (view) show(view);
  };
  return invoke("attach", "attach", { channel, ...range });
}
