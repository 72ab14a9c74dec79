// The page: its head, its language, its tabs.

import { compareTab } from "page/compare";
import { el } from "page/elements";
import { findTab } from "page/find";
import { flagsTab } from "page/flags";
import { choose, language, languages, number, onLanguage, say } from "page/language";
import { lookTab } from "page/look";
import { memoryTab } from "page/memory";
import { readTab } from "page/read";
import { isReport, open } from "page/source";
import { explain } from "page/state";
import { makeTabs } from "page/tabs";

const place = (name) => document.getElementById(name);

async function start() {
  document.documentElement.lang = language();
  let model;
  try {
    model = await open();
  } catch (error) {
    place("panels").append(el("p", { class: "status failed", role: "alert" }, explain(error)));
    return;
  }
  const shared = { flag: null };
  showHead(model);
  onLanguage(() => showHead(model));
  const tabs = makeTabs(place("tabs"), place("panels"), kindsOf(model, shared));
  shared.showTab = tabs.show;
}

function kindsOf(model, shared) {
  if (model.task === "caption") return [lookTab(model)];
  return [
    readTab(model, shared),
    memoryTab(model, shared),
    flagsTab(model, shared),
    findTab(model, shared),
    compareTab(model, shared),
  ];
}

function showHead(model) {
  place("skip").textContent = say("skip");
  document.title = `${model.name} · Vartai`;
  place("model").replaceChildren(
    el("span", { class: "name" }, model.name),
    el("span", { class: "facts" }, facts(model).join(" · ")),
    model.behind ? el("a", { href: model.behind }, say("service.back")) : "",
  );
  place("foot").textContent = isReport ? say("report.of") : "";
  place("languages").replaceChildren(
    ...languages.map(({ code, name }) =>
      el(
        "button",
        {
          type: "button",
          lang: code,
          "aria-pressed": String(code === language()),
          onclick: () => {
            choose(code);
            place("languages").querySelector(`[lang=${code}]`).focus();
          },
        },
        name,
      ),
    ),
  );
  place("languages").setAttribute("aria-label", say("language.choose"));
}

function facts(model) {
  return [
    say(`task.${model.task}`),
    model.cell.toUpperCase(),
    say("model.units", { units: model.units }),
    say("model.parameters", { parameters: number(model.parameters, 0) }),
  ];
}

start();
