"""A decision in words: which option does best under which assumption, how sure that is, and what would change it."""

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from fragile_peace.words.wording import counted
from fragile_peace_lab.deciding import discovery, information
from fragile_peace_lab.deciding.decision import Decision
from fragile_peace_lab.deciding.problem import BLOCKS, value_text
from fragile_peace_lab.design.labels import BY_NAME
from fragile_peace_lab.design.structures import STRUCTURE

MOST = 3
WORTH = 0.01
"""What is worth less than this is not told: one point of the chance that the ceasefire ends."""
CANNOT = (
    "It compares the options that were played, and no others; an option is a handful of numbers, not a plan.",
    "It does not say how likely a structure or a world is, and averages over neither.",
    "It does not say what a war or a death is worth: the weights are the reader's.",
    "Not in the loss: Ukrainian and Russian lives, the dead of a renewed war, costs, alliances, what comes after.",
    "An exploratory model, not a forecast: the order of options is worth more than any level.",
)
Worlds = list[tuple[str, dict[str, Any]]]


def told(decision: Decision) -> list[str]:
    """Return the summary, a line a string."""
    worlds = [(world_name(world), world) for world in decision.problem.worlds]
    lines = [*_asked(decision), "", "WHICH OPTION, AND HOW SURE", *_which(decision, worlds), "", "WHAT WOULD CHANGE IT"]
    for answer in (_worth, _types, _classes, _boxes):
        lines += answer(decision, worlds)
    return [*lines, "", "WHAT THIS CANNOT SAY", *(f"  {line}" for line in CANNOT)]


def world_name(world: dict[str, Any]) -> str:
    """What a world is called: its structure, and each of the other levers with its value."""
    said = {name: value_text(value) for name, value in world.items()}
    return ", ".join(text if name == STRUCTURE else f"{name} {text}" for name, text in said.items()) or "the sweep"


def _asked(decision: Decision) -> Iterator[str]:
    problem, weights = decision.problem, decision.weights
    yield f"{counted(len(problem.options), 'option')}: {'; '.join(problem.names)}"
    yield (
        f"compared in {counted(len(problem.worlds), 'world')}, {counted(problem.members, 'member')} each, "
        f"{counted(problem.draws, 'run')} of a member"
    )
    own = "".join(f" + {harm.weight:g} x {harm.name}" for harm in weights.own)
    yield f"loss = 1[the ceasefire ends] + WAR x 1[Russia-NATO war] + DEATHS x European deaths/10{own}"
    yield (
        f"{counted(len(weights.pairs), 'pair')} of weights; where one must be shown: WAR {weights.shown.war:g}, DEATHS "
        f"{weights.shown.deaths:g}. A loss of .01 is one point of the chance that the ceasefire ends."
    )


def _which(decision: Decision, worlds: Worlds) -> Iterator[str]:
    """For each world the best option and what speaks for it; then over all worlds."""
    rows, apart = [], 0
    for name, world in worlds:
        own = decision.of("losses", world, shown=True).sort_values("loss", kind="stable")
        best, rivals = own.iloc[0], own[~own["best"] & ~(own["difference_low"] > 0)]["option"].tolist()
        apart += not rivals
        fine = decision.of("acceptable", world)
        rows.append(
            {
                "world": name,
                "best": best["option"],
                "loss": f"{best['loss']:.3f}",
                "not told apart from it": ", ".join(rivals) or "-",
                "members": f"{best['best_in']:.0%}",
                "regret": f"{max(best['regret_low'], 0):.3f} to {best['regret_high']:.3f}",
                "acceptable": f"{fine[fine['option'] == best['option']]['all_acceptable'].iloc[0]:.0%}",
            }
        )
    yield from _table(rows)
    yield "  members: share in which it is the best; regret: mean, between its two bounds; acceptable: share of"
    yield f"  members in which {_acceptable(decision)}"
    yield from ("  " + line for line in _over_all(decision, apart))


def _acceptable(decision: Decision) -> str:
    bounds = zip(decision.problem.harms, decision.weights.limits, strict=True)
    return "; ".join(f"{harm.title}: at most {bound:g}" for harm, bound in bounds if bound < math.inf)


def _over_all(decision: Decision, apart: int) -> Iterator[str]:
    every = decision.tables["losses"]
    best = every[every["best"]]
    counts = best["option"].value_counts()
    worlds = len(decision.problem.worlds)
    yield f"In {apart} of {worlds} worlds every other option is worse beyond Monte Carlo error (95 %)."
    yield (
        f"Over all weights and worlds ({len(best):,} cases): "
        + ", ".join(f"{name} is best in {n}" for name, n in counts.items())
        + "."
    )
    row = decision.of("worst", {}, shown=True).query("least_worst").iloc[0]
    yield (
        f"{row['option']} has the least worst mean regret of all worlds, {row['worst_mean_regret']:.3f} (at most "
        f"{row['worst_regret_95']:.3f} in 95 % of the members of any world)."
    )


def _worth(decision: Decision, worlds: Worlds) -> Iterator[str]:
    """What knowing more is worth: everything, and what is worth most."""
    yield "  Knowing more before choosing is worth (in loss):"
    rows = []
    for name, world in worlds:
        own = information.ranked(decision.tables["information"], world)
        every = own[own["kind"] == information.ALL].iloc[0]
        found = own[(own["kind"] != information.ALL) & (own["evppi"] >= WORTH) & (own["evppi_left_out"] > 0)]
        said = [
            ", ".join(f"{BLOCKS.get(row.of, row.of)} {row.evppi:.3f}" for row in part.head(MOST).itertuples()) or "-"
            for part in (found[found["kind"] == information.BLOCK], found[found["kind"] == information.UNKNOWN])
        ]
        total = f"{max(every['evppi_left_out'], 0):.3f} to {every['evppi']:.3f}"
        rows.append({"world": name, "everything": total, "blocks": said[0], "single unknowns": said[1]})
    yield from _table(rows)


def _types(decision: Decision, worlds: Worlds) -> Iterator[str]:
    """From which chance of a true type another option is the best."""
    for belief in decision.tables["thresholds"]["belief"].unique():
        yield f"  If the chance that {belief} were another (the runs have what the sweep assumes):"
        rows = []
        for name, world in worlds:
            own = decision.of("thresholds", world, shown=True)
            own = own[own["belief"] == belief]
            if len(own):
                said = [own["option"].iloc[0], *(_from(row) for _, row in own.iloc[1:].iterrows())]
                rows.append({"world": name, "played": f"{own['played'].iloc[0]:.0%}", "best": ", ".join(said)})
        yield from _table(rows)


def _from(row: pd.Series) -> str:
    known = f" ({row['from_low']:.0%} to {row['from_high']:.0%})" if row["from_low"] == row["from_low"] else ""
    return f"{row['option']} from {row['from']:.0%}{known}"


def _classes(decision: Decision, worlds: Worlds) -> Iterator[str]:
    """Which classes of members turn the ranking."""
    table = decision.tables["by_label"]
    if table.empty:
        return
    yield "  Members that turn the ranking beyond Monte Carlo error:"
    rows = []
    for name, world in worlds:
        own = decision.of("by_label", world)
        for row in own[own["turns"]].itertuples():
            label = BY_NAME[row.label]
            members = f"{row.label}: {label.words.get(row.value, row.value)}"
            rows.append({"world": name, "members": members, "best there": row.best_here, "by": f"{row.gain:.3f}"})
    yield from (_table(rows) if rows else ["    none"])


def _boxes(decision: Decision, worlds: Worlds) -> Iterator[str]:
    """Where the best option fails, a line a box and the worlds in which it holds."""
    table = decision.tables["boxes"]
    fails = {
        "another": f"another option is better by more than {discovery.MATERIAL:g}",
        "unacceptable": "some harm is more than acceptable",
    }
    for target, words in fails.items():
        own = table[table["target"] == target]
        held = own[own["holds"]]
        yield f"  Where {words} (in {own['failing'].min():.0%} to {own['failing'].max():.0%} of the members):"
        for box, rows in held.groupby("box", sort=False):
            yield (
                f"    in {len(rows)} of {len(own)} worlds: {box} (in the other half of the members coverage "
                f"{rows['coverage'].min():.2f}, density {rows['density'].min():.2f} at least)"
            )
        if len(held) < len(own):
            yield f"    in {len(own) - len(held)} of {len(own)} worlds no box of unknowns holds in the other half"


def _table(rows: list[dict[str, str]]) -> Iterator[str]:
    """Aligned lines, a heading first."""
    if not rows:
        return
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in rows[0]}
    for row in ({name: name for name in widths}, *rows):
        yield "    " + "  ".join(row[name].ljust(width) for name, width in widths.items()).rstrip()


def about(decision: Decision) -> dict[str, object]:
    """Return what figures and JSON say of how the numbers were made."""
    return {
        "members": decision.problem.members,
        "draws": decision.problem.draws,
        "options": list(decision.problem.options),
        "harms": {harm.name: harm.title for harm in decision.problem.harms},
        "shown": decision.weights.shown._asdict(),
        "acceptable": {
            harm.name: most for harm, most in zip(decision.problem.harms, decision.weights.limits, strict=True)
        },
        "interval": "Monte Carlo, 95 %, paired run by run",
    }
