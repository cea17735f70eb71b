// A menu button as people know it: arrows, Home, End, a first letter, Escape; Tab and a click elsewhere close it.

/**
 * Makes `button` open `menu`, whose items have `role="menuitem…"`.
 * `choose(item)` is called with the item that was chosen, after the focus is back on the button.
 */
export function menuButton(button, menu, choose) {
  const items = () => [...menu.querySelectorAll('[role^="menuitem"]')];
  const isOpen = () => !menu.hidden;

  function open(first) {
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    first?.focus();
  }

  function close({ refocus }) {
    if (!isOpen()) return;
    menu.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (refocus) button.focus();
  }

  function pick(item) {
    close({ refocus: true });
    choose(item);
  }

  const current = () => items().find((item) => item.getAttribute("aria-checked") === "true") ?? items()[0];

  button.addEventListener("click", () => (isOpen() ? close({ refocus: true }) : open(current())));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    open(event.key === "ArrowDown" ? current() : items().at(-1));
  });

  menu.addEventListener("click", (event) => {
    const item = event.target.closest('[role^="menuitem"]');
    if (item) pick(item);
  });
  menu.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const all = items();
    const at = all.indexOf(document.activeElement);
    if (event.key === "Tab") return close({ refocus: true });
    if (event.key === "Escape") close({ refocus: true });
    else if (event.key === "Enter" || event.key === " ") pick(all[at] ?? all[0]);
    else {
      const next = target(event.key, all, at);
      if (!next) return;
      next.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  });

  document.addEventListener("pointerdown", (event) => {
    if (!menu.contains(event.target) && !button.contains(event.target)) close({ refocus: false });
  });
  window.addEventListener("blur", () => close({ refocus: true }));

  return { close: () => close({ refocus: false }) };
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
