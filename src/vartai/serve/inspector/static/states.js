// The states or gates of one layer as a heat map, with a cross that mouse and keys move.

import { cursorOver } from "page/cursor";
import { el } from "page/elements";
import { draw, reordered } from "page/figures";
import { number, say } from "page/language";
import { visible } from "page/tokens";
import { whatName } from "page/view";

const LOWEST = 340;
const HIGHEST = 560;

/**
 * A heat map of `units × tokens`; `onUnit(unit)` and `onToken(place)` hear of what is chosen.
 *
 * `named(what)` is what the values are called. The numbers come with the figure and are only re-ordered here.
 */
export function heatMap({ onUnit, onToken, named = whatName }) {
  const drawn = el("div", {
    class: "figure heat",
    tabindex: "0",
    role: "group",
    onkeydown: (event) => walk(event),
  });
  const readout = el("p", { class: "readout", "aria-live": "polite" });
  const cursor = cursorOver(drawn);
  let shown = null;

  async function show({ figure, order, tokens, what, unit, token, label, margin }) {
    const listening = shown !== null;
    shown = { figure, order, tokens, what, unit, token };
    drawn.setAttribute("aria-label", label);
    const height = Math.min(Math.max(110 + 7 * order.length, LOWEST), HIGHEST);
    await draw(drawn, reordered(figure, order), { height, margin });
    if (!listening) listen();
    mark(shown.unit, shown.token);
  }

  function listen() {
    drawn.on("plotly_hover", ({ points: [point] }) => tell(...point.pointNumber));
    drawn.on("plotly_click", ({ points: [point] }) => {
      const [row, column] = point.pointNumber;
      onUnit(shown.order[row]);
      onToken(column);
    });
    drawn.on("plotly_afterplot", () => cursor.place());
  }

  function mark(unit, token) {
    if (!shown) return;
    shown.unit = unit;
    shown.token = token;
    const row = shown.order.indexOf(unit);
    cursor.place({ row: row < 0 ? null : row, column: token });
    if (row >= 0) tell(row, token ?? 0);
  }

  function tell(row, column) {
    const unit = shown.order[row];
    const value = shown.figure.data[0].z[unit]?.[column];
    if (value === undefined) return;
    readout.textContent = say("readout", {
      unit,
      place: column + 1,
      token: visible(shown.tokens[column]),
      what: named(shown.what),
      value: value === null ? "–" : number(value, 3),
    });
  }

  function walk(event) {
    if (!shown) return;
    const { order, tokens, unit, token } = shown;
    const row = Math.max(order.indexOf(unit), 0);
    const column = token ?? 0;
    const page = Math.max(1, Math.round(order.length / 10));
    const moves = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      PageUp: [row - page, column],
      PageDown: [row + page, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, tokens.length - 1],
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    const [nextRow, nextColumn] = moves[event.key];
    const within = (value, n) => Math.min(Math.max(value, 0), n - 1);
    onUnit(order[within(nextRow, order.length)]);
    onToken(within(nextColumn, tokens.length));
  }

  return { element: el("div", {}, drawn, readout), show, mark };
}
