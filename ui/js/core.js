// The way to the app behind the page: commands out, views in.

/**
 * What the app sends. The words are for people and in their language; codes, shapes and keys are for the page.
 * @typedef {{key: string, kind: "account", account: number, name: string, shape: string, words: string, stale: boolean}} AccountHead
 * @typedef {{key: string, kind: "heading", text: string, count: string}} Heading
 * @typedef {{
 *   key: string, kind: "contact", account: number, id: string, name: string, initials: string, hue: number,
 *   shape: string, words: string, stale: boolean, picture: number | null, canWhisper: boolean,
 * }} Contact
 * @typedef {{
 *   account: number, name: string, server: string, shape: string, words: string,
 *   presence: "online" | "offline", canAnnounce: boolean,
 * }} Account
 * @typedef {{
 *   key: string, ours: boolean, heading: string, text: string, time: string,
 *   delivery: string | null, deliveryCode: string | null,
 * }} Message
 * @typedef {{text: string, strong: string}} Banner
 * @typedef {{
 *   accounts: Account[],
 *   me: {name: string, initials: string, hue: number, shape: string, detail: string},
 *   presence: "online" | "offline", presenceText: string, presenceBusy: boolean,
 *   banner: Banner | null, stale: boolean, total: number, from: number,
 *   rows: (AccountHead | Heading | Contact)[], empty: string | null, footer: string,
 *   details: {id: string, label: string, value: string}[],
 *   messages: {unread: number, items: Message[]},
 * }} Roster
 * @typedef {{
 *   server: string, email: string, keep: boolean, canClose: boolean, busy: boolean, status: string | null,
 *   problem: {code: string, text: string} | null, canLearn: boolean, plainHttp: {text: string} | null,
 *   local: {running: boolean}, hint: string | null,
 * }} SignIn
 * @typedef {{
 *   server: string, phase: "listening" | "choosing" | "failed", status: string,
 *   events: {name: string, count: number, sample: string}[],
 *   proposals: {label: string, reasons: string}[], chosen: number,
 *   fields: {path: string, sample: string}[], id: string, name: string[], email: string | null,
 *   preview: {id: string, name: string, email: string | null}[], people: number, profileName: string,
 * }} Learn
 * @typedef {{
 *   revision: number, lang: string, screen: "signIn" | "roster" | "learn",
 *   signIn: SignIn, roster: Roster, learn: Learn | null, notices: {id: string, text: string}[],
 * }} View
 */

const ipc = window.__TAURI__?.core;

/** Whether the page runs inside the app at all. */
export const inApp = Boolean(ipc);

let tell = () => {};

/** What the page does by itself says nothing about what was refused to the person before. */
const BY_ITSELF = new Set(["attach", "look", "seen", "texts"]);

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
