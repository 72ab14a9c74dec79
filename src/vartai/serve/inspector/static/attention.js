// Attention maps, where a model has them: which words it looked at for each word it wrote.

import { el } from "page/elements";
import { draw } from "page/figures";
import { called, say } from "page/language";

export function attention() {
  const places = el("div");
  const element = el(
    "section",
    { class: "card", hidden: true },
    el("h2", {}, say("attention.title")),
    el("p", { class: "quiet" }, say("attention.how")),
    places,
  );

  async function show(maps) {
    element.hidden = maps.length === 0;
    const drawn = maps.map(() => el("div", { class: "figure" }));
    places.replaceChildren(
      ...maps.flatMap((map, i) => [el("h3", {}, called("attention", map.name)), drawn[i]]),
    );
    for (const [i, map] of maps.entries()) await draw(drawn[i], map.figure);
  }

  return { element, show };
}
