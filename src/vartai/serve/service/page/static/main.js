// The page of a service: which model, its language, its tabs.

import { select } from "page/choice";
import { el } from "page/elements";
import { addWords, choose, language, languages, onLanguage, say } from "page/language";
import { send } from "page/door";
import { read } from "page/source";
import { explain } from "page/state";
import { makeTabs } from "page/tabs";
import { askTab } from "try/ask";
import { liveTab } from "try/live";
import { en } from "try/words/en";
import { lt } from "try/words/lt";

addWords({ en, lt });

const place = (name) => document.getElementById(name);

async function start() {
  document.documentElement.lang = language();
  document.title = "Vartai";
  let models;
  try {
    models = (await read(await send("v1/models"))).models;
  } catch (error) {
    place("panels").append(el("p", { class: "status failed", role: "alert" }, explain(error)));
    return;
  }
  // Whoever comes back from looking into a model comes back to that model.
  let model = models.find(({ name }) => `#${name}` === decodeURIComponent(location.hash));
  if (model) history.replaceState(null, "", location.pathname + location.search);
  else [model] = models;
  const tabs = makeTabs(place("tabs"), place("panels"), [askTab(() => model), liveTab(() => model)]);

  function head() {
    showHead(models, model, (name) => {
      model = models.find((one) => one.name === name);
      head();
      tabs.renew();
      place("model").querySelector("select").focus();
    });
  }

  head();
  onLanguage(head);
}

function showHead(models, model, onModel) {
  place("skip").textContent = say("skip");
  document.title = `${model.name} · Vartai`;
  const named = models.map(({ name }) => ({ value: name, label: name }));
  place("model").replaceChildren(
    models.length > 1
      ? select(say("model.choose"), named, model.name, onModel)
      : el("span", { class: "name" }, model.name),
    el("span", { class: "facts" }, say(`task.${model.task}`)),
    model.inspector ? el("a", { href: model.inspector }, say("inside")) : "",
  );
  place("foot").replaceChildren(say("foot"), " ", el("code", {}, "GET /openapi.json"));
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

start();
