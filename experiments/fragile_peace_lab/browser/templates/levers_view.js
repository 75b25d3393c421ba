/* The levers: a slider with a field, or a choice; help from the declaration; belief and truth apart. */

const FIRST = 3; /* levers that stand open on a phone, too: the threat, what is believed of it, what is true */

class LeversView {
  constructor(page) {
    this.page = page;
    this.node = h("aside.fp-card", { "aria-label": "Settings" });
    this.fields = new Map();
  }

  draw() {
    const { page } = this, { worlds } = page, scenario = worlds.scenarios.get(page.settings.scenario);
    const open = this.more ? this.more.open : !matchMedia("(max-width: 900px)").matches;
    this.fields.clear();
    const levers = [...worlds.levers.values()].map((lever) => this.field(lever, scenario));
    const options = [...worlds.scenarios.values()].map((each) => h("option", { value: each.name }, each.name));
    const select = h("select", { id: "scenario", "data-id": "scenario", "aria-describedby": "scenario-about", onchange: () => page.change({ scenario: select.value, values: {} }) }, options);
    select.value = page.settings.scenario;
    show(this.node,
      h("h2", null, "Settings"),
      h("div.fp-field", { "data-field": "scenario" }, h("label.fp-label", { for: "scenario" }, "Scenario"), h("div.fp-inputs", null, select)),
      h("p.fp-hint", { id: "scenario-about" }, scenario.title),
      h("details.fp-help", null, h("summary", null, "what it stands for"), scenario.about),
      scenario.solved ? h("p.fp-warning", null, scenario.solved) : null,
      levers.slice(0, FIRST),
      this.more = h("details", { open: open }, h("summary", null, "More levers, weeks, seed, runs"), levers.slice(FIRST),
        this.whole("weeks", "Weeks (0: as many as the scenario has)", 1040, 0), this.whole("seed", "Seed", Number.MAX_SAFE_INTEGER, 0),
        this.whole("runs", "Runs of each point", 5000, 16),
        this.whole("members", "Samples of the unknowns", worlds.about.members, 0)),
      h("div.fp-buttons", null,
        button("reset", "Back to the scenario", () => page.change({ values: {} }), { disabled: !Object.keys(page.settings.values).length })));
    this.refresh();
  }

  field(lever, scenario) {
    const { page } = this, id = `lever-${lever.name.replace(/[^a-z0-9]/gi, "-")}`, off = !scenario.rules[lever.name];
    const error = h("p.fp-error", { role: "alert", hidden: true });
    const turn = (text) => {
      const { value, fault } = page.worlds.read(lever.name, text);
      error.textContent = fault || "";
      error.hidden = !fault;
      node.classList.toggle("fp-bad", Boolean(fault));
      if (!fault) page.lever(lever.name, value);
    };
    let inputs;
    const about = { "aria-describedby": `${id}-help`, disabled: off };
    if (lever.kind === "choice") {
      const select = h("select", { id, "data-id": lever.name, ...about, onchange: () => turn(select.value) }, lever.choices.map(([value, words]) => h("option", { value }, words)));
      inputs = { box: [select], set: (value) => { select.value = value; } };
    } else {
      const range = h("input.fp-range", { type: "range", min: lever.low, max: lever.high, step: lever.step, "data-id": `${lever.name} slider`, "aria-label": `${lever.title}, slider`, disabled: off, oninput: () => turn(range.value) });
      const text = h("input.fp-text", { id, type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", "data-id": lever.name, ...about, onchange: () => turn(text.value) });
      inputs = { box: [range, text], set: (value, tied) => {
        if (document.activeElement !== range) range.value = value;
        text.value = tied ? "" : value;
        text.placeholder = tied ? "believed" : "";
      } };
    }
    const label = h("span", null, lever.title), note = h("p.fp-hint", { hidden: true });
    const node = h("div.fp-field", { "data-field": lever.name },
      h("label.fp-label", { for: id }, label, lever.unit ? h("span.fp-unit", null, ` (${lever.unit})`) : null),
      h("div.fp-inputs", null, inputs.box), error, note,
      h("details.fp-help", { id: `${id}-help` }, h("summary", { "aria-label": `About ${lever.title}` }, "about"), lever.text));
    this.fields.set(lever.name, { ...inputs, note, node, error });
    return node;
  }

  whole(name, title, most, least) {
    const { page } = this, error = h("p.fp-error", { role: "alert", hidden: true });
    const text = h("input.fp-text", { id: name, type: "text", inputmode: "numeric", autocomplete: "off", "data-id": name, value: String(page.settings[name]), onchange: () => {
      const good = /^\d{1,16}$/.test(text.value.trim()) && Number(text.value) >= least && Number(text.value) <= most;
      error.hidden = good;
      error.textContent = good ? "" : `${name}: ${JSON.stringify(text.value.slice(0, 60))} is not allowed; must be a whole number from ${least} to ${most}`;
      if (good) page.change({ [name]: Number(text.value) });
    } });
    return h("div.fp-field", { "data-field": name }, h("label.fp-label", { for: name }, title), h("div.fp-inputs", null, text), error);
  }

  /* Show the values in effect without building the controls anew. */
  refresh() {
    const { worlds, settings } = this.page, { truth } = worlds.about;
    for (const [name, { set, note, error, node }] of this.fields) {
      const belief = worlds.belief[name], tied = belief && worlds.isTied(settings, belief);
      set(worlds.value(settings, name), tied);
      if (error.hidden) node.classList.remove("fp-bad");
      if (truth[name]) { note.hidden = !worlds.isTied(settings, name); note.textContent = "The truth moves with it, until it is set below."; }
      if (belief) { note.hidden = false; note.textContent = tied ? "Equal to what is believed, until it is set here." : "Held fixed: an empty field ties it to the belief again."; }
    }
    const reset = this.node.querySelector('[data-id="reset"]');
    if (reset) reset.disabled = !Object.keys(settings.values).length;
  }
}
