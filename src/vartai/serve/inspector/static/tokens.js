// A text as the model reads it: its tokens in their places, coloured, each one reachable.

import { css, writingOn } from "page/colour";
import { el, moved } from "page/elements";

const VISIBLE = { " ": "␣", "\n": "⏎", "\t": "⇥" };

/**
 * The tokens of a sequence {shown, tokens}; `onChoose(place)` hears of the chosen one.
 *
 * Below each stands what `below` says of it, such as a tag, if there is any.
 */
export function tokenRow(sequence, label, onChoose, below = null) {
  const { shown, tokens } = sequence;
  const close = tokens.length > 0 && tokens.every((token) => token.end - token.start <= 1);
  const chips = tokens.map((token, place) =>
    el(
      "button",
      {
        type: "button",
        class: "token",
        tabindex: place === 0 ? 0 : -1,
        "aria-pressed": "false",
        onclick: () => choose(place, true),
        onkeydown: (event) => {
          const next = moved(event.key, place, tokens.length);
          if (next === null) return;
          event.preventDefault();
          choose(next, true);
          chips[next].focus();
        },
      },
      visible(token.text),
      below?.[place] ? el("small", {}, below[place]) : null,
    ),
  );
  const row = el("div", {
    role: "toolbar",
    "aria-label": label,
    class: `tokens${close ? " close" : ""}${below ? " tagged" : ""}`,
  });
  let end = 0;
  tokens.forEach((token, place) => {
    // Of what stands between two tokens a blank is a blank; other characters are shown as unread.
    const between = token.start > end ? shown.slice(end, token.start) : "";
    row.append(...gap(between, place > 0), chips[place]);
    end = Math.max(end, token.end);
  });
  const rest = shown.slice(end);
  if (rest.trim()) row.append(...gap(rest, true));

  function choose(place, tell = false) {
    chips.forEach((chip, i) => {
      chip.setAttribute("aria-pressed", String(i === place));
      chip.tabIndex = i === (place ?? 0) ? 0 : -1;
    });
    if (tell) onChoose(place);
  }

  return {
    element: row,
    choose,
    /** Colours each token by a number; `titles` say the numbers in words. */
    colour(values, scaled, titles) {
      chips.forEach((chip, i) => {
        const colour = values && values[i] !== null ? scaled(values[i]) : null;
        chip.style.backgroundColor = colour ? css(colour) : "";
        chip.style.color = colour ? writingOn(colour) : "";
        chip.title = titles ? titles[i] : "";
      });
    },
    mark(places) {
      chips.forEach((chip, i) => chip.classList.toggle("changed", places.has(i)));
    },
  };
}

export function visible(text) {
  // A language model first reads a border, which has no text.
  if (text === "") return "▷";
  return text in VISIBLE ? VISIBLE[text] : text.replaceAll("\n", "⏎").trim() || "␣";
}

function gap(between, needed) {
  const unread = between.trim();
  if (unread) return [" ", el("span", { class: "unread" }, unread), " "];
  return between || needed ? [between.includes("\n") ? el("br") : between ? " " : "\u200b"] : [];
}
