"""A decision in words: which option does best under which assumption, how sure that is, and what would change it."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from fragile_peace.words.wording import counted
from fragile_peace_lab.deciding import discovery, information
from fragile_peace_lab.deciding.decision import Decision
from fragile_peace_lab.deciding.problem import BLOCKS, name_of
from fragile_peace_lab.deciding.weights import HARMS

MOST = 3
CANNOT = (
    "It compares the options that were played, and no others; an option is a handful of numbers, not a plan.",
    "It does not say how likely a structure or a world is, and averages over neither.",
    "It does not say what a war or a death is worth: the weights are the reader's.",
    "Costs, alliance politics and what happens after the horizon are not in the loss.",
    "An exploratory model, not a forecast: the order of options is worth more than any level.",
)


def told(decision: Decision) -> list[str]:
    """Return the summary, a line a string."""
    lines = [*_asked(decision), "", "WHICH OPTION"]
    lines += _which(decision)
    lines += ["", "HOW SURE"]
    for world in decision.problem.worlds:
        lines.append(_sure(decision, world))
    lines += ["", "WHAT WOULD CHANGE IT"]
    for world in decision.problem.worlds:
        lines += _change(decision, world)
    return [*lines, "", "WHAT THIS CANNOT SAY", *(f"  {line}" for line in CANNOT)]


def _place(world: dict[str, Any]) -> str:
    return name_of(world) or "the sweep"


def _asked(decision: Decision) -> Iterator[str]:
    problem, weights = decision.problem, decision.weights
    options = counted(len(problem.options), "option")
    yield f"{options} ({'; '.join(problem.names)})"
    yield (
        f"compared in {counted(len(problem.worlds), 'world')}, {counted(problem.members, 'member')} each, "
        f"{counted(problem.draws, 'run')} of a member"
    )
    yield "loss = 1[the ceasefire ends] + WAR x 1[Russia-NATO war] + DEATHS x European deaths/10"
    yield (
        f"{len(weights.pairs)} pairs of weights; shown where one must be: WAR {weights.shown.war:g}, DEATHS "
        f"{weights.shown.deaths:g}. A loss of .01 is as much as one point of the chance that the ceasefire ends"
    )


def _which(decision: Decision) -> Iterator[str]:
    """For each world the best option at the shown weights, and over all pairs of weights."""
    for world in decision.problem.worlds:
        rows = decision.of("losses", world, shown=True).sort_values("loss", kind="stable")
        first, second = rows.iloc[0], rows.iloc[min(1, len(rows) - 1)]
        yield (
            f"  {_place(world)}: {first['option']}, loss {first['loss']:.3f}; next {second['option']}, "
            f"{_signed(second['difference'])} ({_signed(second['difference_low'])} to "
            f"{_signed(second['difference_high'])}, 95 % Monte Carlo)"
        )
        best = decision.of("losses", world)
        counts = best[best["best"]]["option"].value_counts()
        pairs = len(decision.weights.pairs)
        yield "      over all weights: " + ", ".join(f"{name} in {n} of {pairs}" for name, n in counts.items())
    row = decision.of("worst", {}, shown=True).query("least_worst").iloc[0]
    yield (
        f"  over all worlds: {row['option']} has the least worst mean regret, {row['worst_mean_regret']:.3f} "
        f"(at most {row['worst_regret_95']:.3f} in 95 % of the members of any world)"
    )


def _sure(decision: Decision, world: dict[str, Any]) -> str:
    rows = decision.of("losses", world, shown=True)
    best = rows[rows["best"]].iloc[0]
    rivals = rows[~rows["best"] & ~(rows["difference_low"] > 0)]["option"].tolist()
    apart = f"not told apart from {', '.join(rivals)} by these runs" if rivals else "every other is worse"
    fine = decision.of("acceptable", world)
    share = fine[fine["option"] == best["option"]]["all_acceptable"].iloc[0]
    return (
        f"  {_place(world)}: {best['option']} is the best in {best['best_in']:.0%} of the members (both halves of the "
        f"runs choose the same option in {best['settled']:.0%}); {apart}; its regret is between "
        f"{max(best['regret_low'], 0):.3f} and {best['regret_high']:.3f}; every harm stays acceptable in {share:.0%} "
        "of the members"
    )


def _change(decision: Decision, world: dict[str, Any]) -> Iterator[str]:
    yield f"  {_place(world)}:"
    yield f"      knowing more: {_worth(decision, world)}"
    turned = decision.of("by_label", world)
    turned = turned[turned["turns"].astype(bool)] if len(turned) else turned
    words = [f"{row.best_here} where {row.label} is {row.value} (by {row.gain:.3f})" for row in turned.itertuples()]
    yield f"      classes of members that turn it: {'; '.join(words) or 'none beyond Monte Carlo error'}"
    rows = decision.of("thresholds", world, shown=True)
    for name in dict.fromkeys(rows["belief"]):
        own = rows[rows["belief"] == name]
        words = [own["option"].iloc[0], *(_from(row) for _, row in own.iloc[1:].iterrows())]
        yield f"      if {name} (played: {own['played'].iloc[0]:.0%}): {', '.join(words)}"
    for row in decision.of("boxes", world).itertuples():
        yield f"      {_box(row)}"


def _from(row: pd.Series) -> str:
    known = f" ({row['from_low']:.0%} to {row['from_high']:.0%})" if row["from_low"] == row["from_low"] else ""
    return f"{row['option']} from a chance of {row['from']:.0%}{known}"


def _worth(decision: Decision, world: dict[str, Any]) -> str:
    rows = information.ranked(decision.tables["information"], world)
    every = rows[rows["kind"] == information.ALL].iloc[0]
    found = rows[(rows["kind"] != information.ALL) & (rows["evppi"] > 0.001) & (rows["evppi_left_out"] > 0)]
    words = [f"everything between {max(every['evppi_left_out'], 0):.3f} and {every['evppi']:.3f}"]
    for kinds in ((information.BLOCK,), (information.UNKNOWN,), (information.TYPE,)):
        for row in found[found["kind"].isin(kinds)].head(MOST).itertuples():
            words.append(f"{BLOCKS.get(row.of, row.of)} {row.evppi:.3f}")
    return "; ".join(words)


def _box(row: Any) -> str:
    fails = {
        "another": f"another option is better by more than {discovery.MATERIAL:g}",
        "unacceptable": "some harm is more than acceptable",
    }[row.target]
    said = f"{fails} in {row.failing:.0%} of the members"
    if not row.box:
        return f"{said}; no box of unknowns was found"
    scores = f"coverage {row.coverage:.2f}, density {row.density:.2f} in the other half of the members"
    if row.holds:
        return f"{said}: {row.box} ({scores})"
    return f"{said}; no box of unknowns holds (the best found: {row.box}; {scores})"


def _signed(value: float) -> str:
    return f"{value:+.3f}" if abs(value) >= 0.0005 else "0.000"


def about(decision: Decision) -> dict[str, object]:
    """Return what figures and JSON say of how the numbers were made."""
    return {
        "members": decision.problem.members,
        "draws": decision.problem.draws,
        "options": list(decision.problem.options),
        "harms": {harm.name: harm.title for harm in HARMS},
        "shown": decision.weights.shown._asdict(),
        "interval": "Monte Carlo, 95 %, paired run by run",
    }
