// The tab Read: a text, and what goes on inside while it is read.

import { attention } from "page/attention";
import { card } from "page/card";
import { scale } from "page/colour";
import { complete, composer } from "page/composer";
import { effects } from "page/effects";
import { debounced, el, refilled } from "page/elements";
import { draw } from "page/figures";
import { number, say } from "page/language";
import { verdict } from "page/said";
import { ask, isReport } from "page/source";
import { emptyState, latest, statusLine } from "page/state";
import { heatMap } from "page/states";
import { tokenRow, visible } from "page/tokens";
import { unitPanel } from "page/unit";
import { layerName, settle, viewControls, whatName } from "page/view";
import { whatIf } from "page/whatif";

const TYPING_PAUSE = 120;
// The running prediction stands over the heat map, token over token.
const MARGIN = { l: 64, r: 96 };

/** The tab; `shared` is what other tabs left for it, such as the order of a flag. */
export function readTab(model, shared) {
  const reading = {
    given: { ...model.start },
    other: model.startOther ? { ...model.startOther } : null,
    view: { layer: null, what: null, order: "index" },
    answer: null,
    answered: null,
    states: null,
    unit: null,
    token: null,
  };
  shared.reading = reading;
  return { name: "read", build: (panel) => buildRead(panel, model, reading, shared) };
}

function buildRead(panel, model, reading, shared) {
  const status = statusLine();
  const fresh = latest();
  const typed = debounced(TYPING_PAUSE, (act) => act());
  const results = el("div", { class: "results" });
  const fields = composer(model.fields, reading.given, model.limits, (given) => {
    reading.given = given;
    typed(update);
  });
  panel.append(fields.element, status.element, results);
  let page = null;

  async function update() {
    if (!complete(model.fields, reading.given)) {
      reading.answer = reading.answered = reading.other = null;
      page = null;
      status.clear();
      results.replaceChildren(empty());
      return;
    }
    const given = JSON.stringify(reading.given);
    // Built anew in another language, the page still has what it asked for.
    if (reading.answered === given) {
      await show(reading.answer);
      return;
    }
    const { layer, what } = reading.view;
    const question = { given: reading.given, layer, what, model: 0 };
    results.setAttribute("aria-busy", "true");
    const slow = setTimeout(() => status.waiting(say("waiting")), 400);
    try {
      const answer = await fresh((signal) => ask("read", question, signal));
      if (answer === null) return;
      status.clear();
      reading.answer = answer;
      reading.answered = given;
      reading.states = answer.states;
      await show(answer);
    } catch (error) {
      status.failed(error);
    } finally {
      clearTimeout(slow);
      results.removeAttribute("aria-busy");
    }
  }

  async function show(answer) {
    settle(reading.view, answer.layers);
    const { layer, what } = reading.states;
    Object.assign(reading.view, { layer, what });
    if (!page) {
      page = resultsPage(model, reading, shared, { typed, restate });
      results.replaceChildren(...page.elements);
    }
    if (answer.notes.length) status.note(answer.notes.join(" · "));
    await page.show(answer);
  }

  // Another layer, or another of its states: the text was read already.
  async function restate() {
    const { layer, what } = reading.view;
    try {
      const question = { given: reading.given, layer, what, model: 0 };
      const states = await fresh((signal) => ask("states", question, signal));
      if (states === null) return;
      reading.states = states;
      await page.showStates();
    } catch (error) {
      status.failed(error);
    }
  }

  function empty() {
    const examples = model.examples.map((given) =>
      el(
        "button",
        {
          type: "button",
          class: "example",
          onclick: () => {
            reading.given = { ...given };
            fields.set(given);
            update();
          },
        },
        Object.values(given).join(" — "),
      ),
    );
    return emptyState(
      say("read.empty"),
      el("p", {}, say("read.empty.how")),
      examples.length ? el("p", { class: "quiet" }, say("read.examples")) : "",
      el("div", { class: "examples" }, examples),
    );
  }

  update();
  if (!isReport && !complete(model.fields, reading.given)) fields.focus();
}

/** The cards below the fields, and how they are filled. */
function resultsPage(model, reading, shared, { typed, restate }) {
  const hears = {
    typed,
    onUnit: (unit) => {
      reading.unit = unit;
      showUnit();
    },
    onToken: (token) => {
      reading.token = token;
      map.mark(reading.unit, token);
      row?.choose(token);
      if (reading.answer.says !== "title") words.update();
    },
  };
  const tokensPlace = el("div");
  const running = el("div", { class: "figure running" });
  const runningTitle = el("h3");
  const controls = el("div");
  const map = heatMap(hears);
  const unit = unitPanel(hears);
  const copy = whatIf(model, reading, hears);
  const words = effects(model, reading);
  const maps = attention();
  const title = el("h2");
  const beside = el("div", { class: "beside" });
  let row = null;

  const elements = [
    el(
      "section",
      { class: "card" },
      el("div", { class: "heading" }, title, beside),
      tokensPlace,
      runningTitle,
      running,
    ),
    card(
      say("states.title"),
      { how: say("states.how") },
      controls,
      el("div", { class: "split" }, map.element, unit.element),
    ),
    copy.element,
    words.element,
    maps.element,
  ];

  async function show(answer) {
    const said = answer.verdict;
    beside.replaceChildren(
      ...(said ? [el("span", { class: "quiet" }, say("said.text")), verdict(said)] : []),
    );
    showTokens();
    runningTitle.textContent = answer.running ? say(`running.${answer.says}`) : "";
    running.hidden = runningTitle.hidden = !answer.running;
    const height = answer.running ? runningHeight(answer.running) : 0;
    running.style.minHeight = `${height}px`;
    // The heat map is what was asked for: it comes first, the rest follows into its place.
    await showStates();
    if (answer.running) await draw(running, answer.running, { height, margin: MARGIN });
    await maps.show(answer.attention);
    copy.update();
    words.update();
  }

  // Lines are read at a glance; a row for each of many labels needs its own height.
  function runningHeight(figure) {
    return figure.data[0].type === "scatter" ? 230 : Math.min(figure.layout.height, 440);
  }

  function showTokens() {
    const sequence = currentSequence();
    const { said, says } = reading.answer;
    const below = says === "word" ? said.map((one) => one?.label) : null;
    row = tokenRow(sequence, say("tokens.label"), hears.onToken, below);
    tokensPlace.replaceChildren(row.element);
    if (reading.token >= sequence.tokens.length) reading.token = null;
  }

  function currentSequence() {
    const layer = reading.answer.layers.find((one) => one.name === reading.view.layer);
    return reading.answer.sequences.find((one) => one.name === layer.sequence);
  }

  async function showStates() {
    const { view, states, answer } = reading;
    const orders = { ...states.orders };
    if (shared.flag && shared.flag.layer === view.layer && shared.flag.what === view.what) {
      orders.flag = shared.flag.order;
    }
    if (!(view.order in orders)) view.order = "index";
    const order = orders[view.order];
    if (reading.unit === null || reading.unit >= order.length) reading.unit = orders.variance[0];
    refilled(
      controls,
      viewControls(answer.layers, view, Object.keys(orders), (part) => {
        if (part === "order") showStates();
        else restate();
        if (part !== "order") copy.update();
      }),
    );
    showTokens();
    const { tokens } = currentSequence();
    await map.show({
      figure: states.figure,
      order,
      tokens: tokens.map((token) => token.text),
      what: view.what,
      unit: reading.unit,
      token: reading.token,
      margin: MARGIN,
      label: say("states.label", {
        what: whatName(view.what),
        units: order.length,
        tokens: tokens.length,
      }),
    });
    reading.order = order;
    await showUnit();
  }

  async function showUnit() {
    const { states, unit: chosen, view } = reading;
    const { tokens } = currentSequence();
    const values = states.figure.data[0].z[chosen];
    const what = whatName(view.what);
    title.textContent = say("tokens.title", { unit: chosen });
    title.append(
      " ",
      el("span", { class: "quiet" }, say("tokens.of", { what, layer: layerName(view.layer) })),
    );
    row.colour(
      values,
      scale(states.figure.data[0]),
      values.map((value, i) => `${visible(tokens[i].text)}: ${value === null ? "–" : number(value, 3)}`),
    );
    row.choose(reading.token);
    map.mark(chosen, reading.token);
    copy.mark(chosen);
    await unit.show({
      pattern: states.line,
      values,
      order: reading.order,
      unit: chosen,
      tokens: tokens.map((token) => token.text),
      title: say("unit.title", { unit: chosen, what }),
    });
  }

  return { elements, show, showStates };
}
