/* The risk view: estimates at the settings, a curve along a lever, differences from a pinned setting. */

const PRIOR = "prior-driven: no record informs it";

class RiskView {
  constructor(page) {
    this.page = page;
    this.pinned = null;
    this.parts = ["now", "curve", "compare", "again"].map(() => h("div"));
    this.node = h("div", null, this.parts);
  }

  /* An outcome's {n, d} in a world, over at most so many runs. */
  of(outcome, settings, most = Infinity) {
    const { page } = this, bytes = page.live.have(settings), size = page.about.sizes.outcomes;
    return page.estimates.parts(outcome, bytes.subarray(0, Math.min(bytes.byteLength, most * size)));
  }

  draw() {
    const { page } = this, { live, settings } = page, runs = live.runs(settings);
    show(this.parts[0], this.now(runs));
    if (!runs) { this.parts.slice(1).forEach((part) => show(part)); return; }
    show(this.parts[1], this.curve());
    show(this.parts[2], this.pinned ? this.comparison() : null);
    if (!live.busy || !this.parts[3].childNodes.length) show(this.parts[3], this.again());
  }

  now(runs) {
    const { page } = this, { live, settings, about } = page, horizon = live.horizon(settings);
    const state = live.busy ? "computing" : live.fault ? "stopped" : "done";
    return card("Risks now",
      h("div.fp-head", null, h("h2", null, `Risks over ${horizon} weeks, at these settings`),
        h("div.fp-buttons", { role: "group", "aria-label": "Runs" },
          button("stop", live.busy ? "Stop" : "Go on", () => (live.busy ? live.stop() : live.play(settings)), { disabled: !live.busy && !live.fault && runs >= settings.runs }),
          button("pin", this.pinned ? "Pin this instead" : "Pin this", () => { this.pinned = settings; this.draw(); }, { main: true, disabled: !runs, title: "Keep this setting to compare with" }),
          button("unpin", "Unpin", () => { this.pinned = null; this.draw(); }, { disabled: !this.pinned }))),
      h("p.fp-hint", { role: "status", "data-state": state, "data-runs": String(runs) }, `${count(live.total || 0)} new runs played: ${state}`),
      live.fault ? h("p.fp-error", { role: "alert" }, live.fault) : null,
      runs ? h("div.fp-cards", { "data-runs": String(runs) }, about.outcomes.map((outcome) => this.cardlet(outcome)))
        : h("p.fp-empty.fp-loading", null, "The first runs are on their way …"),
      h("p.fp-hint", null, `95% intervals for having made ${count(runs)} runs. “Unknowns”: between which values nine in ten of ${live.members(settings)} samples of what nobody knows lie, the settings held. The two are never merged. An exploratory model, not a forecast.`));
  }

  cardlet(outcome) {
    const { page } = this, { estimates, settings, live } = page;
    const row = estimates.estimate(outcome, this.of(outcome, settings)), band = live.spread(estimates, outcome, settings);
    const share = outcome.unit === "probability" || outcome.unit === "share";
    const words = share && !Number.isNaN(row.estimate) ? estimates.words(row.estimate) : outcome.unit;
    return h("div.fp-cardlet" + (outcome.name === settings.outcome ? ".fp-picked" : ""),
      { "data-outcome": outcome.name, "data-estimate": row.estimate, "data-low": row.low, "data-high": row.high },
      h("button.fp-button.fp-plain", { type: "button", "data-id": outcome.name, "aria-pressed": String(outcome.name === settings.outcome), title: "Show its curve", onclick: () => page.change({ outcome: outcome.name }) }, outcome.title),
      h("p.fp-big", null, shown(row.estimate, outcome.unit)),
      h("p.fp-range-words", null, this.range(row, outcome.unit)),
      h("p.fp-range-words.fp-hint", null, band ? `unknowns ${shown(band.low, outcome.unit)} to ${shown(band.high, outcome.unit)}` : live.members(settings) < 2 ? "unknowns: not asked for" : "unknowns: not yet"),
      h("p.fp-hint", null, words + (outcome.prior_driven ? ` · ${PRIOR}` : "")));
  }

  range(row, unit) {
    return Number.isNaN(row.low) || Number.isNaN(row.high) ? "no interval from so few runs" : `${shown(row.low, unit)} to ${shown(row.high, unit)}`;
  }

  /* Every point of a curve with its estimate and its band. */
  rows(outcome, settings) {
    const { live, estimates } = this.page;
    return live.points(settings).filter((point) => live.runs(point.settings)).map((point) => ({
      ...point, row: estimates.estimate(outcome, this.of(outcome, point.settings)), band: live.spread(estimates, outcome, point.settings),
    })).filter((point) => !Number.isNaN(point.row.estimate));
  }

  lines(outcome, settings, name, colour) {
    const found = this.rows(outcome, settings), banded = found.filter((point) => point.band);
    return [
      banded.length ? { name: `${name}: nine in ten samples of the unknowns`, x: banded.map((p) => p.x), y: [], under: banded.map((p) => p.band.low), over: banded.map((p) => p.band.high), colour } : null,
      { name: `${name}: estimate and Monte Carlo interval`, x: found.map((p) => p.x), y: found.map((p) => p.row.estimate), low: found.map((p) => p.row.low), high: found.map((p) => p.row.high), colour, dots: true },
    ].filter(Boolean);
  }

  curve() {
    const { page } = this, { settings, worlds, live, about } = page;
    const outcome = about.outcomes.find((each) => each.name === settings.outcome), lever = worlds.levers.get(settings.along);
    const lines = this.lines(outcome, settings, "these settings", 0), share = outcome.unit === "probability" || outcome.unit === "share";
    if (this.pinned && this.pinned.along === settings.along && live.runs(this.pinned)) lines.push(...this.lines(outcome, this.pinned, "pinned", 1));
    const top = Math.max(1e-9, ...lines.flatMap((line) => [...(line.high || []), ...(line.over || []), ...line.y]).filter((value) => !Number.isNaN(value)));
    const points = live.points(settings), rows = this.rows(outcome, settings);
    const tied = worlds.isTied(settings, settings.along) ? ", and the truth with it" : "";
    const x = spanAxis(points[0].x, points[points.length - 1].x, lever.axis + tied);
    const y = niceAxis(top, share, share ? "" : outcome.unit);
    const said = `${outcome.title}, along ${lever.name}: ${rows.map((p) => `at ${p.x} ${shown(p.row.estimate, outcome.unit)}`).join("; ")}`;
    const select = h("select", { "data-id": "along", "aria-label": "Along", onchange: () => page.change({ along: select.value }) },
      about.levers.filter((each) => each.kind === "real" || each.kind === "whole").map((each) => h("option", { value: each.name }, each.title)));
    select.value = settings.along;
    const fewest = Math.min(...points.map((point) => live.runs(point.settings)));
    return card("Risk curve",
      h("div.fp-head", null, h("h2", null, outcome.title + (outcome.prior_driven ? ` (${PRIOR})` : "")),
        h("div.fp-field", null, h("span.fp-label", null, "along"), select)),
      chart(lines, x, y, said, { here: points.find((point) => point.here).x, tall: true }),
      h("p.fp-hint", null, `Bars: 95% Monte Carlo intervals from at least ${count(fewest)} runs a point, seed ${settings.seed}; more runs shrink them. Light band: the unknowns of the sweep “${about.published.name}” but for the levers on this page; no number of runs shrinks it. The upright line is where the slider stands.`),
      h("details", null, h("summary", null, "The numbers"), table([settings.along, "estimate", "95% Monte Carlo", "unknowns, 5% to 95%", "runs"],
        rows.map((p) => ({ cells: [String(p.x), shown(p.row.estimate, outcome.unit), this.range(p.row, outcome.unit), p.band ? `${shown(p.band.low, outcome.unit)} to ${shown(p.band.high, outcome.unit)}` : "not yet", count(p.row.runs)] })), ".fp-numbers")));
  }

  comparison() {
    const { page, pinned } = this, { settings, live, about, estimates, worlds } = page;
    const runs = Math.min(live.runs(pinned), live.runs(settings));
    const same = worlds.key(pinned) === worlds.key(settings);
    const alike = pinned.seed === settings.seed && live.horizon(pinned) === live.horizon(settings);
    const words = `Pinned: ${pinned.scenario}${worlds.own(pinned).map(([name, value]) => `, ${name} ${value === null ? "as believed" : value}`).join("")}.`;
    if (same || !alike || runs < 2) {
      return card("Comparison with the pinned setting", h("h2", null, "Against the pinned setting"), h("p.fp-hint", null, words),
        h("p.fp-empty", null, same ? "The same settings as now; move a lever to see the difference." : "Another seed or horizon, or no runs kept: pin again to compare run against run."));
    }
    const rows = about.outcomes.map((outcome) => {
      const { estimate, low, high } = estimates.difference(outcome, this.of(outcome, settings, runs), this.of(outcome, pinned, runs));
      return { cells: [outcome.title, signed(estimate, outcome.unit), `${signed(low, outcome.unit)} to ${signed(high, outcome.unit)}`], data: { "data-outcome": outcome.name, "data-estimate": estimate, "data-low": low, "data-high": high } };
    });
    return card("Comparison with the pinned setting", h("h2", null, "Against the pinned setting"), h("p.fp-hint", null, words),
      table(["outcome", "difference", "95% interval"], rows, ".fp-compare"),
      h("p.fp-hint", null, `Here less pinned, run against run on the same draws (${count(runs)} pairs); Monte Carlo error alone. An exploratory model, not a forecast.`));
  }

  again() {
    const { page } = this, { settings, live } = page, runs = live.runs(settings);
    const code = page.commands.python(settings, runs, live.horizon(settings));
    return card("The same numbers again", h("h2", null, "The same numbers again"),
      h("p.fp-hint", null, `The ${count(runs)} runs at these settings, in Python, to the last bit. sha256 of their outcomes: `, h("code", { "data-digest": "" }, sha256(live.have(settings)))),
      h("pre.fp-pre", { tabindex: "0", "aria-label": "Python that gives the same runs" }, code),
      h("details", null, h("summary", null, "The curve as a sweep file"),
        h("p.fp-hint", null, "Its tables are sharper than this page's plain counts for the same runs: they use control variates."),
        h("p.fp-command", null, h("code", null, "fragile-peace sweep browser.yaml && fragile-peace curves results/browser")),
        h("pre.fp-pre", { tabindex: "0" }, page.commands.sweep(settings, live.points(settings), live.horizon(settings)))),
      h("div.fp-buttons", null,
        button("csv", "Save the curve's numbers (CSV)", () => this.saveNumbers()),
        button("runs", "Save the runs (outcomes as Python holds them)", () => saved("outcomes.bin", live.have(settings), "application/octet-stream"))));
  }

  saveNumbers() {
    const { page } = this, { settings, about } = page;
    const head = ["outcome", settings.along, "estimate", "mc_low", "mc_high", "param_low", "param_high", "runs", "member_runs"];
    const lines = about.outcomes.flatMap((outcome) => this.rows(outcome, settings).map((p) => [
      outcome.name, p.x, p.row.estimate, p.row.low, p.row.high, p.band ? p.band.low : "", p.band ? p.band.high : "", p.row.runs, p.band ? p.band.runs : 0,
    ].map((value) => (Number.isNaN(value) ? "" : String(value))).join(",")));
    saved("curve.csv", [head.join(","), ...lines, ""].join("\n"), "text/csv");
  }
}
