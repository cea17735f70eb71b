// The groups of people, each with the rule of its own that it may have.

import { byId, make } from "./dom.js";
import { change } from "./page.js";
import { makeRule } from "./rule.js";

/** The elements by the name of their group. */
const shown = new Map();
let made = 0;

/** @param {import("./view.js").Settings["groups"]} groups */
export function showGroups(groups) {
  const wanted = new Set(groups.map(({ group }) => group));
  for (const [group, { element }] of shown) {
    if (wanted.has(group)) continue;
    element.remove();
    shown.delete(group);
  }
  const list = byId("group-list");
  groups.forEach((one, i) => {
    const entry = shown.get(one.group) ?? makeGroup(one.group);
    if (list.children[i] !== entry.element) list.insertBefore(entry.element, list.children[i] ?? null);
    entry.show(one);
  });
  byId("groups-none").hidden = groups.length > 0;
}

function makeGroup(group) {
  let last = null;
  const rule = makeRule(`group-${++made}`, (next) => change("set_group_rule", { group, rule: next }, () => show(last)));
  const element = make("div", "group", rule.element);
  element.dataset.group = group;
  const show = (one) => {
    last = one;
    rule.show(one.rule, group, one.count);
  };
  shown.set(group, { element, show });
  return shown.get(group);
}
