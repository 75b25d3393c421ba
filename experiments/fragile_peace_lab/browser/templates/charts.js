/* Pictures: lines, bands, steps and bars, in the classes of the dashboard's style. Shapes are stretched, type is not. */

const DASHES = ["", "9 5", "2 4", "12 4 2 4"];

function axis(low, high, ticks, title = "") {
  return { low, high, ticks, title, at: (value) => 1000 * Math.min(1, Math.max(0, high > low ? (value - low) / (high - low) : 0.5)) };
}

/* An axis from 0 that holds `top` and has round ticks; a share never goes beyond 1. */
function niceAxis(top, share, title = "") {
  const most = Number.isFinite(top) && top > 0 ? top : share ? 0.01 : 1;
  let step = 0;
  for (let power = -9; power < 12 && !step; power++) for (const lead of [1, 2, 2.5, 5]) {
    if (!step && most / (lead * 10 ** power) <= 5) step = lead * 10 ** power;
  }
  const high = Math.min(share ? 1 : Infinity, step * Math.ceil(most / step - 1e-9)), ticks = [];
  for (let k = 0; step * k <= high + 1e-12; k++) {
    const value = share ? 100 * step * k : step * k;
    ticks.push([step * k, k === 0 ? "0" : Number(value.toPrecision(3)).toLocaleString("en-GB", { maximumFractionDigits: 9 }) + (share ? "%" : "")]);
  }
  return axis(0, high, ticks, title);
}

function spanAxis(low, high, title) {
  const margin = 0.04 * (high - low) || 0.5;
  const ticks = high > low ? [0, 1, 2, 3, 4].map((place) => low + ((high - low) * place) / 4) : [low];
  return axis(low - margin, high + margin, ticks.map((value) => [value, String(Number(value.toPrecision(3)))]), title);
}

function weekAxis(weeks) {
  const step = [1, 2, 4, 13, 26, 52, 104, 208].find((value) => weeks / value <= 6 || value === 208), ticks = [];
  for (let week = 0; week <= weeks; week += step) ticks.push([week, String(week)]);
  return axis(0, weeks, ticks, "week");
}

/* A line: {name, x, y, low, high (bars), under, over (the band of the unknowns), colour, dots, step}. */
function chart(lines, x, y, says, { here = null, tall = false, stale = false, shapes = [] } = {}) {
  const fixed = (value) => value.toFixed(1), down = (value) => fixed(1000 - y.at(value));
  const drawn = [
    ...y.ticks.map(([value]) => svg("line", { class: "fp-grid", x1: 0, x2: 1000, y1: down(value), y2: down(value) })),
    here === null ? null : svg("line", { class: "fp-here", x1: fixed(x.at(here)), x2: fixed(x.at(here)), y1: 0, y2: 1000 }),
    ...shapes, ...lines.flatMap((line) => lineShapes(line, x, y)),
  ].filter(Boolean);
  const tick = (kind, side, a) => a.ticks.map(([value, words]) => h(`span.${kind}`, { style: { [side]: `${(a.at(value) / 10).toFixed(2)}%` } }, words));
  return h(`figure.fp-chart${tall ? ".fp-tall" : ""}${stale ? ".fp-stale" : ""}`, { role: "img", "aria-label": says },
    lines.length ? h("div.fp-keys", { "aria-hidden": "true" }, lines.map(keyOf)) : null,
    y.title ? h("div.fp-ytitle", null, y.title) : null,
    h("div.fp-plot", null,
      svg("svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", "aria-hidden": "true" }, ...drawn),
      tick("fp-xt", "left", x), tick("fp-yt", "bottom", y)),
    x.title ? h("figcaption.fp-xtitle", null, x.title) : null);
}

function keyOf(line) {
  const sample = line.under
    ? svg("rect", { class: `fp-band fp-c${line.colour}`, x: 0, y: 0, width: 24, height: 10 })
    : svg("path", { class: `fp-line fp-c${line.colour}`, d: "M0 5H24", "stroke-dasharray": DASHES[line.colour] });
  return h("span.fp-key", null, svg("svg", { viewBox: "0 0 24 10", width: 24, height: 10 }, sample), line.name);
}

function lineShapes(line, x, y) {
  const colour = `fp-c${line.colour}`, fixed = (value) => value.toFixed(1);
  const at = (i, value) => `${fixed(x.at(line.x[i]))} ${fixed(1000 - y.at(value))}`;
  if (line.under) {
    const over = line.x.map((_, i) => at(i, line.over[i])), under = line.x.map((_, i) => at(i, line.under[i])).reverse();
    if (line.x.length > 1) return [svg("path", { class: `fp-band ${colour}`, d: `M${[...over, ...under].join("L")}Z` })];
    return line.x.map((_, i) => svg("path", { class: `fp-bar fp-wide-bar ${colour}`, d: `M${at(i, line.under[i])}L${at(i, line.over[i])}` }));
  }
  const known = line.y.map((value, i) => (Number.isNaN(value) ? -1 : i)).filter((i) => i >= 0), found = [];
  if (line.low) for (const i of known) {
    if (!Number.isNaN(line.low[i])) found.push(svg("path", { class: `fp-bar ${colour}`, d: `M${at(i, line.low[i])}L${at(i, Number.isNaN(line.high[i]) ? line.y[i] : line.high[i])}` }));
  }
  if (known.length > 1) {
    const path = known.map((i, place) => {
      if (!place) return `M${at(i, line.y[i])}`;
      return line.step ? `H${fixed(x.at(line.x[i]))}V${fixed(1000 - y.at(line.y[i]))}` : `L${at(i, line.y[i])}`;
    });
    found.push(svg("path", { class: `fp-line ${colour}`, "stroke-dasharray": DASHES[line.colour], d: path.join("") }));
  }
  if (line.dots) for (const i of known) found.push(svg("path", { class: `fp-dot ${colour}`, d: `M${at(i, line.y[i])}h0` }));
  return found;
}
