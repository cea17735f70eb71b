// A menu as people know it: arrows, Home, End, a first letter, Escape; Tab and a click elsewhere close it.

/**
 * Makes `panel` a menu that a button opens; the items in it have `role="menuitem…"`. A field in it is reached with Tab.
 * `choose(item)` is called with the item that was chosen, after the focus is back on the button.
 */
export function popupMenu(panel, choose) {
  let button = null;
  const items = () => [...panel.querySelectorAll('[role^="menuitem"]')].filter((item) => item.offsetParent !== null);
  const field = () => [...panel.querySelectorAll("input")].find((input) => input.offsetParent !== null);
  const isOpen = () => button !== null;
  const current = () => items().find((item) => item.getAttribute("aria-checked") === "true") ?? items()[0];

  function open(anchor, { last = false } = {}) {
    close({ refocus: false });
    button = anchor;
    panel.hidden = false;
    button.setAttribute("aria-expanded", "true");
    (last ? items().at(-1) : current())?.focus();
  }

  function close({ refocus }) {
    if (!isOpen()) return;
    const from = button;
    button = null;
    panel.hidden = true;
    from.setAttribute("aria-expanded", "false");
    if (refocus) from.focus();
  }

  function pick(item) {
    close({ refocus: true });
    choose(item);
  }

  panel.addEventListener("click", (event) => {
    const item = event.target.closest('[role^="menuitem"]');
    if (item) pick(item);
  });
  panel.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const all = items();
    const at = all.indexOf(document.activeElement);
    if (event.key === "Tab" && field()) (at < 0 ? current() : field()).focus();
    else if (event.key === "Tab") return close({ refocus: true });
    else if (event.key === "Escape") close({ refocus: true });
    else if (at < 0) {
      if (event.key !== "ArrowDown") return;
      current().focus();
    } else if (event.key === "Enter" || event.key === " ") pick(all[at] ?? all[0]);
    else {
      const next = target(event.key, all, at);
      if (!next) return;
      next.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  });

  document.addEventListener("pointerdown", (event) => {
    if (!panel.contains(event.target) && !button?.contains(event.target)) close({ refocus: false });
  });
  window.addEventListener("blur", () => close({ refocus: true }));

  return {
    open,
    isOpen,
    /** The button that has opened it, while it is open. */
    opener: () => button,
    close: ({ refocus = false } = {}) => close({ refocus }),
  };
}

/** Makes `button` open `menu` and close it again. */
export function menuButton(button, menu, choose) {
  const popup = popupMenu(menu, choose);
  button.addEventListener("click", () => (popup.isOpen() ? popup.close({ refocus: true }) : popup.open(button)));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    popup.open(button, { last: event.key === "ArrowUp" });
  });
  return popup;
}

function target(key, items, at) {
  const last = items.length - 1;
  switch (key) {
    case "ArrowDown": return items[at >= last ? 0 : at + 1];
    case "ArrowUp": return items[at <= 0 ? last : at - 1];
    case "Home": return items[0];
    case "End": return items[last];
  }
  if (key.length !== 1) return undefined;
  const letter = key.toLocaleLowerCase();
  const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return after.find((item) => item.textContent.trim().toLocaleLowerCase().startsWith(letter));
}
