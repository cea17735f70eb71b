// Says to screen readers what changed by itself.

import { byId } from "./dom.js";

const said = new Map();

/**
 * Announces `words` unless only their numbers differ from what this `topic` said last:
 * a countdown is on the screen for everybody, but is said once and not every second.
 */
export function announce(topic, words) {
  const gist = (words ?? "").replace(/\d+/g, "#");
  if (said.get(topic) === gist) return;
  said.set(topic, gist);
  if (words) byId("live").textContent = words;
}
