/* The page: what it starts with, the check that comes before any number, and the address that says what is shown. */

const DRAWN = 80; /* milliseconds between two pictures */
const VIEWS = [["risk", "Risk"], ["run", "One run"], ["about", "What this is"]];

class Page {
  constructor(about, block, module, fused, source) {
    this.about = about;
    this.worlds = new Worlds(about, block);
    this.estimates = new Estimates(about);
    this.commands = new Commands(this.worlds);
    const cores = Math.max(1, Math.min(16, navigator.hardwareConcurrency || 2));
    this.pool = new Pool(source, module, about, block, cores);
    this.fused = fused;
    this.live = new Live(this.pool, this.worlds, () => this.soon());
    this.usual = { view: "risk", scenario: about.default, values: {}, seed: 1, runs: 256, members: about.members, weeks: 0, along: "threat.level", outcome: "strike_or_death", point: null, run: 0 };
    this.settings = this.usual;
    this.refused = [];
    this.right = false;
    this.pending = false;
  }

  async start() {
    this.main = document.getElementById("main");
    this.views = { risk: new RiskView(this), run: new RunView(this), about: { node: document.getElementById("about"), draw() {} } };
    const began = performance.now(), right = await this.check();
    this.told(right, performance.now() - began);
    if (!right) return;
    this.right = true;
    this.read();
    addEventListener("pointerdown", () => { this.held = performance.now(); }, true);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => { this.held = 0; }, 0), true);
    addEventListener("hashchange", () => { if (location.hash.slice(1) !== this.written()) { this.read(); } });
  }

  /* Play published runs again: nothing is shown unless every one of their bytes is what Python published. */
  async check() {
    const { checked, digest } = this.about.published, size = this.about.sizes.outcomes;
    try {
      const played = await Promise.all(checked.map(([point, run]) => this.pool.play(this.worlds.published(point, run), "check")));
      const bytes = new Uint8Array(size * checked.length);
      played.forEach((each, place) => bytes.set(each.outcomes, place * size));
      return played.every((each) => each.status === 0) && sha256(bytes) === digest;
    } catch { return false; }
  }

  told(right, took) {
    const node = document.getElementById("check"), { checked, name } = this.about.published;
    node.dataset.right = String(right);
    node.dataset.fused = String(this.fused);
    node.className = right ? "fp-hint" : "fp-error";
    node.textContent = right
      ? `This page reproduces ${checked.length} published runs of “${name}” to the last bit: yes (${(took / 1000).toFixed(1)} s${this.fused ? "" : "; without fused multiply-adds, so slowly"}).`
      : `This page reproduces ${checked.length} published runs of “${name}”: no. It shows no numbers in this browser; please tell the authors which browser it is.`;
  }

  /* Change some of the settings; what does not go with the new scenario is dropped. */
  change(some) {
    this.settings = { ...this.settings, ...some };
    this.settings.along = this.worlds.along(this.settings);
    if (some.scenario) { this.settings.point = null; this.levers.draw(); }
    this.write();
    this.follow();
  }

  lever(name, value) {
    const values = { ...this.settings.values }, scenario = this.worlds.scenarios.get(this.settings.scenario);
    if (value === scenario.values[name]) delete values[name]; else values[name] = value;
    this.change({ values });
  }

  follow() {
    this.levers.refresh();
    for (const [name] of VIEWS) {
      const tab = document.getElementById(`tab-${name}`);
      tab.setAttribute("aria-pressed", String(name === this.settings.view));
    }
    const alone = this.settings.view === "about" || (this.settings.view === "run" && this.settings.point !== null);
    this.levers.node.hidden = alone;
    document.getElementById("body").classList.toggle("fp-alone", alone);
    const view = this.views[this.settings.view];
    if (this.main.firstChild !== view.node) this.main.replaceChildren(view.node);
    view.node.hidden = false;
    const { view: _, outcome: __, point: ___, run: ____, ...played } = this.settings, key = JSON.stringify(played);
    if (this.settings.view === "risk" && key !== this.played) { this.played = key; this.live.play(this.settings); }
    if (this.settings.view === "run") { this.views.run.play(); } else this.soon();
  }

  /* Draw a few times a second, and never under a finger: a button that is made anew while it is pressed is not pressed. */
  soon() {
    if (this.pending || !this.right) return;
    this.pending = true;
    const draw = () => {
      if (this.held && performance.now() - this.held < 2000) { setTimeout(draw, DRAWN); return; }
      this.pending = false;
      if (this.settings.view !== "risk") return;
      this.views.risk.draw();
      this.announce();
    };
    setTimeout(draw, this.live.busy ? DRAWN : 0);
  }

  /* Say to a screen reader when the runs are in, once for each setting. */
  announce() {
    const { settings, live } = this, said = JSON.stringify(settings);
    if (live.busy || said === this.announced || !live.runs(settings)) return;
    this.announced = said;
    const outcome = this.about.outcomes.find((each) => each.name === settings.outcome);
    const { estimate } = this.estimates.estimate(outcome, this.views.risk.of(outcome, settings));
    document.getElementById("said").textContent = `${count(live.runs(settings))} runs are in. ${outcome.title}: ${shown(estimate, outcome.unit)}.`;
  }

  /* The settings as the address keeps them; what is usual is left out. */
  written() {
    const pairs = Object.keys(this.usual).filter((name) => name !== "values" && this.settings[name] !== this.usual[name]).map((name) => [name, String(this.settings[name])]);
    const set = this.worlds.own(this.settings).map(([name, value]) => ["set", `${name}=${value === null ? "" : value}`]);
    return [...pairs, ...set].map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join("&");
  }

  write() { history.replaceState(null, "", `#${this.written()}`); }

  /* Read the address; what is not allowed is said, and left at what is usual. */
  read() {
    const settings = { ...this.usual, values: {} };
    this.refused = [];
    const allowed = new Map(Object.entries({
      view: (text) => VIEWS.some(([name]) => name === text) && text, scenario: (text) => this.worlds.scenarios.has(text) && text,
      along: (text) => ["real", "whole"].includes((this.worlds.levers.get(text) || {}).kind) && text,
      outcome: (text) => this.about.outcomes.some((each) => each.name === text) && text,
      seed: whole(0, Number.MAX_SAFE_INTEGER), runs: whole(16, 5000), members: whole(0, this.about.members), weeks: whole(0, 1040), run: whole(0, 4294967294), point: whole(0, this.about.published.points - 1),
    }));
    for (const [name, text] of new URLSearchParams(location.hash.slice(1))) {
      if (name === "set") { this.set(settings, text); continue; }
      const value = allowed.has(name) ? allowed.get(name)(text) : false;
      if (value === false) this.refused.push(`Link: ${name}=${text.slice(0, 60)} is not allowed; it is left out`);
      else settings[name] = value;
    }
    for (const name of Object.keys(settings.values).filter((each) => !this.worlds.scenarios.get(settings.scenario).rules[each])) {
      this.refused.push(`Link: ${name} cannot be set in ${settings.scenario}; it is left out`);
      delete settings.values[name];
    }
    settings.along = this.worlds.along(settings);
    if (settings.point !== null) settings.run = Math.min(settings.run, this.about.own_runs - 1);
    this.settings = settings;
    show(document.getElementById("refused"), this.refused.map((line) => h("p.fp-warning", { role: "alert" }, line)));
    this.levers.draw();
    this.follow();
  }

  set(settings, text) {
    const [name, ...rest] = text.split("="), { value, fault } = this.worlds.read(name, rest.join("="));
    if (fault) this.refused.push(`Link: ${fault}`); else settings.values[name] = value;
  }
}

const whole = (low, high) => (text) => (/^\d{1,16}$/.test(text) && Number(text) >= low && Number(text) <= high ? Number(text) : false);

async function copyLink() {
  const node = document.getElementById("link"), words = node.textContent;
  let said = "Copied";
  try { await navigator.clipboard.writeText(location.href); } catch { said = "It is in the address bar"; }
  node.textContent = document.getElementById("said").textContent = said;
  setTimeout(() => { node.textContent = words; }, 2000);
}

async function begin() {
  const dark = matchMedia("(prefers-color-scheme: dark)"), paint = (on) => document.documentElement.classList.toggle("theme--dark", on);
  paint(dark.matches);
  dark.addEventListener("change", (event) => paint(event.matches));
  const said = document.getElementById("check");
  try {
    const [text, block, relaxed, exact] = await Promise.all(["contents", "block", "relaxed", "exact"].map(unpacked));
    const about = JSON.parse(new TextDecoder().decode(text)), { module, fused } = await chosen({ relaxed, exact });
    const source = `${document.getElementById("engine").textContent}\n${document.getElementById("worker").textContent}`;
    const page = new Page(about, block, module, fused, source);
    globalThis.fragilePeace = page;
    document.getElementById("body").prepend((page.levers = new LeversView(page)).node);
    for (const [name, words] of VIEWS) document.getElementById("tabs").append(h("button.fp-button", { type: "button", id: `tab-${name}`, "aria-pressed": "false", onclick: () => { if (page.right) page.change({ view: name }); } }, words));
    document.getElementById("link").addEventListener("click", copyLink);
    await page.start();
  } catch (error) {
    said.className = "fp-error";
    said.dataset.right = "false";
    said.textContent = `This page cannot run here: ${error.message || error}. It needs a browser of 2023 or later.`;
  }
}

begin();
