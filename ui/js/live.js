// Says to screen readers what changed by itself.

import { byId } from "./dom.js";

const said = new Map();
let pending = [];

/**
 * Announces `words` unless only their numbers differ from what this `topic` said last:
 * a countdown is on the screen for everybody, but is said once and not every second.
 */
export function announce(topic, words) {
  const gist = (words ?? "").replace(/\d+/g, "#");
  if (said.get(topic) === gist) return;
  said.set(topic, gist);
  if (words) say(words);
}

/** The same for what is only news when it changes: the first time it is taken note of, and nothing is said. */
export function announceChange(topic, words) {
  if (said.has(topic)) announce(topic, words);
  else said.set(topic, words.replace(/\d+/g, "#"));
}

/** Says this once. What comes with one view is said in one breath, for the next would cut the last one short. */
export function say(words) {
  if (pending.length === 0) queueMicrotask(speak);
  pending.push(words);
}

function speak() {
  byId("live").textContent = pending.join(" ");
  pending = [];
}
