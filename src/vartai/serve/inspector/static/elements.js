// Elements from plain descriptions. Text only ever becomes text, never markup.

/** el("p", {class: "note", onclick: f}, "text", child, …) */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined)
      made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

let count = 0;

/** An id that nothing else on the page has. */
export function freshId(stem) {
  count += 1;
  return `${stem}-${count}`;
}

/** The keys that move among n things in a row, and where they lead; null for any other key. */
export function moved(key, place, n) {
  const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  if (key in steps) return Math.min(Math.max(place + steps[key], 0), n - 1);
  if (key === "Home") return 0;
  if (key === "End") return n - 1;
  return null;
}

/** Waits until nothing was asked for a while, then does the last thing asked. */
export function debounced(milliseconds, act) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), milliseconds);
  };
}

const REACHED = "button[tabindex='0'], button:not([tabindex]), select, input, textarea";

/** Puts a new element into a place; focus stays on what stands where the focused one stood. */
export function refilled(place, element) {
  const stop = document.activeElement?.closest(".field");
  const at = place.contains(stop) ? [...place.querySelectorAll(".field")].indexOf(stop) : -1;
  place.replaceChildren(element);
  if (at >= 0) place.querySelectorAll(".field")[at]?.querySelector(REACHED)?.focus();
}
