// Drawing the figures that Python made: as they are, in the reader's language.

import { called, language } from "page/language";

// Two quick clicks are two clicks: nothing is zoomed that a double click would have to undo.
const CONFIG = { displayModeBar: false, responsive: true, displaylogo: false, doubleClick: false, doubleClickDelay: 1 };

/**
 * Draws a figure into a place, or over the one that is there.
 *
 * Its title is left to the page, which has a heading for it; its words are put into the reader's
 * language where the dictionary knows them; not those of a model, which are `asWritten`.
 */
export async function draw(place, figure, { height, margin, asWritten = false } = {}) {
  const copy = structuredClone(figure.layout);
  const layout = asWritten ? copy : translated(copy);
  delete layout.title;
  layout.autosize = true;
  layout.dragmode = false;
  layout.margin = { ...layout.margin, t: 28, ...margin };
  if (height) layout.height = height;
  if (language() === "lt") layout.separators = ", ";
  const narrow = matchMedia("(max-width: 520px)").matches;
  if (narrow) slimmed(layout);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) layout.transition = { duration: 0 };
  const data = figure.data.map((trace) => inReadersWords(trace, narrow));
  await Plotly.react(place, data, layout, CONFIG);
}

export function clear(place) {
  Plotly.purge(place);
  place.replaceChildren();
}

/** A heat map with its rows in another order. */
export function reordered(figure, order) {
  const [map, ...others] = figure.data;
  const rows = (values) => order.map((unit) => values[unit]);
  const moved = { ...map, z: rows(map.z) };
  for (const name of ["y", "text", "customdata", "hovertext"]) {
    if (Array.isArray(map[name]) && map[name].length === map.z.length) moved[name] = rows(map[name]);
  }
  const axis = figure.layout.yaxis;
  const layout = { ...figure.layout, yaxis: { ...axis, ...ticks(order), categoryarray: moved.y } };
  return { data: [moved, ...others], layout };
}

// Of many units every one cannot be named; some in equal steps can.
function ticks(order) {
  const step = Math.max(1, Math.ceil(order.length / 16));
  const places = order.map((_, place) => place).filter((place) => place % step === 0);
  return { tickmode: "array", tickvals: places, ticktext: places.map((at) => String(order[at])) };
}

// On a phone every pixel beside the numbers is one less for them.
function slimmed(layout) {
  layout.font = { ...layout.font, size: 12 };
  layout.margin = { ...layout.margin, l: Math.min(layout.margin.l, 56), r: Math.min(layout.margin.r, 64) };
}

function inReadersWords(trace, narrow) {
  const made = { ...trace };
  if (typeof made.name === "string") made.name = called("figure", made.name);
  const bar = made.colorbar;
  if (bar) {
    made.colorbar = { ...bar, thickness: narrow ? 8 : 14, outlinewidth: 0 };
    const { title, ticktext } = bar;
    if (title?.text) made.colorbar.title = { ...title, text: called("figure", title.text) };
    if (ticktext) made.colorbar.ticktext = ticktext.map((text) => called("figure", text));
  }
  return made;
}

function translated(layout) {
  for (const [name, part] of Object.entries(layout)) {
    if (/^[xy]axis\d*$/.test(name) && part.title?.text) {
      part.title.text = called("figure", part.title.text);
      // Long names along an upright axis push its title outwards, not under them.
      if (name.startsWith("y")) part.title.standoff = 8;
    }
  }
  for (const note of layout.annotations ?? []) note.text = called("figure", note.text);
  return layout;
}
