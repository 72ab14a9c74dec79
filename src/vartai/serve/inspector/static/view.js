// What is looked at: which layer and direction, which of its states and gates, in which order.

import { segments, select } from "page/choice";
import { el } from "page/elements";
import { called, say } from "page/language";

/** The controls of a view {layer, what, order}; `onChange(part)` hears which part changed. */
export function viewControls(layers, view, orders, onChange) {
  const layer = layers.find((one) => one.name === view.layer);
  const element = el("div", { class: "controls" });
  if (layers.length > 1) {
    const options = layers.map((one) => ({ value: one.name, label: layerName(one.name) }));
    element.append(
      select(say("layer"), options, view.layer, (value) => {
        view.layer = value;
        onChange("layer");
      }),
    );
  }
  const whats = layer.whats.map((what) => ({ value: what, label: whatName(what) }));
  element.append(
    segments(say("what"), whats, view.what, (value) => {
      view.what = value;
      onChange("what");
    }),
    select(
      say("order"),
      orders.map((order) => ({ value: order, label: say(`order.${order}`) })),
      view.order,
      (value) => {
        view.order = value;
        onChange("order");
      },
    ),
  );
  return element;
}

/** Keeps a view within what a model has. */
export function settle(view, layers) {
  const layer = layers.find((one) => one.name === view.layer) ?? layers[0];
  view.layer = layer.name;
  if (!layer.whats.includes(view.what)) view.what = layer.whats[0];
  return layer;
}

/** "encoder.l0_reverse" in words: "encoder, layer 1, read backwards". */
export function layerName(name) {
  const [, part, number, reverse] = name.match(/^(?:(.*)\.)?l(\d+)(_reverse)?$/) ?? [];
  if (number === undefined) return name;
  const words = say(reverse ? "layer.backwards" : "layer.forwards", { number: Number(number) + 1 });
  return part ? `${called("part", part)}, ${words}` : words;
}

export function whatName(what) {
  return called("what", what);
}
