// The tab Memory: how far back the model remembers, and its gates as masks.

import { card } from "page/card";
import { segments } from "page/choice";
import { el } from "page/elements";
import { draw } from "page/figures";
import { asking, table, textsField } from "page/form";
import { called, number, say } from "page/language";
import { emptyState } from "page/state";
import { layerName, whatName } from "page/view";

const LIMIT = 20_000;

export function memoryTab(model, shared) {
  const kept = { texts: null, of: "outputs", answer: null };
  return { name: "memory", build: (panel) => build(panel, model, shared, kept) };
}

function build(panel, model, shared, kept) {
  if (!model.tabs.memory) {
    panel.append(emptyState(say("tab.memory"), el("p", {}, say("not.this.task"))));
    return;
  }
  kept.texts ??= start(model, shared);
  const field = textsField(say("memory.texts"), kept.texts, {
    hint: say("memory.hint"),
    limit: LIMIT,
    onInput: (value) => (kept.texts = value),
  });
  const form = asking("memory", say("memory.go"), {
    question: () => ({ texts: kept.texts, of: kept.of, model: 0 }),
    show,
    keep: kept,
  });
  const kinds = ["outputs", "states", "score"];
  const options = kinds.map((value) => ({ value, label: say(`memory.${value}`) }));
  const choice = segments(say("memory.of"), options, kept.of, (value) => (kept.of = value));
  panel.append(
    card(
      say("memory.title"),
      { how: say("memory.how") },
      field.element,
      el("div", { class: "controls" }, choice, form.button),
    ),
    form.status,
    form.place,
  );
  form.begin();
}

function start(model, shared) {
  const read = shared.reading?.given.text ?? "";
  return [...(read.trim() ? [read] : []), ...(model.corpus?.sample ?? [])].join("\n");
}

async function show(answer, place) {
  const curve = el("div", { class: "figure" });
  const gates = answer.gates.map(() => el("div", { class: "figure" }));
  place.replaceChildren(
    card(
      say("memory.curve"),
      { how: answer.what },
      curve,
      lengths(answer.lengths),
      el("p", { class: "quiet" }, say("memory.explain")),
    ),
    ...answer.gates.map((one, i) =>
      card(
        say("memory.gates", { layer: layerName(one.layer) }),
        { how: say("memory.gates.how") },
        el("div", { class: "split" }, gates[i], masks(one.masks)),
      ),
    ),
  );
  await draw(curve, answer.figure, { height: 440 });
  for (const [i, one] of answer.gates.entries()) await draw(gates[i], named(one.figure), { height: 440 });
}

// Gates are called here what they are called everywhere.
function named(figure) {
  const data = figure.data.map((one) => (one.name ? { ...one, name: whatName(one.name) } : one));
  return { ...figure, data };
}

function lengths(rows) {
  const far = (value, longest) => (value === null ? `> ${longest}` : number(value, 1));
  return table(
    [say("memory.model"), say("memory.step"), say("memory.third"), say("memory.gone")],
    rows.map((row) => [
      called("figure", row.name),
      row.growth === null ? "–" : `× ${number(row.growth, 3)}`,
      far(row.third, row.longest),
      far(row.gone, row.longest),
    ]),
  );
}

function masks(rows) {
  const share = (value) => `${number(100 * value, 1)} %`;
  return table(
    [say("memory.gate"), say("memory.shut"), say("memory.open"), say("memory.masks")],
    rows.map((row) => [
      whatName(row.gate),
      share(row.shut),
      share(row.open),
      `${row.masks} / ${row.units}`,
    ]),
  );
}
