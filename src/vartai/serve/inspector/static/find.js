// The tab Find: where else the state is what it is here.

import { card } from "page/card";
import { segments, select } from "page/choice";
import { el } from "page/elements";
import { corpusHint } from "page/flags";
import { asking, table, textsField } from "page/form";
import { number, say } from "page/language";
import { isReport } from "page/source";
import { emptyState } from "page/state";
import { layerName, whatName } from "page/view";

export function findTab(model, shared) {
  const kept = { texts: "", marked: null, match: false, layer: "", answer: null };
  return { name: "find", build: (panel) => build(panel, model, shared, kept) };
}

function build(panel, model, shared, kept) {
  if (isReport || !model.tabs.find) {
    const why = say(isReport ? "report.absent" : "not.this.task");
    panel.append(emptyState(say("tab.find"), el("p", {}, why)));
    return;
  }
  kept.marked ??= markedStart(shared);
  const form = asking("find", say("find.go"), {
    question: () => ({
      texts: kept.texts,
      marked: kept.marked,
      match: kept.match,
      layer: kept.layer || null,
      what: null,
      threshold: 0.3,
      model: 0,
    }),
    show,
    keep: kept,
  });
  const marked = textsField(say("find.marked"), kept.marked, {
    rows: 2,
    grows: true,
    hint: say("find.marked.hint"),
    limit: model.limits.characters,
    onInput: (value) => (kept.marked = value),
  });
  const texts = textsField(say("texts"), kept.texts, {
    rows: 3,
    hint: corpusHint(model),
    limit: 200_000,
    onInput: (value) => (kept.texts = value),
  });
  const layers = shared.reading?.answer?.layers ?? [];
  const layer = select(
    say("layer"),
    [
      { value: "", label: say("find.topmost") },
      ...layers.map((one) => ({ value: one.name, label: layerName(one.name) })),
    ],
    kept.layer,
    (value) => (kept.layer = value),
  );
  const kinds = [
    { value: "nearest", label: say("find.nearest") },
    { value: "match", label: say("find.match") },
  ];
  const choice = segments(say("find.kind"), kinds, kept.match ? "match" : "nearest", (value) => {
    kept.match = value === "match";
  });
  panel.append(
    card(
      say("find.title"),
      { how: say("find.how") },
      marked.element,
      texts.element,
      el("div", { class: "controls" }, choice, layers.length > 1 ? layer : "", form.button),
    ),
    form.status,
    form.place,
  );
  form.begin();
}

// The text that was read, its chosen token marked.
function markedStart(shared) {
  const { answer, token } = shared.reading ?? {};
  if (!answer) return "";
  const { shown, tokens } = answer.sequences[0];
  const at = tokens[token ?? tokens.length - 1];
  return `${shown.slice(0, at.start)}[${shown.slice(at.start, at.end)}]${shown.slice(at.end)}`;
}

// What stands around a hit was cut to so many characters.
const AROUND = 60;

function inContext({ before, text, after }) {
  const start = before.length < AROUND ? before : `…${before.slice(before.indexOf(" "))}`;
  const end = after.length < AROUND ? after : `${after.slice(0, after.lastIndexOf(" "))} …`;
  return el("span", { class: "hit" }, start, el("mark", {}, text), end);
}

async function show(answer, place) {
  const searched = say("find.searched", {
    tokens: number(answer.tokens, 0),
    texts: number(answer.texts, 0),
    layer: layerName(answer.layer),
  });
  const units = answer.units.length ? say("find.units", { units: answer.units.join(", ") }) : "";
  const rows = answer.hits.map((hit) => [
    number(hit.score, 3),
    String(hit.line),
    inContext(hit),
  ]);
  place.replaceChildren(
    card(
      answer.hits.length ? say("find.best") : say("find.nothing"),
      { how: `${searched} ${units}` },
      rows.length ? table([say("find.score"), say("find.line"), say("find.where")], rows) : "",
    ),
  );
}
