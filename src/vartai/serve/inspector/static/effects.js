// What each word did to the prediction.

import { el } from "page/elements";
import { draw } from "page/figures";
import { called, number, say } from "page/language";
import { ask, canAsk } from "page/source";
import { latest, statusLine } from "page/state";
import { visible } from "page/tokens";

/** The section; it asks when it is opened, and then again with every text. */
export function effects(model, reading) {
  const status = statusLine();
  const fresh = latest();
  const drawn = el("div", { class: "figure" });
  const said = el("p", {});
  const details = el(
    "details",
    { class: "card", ontoggle: () => update() },
    el("summary", {}, el("h2", {}, say("words.title"))),
    el("p", { class: "quiet" }, say("words.how")),
    status.element,
    said,
    el("div", { class: "scroll" }, drawn),
  );
  details.hidden = !model.tabs.words;
  details.open = reading.explained === true;

  async function update() {
    reading.explained = details.open;
    if (details.hidden || reading.answer === null) return;
    const perToken = reading.answer.says !== "title";
    // Of a model that scores tokens one token is explained: the chosen one, or the last.
    const last = reading.answer.sequences[0].tokens.length - 1;
    const place = perToken ? Math.min(reading.token ?? last, last) : null;
    const question = { given: reading.given, place, model: 0 };
    // A report explains one token only; its picture stays when another one is chosen.
    if (!canAsk("words", question) || !details.open) return;
    try {
      const answer = await fresh((signal) => ask("words", question, signal));
      if (answer === null) return;
      status.clear();
      const key = answer.against === null ? "words.said.alone" : "words.said";
      const label = visible(answer.label);
      const against = answer.against === null ? "" : visible(answer.against);
      const margin = say(key, { label, against, margin: number(answer.margin, 2) });
      said.textContent = perToken ? `${about(place)} ${margin}` : margin;
      // A number stands in every cell; where there is no room for them the picture is scrolled.
      drawn.style.minWidth = `${260 + 40 * answer.figure.data[0].x.length}px`;
      await draw(drawn, inWords(answer.figure), { margin: { l: 150 } });
      if (answer.notes.length) status.note(answer.notes.join(" · "));
    } catch (error) {
      said.textContent = "";
      status.failed(error);
    }
  }

  function about(place) {
    const token = visible(reading.answer.sequences[0].tokens[place].text);
    return say("words.about", { place: place + 1, token });
  }

  return { element: details, update };
}

function inWords(figure) {
  const [map, ...others] = figure.data;
  const axis = figure.layout.yaxis;
  const name = (value) => called("method", value);
  const layout = {
    ...figure.layout,
    yaxis: { ...axis, ...(axis.ticktext ? { ticktext: axis.ticktext.map(name) } : {}) },
  };
  return { data: [{ ...map, y: map.y.map(name) }, ...others], layout };
}
