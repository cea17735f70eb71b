// What the app sends, as types. The words are for people and in their language; codes, shapes and keys are for the page.

/**
 * @typedef {"online" | "away" | "busy" | "offline" | "cut"} Shape
 * @typedef {"online" | "away" | "dnd" | "invisible"} OwnState
 * @typedef {"always" | "default" | "never" | "once"} Often
 * @typedef {"comes" | "goes" | "becomes_free" | "is_back"} Occasion
 * @typedef {{id: string, label: string, value: string}} Detail
 * @typedef {{head: string[], rows: string[][]}} Table
 *
 * @typedef {{key: string, kind: "account", account: number, name: string, shape: Shape, words: string, stale: boolean}} AccountHead
 * @typedef {{key: string, kind: "heading", section: string, text: string, count: string, expanded: boolean}} Heading
 * @typedef {{
 *   key: string, kind: "contact", account: number, id: string, name: string, initials: string, hue: number,
 *   shape: Shape, words: string, stale: boolean, picture: number | null, canWhisper: boolean, favourite: boolean,
 *   bell: {often: Often, words: string} | null,
 * }} Contact
 * @typedef {{
 *   account: number, name: string, server: string, shape: Shape, words: string, state: OwnState, canAnnounce: boolean,
 * }} Account
 * @typedef {{
 *   key: string, ours: boolean, heading: string, text: string, time: string,
 *   delivery: string | null, deliveryCode: string | null,
 * }} Message
 * @typedef {{text: string, strong: string | null}} Banner
 * @typedef {{
 *   accounts: Account[],
 *   me: {name: string, initials: string, hue: number, shape: Shape, detail: string} | null,
 *   state: OwnState, tellsMore: boolean, statusLine: string, offersStatusLine: number | null, presenceText: string, presenceBusy: boolean,
 *   banner: Banner | null, stale: boolean, snoozed: string | null,
 *   search: string, searchHint: string, sort: "name" | "state" | "recent",
 *   total: number, from: number, rows: (AccountHead | Heading | Contact)[],
 *   empty: string | null, footer: string, details: Detail[], messages: {unread: number, items: Message[]},
 * }} Roster
 *
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
 *
 * @typedef {{
 *   often: Often, when: Occasion[], notification: boolean, sound: boolean, command: string,
 *   commandsAllowed: boolean, evenWhenQuiet: boolean, words: string,
 * }} Rule
 * @typedef {{state: "online" | "away" | "busy" | "unknown", from: number, until: number, words: string}} Segment
 * @typedef {{
 *   span: "today" | "week", empty: string | null, table: Table,
 *   rows: {label: string, title: string, segments: Segment[], minutes: number, now: number | null}[],
 * }} Timeline
 * @typedef {{
 *   hours: (number | null)[], weekdays: (number | null)[][], sentence: string, empty: string | null, table: Table,
 * }} Usual
 * @typedef {{
 *   account: number, id: string, name: string, ownName: string | null, alias: string, note: string,
 *   initials: string, hue: number, shape: Shape, words: string, stale: boolean, picture: number | null,
 *   email: string | null, server: string, lastOnline: string | null, canWhisper: boolean, favourite: boolean,
 *   group: string | null, groups: string[], rule: Rule, historyOn: boolean, keepHistory: boolean,
 *   timeline: Timeline | null, usual: Usual | null,
 * }} ContactPage
 *
 * @typedef {{from: string, until: string, weekdays: string[], enabled: boolean}} QuietHours
 * @typedef {{
 *   tell_of: "everybody" | "favourites" | "nobody", sound: boolean, hold: number, absence: number, cool_down: number,
 *   quiet: QuietHours[], summary: boolean, allow_commands: boolean,
 * }} Alerts
 * @typedef {{
 *   language: "system" | "en" | "es", theme: "system" | "light" | "dark", sort: string, startAtLogin: boolean | null,
 *   autoAwayMinutes: number, idleWords: string, alerts: Alerts, snoozed: string | null,
 *   groups: {group: string, count: string, rule: Rule}[],
 *   historyEnabled: boolean, keepDays: number, historyWords: string,
 * }} Settings
 * @typedef {{key: string, time: string, text: string}} Happening
 * @typedef {{
 *   version: string, words: string[], parts: {key: string, title: string, items: Detail[]}[],
 *   errors: Happening[], alerts: Happening[], text: string,
 * }} About
 *
 * @typedef {"signIn" | "roster" | "learn" | "contact" | "settings" | "about"} Screen
 * @typedef {{
 *   heard: number, lang: string, theme: "system" | "light" | "dark", words: Record<string, string>, screen: Screen,
 *   signIn: SignIn, roster: Roster, contact: ContactPage | null, settings: Settings | null, about: About | null,
 *   learn: Learn | null, notices: {id: string, text: string}[],
 * }} View
 */

export {};
