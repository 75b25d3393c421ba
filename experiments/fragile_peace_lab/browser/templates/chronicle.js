/* What happened in a place and week, in the sentences of Python's chronicle (words/telling_place.py): the words are its
   own, what chooses among them follows it. */

class Telling {
  /* `get` reads a field of the week in hand, at a place. */
  constructor(page, told, get) {
    Object.assign(this, { page, told, get });
    this.say = page.about.sentences;
    this.codes = Object.fromEntries(Object.entries(page.about.codes).map(([kind, names]) =>
      [kind, Object.fromEntries(Object.entries(names).map(([code, name]) => [name, Number(code)]))]));
  }

  /* Places that are told one by one: blood, strikes, fire, pull-backs, invocations. */
  places() { return this.every((s) => this.isTold(s)); }

  /* Places where either side moved, or the monitors established anything. */
  stirred() { return this.every((s) => this.get("action_R_s", s) + this.get("action_U_s", s) + this.get("signal_s", s) > 0); }

  every(holds) { return this.told.scenario.places.map((_, s) => s).filter(holds); }

  isTold(s) {
    const { Action, Response } = this.codes, response = this.get("response_s", s);
    return this.get("action_R_s", s) === Action.strike || this.get("K_s", s) === 1 || this.get("decision_s", s) >= 0
      || response === Response.fire || response === Response.pull_back;
  }

  /* The sentences of a place: move by move where that is told, else one. */
  at(s) {
    if (!this.isTold(s)) return [this.short(s)];
    return [...this.moves(s), ...this.deaths(s), this.monitors(s), ...this.response(s), ...this.guarantee(s), ...this.reply(s)];
  }

  short(s) {
    const [a, b, response] = ["action_R_s", "action_U_s", "response_s"].map((name) => this.get(name, s));
    return worded(response >= 0 ? this.say.short_reported : this.say.short, {
      russia: this.say.does[a], p_russia: percent(this.get("p_action_R_s", s)), ukraine: this.say.does[b],
      p_ukraine: percent(this.get("p_action_U_s", s)), found: this.say.found[this.get("signal_s", s)], lead: this.lead(s), p: percent(this.get("p_response_s", s)),
    });
  }

  lead(s) { return (this.told.scenario.contingents[this.get("lead_s", s)] || { name: "None" }).name; }

  move(move, p) { return worded(this.say.move, { move, chance: this.chance(p) }); }

  chance(p) { return p === 1 ? "certain" : `${this.page.estimates.words(p)}, ${percent(p)}`; }

  moves(s) {
    const hub = this.told.scenario.places[s].kind === this.codes.PlaceKind.hub, a = this.get("action_R_s", s), b = this.get("action_U_s", s);
    const russia = this.move(worded(this.say.russia[a], { target: this.say.target[Number(hub)] }), this.get("p_action_R_s", s));
    if (hub) return [russia];
    return [russia, this.move(a === 0 && b === 0 ? this.say.both_keep : this.say.ukraine[b], this.get("p_action_U_s", s))];
  }

  deaths(s) {
    const { scenario } = this.told, [a, b] = [this.get("action_R_s", s), this.get("action_U_s", s)], meant = a === this.codes.Action.strike;
    if (this.get("K_s", s) !== 1) return meant ? [this.say.none_killed] : [];
    const of_each = this.page.about.weekly.deaths_sn.shape[1], total = this.get("deaths_s", s);
    const by = scenario.contingents.map(({ name }, n) => [name, this.get("deaths_sn", s * of_each + n)]).filter(([, dead]) => dead);
    const breaches = [a, b].map((code, side) => code && this.say.breach[side][code]).filter(Boolean);
    const how = meant ? this.say.meant : worded(this.say.caught[Number(breaches.length > 1)], { breaches: listed(breaches) });
    return [worded(this.say.die[Number(total !== 1)], { dead: count(total), by: listed(by.map(([name, dead]) => `${name} ${count(dead)}`)), how })];
  }

  monitors(s) {
    const { Signal } = this.codes, signal = this.get("signal_s", s), broke = [this.get("action_R_s", s) > 0, this.get("action_U_s", s) > 0];
    if (signal === Signal.quiet) return this.say.quiet[Number(broke[0] || broke[1])];
    if (signal === Signal.disputed) return this.say.disputed[Number(!broke[0] && !broke[1])];
    const sides = ["Russia", "Ukraine"], blamed = signal === Signal.russia ? 0 : 1;
    const kind = !broke[blamed] ? "blamed_wrongly" : broke[1 - blamed] ? "blamed_alone" : "blamed";
    return worded(this.say[kind], { side: sides[blamed], other: sides[1 - blamed] });
  }

  response(s) {
    const response = this.get("response_s", s);
    if (response < 0) return [];
    const said = [worded(this.say.responds, { lead: this.lead(s), response: this.say.response[response], chance: this.chance(this.get("p_response_s", s)) })];
    if (response !== this.codes.Response.pull_back) return said;
    const week = this.get("week"), back = week + 1 + this.inForce("vacant_weeks");
    return [...said, back > week + 1 ? worded(this.say.empty_until, { day: this.day(back) }) : this.say.back];
  }

  guarantee(s) {
    const decision = this.get("decision_s", s);
    if (decision < 0) return [];
    return [worded(this.say.invoked, { decision: this.say.decision[decision], chance: this.chance(this.get("p_decision_s", s)) })];
  }

  reply(s) {
    const reply = this.get("reply_s", s);
    if (reply < 0) return [];
    const said = [worded(this.say.replies, { reply: this.say.reply[reply], chance: this.chance(this.get("p_reply_s", s)) })];
    if (reply !== this.codes.Reply.escalate) return said;
    const honoured = this.get("decision_s", s) === this.codes.Decision.honour, widened = this.get("spiral_s", s) > 0;
    const p = this.inForce(honoured ? "spiral_us" : "spiral_coalition");
    const move = worded(this.say.spreads[Number(widened)], { parties: this.say.parties[Number(honoured)] });
    return [...said, this.move(move, widened ? p : 1 - p)];
  }

  /* A parameter of the row that is in force in the week in hand. */
  inForce(name) {
    const { about } = this.page, { rows } = this.told, week = this.get("week");
    const read = (row, field) => {
      const { at, whole } = about.in_force[field], place = row * about.sizes.row + at;
      return whole ? Number(rows.getBigInt64(place, true)) : rows.getFloat64(place, true);
    };
    let { row } = this.told;
    while (week >= read(row, "until_week")) row = read(row, "next_row");
    return read(row, name);
  }

  /* The first day of a week. */
  day(week) {
    const when = new Date(Date.parse(this.told.scenario.start) + 7 * 86400000 * week);
    return `${when.getUTCDate()} ${this.page.about.months[when.getUTCMonth()]} ${when.getUTCFullYear()}`;
  }
}

const worded = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const listed = (items) => (items.length > 1 ? `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}` : items.join(""));
