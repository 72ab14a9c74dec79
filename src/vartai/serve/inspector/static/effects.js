// What each word did to the prediction.

import { el } from "page/elements";
import { draw } from "page/figures";
import { say } from "page/language";
import { ask, canAsk } from "page/source";
import { latest, statusLine } from "page/state";

/** The section; it asks when it is opened, and then again with every text. */
export function effects(model, reading) {
  const status = statusLine();
  const fresh = latest();
  const places = el("div");
  const details = el(
    "details",
    { class: "card", ontoggle: () => update() },
    el("summary", {}, el("h2", {}, say("words.title"))),
    el("p", { class: "quiet" }, say("words.how")),
    status.element,
    places,
  );
  details.hidden = !model.tabs.words;

  async function update() {
    if (details.hidden || !details.open || reading.answer === null) return;
    const question = { given: reading.given, model: 0 };
    if (!canAsk("words", question)) details.hidden = true;
    try {
      const answer = await fresh((signal) => ask("words", question, signal));
      if (answer === null) return;
      status.clear();
      const drawn = answer.figures.map(() => el("div", { class: "figure" }));
      places.replaceChildren(
        ...answer.figures.flatMap((one, i) => [el("h3", {}, say(`words.${one.name}`)), drawn[i]]),
      );
      for (const [i, one] of answer.figures.entries()) await draw(drawn[i], one.figure);
      if (answer.notes.length) status.note(answer.notes.join(" "));
    } catch (error) {
      places.replaceChildren();
      status.failed(error);
    }
  }

  return { element: details, update };
}
