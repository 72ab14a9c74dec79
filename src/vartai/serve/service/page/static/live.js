// A session: text is read as it comes, a piece at a time, and the state is shown after each.

import { card } from "page/card";
import { select } from "page/choice";
import { el, freshId } from "page/elements";
import { called, say } from "page/language";
import { statusLine } from "page/state";
import { followers, shares, tagged, visible } from "try/answers";
import { pieces } from "try/events";
import { column } from "try/numbers";
import { Session } from "try/session";

const MOST = 200; // steps that are shown; the session itself has no end
const WRITTEN = 60; // tokens that are written at once

export function liveTab(current) {
  let held = null; // the session, what it said so far, a state that was kept

  window.addEventListener("pagehide", () => held?.session.end());

  function build(panel) {
    const model = current();
    if (!model.streams) {
      const why = say("live.not", { why: model.no_stream_because });
      panel.append(el("p", { class: "status note" }, why));
      return;
    }
    if (held && held.session.model !== model.name) {
      held.session.end();
      held = null;
    }
    held ??= null;
    panel.append(...parts(model));
  }

  function parts(model) {
    const status = statusLine();
    const now = el("div", { class: "results", "aria-live": "polite" });
    const name = freshId("fragment");
    const field = el("textarea", {
      id: name,
      rows: 2,
      placeholder: say("live.placeholder"),
      spellcheck: "false",
      autocomplete: "off",
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey) return;
        event.preventDefault();
        readOn();
      },
    });
    let busy = false;

    /** One thing at a time; what fails is told, and the session stands where it stood. */
    async function doing(act) {
      if (busy) return;
      busy = true;
      status.waiting(say("waiting"));
      try {
        held ??= { session: await Session.begin(model.name), steps: [], kept: null, part: null };
        await act();
        status.clear();
      } catch (error) {
        status.failed(error);
      }
      busy = false;
      show();
    }

    const readOn = () =>
      doing(async () => {
        const typed = field.value;
        field.value = "";
        // Cut behind white space: so are the ends of words, and each step has a word or two.
        for (const piece of typed.match(/\S*\s+|\S+/g) ?? []) {
          note(piece, await held.session.step(piece));
          show();
        }
      });

    const finish = () => doing(async () => note("", await held.session.step("", true)));

    const write = () =>
      doing(async () => {
        let text = "";
        for await (const piece of pieces(await held.session.write(WRITTEN, held.steps.length))) {
          text += piece;
          now.querySelector(".writing")?.append(piece);
        }
        note(text, await held.session.step(""), true);
      });

    const keep = () =>
      doing(async () => {
        held.kept = { state: await held.session.state(), steps: [...held.steps] };
      });

    const goBack = () =>
      doing(async () => {
        await held.session.goBack(held.kept.state);
        held.steps = [...held.kept.steps];
      });

    function anew() {
      if (busy) return;
      held?.session.end();
      held = null;
      status.clear();
      show();
      field.focus();
    }

    function note(piece, said, written = false) {
      held.steps.push({ piece, said, written });
      if (held.steps.length > MOST) held.steps.shift();
    }

    const button = (key, act, main = false) =>
      el("button", { type: "button", class: main ? "main" : null, onclick: act }, say(key));
    const back = button("live.back", goBack);

    function show() {
      back.disabled = !held?.kept;
      now.replaceChildren(...(held && held.steps.length ? told(model, held, show) : []));
    }

    show();
    return [
      card(
        say("live.title"),
        { how: say("live.how") },
        el("div", { class: "field wide" }, el("label", { class: "label", for: name }, say("live.label")), field),
        el(
          "div",
          { class: "row" },
          button("live.read", readOn, true),
          button("live.flush", finish),
          model.task === "generate" ? button("live.write", write) : null,
          button("live.keep", keep),
          back,
          button("live.anew", anew),
        ),
      ),
      status.element,
      now,
    ];
  }

  return { name: "live", build };
}

/** What it says now, and the state after every piece. */
function told(model, held, again) {
  const { said } = held.steps.at(-1);
  const place = say("live.place", { tokens: said.tokens });
  const waits = said.pending ? say("live.pending", { pending: visible(said.pending) }) : "";
  return [
    card(say(`live.says.${model.task}`), { beside: el("span", { class: "quiet" }, place) }, [
      says(model, held.steps),
      model.task === "generate" ? el("p", { class: "written writing" }) : null,
      waits ? el("p", { class: "quiet" }, waits) : null,
    ]),
    stateCard(held, again),
  ];
}

function says(model, steps) {
  const { said } = steps.at(-1);
  if (model.task === "classify") return shares(said.probabilities, said.label);
  if (model.task === "generate") return followers(said.next);
  return tagged(steps.flatMap((step) => step.said.tags));
}

function stateCard(held, again) {
  const parts = Object.keys(held.steps.at(-1).said.state);
  held.part = parts.includes(held.part) ? held.part : parts[0];
  const named = parts.map((part) => ({ value: part, label: partName(part) }));
  const choice = select(say("live.part"), named, held.part, (part) => {
    held.part = part;
    again();
  });
  const most = Math.max(
    ...held.steps.flatMap(({ said }) => said.state[held.part].map(Math.abs)),
    1e-9,
  );
  const columns = held.steps.map((step) =>
    column(step, { part: held.part, most, says: short(step.said) }),
  );
  return card(
    say("live.state"),
    { beside: choice, how: say("live.state.how", { units: held.steps.at(-1).said.state[held.part].length }) },
    el("div", { class: "steps" }, columns),
  );
}

function partName(part) {
  const [layer, what] = part.split(".");
  const at = /^l(\d+)$/.exec(layer);
  if (!at) return part;
  const forwards = say("layer.forwards", { number: Number(at[1]) + 1 });
  return `${called("what", what)}, ${forwards}`;
}

/** What was said at a step, in a word. */
function short(said) {
  if (said.label !== undefined) return [said.label].flat().join(", ");
  if (said.next !== undefined) return visible(said.next[0].token);
  return said.tags.map(({ tag }) => tag).join(" ");
}
