// The tab Flags: which units tell a property of words.

import { card } from "page/card";
import { select } from "page/choice";
import { el } from "page/elements";
import { draw } from "page/figures";
import { asking, lineField, table, textsField } from "page/form";
import { called, number, say } from "page/language";
import { isReport } from "page/source";
import { emptyState } from "page/state";
import { layerName, whatName } from "page/view";

const LIMIT = 200_000;

export function flagsTab(model, shared) {
  const kept = { texts: "", by: null, pattern: "", answer: null };
  return { name: "flags", build: (panel) => build(panel, model, shared, kept) };
}

function build(panel, model, shared, kept) {
  if (isReport || !model.tabs.flags) {
    const why = say(isReport ? "report.absent" : "not.this.task");
    panel.append(emptyState(say("tab.flags"), el("p", {}, why)));
    return;
  }
  const ways = ["pattern", ...model.scopes];
  if (model.corpus?.column) ways.unshift("column");
  kept.by ??= ways[0];
  const form = asking("flags", say("flags.go"), {
    question: () => ({ texts: kept.texts, by: kept.by, pattern: kept.pattern, model: 0 }),
    show: (answer, place) => show(answer, place, shared),
    keep: kept,
  });
  const pattern = lineField(say("flags.pattern"), kept.pattern, {
    onInput: (value) => (kept.pattern = value),
  });
  const field = textsField(say("texts"), kept.texts, {
    hint: corpusHint(model),
    limit: LIMIT,
    rows: 4,
    onInput: (value) => (kept.texts = value),
  });
  const settle = () => {
    pattern.hidden = kept.by !== "pattern";
    field.element.hidden = kept.by === "column";
  };
  const choice = select(
    say("flags.by"),
    ways.map((value) => ({ value, label: wayName(value, model) })),
    kept.by,
    (value) => {
      kept.by = value;
      settle();
    },
  );
  settle();
  panel.append(
    card(
      say("flags.title"),
      { how: say("flags.how") },
      field.element,
      el("div", { class: "controls" }, choice, pattern, form.button),
    ),
    form.status,
    form.place,
  );
  form.begin();
}

export function corpusHint(model) {
  if (!model.corpus) return say("corpus.none");
  return say("corpus.some", { name: model.corpus.name, texts: model.corpus.texts });
}

function wayName(value, model) {
  if (value === "column") return say("flags.column", { column: model.corpus.column });
  return called("flags.way", value);
}

async function show(answer, place, shared) {
  const said = say("flags.chance", {
    units: answer.units,
    critical: number(answer.critical, 3),
    shuffles: answer.shuffles,
    tokens: number(answer.tokens[0] + answer.tokens[1], 0),
  });
  const drawings = [];
  const cards = answer.values.map((one) => {
    const [curve, histogram] = [el("div", { class: "figure" }), el("div", { class: "figure" })];
    drawings.push([curve, one.curve], [histogram, one.histogram]);
    return card(
      called("flags.value", one.value),
      { how: say("flags.survivors", { survivors: one.survivors, units: answer.units }) },
      scores(one, shared),
      el("div", { class: "halves" }, curve, histogram),
    );
  });
  place.replaceChildren(el("p", { class: "quiet" }, said), ...cards);
  for (const [at, figure] of drawings) await draw(at, inWords(figure), { height: 360 });
}

const COUNTED = /^(.*) \(([\d,]+) tokens\)$/;
const SURVIVES = /^survives above ([\d.]+)$/;
const VALUE = /^value of (\w+)\.(\w+)\.(\d+)$/;

// The names of these figures hold numbers, so that no dictionary has them whole.
function inWords(figure) {
  const data = figure.data.map((one) => (one.name ? { ...one, name: renamed(one.name) } : one));
  const axis = figure.layout.xaxis;
  const [, layer, what, unit] = axis.title.text.match(VALUE) ?? [];
  if (!unit) return { ...figure, data };
  const text = `${say("unit.title", { unit, what: whatName(what) })} (${layerName(layer)})`;
  return { data, layout: { ...figure.layout, xaxis: { ...axis, title: { text } } } };
}

function renamed(name) {
  const [, label, count] = name.match(COUNTED) ?? [];
  if (count) {
    const tokens = number(Number(count.replaceAll(",", "")), 0);
    return say("flags.counted", { label: called("flags.label", label), tokens });
  }
  const [, critical] = name.match(SURVIVES) ?? [];
  if (critical) return say("flags.critical", { critical: number(Number(critical), 3) });
  return called("flags.score", name);
}

function scores(one, shared) {
  return table(
    [
      say("unit"),
      say("flags.where"),
      say("flags.direction"),
      say("flags.auroc"),
      say("flags.held"),
      say("flags.p"),
    ],
    one.best.map((score) => [
      el(
        "button",
        {
          type: "button",
          title: say("flags.follow"),
          onclick: () => follow(score, one, shared),
        },
        String(score.unit),
      ),
      `${whatName(score.what)}, ${layerName(score.layer)}`,
      say(score.sign > 0 ? "flags.higher" : "flags.lower"),
      number(score.auroc, 3),
      number(score.held_out, 3),
      score.p < 0.01 ? `${number(score.p, 4)}` : number(score.p, 2),
    ]),
  );
}

// The unit, and the order of all units by this flag, are shown where texts are read.
function follow(score, one, shared) {
  const { order } = one.orders.find(
    ({ layer, what }) => layer === score.layer && what === score.what,
  );
  shared.flag = { layer: score.layer, what: score.what, order };
  shared.reading.unit = score.unit;
  Object.assign(shared.reading.view, { layer: score.layer, what: score.what, order: "flag" });
  shared.reading.answered = null;
  shared.showTab("read");
}
