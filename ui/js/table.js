// A picture's table, for who would rather read than look.

import { make } from "./dom.js";

/** Makes a table that can be scrolled sideways where it is too wide. Its caption is heard: a heading above says it already. */
export function makeTable({ head, rows }, caption, id) {
  const columns = make("tr", "", ...head.map((words) => cell("th", words, "col")));
  const body = rows.map(([first, ...rest]) => make("tr", "", cell("th", first ?? "", "row"), ...rest.map((words) => make("td", "", words))));
  const table = make("table", "", make("caption", "unseen", caption), make("thead", "", columns), make("tbody", "", ...body));
  const frame = make("div", "table", table);
  frame.id = id;
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", caption);
  return frame;
}

function cell(tag, words, scope) {
  const element = make(tag, "", words);
  element.scope = scope;
  return element;
}
