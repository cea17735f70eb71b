// The line at the bottom, and the details of the connection that it opens. Nothing of it is announced: who wants to
// know looks.

import { byId, make, setText } from "./dom.js";

/** `opening` is called before they open: something else may have to make room. */
export function startDetails(opening) {
  byId("footer").addEventListener("click", () => {
    if (byId("details").hidden) opening();
    open(byId("details").hidden);
  });
  for (const id of ["details", "footer"]) {
    byId(id).addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || byId("details").hidden) return;
      event.preventDefault();
      open(false);
      byId("footer").focus();
    });
  }
}

export function closeDetails() {
  open(false);
}

function open(shown) {
  byId("details").hidden = !shown;
  byId("footer").setAttribute("aria-expanded", String(shown));
}

/** @param {import("./view.js").Roster} roster */
export function showDetails({ footer, details: ofOne, accounts }) {
  setText(byId("footer-text"), footer);
  byId("footer").title = footer;
  const details = accounts.length > 1 ? accounts.map(ofAccount) : ofOne;
  const list = byId("details-list");
  const wanted = new Set(details.map(({ id }) => id));
  for (const element of [...list.children]) {
    if (!wanted.has(element.dataset.detail)) element.remove();
  }
  details.forEach(({ id, label, value }, i) => {
    let term = list.children[2 * i];
    if (term?.dataset.detail !== id) {
      term = row(id);
      list.insertBefore(term, list.children[2 * i] ?? null);
      list.insertBefore(words(id), term.nextSibling);
    }
    setText(term, label);
    setText(term.nextSibling.firstChild, value);
  });
}

/** Of several connections there is a line each. */
const ofAccount = ({ account, server, name, words }) =>
  ({ id: `account-${account}`, label: server, value: `${name} · ${words}` });

function row(id) {
  const term = make("dt", "");
  term.dataset.detail = id;
  return term;
}

function words(id) {
  const value = make("dd", "", document.createElement("bdi"));
  value.dataset.detail = id;
  // The reason comes as the logs have it.
  if (id === "reason") value.lang = "en";
  return value;
}
