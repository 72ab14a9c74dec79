// A part of a page with a heading, and what stands beside the heading.

import { el, freshId } from "page/elements";

export function card(title, { beside = null, how = null, level = "h2" } = {}, ...children) {
  const name = freshId("heading");
  return el(
    "section",
    { class: "card", "aria-labelledby": name },
    el("div", { class: "heading" }, el(level, { id: name }, title), beside),
    how ? el("p", { class: "quiet" }, how) : null,
    children,
  );
}
