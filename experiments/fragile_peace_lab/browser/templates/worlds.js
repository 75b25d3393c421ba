/* Scenarios laid out: the rows that Python made, with what a lever or a member of the sample sets in them. */

class Worlds {
  constructor(about, block) {
    this.about = about;
    this.block = block;
    this.scenarios = new Map(about.scenarios.map((each) => [each.name, each]));
    this.levers = new Map(about.levers.map((each) => [each.name, each]));
    this.belief = Object.fromEntries(Object.entries(about.truth).map(([belief, truth]) => [truth, belief]));
  }

  /* The value in effect: a truth that is not set is what is believed. */
  value(settings, name) {
    const own = settings.values[name] !== undefined ? settings.values[name] : this.scenarios.get(settings.scenario).values[name];
    return own === null && this.belief[name] ? this.value(settings, this.belief[name]) : own;
  }

  /* The lever that a curve is along: as asked for, or the first that can be moved in the scenario. */
  along({ scenario, along }) {
    const { rules } = this.scenarios.get(scenario);
    return rules[along] ? along : [...this.levers.values()].find((lever) => rules[lever.name] && lever.kind !== "choice").name;
  }

  /* Whether a belief moves the truth with it. */
  isTied(settings, name) {
    const truth = this.about.truth[name];
    if (!truth) return false;
    const own = settings.values[truth] !== undefined ? settings.values[truth] : this.scenarios.get(settings.scenario).values[truth];
    return own === null;
  }

  /* The rows as bytes and as words; `member` is a member of the sample of the unknowns, or null. */
  rows(settings, member = null) {
    const scenario = this.scenarios.get(settings.scenario);
    const rows = this.block.slice(scenario.at, scenario.at + scenario.rows * this.about.sizes.row);
    if (member !== null) this.vary(rows, scenario.members, member);
    for (const name of Object.keys(settings.values)) this.set(rows, scenario, name, this.value(settings, name));
    for (const [belief, truth] of Object.entries(this.about.truth)) {
      if (settings.values[belief] !== undefined && this.isTied(settings, belief)) {
        this.set(rows, scenario, truth, this.value(settings, truth));
      }
    }
    return rows;
  }

  set(rows, scenario, name, value) {
    const rule = scenario.rules[name], lever = this.levers.get(name);
    const view = new DataView(rows.buffer);
    const number = lever.kind === "choice" ? lever.codes[value] : Number(value);
    for (const word of rule.takes) {
      if (rule.whole) view.setBigInt64(8 * word, BigInt(number), true);
      else view.setFloat64(8 * word, number, true);
    }
    for (const [word, factor] of rule.scales) view.setFloat64(8 * word, factor * number, true);
  }

  vary(rows, varied, chosen) {
    varied.where.forEach((word, place) => {
      const at = varied.columns[place] + 8 * chosen;
      rows.set(this.block.subarray(at, at + 8), 8 * word);
    });
  }

  /* A run of the published sweep: its rows, and the number by which the engine knows it. */
  published(point, run) {
    const { published, own_runs } = this.about;
    const base = this.scenarios.get(published.base);
    const rows = this.block.slice(base.at, base.at + base.rows * this.about.sizes.row);
    const settings = published.settings.cases, sample = Math.floor(point / settings);
    this.vary(rows, published.scenario, 0);
    this.vary(rows, published.settings, point % settings);
    this.vary(rows, published.samples, sample);
    return { rows, row: base.first, horizon: published.weeks, seed: published.seed, first: sample * own_runs + run, runs: 1 };
  }

  /* What a reader typed as a value of a lever, or one line that says what is allowed. */
  read(name, text) {
    const lever = this.levers.get(name);
    if (!lever) return { fault: `${name}: no such lever; there are ${[...this.levers.keys()].join(", ")}` };
    const typed = String(text).trim();
    const fault = `${name}: ${JSON.stringify(typed.slice(0, 60))} is not allowed; must be ${lever.allowed}`;
    if (lever.kind === "choice") return lever.choices.some(([choice]) => choice === typed) ? { value: typed } : { fault };
    if (this.belief[name] && typed === "") return { value: null };
    const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(typed) ? Number(typed) + 0 : NaN; /* + 0: no -0, which is written as 0 */
    const whole = lever.kind !== "whole" || Number.isInteger(number);
    return number >= lever.least && number <= lever.most && whole ? { value: number } : { fault };
  }

  /* The values laid over the scenario, in the order of the levers. */
  own(settings) {
    return [...this.levers.keys()].filter((name) => settings.values[name] !== undefined).map((name) => [name, settings.values[name]]);
  }

  /* The settings in words. */
  words(settings) {
    const own = this.own(settings).map(([name, value]) => `${name} ${value === null ? "as believed" : value}`);
    return `${settings.scenario}, ${own.length ? `with ${own.join(", ")}` : "as it is declared"}; seed ${settings.seed}`;
  }

  key(settings) {
    return JSON.stringify([settings.scenario, this.own(settings)]);
  }
}
