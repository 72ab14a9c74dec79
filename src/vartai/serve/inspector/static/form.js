// What the tabs about many texts share: a field for texts, a button, a place for answers.

import { grow } from "page/composer";
import { el, freshId } from "page/elements";
import { say } from "page/language";
import { ask, asked, isReport } from "page/source";
import { latest, statusLine } from "page/state";

/** A tall field with a label and a hint. */
export function textsField(label, value, { rows = 5, hint = "", grows = false, limit, onInput }) {
  const name = freshId("texts");
  const area = el("textarea", {
    id: name,
    rows,
    maxlength: limit,
    spellcheck: "false",
    readonly: isReport,
    "aria-describedby": hint ? `${name}-hint` : null,
    oninput: () => {
      if (grows) grow(area);
      onInput?.(area.value);
    },
  });
  area.value = value;
  if (grows) requestAnimationFrame(() => grow(area));
  const element = el(
    "div",
    { class: "field wide" },
    el("label", { class: "label", for: name }, label),
    area,
    hint ? el("span", { class: "quiet", id: `${name}-hint` }, hint) : null,
  );
  return { element, area };
}

/** A field of one line. */
export function lineField(label, value, { limit = 200, onInput }) {
  const name = freshId("line");
  const input = el("input", {
    id: name,
    type: "text",
    maxlength: limit,
    value,
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => onInput(input.value),
  });
  return el("div", { class: "field wide" }, el("label", { class: "label", for: name }, label), input);
}

/**
 * A question with a button: `question()` makes its body, `show(answer, place)` draws the answer.
 *
 * In a report the button is gone, and what was asked when it was written is shown.
 */
export function asking(route, words, { question, show, keep }) {
  const status = statusLine();
  const fresh = latest();
  const place = el("div", { class: "answer" });
  const button = el("button", { type: "button", class: "main", onclick: go }, words);

  async function go() {
    button.disabled = true;
    place.setAttribute("aria-busy", "true");
    const slow = setTimeout(() => status.waiting(say("computing")), 300);
    try {
      const answer = await fresh((signal) => ask(route, question(), signal));
      if (answer === null) return;
      keep.answer = answer;
      await shown(answer);
    } catch (error) {
      place.replaceChildren();
      status.failed(error);
    } finally {
      clearTimeout(slow);
      button.disabled = false;
      place.removeAttribute("aria-busy");
    }
  }

  async function shown(answer) {
    status.clear();
    if (answer.notes?.length) status.note(answer.notes.join(" · "));
    await show(answer, place);
  }

  async function begin() {
    if (keep.answer) await shown(keep.answer);
    else if (isReport && asked(route).length) await go();
  }

  return { button: isReport ? "" : button, status: status.element, place, begin, go };
}

/** A table with a heading for each column; cells are texts or elements. */
export function table(headings, rows, caption = "") {
  const head = el("tr", {}, headings.map((heading) => el("th", { scope: "col" }, heading)));
  const body = rows.map((row) => el("tr", {}, row.map((cell) => el("td", {}, cell))));
  return el(
    "div",
    { class: "scroll" },
    el(
      "table",
      { class: "numbers" },
      caption ? el("caption", {}, caption) : null,
      el("thead", {}, head),
      el("tbody", {}, body),
    ),
  );
}
