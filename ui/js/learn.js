// The assistant for a server whose language nobody knows: what it says, what of that is the list of people, and how
// they would be read.

import { command } from "./core.js";
import { byId, make, setOptions, setText, setValue } from "./dom.js";
import { announce } from "./live.js";
import { text } from "./texts.js";

/** @type {import("./view.js").Learn | null} */
let last = null;
/** The person has named the profile: a view no longer does. */
let named = false;
/** What was heard has been opened or closed by the person. */
let handled = false;
/** The assistant was told to save, and has not answered yet. */
let saving = false;

/** Somebody points at the proposals. A pointer that only happens to rest there has not moved. */
let pointed = false;

const FIELDS = ["learn-name", "learn-name-more", "learn-id", "learn-email"];

export function startLearn() {
  byId("learn-form").addEventListener("submit", save);
  byId("learn-cancel").addEventListener("click", () => command("cancel"));
  byId("screen-learn").addEventListener("keydown", (event) => {
    if (event.key === "Escape") command("cancel");
  });
  byId("profile-name").addEventListener("input", () => { named = true; });
  byId("learn-heard").firstElementChild.addEventListener("click", () => { handled = true; });
  for (const id of FIELDS) byId(id).addEventListener("change", map);
  byId("proposals").addEventListener("pointermove", () => { pointed = true; });
  byId("proposals").addEventListener("pointerleave", () => { pointed = false; });
  byId("proposals").addEventListener("change", ({ target }) => {
    const proposal = last.proposals.findIndex(({ label }) => label === target.value);
    if (proposal >= 0) command("learn_choose", { proposal });
  });
}

/** @param {import("./view.js").Learn} learn */
export function enterLearn(learn) {
  last = null;
  named = false;
  handled = false;
  saving = false;
  pointed = false;
  byId("proposals").replaceChildren();
  showLearn(learn);
  byId("learn-body").scrollTop = 0;
  byId("learn-title").focus();
}

/** @param {import("./view.js").Learn} learn */
export function showLearn(learn) {
  const chosenBefore = last?.proposals[last.chosen]?.label;
  last = learn;
  const choosing = learn.phase === "choosing" && learn.proposals.length > 0;
  setText(byId("learn-server"), learn.server);
  setText(byId("learn-status-text"), learn.status);
  byId("learn-status").setAttribute("aria-busy", String(learn.phase === "listening" || saving));
  byId("learn-status").classList.toggle("failed", learn.phase === "failed");
  announce("learn", learn.status);

  for (const id of ["learn-lists", "learn-fields", "learn-preview", "profile-row", "learn-save"]) {
    byId(id).hidden = !choosing;
  }
  showProposals(learn);
  showFields(learn);
  showPreview(learn, chosenBefore);
  showHeard(learn, choosing);
  if (!named) setValue(byId("profile-name"), learn.profileName);
  byId("learn-save").disabled = saving || learn.people === 0;
}

/** While somebody points at the choices or is at them, they keep their order, and new ones come below. */
function showProposals({ proposals, chosen }) {
  const list = byId("proposals");
  const held = pointed || list.matches(":focus-within");
  const options = new Map([...list.children].map((option) => [option.querySelector("input").value, option]));
  const wanted = new Set(proposals.map(({ label }) => label));
  for (const [label, option] of options) if (!wanted.has(label)) option.remove();
  proposals.forEach(({ label, reasons }, i) => {
    const option = options.get(label) ?? makeProposal(label);
    if (!held && list.children[i] !== option) list.insertBefore(option, list.children[i] ?? null);
    else if (!option.isConnected) list.append(option);
    setText(option.querySelector("span"), reasons);
    option.querySelector("input").checked = i === chosen;
  });
}

let made = 0;

function makeProposal(label) {
  const number = ++made;
  const input = make("input", "");
  input.type = "radio";
  input.name = "proposal";
  input.value = label;
  input.setAttribute("aria-labelledby", `proposal-${number}`);
  input.setAttribute("aria-describedby", `proposal-${number}-why`);
  const name = make("b", "", make("bdi", "", label));
  name.id = `proposal-${number}`;
  const why = make("span", "soft");
  why.id = `proposal-${number}-why`;
  return make("label", "option", input, name, why);
}

/** Each field by what it holds, for that is what a person knows; its name in the server's language comes after. */
function showFields({ fields, id, name, email }) {
  const options = fields.map(({ path, sample }) => ({ value: path, text: sample ? `${sample} (${path})` : path }));
  const none = { value: "", text: text("page-learn-none") };
  setOptions(byId("learn-id"), options);
  setOptions(byId("learn-name"), options);
  setOptions(byId("learn-name-more"), [none, ...options]);
  setOptions(byId("learn-email"), [none, ...options]);
  setValue(byId("learn-id"), id);
  setValue(byId("learn-name"), name[0] ?? "");
  setValue(byId("learn-name-more"), name[1] ?? "");
  setValue(byId("learn-email"), email ?? "");
}

function map() {
  const [name, more, id, email] = FIELDS.map((field) => byId(field).value);
  command("learn_map", { id, name: more === "" ? [name] : [name, more], email: email === "" ? null : email });
}

function showPreview({ preview, people, proposals, chosen }, chosenBefore) {
  setText(byId("learn-people"), String(people));
  byId("learn-rows").hidden = preview.length === 0;
  byId("learn-nobody").hidden = preview.length > 0;
  const rows = byId("learn-rows");
  while (rows.children.length > preview.length) rows.lastElementChild.remove();
  preview.forEach(({ id, name, email }, i) => {
    if (!rows.children[i]) rows.append(make("li", "", make("bdi", "name"), make("bdi", "soft")));
    const [who, rest] = rows.children[i].children;
    setText(who, name);
    setText(rest, email ? `${email} · ${id}` : id);
  });
  // Said when another list was chosen; what comes later changes only its numbers.
  const label = proposals[chosen]?.label;
  if (label !== chosenBefore) announce("learn-people", `${label}: ${preview.map(({ name }) => name).join(", ")}`);
}

function showHeard({ events }, choosing) {
  if (!handled) byId("learn-heard").open = !choosing;
  setText(byId("learn-heard-count"), events.length > 0 ? String(events.length) : "");
  byId("learn-silence").hidden = events.length > 0;
  const list = byId("learn-events");
  list.hidden = events.length === 0;
  while (list.children.length > 2 * events.length) list.lastElementChild.remove();
  events.forEach(({ name, count, sample }, i) => {
    if (!list.children[2 * i]) {
      list.append(make("dt", "", make("bdi", ""), " ", make("span", "count soft")), make("dd", "", make("code", "")));
    }
    const term = list.children[2 * i];
    setText(term.firstElementChild, name);
    setText(term.lastElementChild, `× ${count}`);
    setText(term.nextElementSibling.firstElementChild, sample);
  });
}

async function save(event) {
  event.preventDefault();
  if (byId("learn-save").hidden || byId("learn-save").disabled) return;
  const profileName = byId("profile-name").value.trim() || last.profileName;
  saving = true;
  showLearn(last);
  await command("learn_confirm", { profileName });
  saving = false;
  if (last) showLearn(last);
}
