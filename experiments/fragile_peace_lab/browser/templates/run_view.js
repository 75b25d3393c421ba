/* One run, week by week: places, beliefs, the ladder, who is in. Of these settings, or of the published sweep. */

const SIGNS = { comply: 0, probe: 1, raid: 2, strike: 3 };
const HEAT = [0.25, 0.5, 1, 1.5];
const man = () => svg("svg", { class: "fp-man", viewBox: "0 0 8 10", "aria-hidden": "true" }, svg("circle", { cx: 4, cy: 2.4, r: 2.2 }), svg("path", { d: "M.4 10c0-6.4 7.2-6.4 7.2 0z" }));
const broken = (name) => name.replace(/([aeiouy])(?=[^aeiouy ]+[aeiouy])/g, "$1\u00ad");

class RunView {
  constructor(page) {
    this.page = page;
    this.told = null;
    this.week = 0;
    this.fault = "";
    this.slider = h("input.fp-range", { type: "range", min: 0, step: 1, "data-id": "week", "aria-label": "Week", oninput: () => this.go(Number(this.slider.value)) });
    this.over = h("div");
    this.under = h("div");
    this.node = h("div", null, this.over, h("div.fp-card", null, this.slider), this.under);
  }

  /* Play the run that is asked for, with its weeks. */
  async play() {
    const { page } = this, { settings, worlds, live, about } = page;
    const of = settings.point === null ? settings.scenario : about.published.base, scenario = worlds.scenarios.get(of);
    const job = settings.point === null
      ? { rows: worlds.rows(settings), row: scenario.first, horizon: live.horizon(settings), seed: settings.seed, first: settings.run, runs: 1, kept: 1 }
      : { ...worlds.published(settings.point, settings.run), kept: 1 };
    const key = JSON.stringify([worlds.key(settings), settings.point, settings.run, settings.seed, job.horizon]);
    if (this.told && this.told.key === key) { this.draw(); return; }
    try {
      const { status, week, weeks, outcomes } = await page.pool.play(job, "run");
      this.fault = status ? `a game could not be solved, in week ${week}` : "";
      const view = new DataView(outcomes.buffer), last = Number(view.getBigInt64(about.ends.weeks.at, true));
      this.told = { key, scenario, weeks: new DataView(weeks.buffer), outcomes: view, last, horizon: job.horizon, rows: new DataView(job.rows.buffer), row: job.row };
      this.telling = new Telling(page, this.told, (name, place) => this.get(this.week, name, place));
      this.week = Math.min(this.week, last - 1);
    } catch (error) { this.fault = String(error.message || error); }
    this.draw();
  }

  /* A field of a week's record: a number, or a list. */
  get(week, name, wanted = null) {
    const { weeks } = this.told, { weekly, sizes } = this.page.about, field = weekly[name];
    const read = (at) => (field.whole ? Number(weeks.getBigInt64(at, true)) : weeks.getFloat64(at, true));
    const at = week * sizes.week + field.at;
    if (!field.shape.length) return read(at);
    const each = field.shape.slice(1).reduce((a, b) => a * b, 1);
    return wanted === null ? Array.from({ length: field.shape[0] * each }, (_, i) => read(at + 8 * i)) : read(at + 8 * wanted);
  }

  code(kind, value) { return this.page.about.codes[kind][value] || ""; }

  draw() {
    if (!this.told) { show(this.over, card("One run", h("p.fp-empty", null, this.fault || "…"))); return; }
    this.slider.max = this.told.last - 1;
    this.slider.value = this.week;
    this.slider.setAttribute("aria-valuetext", `week ${this.week}`);
    show(this.over, this.head());
    show(this.under, this.strip(), h("div.fp-two", null, h("div.fp-column", null, this.beliefs(), this.force()), this.happened()));
  }

  go(week) { this.week = Math.max(0, Math.min(this.told.last - 1, week)); this.draw(); }

  head() {
    const { page, told } = this, { settings, about } = page, rung = this.get(this.week, "rung");
    const field = (name, title, value, most, apply) => {
      const input = h("input.fp-text", { type: "text", inputmode: "numeric", "aria-label": title, "data-id": name, value: String(value), onchange: () => {
        const good = /^\d{1,10}$/.test(input.value.trim()) && Number(input.value) <= most;
        if (good) { this.fault = ""; apply(Number(input.value)); } else { this.fault = `${name}: ${JSON.stringify(input.value.slice(0, 40))} is not allowed; must be a whole number from 0 to ${most}`; this.draw(); }
      } });
      return h("label.fp-field", null, h("span.fp-label", null, title), " ", input);
    };
    const whose = h("select", { "data-id": "whose", "aria-label": "Whose run", onchange: () => page.change({ point: whose.value === "sweep" ? 0 : null, run: 0 }) },
      h("option", { value: "own" }, "of these settings"), h("option", { value: "sweep" }, `of the published sweep “${about.published.name}”`));
    whose.value = settings.point === null ? "own" : "sweep";
    const ended = this.week === told.last - 1 ? " The run has ended." : "";
    const sweep = about.published, setting = settings.point === null ? null : sweep.labels[settings.point % sweep.labels.length];
    return card("One run",
      h("div.fp-head", null, h("h2", null, `Week ${this.week} of ${told.horizon}: ${about.rungs[rung]}.${ended}`), h("div.fp-field", null, h("span.fp-label", null, "One run"), whose)),
      h("div.fp-head", null,
        settings.point === null ? null : field("point", "Point", settings.point, sweep.points - 1, (point) => page.change({ point })),
        field("run", "Run", settings.run, settings.point === null ? 4294967294 : about.own_runs - 1, (run) => page.change({ run })),
        h("div.fp-buttons", { role: "group", "aria-label": "Weeks" },
          button("first", "First", () => this.go(0)), button("back", "Back", () => this.go(this.week - 1)),
          button("on", "On", () => this.go(this.week + 1), { main: true }), button("next", "Next event", () => this.go(this.next())), button("last", "Last", () => this.go(told.last - 1)))),
      this.fault ? h("p.fp-error", { role: "alert" }, this.fault) : null,
      setting ? h("p.fp-hint", null, `Point ${settings.point}: ${Object.entries(setting).map(([name, value]) => `${name} ${value}`).join(", ")}; sample ${Math.floor(settings.point / sweep.labels.length)} of the unknowns.`) : null,
      h("p.fp-command", null, "In words: ", h("code", null, settings.point === null ? page.commands.run(settings, settings.run, told.horizon) : page.commands.replay(sweep.name, settings.point, settings.run))));
  }

  /* The next week in which something beyond raids happens, or the last. */
  next() {
    for (let week = this.week + 1; week < this.told.last; week++) if (this.get(week, "rung") >= 3 || this.left(week).length) return week;
    return this.told.last - 1;
  }

  left(week) { return this.told.scenario.contingents.filter((_, n) => this.get(week, "left_n", n) > 0); }

  place(s) {
    const { week } = this, { marks } = this.page.about, of = (name) => this.get(week, name, s);
    const russia = this.code("Action", of("action_R_s")) || "comply", ukraine = this.code("Action", of("action_U_s")) || "comply";
    const troops = Math.round(1000 * of("m_s")), deaths = of("deaths_s"), tension = of("x_s"), place = this.told.scenario.places[s];
    const response = this.code("Response", of("response_s")), notes = [
      deaths ? `${deaths} European${deaths > 1 ? "s" : ""} killed` : "", response && response !== "report" ? marks[response] : "",
      marks[this.code("Decision", of("decision_s"))] || "", marks[this.code("Reply", of("reply_s"))] || ""].filter(Boolean);
    const signal = this.code("Signal", of("signal_s"));
    const said = [`${place.name}`, `tension ${tension.toFixed(2)}`, `restraint ${of("r_s").toFixed(2)}`, `${count(troops)} soldiers`, `Russia ${marks[russia]}, Ukraine ${marks[ukraine]}`, marks[signal] || "", ...notes].filter(Boolean).join("; ");
    return { ...place, russia, ukraine, troops, tension, notes, signal, said, heat: HEAT.filter((edge) => tension >= edge).length };
  }

  strip() {
    const kinds = this.page.about.codes.PlaceKind, all = this.told.scenario.places.map((_, s) => this.place(s));
    const mark = (action, sign) => sign.repeat(SIGNS[action] || 0);
    const badge = (p) => (p.signal && p.signal !== "quiet" ? h(`i.fp-signal.fp-sig-${p.signal}`, null, { russia: "R", ukraine: "U", disputed: "?" }[p.signal]) : null);
    const notes = (p) => p.notes.map((note) => h("span.fp-note", null, note));
    const line = all.filter((p) => kinds[p.kind] === "line").map((p) => h("div.fp-place", { role: "img", style: { "--km": p.km }, "aria-label": p.said, title: p.said, "data-place": p.name },
      h(`span.fp-act.fp-russia.fp-${p.russia}`, null, mark(p.russia, "▼")), h(`span.fp-ground.fp-heat${p.heat}`, null, badge(p)),
      h(`span.fp-act.fp-ukraine.fp-${p.ukraine}`, null, mark(p.ukraine, "▲")), h("span.fp-name", null, broken(p.name)), h("span.fp-km", null, `${p.km} km`),
      h("span.fp-troops" + (p.troops ? "" : ".fp-none"), null, man(), count(p.troops)), notes(p)));
    const rear = all.filter((p) => kinds[p.kind] !== "line").map((p) => h("div.fp-place.fp-back", { role: "img", "aria-label": p.said, title: p.said, "data-place": p.name },
      h(`span.fp-shape.${kinds[p.kind] === "hub" ? "fp-base" : `fp-heat${p.heat}`}`, null, badge(p)),
      h("span.fp-words", null, h("span.fp-name", null, p.name), h("span.fp-km", null, kinds[p.kind] === "hub" ? "rear base" : `${p.km} km of border`), h("span.fp-troops", null, p.troops ? `${count(p.troops)} soldiers` : "no troops")),
      h("span.fp-acts", null, h(`span.fp-act.fp-russia.fp-${p.russia}`, null, mark(p.russia, "▼")), h(`span.fp-act.fp-ukraine.fp-${p.ukraine}`, null, mark(p.ukraine, "▲"))), notes(p)));
    const swatch = (heat) => h(`i.fp-sw.fp-heat${heat}`);
    return card("Places", h("p.fp-side.fp-east", null, "Russian-held side"), h("div.fp-line", { role: "group", "aria-label": "The line of contact, north to south" }, line),
      h("p.fp-side.fp-west", null, "Ukrainian-held side"), h("div.fp-rear", { role: "group", "aria-label": "Other borders and rear bases" }, rear),
      h("p.fp-legend", null, h("span", null, h("b.fp-russia", null, "▼"), " Russia, ", h("b.fp-ukraine", null, "▲"), " Ukraine: one mark a probe, two a raid, three a strike on Europeans"),
        h("span", null, "tension ", [0, 1, 2, 3, 4].map(swatch), " low to high"), h("span", null, "R, U held responsible, ? disputed"), h("span", null, man(), " European soldiers in place")));
  }

  beliefs() {
    const { told, week } = this, { about } = this.page, played = Array.from({ length: week + 1 }, (_, t) => t), x = weekAxis(told.horizon);
    const series = (name) => played.map((t) => this.get(t, name)), at = played.map((t) => t + 1);
    const [mu, gamma] = [series("mu"), series("gamma")], now = [mu[week], gamma[week]].map(percent);
    const lines = [{ name: "Russia means its threat", x: at, y: mu, colour: 1 }, { name: "Washington would honour", x: at, y: gamma, colour: 0 }];
    const rungs = series("rung"), top = about.rungs.length - 1, worst = Math.max(...rungs), width = 1000 / told.horizon;
    const bars = rungs.map((rung, t) => svg("rect", { class: `fp-rung fp-r${rung}`, x: (t * width).toFixed(2), width: Math.max(width - 0.8, 0.7 * width).toFixed(2), y: (1000 - (1000 * rung) / top).toFixed(1), height: ((1000 * rung) / top).toFixed(1) }));
    const ladder = axis(0, top, about.rungs.map((_, rung) => [rung, String(rung)]));
    return card("Beliefs and ladder",
      h("h2", null, `What is believed: ${now[0]} that Russia means it, ${now[1]} that Washington would`),
      chart(lines, x, niceAxis(1, true), `What is believed, week by week. Now: Russia committed ${now[0]}, Washington steadfast ${now[1]}.`),
      h("h2", null, `The ladder: ${about.rungs[worst]} at worst so far`),
      chart([], x, ladder, `Escalation ladder, week by week. Highest rung so far: ${worst}, ${about.rungs[worst]}.`, { shapes: bars }),
      h("p.fp-hint", null, about.rungs.map((words, rung) => `${rung} ${words}`).join(" · ")));
  }

  force() {
    const { scenario, outcomes } = this.told, { ends } = this.page.about;
    const rows = scenario.contingents.map((each, n) => {
      const inside = this.get(this.week, "in_n", n) > 0, left = Number(outcomes.getBigInt64(ends.left_week_n.at + 8 * n, true));
      const status = inside ? "in" : left >= 0 && left <= this.week ? `left in week ${left}` : "stayed out";
      return { cells: [each.name, status, count(Math.round(1000 * each.troops)), percent(this.get(this.week, "support_n", n))], data: { "data-present": String(inside) } };
    });
    return card("The force", h("h2", null, "The force"), rows.length ? table(["contingent", "", "troops", "support"], rows, ".fp-force") : h("p.fp-empty", null, "No European force is foreseen in this scenario."));
  }

  /* The weeks so far that stand out, newest first. */
  happened() {
    const { about } = this.page, entries = [], now = this.week;
    for (let week = now; week >= 0 && entries.length < 30; week--) {
      const rung = this.get(week, "rung"), gone = this.left(week).map((each) => `${each.name} leaves`);
      if (week !== now && rung < 3 && !gone.length) continue;
      this.week = week;
      const places = week === now ? this.telling.stirred() : this.telling.places();
      entries.push(h(`div.fp-entry.fp-edge${rung}`, null, h("h3", null, `Week ${week} · ${this.telling.day(week)} · ${about.rungs[rung]}`),
        gone.map((words) => h("p", null, words)), places.map((s) => h("p", null, h("b", null, `${this.told.scenario.places[s].name}: `), this.telling.at(s).join(" ")))));
    }
    this.week = now;
    return card("What stood out", h("h2", null, "This week, and the weeks that stood out"), h("div.fp-told", { tabindex: "0" }, entries));
  }
}
