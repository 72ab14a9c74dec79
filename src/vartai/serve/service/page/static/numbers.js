// A state as a strip of colours: a row a unit.

import { el } from "page/elements";
import { number, say } from "page/language";
import { visible } from "try/answers";

const NEGATIVE = [22, 50, 79];
const ZERO = [255, 255, 255];
const POSITIVE = [184, 86, 43];

/** One step: the piece that was read, what was said then, and the numbers below. */
export function column({ piece, said, written }, { part, most, says }) {
  const values = said.state[part];
  const strip = el("canvas", { width: 1, height: values.length, role: "img" });
  strip.style.height = `${Math.min(Math.max(values.length * 3, 48), 260)}px`;
  const strongest = values.reduce((best, value, unit) =>
    Math.abs(value) > Math.abs(values[best]) ? unit : best, 0);
  const told = say("live.strongest", { unit: strongest, value: number(values[strongest], 3) });
  strip.setAttribute("aria-label", `${piece.trim() || "–"}: ${told}`);
  strip.title = told;
  paint(strip, values, most);
  const token = el(
    "span",
    { class: "token" },
    piece.trim() ? piece.trim() : visible(piece) || "–",
    says ? el("small", {}, says) : null,
  );
  return el("div", { class: written ? "piece written" : "piece" }, token, strip);
}

function paint(strip, values, most) {
  const pen = strip.getContext("2d");
  const image = pen.createImageData(1, values.length);
  values.forEach((value, unit) => {
    const share = Math.min(Math.abs(value) / most, 1);
    const end = value < 0 ? NEGATIVE : POSITIVE;
    const colour = ZERO.map((part, i) => Math.round(part + share * (end[i] - part)));
    image.data.set([...colour, 255], 4 * unit);
  });
  pen.putImageData(image, 0, 0);
}
