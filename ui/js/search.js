// The field that people are searched with, and the menu that says how they are sorted.

import { command } from "./core.js";
import { byId, setValue } from "./dom.js";
import { menuButton } from "./menu.js";

let menu = null;
/** What was typed has been sent, and has not come back yet. */
let sent = null;

/** `intoList` puts the focus on the first contact, `openFirst` opens their page. */
export function startSearch({ intoList, openFirst }) {
  const field = byId("search");
  field.addEventListener("input", send);
  field.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") escape();
    else if (event.key === "ArrowDown") intoList();
    else if (event.key === "Enter") openFirst();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  byId("search-clear").addEventListener("click", () => {
    clear();
    field.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || !mayTakeKeys(event.target)) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
  menu = menuButton(byId("sort"), byId("sort-menu"), ({ dataset }) => command("sort", { by: dataset.sort }));
}

/** Nothing else is typed into, and the list is what is in sight. */
function mayTakeKeys(target) {
  if (byId("find").offsetParent === null || getComputedStyle(byId("list")).visibility === "hidden") return false;
  return !target.closest?.("input, textarea, select, .menu");
}

function send() {
  sent = byId("search").value;
  showClear();
  command("search", { text: sent });
}

function clear() {
  byId("search").value = "";
  send();
}

/** Clears the field first, and leaves it then. */
function escape() {
  if (byId("search").value !== "") clear();
  else byId("search").blur();
}

function showClear() {
  byId("search-clear").hidden = byId("search").value === "";
  byId("search-key").hidden = byId("search").value !== "";
}

export const closeSearch = () => menu.close();

/** @param {import("./view.js").Roster} roster */
export function showSearch({ search, searchHint, sort, total }) {
  const field = byId("search");
  if (sent === search) sent = null;
  if (sent === null && document.activeElement !== field) setValue(field, search);
  // Where there is nobody, nobody can be searched for.
  byId("find").hidden = total === 0 && search === "" && field.value === "";
  if (field.placeholder !== searchHint) {
    field.placeholder = searchHint;
    field.setAttribute("aria-label", searchHint);
  }
  showClear();
  for (const item of byId("sort-menu").children) {
    item.setAttribute("aria-checked", String(item.dataset.sort === sort));
  }
}
