// The tab Compare: two sentences, or two models, side by side.

import { card } from "page/card";
import { complete, composer } from "page/composer";
import { debounced, el } from "page/elements";
import { draw } from "page/figures";
import { called, say } from "page/language";
import { verdict } from "page/said";
import { ask, isReport } from "page/source";
import { emptyState, latest, statusLine } from "page/state";
import { heatMap } from "page/states";
import { tokenRow } from "page/tokens";
import { settle, viewControls, whatName } from "page/view";
import { scale } from "page/colour";

export function compareTab(model, shared) {
  const kept = { sides: null };
  return { name: "compare", build: (panel) => build(panel, model, shared, kept) };
}

function build(panel, model, shared, kept) {
  if (isReport) {
    panel.append(emptyState(say("tab.compare"), el("p", {}, say("report.absent"))));
    return;
  }
  const { given, other } = shared.reading;
  kept.sides ??= [0, 1].map((place) => ({
    model: model.beside ? place : 0,
    given: { ...(place && other ? other : given) },
    view: { layer: null, what: null, order: "index" },
    unit: null,
  }));
  const sides = kept.sides.map((side) => compared(side, side.model ? model.beside : model));
  panel.append(
    card(say("compare.title"), { how: say(model.beside ? "compare.models" : "compare.how") }),
    el("div", { class: "halves" }, sides.map((side) => side.element)),
  );
  sides.forEach((side) => side.update());
}

/** One side: its fields, what the model says, one heat map. */
function compared(side, model) {
  const status = statusLine();
  const fresh = latest();
  const slow = debounced(160, () => update());
  const fields = composer(model.fields, side.given, model.limits, (given) => {
    side.given = given;
    slow();
  });
  const said = el("div", { class: "beside" });
  const tokensPlace = el("div");
  const running = el("div", { class: "figure" });
  const controls = el("div");
  const map = heatMap({ onUnit: choose, onToken: (token) => map.mark(side.unit, token) });
  const answerPlace = el("div", { hidden: true }, said, tokensPlace, running, controls, map.element);
  const name = el("h2", {}, model.name);
  const element = el("section", { class: "card" }, name, fields.element, status.element, answerPlace);
  let answer = null;
  let row = null;

  async function update() {
    if (!complete(model.fields, side.given)) {
      answerPlace.hidden = true;
      return;
    }
    const { layer, what } = side.view;
    try {
      const question = { given: side.given, layer, what, model: side.model };
      const found = await fresh((signal) => ask("read", question, signal));
      if (found === null) return;
      answer = found;
      status.clear();
      answerPlace.hidden = false;
      await show();
    } catch (error) {
      status.failed(error);
    }
  }

  async function show() {
    const { states, layers } = answer;
    settle(side.view, layers);
    Object.assign(side.view, { layer: states.layer, what: states.what });
    said.replaceChildren(answer.verdict ? verdict(answer.verdict) : "");
    const sequence = answer.sequences.find(
      (one) => one.name === layers.find((each) => each.name === states.layer).sequence,
    );
    const below = answer.says === "word" ? answer.said.map((one) => one?.label) : null;
    row = tokenRow(sequence, say("tokens.label"), (token) => map.mark(side.unit, token), below);
    tokensPlace.replaceChildren(row.element);
    controls.replaceChildren(
      viewControls(layers, side.view, Object.keys(states.orders), (part) =>
        part === "order" ? show() : update(),
      ),
    );
    const order = states.orders[side.view.order];
    if (side.unit === null || side.unit >= order.length) side.unit = states.orders.variance[0];
    const tokens = sequence.tokens.map((token) => token.text);
    const label = say("states.label", {
      what: whatName(states.what),
      units: order.length,
      tokens: tokens.length,
    });
    const { figure, what } = { figure: states.figure, what: states.what };
    await map.show({ figure, order, tokens, what, unit: side.unit, token: null, label });
    choose(side.unit);
    if (answer.running) await draw(running, answer.running, { height: 250 });
    running.hidden = !answer.running;
  }

  function choose(unit) {
    side.unit = unit;
    const drawn = answer.states.figure.data[0];
    row.colour(drawn.z[unit], scale(drawn), null);
    map.mark(unit, null);
  }

  return { element, update };
}
