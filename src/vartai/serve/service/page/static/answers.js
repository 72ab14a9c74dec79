// What each task answers, drawn.

import { el } from "page/elements";
import { number, say } from "page/language";
import { verdict } from "page/said";

export const answers = { classify, tag, generate, translate, answer, caption };

/** Every label with its probability, the likeliest first. */
export function shares(probabilities, label) {
  const chosen = [label].flat();
  const rows = Object.entries(probabilities).sort(([, a], [, b]) => b - a);
  return el(
    "dl",
    { class: "bars" },
    rows.map(([name, share]) => bar(name, share, chosen.includes(name))),
  );
}

/** What could follow, the likeliest first. */
export function followers(next) {
  const rows = next.map(({ token, probability }) => bar(visible(token), probability, false));
  return el("dl", { class: "bars" }, rows);
}

function bar(name, share, best) {
  const line = el("span");
  line.style.width = `${100 * share}%`;
  return [
    el("dt", { class: best ? "best" : null }, name),
    el("dd", {}, el("span", { class: "bar" }, line), el("span", { class: "value" }, number(share, 3))),
  ];
}

/** Words with their tags. */
export function tagged(pairs) {
  return el(
    "div",
    { class: "tokens tagged" },
    pairs.map(({ word, tag }) => [
      el("span", { class: "token" }, [word].flat()[0], el("small", {}, tag)),
      " ",
    ]),
  );
}

/** White space as signs: a bare blank could not be seen. */
export function visible(token) {
  return token.replace(/\n/g, "⏎").replace(/\t/g, "⇥").replace(/^ +$/, (run) => "␣".repeat(run.length));
}

function classify({ label, probabilities }) {
  const names = [label].flat();
  const said = names.length
    ? names.map((name) => verdict({ label: name, probability: probabilities[name] }))
    : say("answer.no.label");
  return [el("p", {}, said), shares(probabilities, label)];
}

function tag({ words, tags }) {
  return tagged(words.map((word, place) => ({ word, tag: tags[place] })));
}

function generate(written, given) {
  return el("p", { class: "written" }, el("span", { class: "given" }, given.text), written.text);
}

function translate({ text, cut }) {
  return [el("p", { class: "written" }, text), cut ? el("p", { class: "quiet" }, say("answer.cut")) : null];
}

function answer({ text, start, end, confidence }, { context }) {
  const said = el("p", {}, verdict({ label: text ?? say("answer.none"), probability: confidence }));
  if (start === null) return said;
  // Places are counted in code points.
  const points = Array.from(context);
  const part = (from, to) => points.slice(from, to).join("");
  const place = el(
    "p",
    { class: "written" },
    part(0, start),
    el("mark", {}, part(start, end)),
    part(end),
  );
  return [said, place];
}

function caption({ text, notes = [] }) {
  return [el("p", { class: "written" }, text), notes.map((note) => el("p", { class: "quiet" }, note))];
}
