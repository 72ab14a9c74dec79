// What the model says, as a small sign: the label and how sure it is.

import { el } from "page/elements";
import { number } from "page/language";

/** The sign for {label, probability}. */
export function verdict({ label, probability }) {
  return el(
    "span",
    { class: "verdict" },
    el("span", { class: "word" }, label),
    probability === null ? "" : el("span", { class: "share" }, number(probability)),
  );
}
