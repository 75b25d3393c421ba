"""What the page knows besides its own program: one JSON text and one block of bytes, made of the declarations.

Numbers are looked up, never typed: where a field lies in memory is read off the arrays' types, what is reported off
`estimates.outcomes`, the levers off `dashboard.levers`, allowed values and sources off the declaration.
"""

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
from scipy import stats

from fragile_peace.codes import Action, Decision, EndCause, PlaceKind, Reply, Response, Signal
from fragile_peace.declared.rows import DTYPE
from fragile_peace.declared.scenario import CATALOGUE, DEFAULT, Scenario, shipped
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.outcomes import NEVER, REAL, TABLE
from fragile_peace.runs.threat import laid_out
from fragile_peace.state import OUTCOMES, SCRATCH, STATE, WEEK, blank_outcomes
from fragile_peace.words import wording
from fragile_peace.words.telling import LABELS
from fragile_peace.words.telling_place import SENTENCES
from fragile_peace_lab.browser.arguments import slots
from fragile_peace_lab.browser.published import Published
from fragile_peace_lab.browser.worlds import SOLVED, WORD, Varied, can_move, members, rules, varied, words_of
from fragile_peace_lab.dashboard import levers, watch
from fragile_peace_lab.dashboard.settings import OUTCOMES as SHOWN
from fragile_peace_lab.design.belief import TRUTH
from fragile_peace_lab.design.sweep import OWN_RUNS
from fragile_peace_lab.estimates import members as spread
from fragile_peace_lab.estimates.intervals import LEVEL
from fragile_peace_lab.estimates.outcomes import BY_NAME, Outcome
from fragile_peace_lab.store.columns import column_names

MEMBERS = 64
"""Samples of the unknowns behind a parameter band."""
MARKS = (watch.ACTION_WORDS, watch.SIGNAL_WORDS, watch.RESPONSE_WORDS, watch.DECISION_WORDS, watch.REPLY_WORDS)
"""What codes are called beside a place; the names of all of them differ."""
IN_FORCE = ("until_week", "next_row", "vacant_weeks", "spiral_us", "spiral_coalition")
"""Parameters that a run's sentences name, and where the next ones lie."""
CODES = (Action, Signal, Response, Decision, Reply, PlaceKind, EndCause)


@dataclass
class Contents:
    """The page's data.

    Attributes
    ----------
    text : plain data for JSON; `at` in it counts bytes of the block
    block : the bytes, each piece on a multiple of eight
    """

    text: dict[str, Any] = field(default_factory=dict)
    block: bytearray = field(default_factory=bytearray)
    _there: dict[bytes, int] = field(default_factory=dict)

    def add(self, values: np.ndarray | bytes) -> int:
        """Keep some bytes and return where they lie; the same bytes are kept once."""
        raw = bytes(values) if isinstance(values, bytes) else np.ascontiguousarray(values).tobytes()
        if raw not in self._there:
            self.block += b"\0" * (-len(self.block) % WORD)
            self._there[raw] = len(self.block)
            self.block += raw
        return self._there[raw]

    def varied(self, found: Varied) -> dict[str, Any]:
        """Keep words that differ between cases: a column a word, since many scenarios share a column."""
        columns = [self.add(found.values[:, place]) for place in range(found.values.shape[1])]
        return {"where": found.where.tolist(), "columns": columns, "cases": len(found.values)}


def contents(published: Published) -> Contents:
    """Return all that the page knows. Raises InputError where a scenario cannot be carried."""
    made = Contents()
    samples = [published.sample(number) for number in range(min(MEMBERS, published.plan.design.samples))]
    made.text = {
        "version": version("fragile-peace"),
        "slots": slots(),
        "sizes": {"row": DTYPE.itemsize, "outcomes": OUTCOMES.itemsize, "week": WEEK.itemsize, "state": STATE.itemsize},
        "places": _at(DTYPE, "n_places"),
        "lanes": LANES,
        "failure": {"unsolved": _at(SCRATCH, "unsolved"), "week": _at(STATE, "week")},
        "blank": made.add(blank_outcomes()),
        "weekly": {name: _field(WEEK, name) for name in WEEK.names or ()},
        "ends": {name: _field(OUTCOMES, name) for name in ("weeks", "end_cause", "rung", "left_week_n")},
        "codes": {kind.__name__: {int(each): each.name.lower() for each in kind} for kind in CODES},
        "in_force": {name: _field(DTYPE, name) for name in IN_FORCE},
        "rungs": list(LABELS),
        "sentences": SENTENCES,
        "marks": {key: words for each in MARKS for key, words in each.items()},
        "months": wording.MONTHS,
        "scale": [list(step) for step in wording.SCALE],
        "outcomes": [_outcome(BY_NAME[name]) for name in SHOWN],
        "levers": [_lever(name) for name in levers.LEVERS],
        "truth": TRUTH,
        "level": LEVEL,
        "band": list(spread.BAND),
        "t": [float(value) for value in stats.t.ppf(0.5 + LEVEL / 2, np.arange(1, 201))],
        "z": float(stats.norm.ppf(0.5 + LEVEL / 2)),
        "own_runs": OWN_RUNS,
        "members": len(samples),
        "default": DEFAULT,
        "scenarios": [_scenario(made, Scenario.load(name), samples) for name in shipped()],
        "published": _published(made, published),
    }
    return made


def _at(kind: np.dtype, name: str) -> int:
    return int(kind.fields[name][1])  # type: ignore[index]


def _field(kind: np.dtype, name: str) -> dict[str, Any]:
    """Return where a field lies, whether it holds whole numbers, and its shape."""
    base, start, *_ = kind.fields[name]  # type: ignore[index]
    return {"at": int(start), "whole": base.base.kind == "i", "shape": list(base.shape)}


def _columns() -> dict[str, dict[str, Any]]:
    """Return where a run's columns lie in its outcomes, by the names that sweeps give them."""
    found = {}
    for outcome in TABLE:
        if not outcome.of_contingents:
            for place, name in enumerate(column_names(outcome.name, 0)):
                where = _at(OUTCOMES, outcome.name) + WORD * place
                never = NEVER if outcome.never else None
                found[name] = {"at": where, "whole": outcome.kind is not REAL, "never": never}
    return found


def _outcome(outcome: Outcome) -> dict[str, Any]:
    columns = _columns()
    sums = {name: [columns[each] for each in getattr(outcome, name)] for name in ("columns", "minus", "over")}
    about = ("name", "title", "unit", "kind", "scale", "at_least", "known", "prior_driven")
    return {**{name: getattr(outcome, name) for name in about}, **sums}


def _lever(name: str) -> dict[str, Any]:
    world, row = Scenario.load(DEFAULT), CATALOGUE[name]
    about = levers.control(world, name).to_dict()
    axis = levers.axis_title(world.override(dict.fromkeys(TRUTH.values(), 0.5)), name)
    bounds = {"least": row.low, "most": row.high, "allowed": row.allowed, "kind": row.kind, "axis": axis}
    bounds["codes"] = {choice: int(row.low) + place for place, choice in enumerate(row.choices)}
    return {**about, **bounds, "title": levers.TITLES[name], "text": _help(name)}


def _help(name: str) -> str:
    """Return what a lever is, what is allowed, and where its declared value comes from."""
    row = CATALOGUE[name]
    source = "an assumption" if row.source == "assumption" else f"[{row.source}] in model/fragile_peace/evidence.csv"
    return f"{row.name}: {row.text}. Allowed: {row.allowed}. Source of the declared value: {source}."


def _scenario(made: Contents, world: Scenario, samples: list[dict[str, Any]]) -> dict[str, Any]:
    parameters, first = laid_out(world)
    varied_by = members(world, samples, levers.LEVERS)
    own = {name: world.get(name) for name in levers.LEVERS}
    return {
        "name": world.name,
        "title": world.title,
        "about": world.description,
        "weeks": world.weeks,
        "start": world.start_date.isoformat(),
        "places": [{"name": p.name, "kind": int(p.kind), "km": p.length_km} for p in world.places],
        "contingents": [{"name": c.name, "troops": c.troops * world.force.scale} for c in world.contingents],
        "values": own,
        "rules": {name: vars(each) for name, each in rules(world, levers.LEVERS).items()},
        "solved": "" if can_move(world) else SOLVED,
        "rows": len(parameters),
        "first": int(first),
        "at": made.add(parameters),
        "members": made.varied(varied_by) if varied_by is not None else None,
    }


def _published(made: Contents, published: Published) -> dict[str, Any]:
    """Return the sweep, and the runs of it that the page plays again before it shows a number."""
    plan = published.plan
    base, levers, settings = next(iter(plan.scenarios)), plan.design.levers, range(plan.design.combinations)
    return {
        "name": plan.sweep.name,
        "title": plan.sweep.title,
        "base": base,
        "scenario": made.varied(varied(words_of(Scenario.load(base)), [published.base])),
        "settings": made.varied(published.settings),
        "samples": made.varied(published.samples),
        "labels": [{column.name: column.values[number] for column in levers} for number in settings],
        "points": plan.design.points,
        "runs": plan.sweep.runs,
        "seed": plan.sweep.seed,
        "weeks": published.weeks,
        "checked": [list(pair) for pair in published.checked()],
        "digest": published.digest(),
    }
