// A text in, an answer out: what the model's task makes of it.

import { card } from "page/card";
import { composer } from "page/composer";
import { el, freshId } from "page/elements";
import { post } from "page/door";
import { say } from "page/language";
import { read } from "page/source";
import { latest, statusLine } from "page/state";
import { answers } from "try/answers";
import { pieces } from "try/events";
import { inBase64, pictureField } from "try/picture";

const TEXT = [{ name: "text", required: true, rows: 3 }];
const FIELDS = {
  classify: TEXT,
  tag: TEXT,
  generate: TEXT,
  translate: [{ name: "source", required: true, rows: 3 }],
  answer: [
    { name: "context", required: true, rows: 6 },
    { name: "question", required: true, rows: 1 },
  ],
};
const WRITING = [
  { name: "length", value: 200, min: 1, step: 1 },
  { name: "temperature", value: 0.8, min: 0, step: 0.1 },
  { name: "seed", value: 0, min: 0, step: 1 },
];

export function askTab(current) {
  const kept = new Map(); // what was typed and answered, by model
  const once = latest();

  function build(panel) {
    const model = current();
    if (!kept.has(model.name)) kept.set(model.name, { typed: {}, given: {}, answer: null });
    const mine = kept.get(model.name);
    const status = statusLine();
    const result = el("div", { class: "results", "aria-live": "polite" });
    const fields =
      model.task === "caption"
        ? pictureField()
        : composer(FIELDS[model.task], mine.typed, {}, (given) => Object.assign(mine.typed, given));
    const options = model.task === "generate" ? numbers(mine.typed) : null;
    const go = el("button", { class: "main", type: "button", onclick: run }, say(`go.${model.task}`));
    fields.element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
    });

    function show() {
      if (mine.answer === null) return;
      const drawn = answers[model.task](mine.answer, mine.given);
      result.replaceChildren(card(say("answer"), {}, drawn));
    }

    async function run() {
      const given = { ...mine.typed, ...fields.values() };
      if (given.file === null) return fields.focus();
      status.waiting(say("waiting"));
      try {
        const done = await once((signal) =>
          ask(model, given, signal, (answer) => {
            Object.assign(mine, { given, answer });
            show();
          }),
        );
        if (done !== null) status.clear();
      } catch (error) {
        status.failed(error);
      }
    }

    show();
    panel.append(
      card(say(`ask.${model.task}`), { how: say("ask.how") }, fields.element, options, go),
      status.element,
      result,
    );
  }

  return { name: "ask", build };
}

/** Asks the model; `told` hears of its answer, that of a language model while it is written. */
async function ask(model, given, signal, told) {
  if (model.task === "generate") {
    const asked = { model: model.name, prompt: given.text, stream: true };
    for (const { name, value } of WRITING) asked[name] = given[name] ?? value;
    let text = "";
    for await (const piece of pieces(await post("v1/generate", asked, { signal }))) {
      text += piece;
      told({ text });
    }
    return true;
  }
  if (model.task === "caption") {
    const asked = { model: model.name, input: await inBase64(given.file) };
    told((await read(await post("v1/caption", asked, { signal }))).output);
    return true;
  }
  const input = model.task === "answer" ? given : given[FIELDS[model.task][0].name];
  const answer = await read(await post("v1/predict", { model: model.name, input }, { signal }));
  told(answer.output);
  return true;
}

/** How a language model is to write. */
function numbers(typed) {
  return el(
    "div",
    { class: "controls" },
    WRITING.map(({ name, value, min, step }) => {
      const id = freshId("number");
      const field = el("input", { id, type: "number", min, step, value: typed[name] ?? value });
      field.addEventListener("input", () => {
        if (field.value !== "" && field.checkValidity()) typed[name] = Number(field.value);
      });
      return el(
        "div",
        { class: "field" },
        el("label", { class: "label", for: id }, say(`writing.${name}`)),
        field,
      );
    }),
  );
}
