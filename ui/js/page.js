// What the pages that one comes back from have in common: the way back, and the first focus.

import { command, commandChange } from "./core.js";
import { byId } from "./dom.js";

/** Makes the button and Escape on `screen` lead back to the list. */
export function startPage(screen, back) {
  byId(back).addEventListener("click", () => command("back"));
  byId(screen).addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    // What was typed is kept: leaving a field says that it has changed.
    document.activeElement?.blur?.();
    command("back");
  });
}

/** The page has come: from the top, with the focus where reading begins. */
export function enterPage(sheet, title) {
  byId(sheet).scrollTop = 0;
  byId(title).focus();
}

/** Sends what somebody has changed. What was refused is shown again as it is. */
export async function change(name, args, show) {
  if ((await commandChange(name, args)) === undefined) show();
}
