// The way to the app behind the page: commands out, views in.

/**
 * @typedef {{key: string, kind: "heading", text: string, count: string}} Heading
 * @typedef {{key: string, kind: "contact", name: string, initials: string, hue: number, shape: string, words: string}} Contact
 * @typedef {{text: string, strong: string}} Banner
 * @typedef {{
 *   me: {name: string, initials: string, hue: number, shape: string, detail: string},
 *   presence: "online" | "offline", presenceText: string, presenceBusy: boolean,
 *   banner: Banner | null, stale: boolean, total: number, from: number,
 *   rows: (Heading | Contact)[], empty: string | null, footer: string,
 *   details: {id: string, label: string, value: string}[],
 * }} Roster
 * @typedef {{
 *   server: string, email: string, keep: boolean, busy: boolean, status: string | null,
 *   problem: {code: string, text: string} | null, plainHttp: {text: string} | null,
 *   local: {running: boolean}, hint: string | null,
 * }} SignIn
 * @typedef {{
 *   revision: number, lang: string, screen: "signIn" | "roster",
 *   signIn: SignIn, roster: Roster, notices: {id: string, text: string}[],
 * }} View
 */

const ipc = window.__TAURI__?.core;

/** Whether the page runs inside the app at all. */
export const inApp = Boolean(ipc);

let tell = () => {};

/** What the page does by itself says nothing about what was refused to the person before. */
const BY_ITSELF = new Set(["attach", "look", "texts"]);

/** Where the sentence goes when a command is refused; an empty one when the person goes on. */
export function onRefusal(show) {
  tell = show;
}

/**
 * Calls a command and resolves to its answer. A refusal is shown to the person and resolves to `undefined`,
 * so nobody who calls this has to catch anything; compare with `null`, the answer of a command that went well.
 */
export async function command(name, args = {}) {
  if (!BY_ITSELF.has(name)) tell("");
  try {
    return await ipc.invoke(name, args);
  } catch (refusal) {
    tell(sentence(refusal));
    return undefined;
  }
}

function sentence(refusal) {
  if (typeof refusal === "string" && refusal !== "") return refusal;
  return refusal instanceof Error ? refusal.message : String(refusal);
}

/** Asks for views. `show` gets each one that is newer than the one before. */
export function attach(range, show) {
  const channel = new ipc.Channel();
  let revision = -1;
  channel.onmessage = (view) => {
    // A message that was overtaken on its way would turn the clock back.
    if (view.revision <= revision) return;
    revision = view.revision;
    show(view);
  };
  return command("attach", { channel, ...range });
}
