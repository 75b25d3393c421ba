/* The commands and files that give the same runs in Python. Values come from fixed lists or are numbers, which JavaScript
   and Python write and read alike. */

class Commands {
  constructor(worlds) { this.worlds = worlds; }

  python(settings, runs, weeks) {
    const written = (value) => (value === null ? "None" : JSON.stringify(value));
    const values = this.worlds.own(settings).map(([name, value]) => `${JSON.stringify(name)}: ${written(value)}`);
    const over = values.length ? `.override({${values.join(", ")}})` : "";
    return [
      "import hashlib", "", "from fragile_peace import Scenario, simulate", "",
      `world = Scenario.load(${JSON.stringify(settings.scenario)})${over}`,
      `outcomes = simulate([world], runs=${runs}, seed=${settings.seed}, weeks=${weeks})`,
      "print(hashlib.sha256(outcomes.tobytes()).hexdigest())",
    ].join("\n");
  }

  sweep(settings, points, weeks) {
    const set = this.worlds.own(settings).filter(([name]) => name !== settings.along);
    return [
      "schema: 1", "name: browser", `title: ${settings.scenario} along ${settings.along}, as shown by the browser edition`,
      `base: ${settings.scenario}`, `weeks: ${weeks}`, `seed: ${settings.seed}`, `runs: ${settings.runs}`,
      ...(set.length ? ["set:", ...set.map(([name, value]) => `  ${name}: ${value === null ? "null" : value}`)] : []),
      "levers:", `  ${settings.along}: [${points.map((point) => point.x).join(", ")}]`, "design: {levers: grid}", "",
    ].join("\n");
  }

  run(settings, run, weeks) {
    const set = this.worlds.own(settings).map(([name, value]) => ` --set ${name}=${value === null ? "null" : value}`);
    return `fragile-peace run ${settings.scenario}${set.join("")} --seed ${settings.seed} --run ${run} --weeks ${weeks}`;
  }

  replay(name, point, run) { return `fragile-peace replay results/${name} --point ${point} --run ${run}`; }
}
