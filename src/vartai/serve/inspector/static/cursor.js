// A cross over a heat map: the chosen unit's row and the chosen token's column.

import { el } from "page/elements";

/** Lays the cross over a drawn figure; `place({row, column})` moves it. */
export function cursorOver(drawn) {
  const row = el("div", { class: "cursor row", hidden: true });
  const column = el("div", { class: "cursor column", hidden: true });
  drawn.append(row, column);
  let at = { row: null, column: null };

  function place(next = at) {
    at = next;
    const layout = drawn._fullLayout;
    if (!layout?.xaxis) return;
    if (!row.isConnected) drawn.append(row, column);
    const { xaxis, yaxis } = layout;
    box(row, at.row, yaxis, (from, to) => ({
      left: xaxis._offset,
      top: yaxis._offset + from,
      width: xaxis._length,
      height: to - from,
    }));
    box(column, at.column, xaxis, (from, to) => ({
      left: xaxis._offset + from,
      top: yaxis._offset,
      width: to - from,
      height: yaxis._length,
    }));
  }

  return { place };
}

function box(mark, at, axis, measure) {
  mark.hidden = at === null || at === undefined;
  if (mark.hidden) return;
  const ends = [axis.l2p(at - 0.5), axis.l2p(at + 0.5)].sort((a, b) => a - b);
  const sides = measure(Math.max(ends[0], 0), Math.min(ends[1], axis._length));
  for (const [side, pixels] of Object.entries(sides)) mark.style[side] = `${pixels}px`;
}
