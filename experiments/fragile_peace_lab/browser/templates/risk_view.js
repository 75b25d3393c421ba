/* The risk view: estimates at the settings, a curve along a lever, differences from a pinned setting. */

const PRIOR = "prior-driven: no record informs it";

class RiskView {
  constructor(page) {
    this.page = page;
    this.pinned = null;
    this.told = h("div");
    this.title = h("h2");
    this.buttons = h("div.fp-buttons", { role: "group", "aria-label": "Runs" });
    this.picture = h("div");
    this.outcome = h("h2");
    this.along = h("select", { "data-id": "along", "aria-label": "Along", onchange: () => page.change({ along: this.along.value }) },
      page.about.levers.filter((each) => each.kind === "real" || each.kind === "whole").map((each) => h("option", { value: each.name }, each.title)));
    this.numbers = h("div");
    this.compare = h("div");
    this.same = h("div");
    this.drawn = "";
    this.curveCard = card("Risk curve",
      h("div.fp-head", null, this.outcome, h("div.fp-field", null, h("span.fp-label", null, "along"), this.along)),
      this.picture, h("details", null, h("summary", null, "The numbers"), this.numbers));
    this.node = h("div", null, card("Risks now", h("div.fp-head", null, this.title, this.buttons), this.told), this.curveCard, this.compare, this.same);
  }

  /* An outcome's {n, d} in a world, over at most so many runs. */
  of(outcome, settings, most = Infinity) {
    const { page } = this, bytes = page.live.have(settings), size = page.about.sizes.outcomes;
    return page.estimates.parts(outcome, bytes.subarray(0, Math.min(bytes.byteLength, most * size)));
  }

  draw() {
    const { page } = this, { live, settings } = page, runs = live.runs(settings);
    this.title.textContent = `Risks over ${live.horizon(settings)} weeks, at these settings`;
    this.press(runs);
    show(this.told, this.now(runs));
    this.curveCard.hidden = !runs;
    if (!runs) { show(this.compare); show(this.same); this.drawn = ""; return; }
    this.curve();
    show(this.compare, this.pinned ? this.comparison() : null);
    const drawn = `${live.key(settings, null)} ${runs} ${settings.along} ${settings.runs}`;
    if (!live.busy && drawn !== this.drawn) { this.drawn = drawn; show(this.same, this.again()); }
  }

  /* The buttons, made anew only where one of them changes. */
  press(runs) {
    const { live, settings } = this.page, over = !live.busy && !live.fault && runs >= settings.runs;
    const state = JSON.stringify([live.busy, over, Boolean(runs), this.pinned !== null]);
    if (state === this.pressed) return;
    this.pressed = state;
    const pin = (what) => { this.pinned = what; this.draw(); };
    show(this.buttons,
      button("stop", live.busy ? "Stop" : "Go on", () => (live.busy ? live.stop() : live.play(this.page.settings)), { disabled: over }),
      button("pin", this.pinned ? "Pin this instead" : "Pin this", () => pin(this.page.settings), { main: true, disabled: !runs, title: "Keep this setting to compare with" }),
      button("unpin", "Unpin", () => pin(null), { disabled: !this.pinned }));
  }

  now(runs) {
    const { live, settings, about, worlds } = this.page;
    const state = live.busy ? "computing" : live.fault ? "stopped" : "done";
    return [
      h("p.fp-hint", { "data-state": state, "data-runs": String(runs) }, `${worlds.words(settings)}. ${count(live.total || 0)} new runs played: ${state}`),
      live.fault ? h("p.fp-error", { role: "alert" }, live.fault) : null,
      runs ? h("div.fp-cards", { "data-runs": String(runs) }, about.outcomes.map((outcome) => this.cardlet(outcome)))
        : h("p.fp-empty.fp-loading", null, "The first runs are on their way …"),
      h("p.fp-hint", null, `95% intervals for having made ${count(runs)} runs. ${this.unknowns()}An exploratory model, not a forecast.`)];
  }

  /* What the second range is of. */
  unknowns() {
    const { live, settings } = this.page, members = live.members(settings);
    if (members < 2) return "What nobody knows is held at the scenario’s values, so the true uncertainty is wider. ";
    return `“Unknowns”: between which values nine in ten of ${members} samples of what nobody knows lie, the settings held. The estimate has the unknowns at the scenario’s own values and need not lie in the middle, or even between them. The two are never merged. `;
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
      h("p.fp-range-words.fp-hint", null, band ? `unknowns ${shown(band.low, outcome.unit)} to ${shown(band.high, outcome.unit)}` : live.members(settings) < 2 ? "unknowns held" : "unknowns: not yet"),
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
    if (this.pinned && this.pinned.along === settings.along && live.runs(this.pinned)) lines.push(...this.lines(outcome, this.pinned, "pinned", 1).slice(-1));
    const top = Math.max(1e-9, ...lines.flatMap((line) => [...(line.high || []), ...(line.over || []), ...line.y]).filter((value) => !Number.isNaN(value)));
    const points = live.points(settings), rows = this.rows(outcome, settings);
    const tied = worlds.isTied(settings, settings.along) ? ", and the truth with it" : "";
    const x = spanAxis(points[0].x, points[points.length - 1].x, lever.axis + tied);
    const y = niceAxis(top, share, share ? "" : outcome.unit);
    const said = `${outcome.title}, along ${lever.name}: ${rows.map((p) => `at ${p.x} ${shown(p.row.estimate, outcome.unit)}`).join("; ")}`;
    const { rules, members } = worlds.scenarios.get(settings.scenario);
    for (const option of this.along.options) option.disabled = !rules[option.value];
    this.along.value = settings.along;
    this.outcome.textContent = outcome.title + (outcome.prior_driven ? ` (${PRIOR})` : "");
    const fewest = Math.min(...points.map((point) => live.runs(point.settings)));
    show(this.picture,
      chart(lines, x, y, said, { here: points.find((point) => point.here).x, tall: true }),
      h("p.fp-hint", null, `Bars: 95% Monte Carlo intervals from at least ${count(fewest)} runs a point, seed ${settings.seed}; more runs shrink them. ${members ? `Light band: the unknowns of the sweep “${about.published.name}” but for the levers on this page; no number of runs shrinks it. The line has them at the scenario’s own values. ` : ""}The upright line is where the slider stands.`));
    show(this.numbers, table([settings.along, "estimate", "95% Monte Carlo", "unknowns, 5% to 95%", "runs"],
        rows.map((p) => ({ cells: [String(p.x), shown(p.row.estimate, outcome.unit), this.range(p.row, outcome.unit), p.band ? `${shown(p.band.low, outcome.unit)} to ${shown(p.band.high, outcome.unit)}` : "not yet", count(p.row.runs)] })), ".fp-numbers"));
  }

  comparison() {
    const { page, pinned } = this, { settings, live, about, estimates, worlds } = page;
    const runs = Math.min(live.runs(pinned), live.runs(settings));
    const same = worlds.key(pinned) === worlds.key(settings);
    const alike = pinned.seed === settings.seed && live.horizon(pinned) === live.horizon(settings);
    const words = `Pinned: ${worlds.words(pinned)}.`;
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
