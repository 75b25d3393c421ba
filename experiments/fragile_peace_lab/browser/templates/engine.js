"use strict";
/* The engine in memory: writes the arguments of a block of runs, calls it, and reads what the runs leave.
   `about` is what the page knows (contents.py): where fields lie, and in which order arguments stand. */

class Engine {
  constructor(module, about, block) {
    this.about = about;
    this.blank = block.slice(about.blank, about.blank + about.sizes.outcomes);
    this.exports = new WebAssembly.Instance(module, {}).exports;
    this.base = (this.exports.heap_base() + 4095) & ~4095;
  }

  /* Play runs first to first + runs - 1 of the scenario whose rows are given (bytes), the first `kept` with their weeks.
     Returns status 0 (done) or 1 (a game could not be solved: run and week say where), outcomes and weeks as bytes. */
  play({ rows, row, horizon, seed, first, runs, kept = 0 }) {
    const shapes = this.shapes(rows, row, horizon, runs, kept);
    const numbers = { row: BigInt(row), horizon: BigInt(horizon), seed: BigInt(seed), first: BigInt(first) };
    const places = {};
    let end = this.base + 128;
    for (const { name, bytes } of this.about.slots) {
      if (bytes === undefined || name === "words") continue;
      places[name] = end;
      end += (shapes[name].reduce((a, b) => a * b, 1) * bytes + 127) & ~63;
    }
    places.words = places.state;
    const slots = end;
    const free = (slots + 8 * 512 + 4095) & ~4095;
    this.reserve(free + (1 << 20));
    new Uint8Array(this.exports.memory.buffer, this.base, free - this.base).fill(0);
    this.write(places, rows);
    this.arguments(slots, shapes, numbers, places);
    this.exports.run(slots, free);
    return this.result(places, runs, kept, horizon);
  }

  shapes(rows, row, horizon, runs, kept) {
    const { sizes } = this.about;
    const places = Number(new DataView(rows.buffer, rows.byteOffset).getBigInt64(row * sizes.row + this.about.places, true));
    return {
      params: [rows.byteLength / sizes.row], outcomes: [runs], weekly: [kept, horizon], moments: [0, 12], states: [0, horizon],
      stop: [1], blank_state: [1], blank_week: [1], blank_outcomes: [1], words: [sizes.state / 8], chosen: [0],
      paths: [0, 0, 0], lengths: [0], state: [1], week: [1], games: [Math.ceil(places / this.about.lanes)], out: [1], scratch: [1],
    };
  }

  reserve(bytes) {
    const { memory } = this.exports;
    const more = Math.ceil((bytes - memory.buffer.byteLength) / 65536);
    if (more > 0) memory.grow(more);
  }

  write(places, rows) {
    const memory = new Uint8Array(this.exports.memory.buffer);
    memory.set(rows, places.params);
    memory.set(this.blank, places.blank_outcomes);
  }

  arguments(slots, shapes, numbers, places) {
    const view = new DataView(this.exports.memory.buffer);
    let at = slots;
    const put = (value) => { view.setBigInt64(at, BigInt(value), true); at += 8; };
    put(this.base);
    put(this.base + 64);
    for (const { name, bytes } of this.about.slots) {
      if (bytes === undefined) { put(numbers[name]); continue; }
      const shape = shapes[name];
      const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, bytes));
      for (const value of [0, 0, shape.reduce((a, b) => a * b, 1), bytes, places[name], ...shape, ...strides]) put(value);
    }
  }

  result(places, runs, kept, horizon) {
    const { buffer } = this.exports.memory;
    const { sizes, failure } = this.about;
    const view = new DataView(buffer);
    const status = Number(view.getBigInt64(this.base, true));
    const copy = (at, bytes) => new Uint8Array(buffer.slice(at, at + bytes));
    return {
      status, index: Number(view.getBigInt64(this.base + 8, true)), week: Number(view.getBigInt64(places.state + failure.week, true)),
      outcomes: copy(places.outcomes, runs * sizes.outcomes), weeks: copy(places.weekly, kept * horizon * sizes.week),
    };
  }
}

/* Whether the engine's multiply-adds round once: against exact ones, on numbers at which two roundings show, or at which
   the product leaves the range on its way. */
function fusedRight(exports, tries = 4000) {
  const word = new BigUint64Array(1), number = new Float64Array(word.buffer);
  let state = 0x9e3779b97f4a7c15n;
  const draw = (kind) => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    const high = state ^ (state >> 29n);
    word[0] = kind === 0 ? high : (high & 0x800fffffffffffffn) | ((high >> 40n) % 200n + 923n) << 52n;
    return number[0];
  };
  const same = (a, b, c) => Object.is(exports.engine_fma(a, b, c), exports.checked_fma(a, b, c));
  for (let i = 0; i < tries; i++) {
    const a = draw(i % 8), b = draw(i % 8), c = i % 3 ? draw(i % 8) : -(a * b);
    if (!same(a, b, c)) return false;
  }
  return same(1e-320, 1e10, 1e-310) && same(1e200, 1e200, -Infinity) && same(1 + 2 ** -27, 1 - 2 ** -27, -1);
}

/* The fastest module that is right here: {module, fused}. */
async function chosen(bytes) {
  for (const fused of [true, false]) {
    let module;
    try { module = await WebAssembly.compile(fused ? bytes.relaxed : bytes.exact); } catch { continue; }
    if (fusedRight((await WebAssembly.instantiate(module, {})).exports)) return { module, fused };
  }
  throw new Error("this browser cannot run the engine: it needs WebAssembly with SIMD");
}
