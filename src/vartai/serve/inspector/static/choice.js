// One of several: a row of buttons where there is room for them, or a list to choose from.

import { el, freshId, moved } from "page/elements";

/** A row of radio buttons; options are [{value, label, title?}]. */
export function segments(label, options, chosen, onChoose) {
  const buttons = options.map((option) =>
    el(
      "button",
      {
        type: "button",
        role: "radio",
        "aria-checked": String(option.value === chosen),
        tabindex: option.value === chosen ? 0 : -1,
        title: option.title,
        "data-value": option.value,
        onclick: () => pick(option.value),
        onkeydown: (event) => {
          const next = moved(event.key, options.indexOf(option), options.length);
          if (next === null) return;
          event.preventDefault();
          pick(options[next].value);
          buttons[next].focus();
        },
      },
      option.label,
    ),
  );

  function pick(value) {
    for (const button of buttons) {
      const here = button.dataset.value === value;
      button.setAttribute("aria-checked", String(here));
      button.tabIndex = here ? 0 : -1;
    }
    onChoose(value);
  }

  const name = freshId("choice");
  return el(
    "div",
    { class: "field" },
    el("span", { class: "label", id: name }, label),
    el("div", { role: "radiogroup", class: "segments", "aria-labelledby": name }, buttons),
  );
}

/** A list to choose from; options are [{value, label}]. */
export function select(label, options, chosen, onChoose) {
  const name = freshId("select");
  const list = el(
    "select",
    { id: name, onchange: () => onChoose(list.value) },
    options.map((option) =>
      el("option", { value: option.value, selected: option.value === chosen }, option.label),
    ),
  );
  return el("div", { class: "field" }, el("label", { class: "label", for: name }, label), list);
}
