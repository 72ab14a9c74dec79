// One unit followed through the text: as a line, and where it is strongest.

import { el, freshId } from "page/elements";
import { draw } from "page/figures";
import { number, say } from "page/language";
import { visible } from "page/tokens";

const STRONGEST = 5;

/** The panel of a unit; `onUnit(unit)` hears of another one, `onToken(place)` of a token. */
export function unitPanel({ onUnit, onToken }) {
  const name = freshId("unit");
  const field = el("input", {
    id: name,
    type: "number",
    min: "0",
    step: "1",
    inputmode: "numeric",
    onchange: () => {
      const asked = Number(field.value);
      if (Number.isInteger(asked) && asked >= 0 && asked <= Number(field.max)) onUnit(asked);
      else field.value = shown.unit;
    },
  });
  const step = (by, sign, words) =>
    el(
      "button",
      { type: "button", class: "step", "aria-label": words, title: words, onclick: () => next(by) },
      sign,
    );
  const line = el("div", { class: "figure line" });
  const list = el("ol", { class: "strongest" });
  const element = el(
    "div",
    { class: "unit" },
    el(
      "div",
      { class: "stepper" },
      el("label", { class: "label", for: name }, say("unit")),
      step(-1, "‹", say("unit.before")),
      field,
      step(1, "›", say("unit.next")),
      el("span", { class: "quiet" }, say("unit.hint")),
    ),
    line,
    el("h3", {}, say("unit.strongest")),
    list,
  );
  let shown = null;

  // Up and down in the order of the heat map, as there.
  function next(by) {
    if (!shown) return;
    const place = shown.order.indexOf(shown.unit) + by;
    if (place >= 0 && place < shown.order.length) onUnit(shown.order[place]);
  }

  async function show({ pattern, values, order, unit, tokens, title, margin }) {
    shown = { unit, order };
    field.max = String(order.length - 1);
    field.value = String(unit);
    line.setAttribute("role", "img");
    line.setAttribute("aria-label", title);
    list.replaceChildren(...strongest(values, tokens).map((place) => item(place, values, tokens)));
    const [trace, ...others] = pattern.data;
    const figure = { data: [{ ...trace, y: values }, ...others], layout: pattern.layout };
    await draw(line, figure, { height: 230, margin });
  }

  function item(place, values, tokens) {
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "link", onclick: () => onToken(place) },
        el("span", { class: "word" }, visible(tokens[place])),
        el("span", { class: "quiet" }, say("token.place", { place: place + 1 })),
        el("span", { class: "value" }, number(values[place], 3)),
      ),
    );
  }

  return { element, show };
}

function strongest(values, tokens) {
  return tokens
    .map((_, place) => place)
    .filter((place) => values[place] !== null)
    .sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]))
    .slice(0, STRONGEST);
}
