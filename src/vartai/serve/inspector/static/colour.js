// The colour of a number, on the very scale of a figure's heat map.

/** A function from numbers to CSS colours, for a trace with colorscale, zmin and zmax. */
export function scale(trace) {
  const stops = trace.colorscale.map(([place, colour]) => [place, parts(colour)]);
  const { zmin, zmax } = trace;
  return (value) => {
    if (value === null || value === undefined) return null;
    const place = Math.min(Math.max((value - zmin) / (zmax - zmin || 1), 0), 1);
    let upper = stops.findIndex(([at]) => at >= place);
    if (upper <= 0) upper = 1;
    const [[from, a], [to, b]] = [stops[upper - 1], stops[upper]];
    const share = (place - from) / (to - from || 1);
    return a.map((part, i) => Math.round(part + share * (b[i] - part)));
  };
}

export function css([red, green, blue]) {
  return `rgb(${red}, ${green}, ${blue})`;
}

/** Dark or light writing, whichever is more legible on a colour (WCAG's relative luminance). */
export function writingOn(colour) {
  const [r, g, b] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return luminance > 0.22 ? "#10202f" : "#ffffff";
}

function parts(colour) {
  if (colour.startsWith("#")) {
    return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  }
  return colour.match(/[\d.]+/g).slice(0, 3).map(Number);
}
