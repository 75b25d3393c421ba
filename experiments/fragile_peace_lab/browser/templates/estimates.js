/* Estimates from outcomes. An outcome is a ratio of totals (estimates/outcomes.py); its interval is Monte Carlo error
   alone (estimates/intervals.py), its band what members of the sample differ by (estimates/members.py). */

class Estimates {
  constructor(about) { this.about = about; }

  /* What each run adds above and below the line: {n, d}, Float64Array each. */
  parts(outcome, outcomes) {
    const size = this.about.sizes.outcomes, runs = outcomes.byteLength / size;
    const view = new DataView(outcomes.buffer, outcomes.byteOffset, outcomes.byteLength);
    const n = new Float64Array(runs), d = new Float64Array(runs);
    const read = (run, column) => {
      const at = run * size + column.at;
      return column.whole ? Number(view.getBigInt64(at, true)) : view.getFloat64(at, true);
    };
    for (let run = 0; run < runs; run++) {
      const sum = (columns) => columns.reduce((total, column) => {
        const value = read(run, column);
        return total + (column.never !== null && value === column.never ? 0 : value);
      }, 0);
      if (outcome.known) n[run] = read(run, outcome.columns[0]) === outcome.columns[0].never ? 0 : 1;
      else if (outcome.at_least !== null) n[run] = sum(outcome.columns) >= outcome.at_least ? 1 : 0;
      else n[run] = (sum(outcome.columns) - sum(outcome.minus)) * outcome.scale;
      d[run] = outcome.over.length ? sum(outcome.over) : 1;
    }
    return { n, d };
  }

  /* {estimate, low, high, runs}; NaN where not defined. */
  estimate(outcome, { n, d }) {
    const runs = n.length, total = sumOf(d), estimate = total > 0 ? sumOf(n) / total : NaN;
    if (outcome.kind === "probability" && !outcome.over.length) return { estimate, runs, ...this.proportion(sumOf(n), runs) };
    const { se, count } = this.error(estimate, { n, d });
    const half = count > 1 ? this.t(count - 1) * se : NaN;
    let [low, high] = [estimate - half, estimate + half];
    if (outcome.kind === "share" || outcome.kind === "probability") [low, high] = [Math.max(0, low), Math.min(1, high)];
    else if (outcome.kind === "rate") low = Math.max(0, low);
    if (se === 0 && estimate === 0 && outcome.kind === "rate") high = NaN;
    return { estimate, runs, low, high };
  }

  /* Exact at 0 and all of the runs, else Wilson's score interval. */
  proportion(k, n) {
    const tail = (1 - this.about.level) / 2, z = this.about.z, p = k / n;
    if (k === 0) return { low: 0, high: 1 - tail ** (1 / n) };
    if (k === n) return { low: tail ** (1 / n), high: 1 };
    const a = (z * z) / n, middle = (p + a / 2) / (1 + a), half = Math.sqrt(a * p * (1 - p) + (a * a) / 4) / (1 + a);
    return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
  }

  /* What leaving each run out moves a ratio by. */
  influence(estimate, { n, d }) {
    const total = sumOf(d);
    return n.map((value, run) => (d[run] > 0 && total > d[run] ? -(value - estimate * d[run]) / (total - d[run]) : 0));
  }

  error(estimate, parts) {
    return { se: jackknife(this.influence(estimate, parts)), count: parts.d.filter((value) => value > 0).length };
  }

  /* Here less pinned, run against run on the same draws. */
  difference(outcome, here, pinned) {
    const ratio = ({ n, d }) => sumOf(n) / sumOf(d);
    const estimate = ratio(here) - ratio(pinned), other = this.influence(ratio(pinned), pinned);
    const se = jackknife(this.influence(ratio(here), here).map((value, run) => value - other[run]));
    const half = this.t(here.n.length - 1) * se;
    return { estimate, low: estimate - half, high: estimate + half, runs: here.n.length };
  }

  /* The 5 % and 95 % quantiles of the members' values, pulled together by what so few runs of each spread them. */
  band(members) {
    const known = members.filter(({ d }) => sumOf(d) > 0);
    if (known.length < 2 || known[0].n.length < 2) return null;
    const runs = known[0].n.length, total = known.map(({ d }) => sumOf(d)), all = sumOf(total);
    const weight = total.map((value) => value / all), values = known.map(({ n }, m) => sumOf(n) / total[m]);
    const theta = sumOf(known.map(({ n }) => sumOf(n))) / all;
    const own = known.map(({ n, d }, m) => {
      const mean = total[m] / runs;
      return sumOf(n.map((value, run) => ((value - values[m] * d[run]) / mean) ** 2)) / (runs - 1) / runs;
    });
    const pooled = sumOf(own.map((value, m) => total[m] ** 2 * value)) / all;
    const noise = total.map((value) => pooled / value), squares = sumOf(weight.map((w) => w * w));
    const apart = sumOf(weight.map((w, m) => w * (values[m] - theta) ** 2)) - sumOf(weight.map((w, m) => w * (1 - w) * noise[m]));
    const variance = Math.max(0, apart / (1 - squares));
    const kept = noise.map((value) => (variance + value > 0 ? Math.sqrt(variance / (variance + value)) : 0));
    return quantiles(values.map((value, m) => theta + kept[m] * (value - theta)), weight, this.about.band);
  }

  /* Student's t at the level of the intervals; beyond the table nearly the normal quantile. */
  t(df) {
    const { t, z } = this.about;
    return df <= t.length ? t[df - 1] : z + (t[t.length - 1] - z) * (t.length / df);
  }

  /* The term of the scale for a probability. */
  words(p) { return this.about.scale.find(([least]) => p >= least)[1]; }
}

function sumOf(values) { let total = 0; for (const value of values) total += value; return total; }

function jackknife(delta) {
  const runs = delta.length, mean = sumOf(delta) / runs;
  return runs > 1 ? Math.sqrt(((runs - 1) / runs) * sumOf(delta.map((value) => (value - mean) ** 2))) : NaN;
}

/* Weighted quantiles, linear between the middles of the weights. */
function quantiles(values, weight, wanted) {
  const order = values.map((_, m) => m).sort((a, b) => values[a] - values[b]);
  const places = [0];
  for (let i = 1; i < order.length; i++) places.push(places[i - 1] + (weight[order[i]] + weight[order[i - 1]]) / 2);
  const last = places[places.length - 1];
  return wanted.map((quantile) => {
    const at = quantile * last, above = Math.max(1, places.findIndex((place) => place >= at));
    const part = (at - places[above - 1]) / (places[above] - places[above - 1] || 1);
    return values[order[above - 1]] + part * (values[order[above]] - values[order[above - 1]]);
  });
}
