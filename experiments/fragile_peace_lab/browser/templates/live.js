/* The runs behind the risk view: kept by world, seed and horizon, and played in rounds, so that a first picture comes
   early and later ones are sharper. Every world is played with runs 0, 1, ... of the same seed: common draws. Members of
   the sample have draws of their own. */

const BLOCK = 16;
const ROUNDS = [16, 64, 128, 256, 512, 1024, 2048, 5000];
const OF_MEMBERS = [2, 4, 8];
const MOST_BYTES = 64e6;
const POINTS = 5;

class Live {
  constructor(pool, worlds, report) {
    Object.assign(this, { pool, worlds, report, kept: new Map(), bytes: 0, turn: 0, fault: "" });
  }

  /* The outcomes of a world that are there, as bytes. */
  have(settings, member = null) {
    const entry = this.kept.get(this.key(settings, member));
    return entry ? entry.bytes.subarray(0, entry.runs * this.worlds.about.sizes.outcomes) : new Uint8Array(0);
  }

  runs(settings, member = null) { return this.have(settings, member).byteLength / this.worlds.about.sizes.outcomes; }

  key(settings, member) { return `${this.worlds.key(settings)} ${settings.seed} ${this.horizon(settings)} ${member}`; }

  horizon(settings) { return settings.weeks || this.worlds.scenarios.get(settings.scenario).weeks; }

  /* The worlds along the lever, in order; the one of the settings itself is marked. */
  points(settings) {
    const scenario = this.worlds.scenarios.get(settings.scenario), here = Number(this.worlds.value(settings, settings.along));
    if (!scenario.rules[settings.along]) return [{ x: here, here: true, settings }];
    const lever = this.worlds.levers.get(settings.along);
    const low = Math.min(lever.low, here), high = Math.max(lever.high, here);
    const grid = Array.from({ length: POINTS }, (_, i) => low + ((high - low) * i) / (POINTS - 1));
    const values = grid.map((value) => (lever.kind === "whole" ? Math.round(value) : Number(value.toPrecision(6))));
    return [...new Set([...values, here])].sort((a, b) => a - b).map((x) => ({
      x, here: x === here, settings: x === here ? settings : { ...settings, values: { ...settings.values, [settings.along]: x } },
    }));
  }

  /* How many members of the sample the band is of. */
  members(settings) {
    const { members } = this.worlds.scenarios.get(settings.scenario);
    return members ? Math.min(settings.members, members.cases) : 0;
  }

  /* Play what the settings ask for, round by round; ends early when it is asked for something else. */
  async play(settings) {
    const turn = ++this.turn, points = this.points(settings);
    this.pool.cancel("live");
    this.fault = "";
    this.total = 0;
    this.settings = settings;
    this.busy = true;
    const own = [...ROUNDS.filter((runs) => runs < settings.runs), settings.runs];
    const members = this.members(settings);
    const steps = own.map((runs) => ({ runs, worlds: points.map((point) => [point.settings, null]) }));
    const at = Math.min(2, steps.length);
    if (members) OF_MEMBERS.forEach((runs, place) => steps.splice(Math.min(at + 2 * place, steps.length), 0, {
      runs, worlds: points.flatMap((point) => Array.from({ length: members }, (_, member) => [point.settings, member])),
    }));
    steps.unshift({ runs: own[0], worlds: [[settings, null]] });
    try {
      for (const { runs, worlds } of steps) {
        await Promise.all(worlds.map(([world, member]) => this.more(world, member, runs, turn)));
        if (turn !== this.turn) return;
        this.report();
      }
    } catch (error) {
      if (turn === this.turn) this.fault = String(error.message || error);
    }
    this.busy = false;
    this.report();
  }

  stop() { this.turn++; this.pool.cancel("live"); this.busy = false; this.report(); }

  /* Play a world's missing runs. */
  async more(settings, member, runs, turn) {
    const size = this.worlds.about.sizes.outcomes, there = this.runs(settings, member);
    if (there >= runs) return;
    const scenario = this.worlds.scenarios.get(settings.scenario);
    const start = member === null ? 0 : member * this.worlds.about.own_runs;
    const rows = this.worlds.rows(settings, member);
    const job = { rows, row: scenario.first, horizon: this.horizon(settings), seed: settings.seed };
    const blocks = [];
    for (let first = there; first < runs; first += BLOCK) {
      blocks.push(this.pool.play({ ...job, first: start + first, runs: Math.min(BLOCK, runs - first) }, "live"));
    }
    const played = await Promise.all(blocks);
    if (turn !== this.turn || played.includes(null)) return;
    const failed = played.find((each) => each.status !== 0);
    if (failed) throw new Error(`a game could not be solved, in week ${failed.week}: another value or seed may do`);
    const bytes = new Uint8Array(runs * size);
    bytes.set(this.have(settings, member));
    let at = there * size;
    for (const each of played) { bytes.set(each.outcomes, at); at += each.outcomes.byteLength; }
    this.keep(this.key(settings, member), { runs, bytes });
    this.total += runs - there;
    if (member === null) this.report();
  }

  keep(key, entry) {
    this.bytes += entry.bytes.byteLength - (this.kept.has(key) ? this.kept.get(key).bytes.byteLength : 0);
    this.kept.delete(key);
    this.kept.set(key, entry);
    for (const [old, { bytes }] of this.kept) {
      if (this.bytes <= MOST_BYTES) break;
      this.kept.delete(old);
      this.bytes -= bytes.byteLength;
    }
  }

  /* What the members say of an outcome in a world: their parts, over as many runs as each has. */
  spread(estimates, outcome, settings) {
    const size = this.worlds.about.sizes.outcomes, members = this.members(settings), all = [];
    if (members < 2) return null;
    for (let member = 0; member < members; member++) all.push(this.have(settings, member));
    const runs = Math.min(...all.map((bytes) => bytes.byteLength)) / size;
    if (runs < 2) return null;
    const band = estimates.band(all.map((bytes) => estimates.parts(outcome, bytes.subarray(0, runs * size))));
    return band && { low: band[0], high: band[1], runs };
  }
}
