// What if a word were another? Two sentences side by side, and the difference in every unit.

import { css, scale, writingOn } from "page/colour";
import { composer } from "page/composer";
import { el } from "page/elements";
import { say } from "page/language";
import { ask, isReport } from "page/source";
import { latest, statusLine } from "page/state";
import { heatMap } from "page/states";
import { verdict } from "page/said";
import { visible } from "page/tokens";
import { whatName } from "page/view";

/** The section; `reading` is what the Read tab keeps, `hears` what it wants to know. */
export function whatIf(model, reading, hears) {
  const status = statusLine();
  const fresh = latest();
  const body = el("div", { class: "whatif" });
  const element = el(
    "section",
    { class: "card" },
    el("h2", {}, say("whatif.title")),
    body,
  );
  let map = null;
  let pair = null;

  function closed() {
    map = null;
    body.replaceChildren(
      el("p", { class: "quiet" }, say("whatif.how")),
      el(
        "button",
        {
          type: "button",
          class: "main",
          onclick: () => {
            reading.other = { ...reading.given };
            opened();
            update();
          },
        },
        say("whatif.begin"),
      ),
    );
  }

  function opened() {
    const typed = (given) => {
      reading.other = given;
      hears.typed(update);
    };
    const title = say("whatif.second");
    const fields = composer(model.fields, reading.other, model.limits, typed, title);
    pair = el("div", { class: "pair" });
    // A place of the alignment is no token of the text, so only units are shared with it.
    const named = (what) => say("whatif.value", { what: whatName(what) });
    map = heatMap({ onUnit: hears.onUnit, onToken: (place) => map.mark(reading.unit, place), named });
    body.replaceChildren(
      fields.element,
      isReport
        ? ""
        : el(
            "button",
            {
              type: "button",
              onclick: () => {
                reading.other = null;
                closed();
              },
            },
            say("whatif.end"),
          ),
      status.element,
      pair,
      map.element,
    );
    if (document.activeElement === document.body) fields.focus();
  }

  async function update() {
    if (reading.other === null || reading.answer === null) return;
    const { given, other } = reading;
    const { layer, what } = reading.view;
    const question = { given, other, layer, what, model: 0 };
    let answer;
    try {
      answer = await fresh((signal) => ask("difference", question, signal));
    } catch (error) {
      status.failed(error);
      return;
    }
    if (answer === null || reading.other === null) return;
    status.clear();
    if (answer.same) status.note(say("whatif.same"));
    await show(answer);
  }

  async function show(answer) {
    const view = reading.view;
    const order = answer.orders[view.order] ?? answer.orders.index;
    pair.replaceChildren(aligned(answer, reading));
    await map.show({
      figure: answer.figure,
      order,
      tokens: answer.columns,
      what: view.what,
      unit: reading.unit,
      token: null,
      label: say("whatif.label", {
        what: whatName(view.what),
        units: order.length,
        tokens: answer.columns.length,
      }),
    });
  }

  element.hidden = isReport && reading.other === null;
  if (reading.other === null) closed();
  else opened();
  return { element, update, mark: (unit) => map?.mark(unit, null) };
}

/** A table of two rows, the sentences, aligned token by token; changed places are marked. */
function aligned(answer, reading) {
  const { unit } = reading;
  const colours = scale(answer.scale);
  const rows = [0, 1].map((side) => {
    const cells = answer.pairs.map((pair) => {
      const place = pair[side];
      if (place === null) return el("td", { class: "gap" });
      const value = answer.values[side][unit]?.[place];
      const colour = value === undefined ? null : colours(value);
      const changed = pair[2];
      const cell = el("td", { class: changed ? "changed" : "" });
      const word = el("span", { class: "token" }, visible(answer.tokens[side][place].text));
      if (colour) {
        word.style.backgroundColor = css(colour);
        word.style.color = writingOn(colour);
      }
      cell.append(word);
      return cell;
    });
    const name = say(side === 0 ? "whatif.first" : "whatif.second");
    const said = answer.verdicts[side];
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, name, said ? verdict(said) : ""),
      cells,
    );
  });
  return el("div", { class: "scroll" }, el("table", { class: "aligned" }, el("tbody", {}, rows)));
}
