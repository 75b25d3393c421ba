"""Every parameter of the model, declared once: name, default, bounds, unit, symbol, source.

A block is a frozen pydantic model; a field made by `real`, `whole`, `switch` or `choice` is a parameter. Its dotted
name (`threat.level`) is what users write; its symbol (`theta`) is the field of the kernels' PARAMETERS row
(`declared.rows`). The YAML files, the command line, the error messages, the tables in the docs and the kernels'
dtype are all derived from here.

Conventions
-----------
* Bounds are closed and are part of the model: outside them a value is refused, never clipped.
* `source` is a key of model/fragile_peace/evidence.csv, or "assumption". The key "calibrated" is that of the posterior's default member,
  which `experiments/fragile_peace_lab/design/posterior.py` names: its values go together, and none is changed by hand.
* Payoffs are in units of the player's own payoff scale: only precision times a payoff difference is identified, so
  precisions stay at their default and calibration moves payoffs.
* Time is in weeks unless the unit says otherwise; troops are in thousands.
"""

from pydantic import Field

from fragile_peace.codes import PlaceKind, RulesOfEngagement, Selection, ThreatChoice, Trigger
from fragile_peace.declared.blocks import (
    CALIBRATED,
    PAYOFF,
    SHARE,
    WEEKS,
    Block,
    PlaceKindName,
    RoeName,
    SelectionName,
    ThreatChoiceName,
    TriggerName,
    choice,
    label,
    real,
    switch,
    whole,
)

PER_KM = "persons per km"
PER_VIOLENCE = "1/(1000 troops week)"


class Threat(Block):
    """Moscow's declaration that the force is a "legitimate target"."""

    level: float = real(0.5, 0, 1, SHARE, "theta", "how loudly Moscow declares the force a legitimate target", "legit")
    credibility: float = real(0.2, 0.001, 0.999, "probability", "mu0", "prior belief that Russia is committed", "bluff")
    sincerity: float | None = real(
        None, 0, 1, "probability", "mu_true", "true chance that Russia is committed; empty: equal to the credibility"
    )
    choice: ThreatChoiceName = choice(
        ThreatChoice.SET, "threat_choice", "who sets the level: the scenario, or Moscow as a signal", at_start=True
    )
    benefit: float = real(
        4, 0, 20, PAYOFF, "b_theta", "a signalling Moscow's value of none of the force joining", at_start=True
    )
    cost: float = real(0.5, 0, 20, PAYOFF, "c_theta", "its sunk cost of the loudest threat", at_start=True)
    precision: float = real(
        3, 0, 10, "1/payoff", "lam_theta", "precision of its choice of the level", "qre_range", at_start=True
    )


class Guarantee(Block):
    """The United States' "Article 5-like" guarantee."""

    level: float = real(0.7, 0, 1, SHARE, "G", "how binding the text of the guarantee is", "guar_trigger")
    credibility: float = real(
        0.35, 0.001, 0.999, "probability", "gamma0", "prior belief that Washington is steadfast", "bf2018_all"
    )
    sincerity: float | None = real(
        None, 0, 1, "probability", "gamma_true", "true chance that Washington is steadfast; empty: the credibility"
    )
    trigger: TriggerName = choice(Trigger.ATTRIBUTED_FATALITY, "trigger", "what invokes the guarantee", "guar_trigger")
    void_weeks: int = whole(
        0, 0, 520, WEEKS, "void_weeks", "how long attributed Ukrainian raids void the guarantee", "plan28_cap"
    )
    void_share: float = real(
        0.25, 0.01, 1, SHARE, "void_share", "line places with such a raid in one week that void it"
    )


class Mandate(Block):
    """Under what law the force acts and when it may fire."""

    roe: RoeName = choice(RulesOfEngagement.SELF_DEFENCE, "roe", "when the force may fire", "merz_roe")
    un: bool = switch(False, "un", "a United Nations mandate")
    allows_force: bool = switch(False, "mandate_force", "the mandate allows the force to fight a renewed war", "paris")


class ResponseTime(Block):
    """How fast force is met with force."""

    coalition_hours: float = real(24, 0, 8760, "hours", "coalition_hours", "the coalition's response time", "ft_ladder")
    us_hours: float = real(72, 0, 8760, "hours", "us_hours", "the United States' response time", "ft_ladder")
    decay_hours: float = real(96, 1, 8760, "hours", "tau_h", "a response this late keeps 1/e of its bite")


class Precision(Block):
    """Logit precisions of the choices of the incident and commitment games; 0 is uniform play."""

    russia: float = real(3, 0, 10, "1/payoff", "lam_russia", "Russia, incident game", "qre_range")
    ukraine: float = real(3, 0, 10, "1/payoff", "lam_ukraine", "Ukraine, incident game", "qre_range")
    contingent: float = real(3, 0, 10, "1/payoff", "lam_lead", "the lead contingent, incident game", "qre_range")
    united_states: float = real(3, 0, 10, "1/payoff", "lam_us", "the United States, incident game", "qre_range")
    commitment: float = real(3, 0, 10, "1/payoff", "lam_commit", "contingents, commitment game", "qre_range")


class Beliefs(Block):
    """How the private types may change."""

    redraw: float = real(0.01, 0, 1, "probability/week", "omega", "chance a week that a type is drawn anew")


class Contact(Block):
    """What makes a violation easier or harder in a place, for both sides."""

    border: float = real(0.15, 0, 1, SHARE, "c_border", "contact factor of a border (line 1, hub 0)")
    tension_gain: float = real(
        0.4809, 0, 10, "1/tension", "eta_x", "how much local tension raises the gain of a breach", CALIBRATED
    )
    disputed_share: float = real(0.35, 0, 1, SHARE, "xi", "share of a breach's cost borne when it is disputed")
    ease_amplitude: float = real(0, 0, 0.9, SHARE, "ease_amp", "seasonal swing of the gain of a breach")
    dmz_km: float = real(0, 0, 100, "km", "dmz_km", "depth of the demilitarised zone", "dmz")
    dmz_scale_km: float = real(15, 0.1, 1000, "km", "dmz0", "a zone this deep leaves 1/e of the gain", "fortna_dmz")


class Russia(Block):
    """Russia's payoffs in the incident game."""

    probe_gain: float = real(0.152, 0, 10, PAYOFF, "g_probe", "gain of a probe", "smm_cfv_km_2019")
    raid_gain: float = real(0.8048, 0, 10, PAYOFF, "g_raid", "gain of a raid", CALIBRATED)
    strike_gain: float = real(-0.7, -10, 10, PAYOFF, "g_strike", "gain of a strike on the force (negative: a cost)")
    strike_value: float = real(2.913, 0, 10, PAYOFF, "V_s", "a committed Russia's value of a lethal strike", CALIBRATED)
    strike_threat: float = real(0.3, 0, 10, "1", "alpha_theta", "how much the threat raises that value")
    bluff_cost: float = real(0.5, 0, 10, PAYOFF, "C_b", "a bluffing Russia's cost of a lethal strike")
    probe_cost: float = real(0.707, 0, 10, PAYOFF, "cost_probe", "cost of a probe when attributed")
    raid_cost: float = real(1.54, 0, 10, PAYOFF, "cost_raid", "cost of a raid when attributed")
    strike_cost: float = real(3, 0, 10, PAYOFF, "cost_strike", "cost of a strike when attributed")
    un_legal: float = real(0.3, 0, 10, "1", "un_legal", "how much a UN mandate raises the cost of attribution")
    prize: float = real(1.2, 0, 10, PAYOFF, "prize", "gain when the force pulls back")
    sanction_cost: float = real(2, 0, 10, PAYOFF, "S_R", "cost of American sanctions")
    honour_cost: float = real(3, 0, 10, PAYOFF, "H_R", "cost of an honoured guarantee")
    face: float = real(0.6, 0, 10, PAYOFF, "face", "audience cost of standing down", "fearon97")
    face_threat: float = real(1, 0, 10, "1", "psi", "how much the threat raises that cost", "fearon97")
    coalition_opposition: float = real(0.8, 0, 10, PAYOFF, "o_E", "cost of holding against the coalition")
    us_opposition: float = real(1.6, 0, 10, PAYOFF, "o_A", "cost of holding against the United States")
    resolve_bluffing: float = real(0, -10, 10, PAYOFF, "z_bluffing", "a bluffing Russia's value of escalating")
    resolve_committed: float = real(1.4, -10, 10, PAYOFF, "z_committed", "a committed Russia's value of escalating")
    coalition_deterrent: float = real(2, 0, 10, PAYOFF, "e_E", "cost of escalating against the coalition")
    us_deterrent: float = real(1, 0, 10, PAYOFF, "e_A", "further cost if Washington honoured; no record informs it")


class Ukraine(Block):
    """Ukraine's payoffs in the incident game."""

    probe_gain: float = real(0.099, 0, 10, PAYOFF, "g_probe_U", "gain of a probe", "smm_cfv_km_2019")
    raid_gain: float = real(0.4907, 0, 10, PAYOFF, "g_raid_U", "gain of a raid", CALIBRATED)
    probe_cost: float = real(0.707, 0, 10, PAYOFF, "cost_probe_U", "cost of a probe when blamed")
    raid_cost: float = real(1.54, 0, 10, PAYOFF, "cost_raid_U", "cost of a raid when blamed")
    void_cost: float = real(0.5, 0, 10, PAYOFF, "void_cost", "cost of blame where it can void the guarantee")
    coalition_aid: float = real(0.5, 0, 10, PAYOFF, "aid_E", "value of the coalition firing")
    us_aid: float = real(1.5, 0, 10, PAYOFF, "aid_A", "value of an honoured guarantee")
    pull_back_loss: float = real(2.5, 0, 10, PAYOFF, "loss", "loss when the force pulls back")
    escalation_harm: float = real(2, 0, 10, PAYOFF, "harm_esc", "harm when Russia escalates")


class Lead(Block):
    """Payoffs of the contingent that leads a place, common to all nations."""

    passive_unclear: float = real(0.05, 0, 10, PAYOFF, "passive_0", "cost of only reporting an unattributed breach")
    passive_attributed: float = real(0.5, 0, 10, PAYOFF, "passive", "cost of only reporting an attributed breach")
    passive_fatality: float = real(1.5, 0, 10, PAYOFF, "passive_K", "cost of only reporting the death of a soldier")
    fire_cost: float = real(0.5, 0, 10, PAYOFF, "fire_cost", "cost of firing")
    us_sanction: float = real(0.5, 0, 10, PAYOFF, "u_S", "value of American sanctions")
    us_honour: float = real(1.5, 0, 10, PAYOFF, "u_H", "value of an honoured guarantee")
    stand_down: float = real(1, 0, 10, PAYOFF, "u_D", "value of Russia standing down")
    hold: float = real(0.8, 0, 10, PAYOFF, "u_O", "cost of Russia holding (half if the contingent did not fire)")
    escalate: float = real(3.5, 0, 10, PAYOFF, "u_E", "cost of Russia escalating")


class UnitedStates(Block):
    """Washington's payoffs once the guarantee is invoked."""

    reputation: float = real(2.5, 0, 10, PAYOFF, "rep", "cost of declining a fully binding guarantee")
    sanction_cost: float = real(0.4, 0, 10, PAYOFF, "econ", "economic cost of sanctions")
    sanction_share: float = real(0.35, 0, 1, SHARE, "varsigma", "share of the reputation cost that sanctions leave")
    honour_cost_reluctant: float = real(
        4, 0, 10, PAYOFF, "cost_reluctant", "a reluctant Washington's cost of honouring"
    )
    honour_cost_steadfast: float = real(0.6, 0, 10, PAYOFF, "cost_steadfast", "a steadfast Washington's cost of it")
    stand_down_gain: float = real(0.8, 0, 10, PAYOFF, "a_D", "gain when Russia stands down")
    escalation_loss: float = real(4, 0, 10, PAYOFF, "a_E", "loss when Russia escalates")


class Monitoring(Block):
    """How violations are seen and attributed."""

    probe_visibility: float = real(0.83, 0, 20, "1", "nu_probe", "visibility of a probe")
    raid_visibility: float = real(1.5, 0, 20, "1", "nu_raid", "visibility of a raid")
    strike_visibility: float = real(4, 0, 20, "1", "nu_strike", "visibility of a strike")
    attribution: float = real(0.411, 0, 1, "probability", "q0", "attribution of a seen breach without patrols")
    un_bonus: float = real(0.2, 0, 1, "probability", "q_un", "added by a UN mandate")
    commission_bonus: float = real(0.2, 0, 1, "probability", "q_commission", "added by a joint commission", "paris")
    joint_commission: bool = switch(True, "commission", "a joint commission establishes responsibility", "paris")
    false_alarm: float = real(0.046, 0, 1, "probability/week", "phi0", "false alarms without any patrol")
    coverage_density: float = real(1.15, 0.01, 100, PER_KM, "d0", "density at which patrols cover 1 - 1/e")
    attribution_density: float = real(1, 0.01, 100, PER_KM, "d_q", "density at which patrols attribute 1 - 1/e more")
    liaison_density: float = real(1.9, 0.01, 100, PER_KM, "d_c", "density at which liaison settles 1 - 1/e of disputes")
    patrol_share: float = real(0.1, 0, 1, SHARE, "alpha", "share of a garrison that patrols", "mnf_place")
    isr: float = real(0.4, 0, 1, SHARE, "isr", "coverage from drones, sensors and satellites alone", "paris")
    misattribution: float = real(0.03, 0, 0.5, "probability", "eps_m", "attributed signals that name the wrong side")
    hub_attribution: float = real(0.8, 0, 1, "probability", "hub_attribution", "attribution of a strike on a hub")
    visibility_amplitude: float = real(0.25, 0, 0.9, SHARE, "visibility_amp", "seasonal swing, low in week 48")
    leave_with_force: bool = switch(False, "leave_with_force", "civilian monitors leave where and when the troops do")


class Fatality(Block):
    """When and how many Europeans die."""

    probe_russia: float = real(0.001, 0, 1, PER_VIOLENCE, "k_probe", "Russian probe")
    raid_russia: float = real(0.07227, 0, 1, PER_VIOLENCE, "k_raid", "Russian raid", CALIBRATED)
    probe_ukraine: float = real(0.0002, 0, 1, PER_VIOLENCE, "k_probe_U", "Ukrainian probe")
    raid_ukraine: float = real(0.001, 0, 1, PER_VIOLENCE, "k_raid_U", "Ukrainian raid")
    strike: float = real(0.7, 0, 10, "1", "k_strike", "hazard of a strike: it is aimed, so not scaled by the garrison")
    protection: float = real(1, 0, 10, "1", "protection", "multiplies every hazard (1: today's protection)")
    breach_tail: float = real(
        2.95, 1.5, 6, "1", "breach_tail", "exponent of the sizes of fatal events, breach", "un_event_size_line"
    )
    strike_tail: float = real(2.4, 1.5, 6, "1", "strike_tail", "the same, strike", "un_event_size_all")


class Counts(Block):
    """Single violations as monitors count them, per 100 km of line and week; outputs only."""

    probe: float = real(160, 0, 1e5, "1/(100 km week)", "N_probe", "mean of a week of probes", "smm_cfv_km_2019")
    raid: float = real(403.4, 0, 1e5, "1/(100 km week)", "N_raid", "mean of a week of raids", CALIBRATED)
    strike: float = real(5, 0, 1e5, "1/(100 km week)", "N_strike", "mean of a week with a strike")
    accidents: float = real(0.375, 0, 100, "1/(100 km week)", "N_accident", "accidental, a side", "smm_zero_days")
    dispersion: float = real(0.742, 0.05, 100, "1", "shape_v", "gamma shape of a week's intensity", CALIBRATED)
    season_amplitude: float = real(0.25, 0, 0.9, SHARE, "season_amp", "seasonal swing, low in week 48", "ged_season")
    deaths_per_1000: float = real(
        0.7697, 0, 100, "deaths per 1000", "deaths_rate", "local deaths per 1,000 true violations", CALIBRATED
    )
    extra_deaths: float = real(
        0.33, 0, 100, "deaths", "extra_deaths", "mean deaths beyond the first", "ged_deaths_event"
    )


class Tension(Block):
    """Local memory of incidents."""

    initial: float = real(0, 0, 10, "tension", "x0", "at the start, per unit of hot-spot weight", at_start=True)
    persistence: float = real(0.9323, 0, 0.999, "1/week", "rho", "kept from week to week", CALIBRATED)
    diffusion: float = real(0.007, 0, 1, SHARE, "chi", "taken from the neighbouring line places")
    probe_russia: float = real(0.037, 0, 10, "tension", "imp_probe", "impulse of a Russian probe")
    raid_russia: float = real(0.081, 0, 10, "tension", "imp_raid", "impulse of a Russian raid")
    strike_russia: float = real(0.2, 0, 10, "tension", "imp_strike", "impulse of a strike on the force")
    probe_ukraine: float = real(0.03, 0, 10, "tension", "imp_probe_U", "impulse of a Ukrainian probe")
    raid_ukraine: float = real(0.065, 0, 10, "tension", "imp_raid_U", "impulse of a Ukrainian raid")
    fatality: float = real(0.2, 0, 10, "tension", "imp_K", "impulse of a European death")
    disputed: float = real(0, 0, 10, "tension", "imp_D", "impulse of a disputed signal")
    hold: float = real(0.1, 0, 10, "tension", "imp_H", "impulse of Russia holding")
    escalate: float = real(0.3, 0, 10, "tension", "imp_E", "impulse of Russia escalating")


class Truce(Block):
    """The discipline of a truce and its erosion."""

    restraint: float = real(0.63, 0, 1, SHARE, "r0", "discipline at the start", "smm_cfv_day_post2020", at_start=True)
    residual: float = real(0.03817, 0, 1, SHARE, "r_floor", "what is kept without a truce", CALIBRATED)
    discipline: float = real(
        2.061, 0, 20, PAYOFF, "discipline", "cost of a raid against orders to hold fire", CALIBRATED
    )
    erosion: float = real(0.5799, 0, 1, "1/week", "beta", "erosion by a week that was not quiet", CALIBRATED)
    reciprocity: float = real(0.01094, 0, 1, "1/week", "reciprocity", "gain in log-odds by a quiet week", CALIBRATED)
    recommitments_per_year: float = real(1.168, 0, 52, "1/year", "recommit_rate", "renewed truces", CALIBRATED)
    recommitment_jump: float = real(
        0.05167, 0, 1, SHARE, "recommit_jump", "of the lost discipline regained", CALIBRATED
    )


class Support(Block):
    """Domestic support for the deployment."""

    hit: float = real(0.06, 0, 1, "share/death", "hit", "lost per death, over the root of the contingent in thousands")
    mass_hit: float = real(1, 0, 10, "1", "mass_hit", "more felt, as a share, where an event kills ten or more")
    recovery: float = real(0.02, 0, 1, "1/week", "recovery", "return to the initial level")


class Force(Block):
    """How large the force is, how it deploys and is renewed."""

    scale: float = real(1, 0.01, 10, "1", "scale", "multiplies the troops of every contingent")
    start_week: int = whole(0, 0, 1040, WEEKS, "start_week", "first week of deployment")
    deploy_weeks: int = whole(26, 0, 1040, WEEKS, "deploy_weeks", "time to deploy in full outside winter; 0: at once")
    winter_slowdown: float = real(0.5, 0, 1, SHARE, "winter_slowdown", "of the pace lost from December to February")
    sites_per_hub: int = whole(10, 1, 1000, "sites", "sites", "sites of a hub, and along 100 km elsewhere")
    target_week: int = whole(38, 0, 1040, WEEKS, "target_week", "when the share deployed is reported: before winter")
    review_weeks: int = whole(26, 1, 520, WEEKS, "commit_weeks", "time between mandate renewals")
    vacant_weeks: int = whole(8, 0, 520, WEEKS, "vacant_weeks", "how long a post stays vacant after a pull back")


class Commitment(Block):
    """Payoffs of staying in the coalition, common to all nations; leaving is worth 0."""

    solidarity: float = real(1.5, 0, 10, PAYOFF, "solidarity", "value of everyone else staying")
    legitimacy: float = real(0.2, 0, 10, PAYOFF, "legitimacy", "value of the mandate without the UN")
    legitimacy_un: float = real(0.4, 0, 10, PAYOFF, "legitimacy_un", "value of a UN mandate", "musward2018")
    politics: float = real(4, 0, 20, PAYOFF, "politics", "value of a unit of domestic support above one half")
    upkeep: float = real(1.95, 0, 20, PAYOFF, "upkeep", "cost of staying")
    selection: SelectionName = choice(
        Selection.GREATEST, "selection", "which solution is played where there are several"
    )


class Place(Block):
    """One Russian command sector: a stretch of the line or of a border, or a rear base."""

    name: str = label("place name")
    kind: PlaceKindName = choice(PlaceKind.LINE, "kind_s", "what the place is", at_start=True)
    length_km: float = real(100, 0, 2000, "km", "l_s", "length (line places: 5 to 150 km; hubs: 0)", "front_km")
    hot_spot: float = real(
        1, 0, 20, "1", "w_s", "hot-spot weight (on the line, scaled to mean 1 by length)", "smm_hotspots_2020"
    )
    monitors: float = real(0, 0, 5000, "persons", "monitors_s", "civilian monitors posted here", "gcsp")


class Contingent(Block):
    """One European contingent."""

    name: str = label("nation")
    troops: float = real(3, 0.01, 500, "1000 troops", "M_n", "size of the contingent, before force.scale", "mnf_size")
    deployment: dict[str, float] = Field(
        description="share of the troops in each place; the shares sum to 1",
        json_schema_extra={"allowed": "a mapping of places to shares", "each": "a share from 0 to 1"},
    )
    aversion: float = real(0.5, 0, 20, "payoff/death", "aversion_n", "casualty aversion", "withdraw_share")
    reputation: float = real(2.5, 0, 10, PAYOFF, "reputation_n", "reputation at stake in staying")
    danger: float = real(1.1, 0, 10, PAYOFF, "danger_n", "fear of a committed Russia when not pulling back", "legit")
    support: float = real(0.55, 0, 1, SHARE, "support_n", "initial domestic support", "poll_2025")


MAX_PLACES = 32
MAX_CONTINGENTS = 16
