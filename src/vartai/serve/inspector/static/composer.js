// The fields that a model reads: a text; or a source and its translation; or a text and a question.

import { el, freshId } from "page/elements";
import { say } from "page/language";
import { isReport } from "page/source";

/**
 * One labelled field for each of `fields`; `onInput(given)` hears of every change.
 *
 * `title` stands before the labels where there are two sets of fields.
 */
export function composer(fields, given, limits, onInput, title = "") {
  const areas = fields.map((field) => {
    const name = freshId("field");
    const area = el("textarea", {
      id: name,
      rows: field.rows,
      maxlength: limits.characters,
      placeholder: isReport ? "" : say(`placeholder.${field.name}`),
      spellcheck: "false",
      autocomplete: "off",
      readonly: isReport,
      oninput: () => {
        grow(area);
        onInput(values());
      },
    });
    area.value = given[field.name] ?? "";
    const called = say(`field.${field.name}`);
    const label = el("label", { class: "label", for: name }, title ? `${title}: ${called}` : called);
    if (!field.required) label.append(" ", el("span", { class: "quiet" }, say("optional")));
    return { field, area, box: el("div", { class: "field wide" }, label, area) };
  });

  function values() {
    return Object.fromEntries(areas.map(({ field, area }) => [field.name, area.value]));
  }

  const element = el("div", { class: "composer" }, areas.map(({ box }) => box));
  requestAnimationFrame(() => areas.forEach(({ area }) => grow(area)));
  return {
    element,
    values,
    set(next) {
      for (const { field, area } of areas) area.value = next[field.name] ?? "";
      areas.forEach(({ area }) => grow(area));
    },
    focus: () => areas[0].area.focus(),
  };
}

/** Whether there is something to read in every field that must have something. */
export function complete(fields, given) {
  return fields.every((field) => !field.required || (given[field.name] ?? "").trim());
}

/** As tall as what is in it, within reason. */
export function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, 220)}px`;
}
