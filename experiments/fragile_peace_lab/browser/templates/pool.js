/* The workers: blocks of runs go to whichever is free. A worker that falls silent is replaced, and its block played again;
   `cancel` drops what has not begun. */

const SILENT = 60000; /* milliseconds after which a worker counts as lost */

class Pool {
  constructor(source, module, about, block, count) {
    this.url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.start = { module, about, block };
    this.waiting = [];
    this.number = 0;
    this.silent = SILENT;
    this.hands = Array.from({ length: count }, () => this.hand());
    this.watch = setInterval(() => this.look(), 2000);
  }

  hand() {
    const hand = { worker: new Worker(this.url), job: null, since: 0 };
    hand.worker.onmessage = ({ data }) => this.done(hand, data);
    hand.worker.onerror = (event) => { event.preventDefault(); this.replace(hand); };
    hand.worker.postMessage(this.start);
    return hand;
  }

  /* Play a block; resolves to what `Engine.play` returns, or to null if cancelled before it began. */
  play(job, group) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ id: ++this.number, job, group, resolve, reject, tries: 0 });
      this.feed();
    });
  }

  feed() {
    for (const hand of this.hands) {
      if (hand.job || !this.waiting.length) continue;
      hand.job = this.waiting.shift();
      hand.since = performance.now();
      hand.worker.postMessage({ id: hand.job.id, job: hand.job.job });
    }
  }

  done(hand, data) {
    if (data.ready || !hand.job || data.id !== hand.job.id) return;
    const { resolve, reject } = hand.job;
    hand.job = null;
    this.feed();
    if (data.fault) reject(new Error(data.fault)); else resolve(data);
  }

  look() {
    const now = performance.now();
    for (const hand of this.hands) if (hand.job && now - hand.since > this.silent) this.replace(hand);
  }

  replace(hand) {
    const { job } = hand;
    hand.worker.terminate();
    hand.job = null;
    this.hands[this.hands.indexOf(hand)] = this.hand();
    if (job && ++job.tries < 3) this.waiting.unshift(job);
    else if (job) job.reject(new Error("a worker failed three times on the same runs"));
    this.feed();
  }

  cancel(group) {
    const dropped = this.waiting.filter((each) => each.group === group);
    this.waiting = this.waiting.filter((each) => each.group !== group);
    for (const each of dropped) each.resolve(null);
  }
}
