"""What would change the choice: knowing more, another chance of a true type, a class of members, a box of unknowns."""

import re
from collections.abc import Iterator

import pandas as pd

from fragile_peace_lab.deciding import discovery, information
from fragile_peace_lab.deciding.brief.options import called, mostly_best, world_words
from fragile_peace_lab.deciding.brief.rows import Decided, Number, Words, joined, said
from fragile_peace_lab.deciding.figures import MAP
from fragile_peace_lab.deciding.problem import TYPES
from fragile_peace_lab.deciding.told import MOST, WORTH
from fragile_peace_lab.design.labels import BY_NAME
from fragile_peace_lab.figures.levers import lever_words

PARENTHESES = r" \(.*?\)"
FAILS = {
    "another": "another option is materially better than the one that is best on average",
    "unacceptable": "with the option that is best on average some harm is more than acceptable",
}

MEANS = {
    TYPES["kappa_start"]: " (means its threat)",
    TYPES["tau_start"]: " (would honour its guarantee)",
}


def turning(decided: Decided) -> Iterator[Words]:
    """Yield what would change the choice, most general first."""
    yield from _weights(decided)
    yield from _classes(decided)
    yield from _worth(decided)
    yield from _beliefs(decided)
    yield from _boxes(decided)


def _in(decided: Decided, row: pd.Series) -> str:
    """In the world of a row."""
    place = world_words({name: row[name] for name in decided.keys})
    return f" in {place}" if place else ""


def _worlds(count: Number) -> str:
    return "world" if count.value == 1 else "worlds"


def _weights(decided: Decided) -> Iterator[Words]:
    """In how many worlds the option that mostly is best at the shown weights still is at those beside them."""
    table = decided.tables[MAP]
    most = mostly_best(decided)
    parts = []
    for name, what, way in (("deaths_weight", "ten deaths", 1), ("war_weight", "such a war", -1)):
        tried = sorted(table[name].unique().tolist())
        place = tried.index(decided.shown[name]) + way
        if not 0 <= place < len(tried):
            continue
        where = {**decided.shown, name: tried[place]}
        worlds = decided.number(MAP, where, "option", how="how many rows")
        own = {**where, "option": most}
        some = not decided.rows(MAP, own).empty
        best = said("{}", decided.number(MAP, own, "option", how="how many rows") if some else "none")
        weight = decided.number(MAP, where, name, how="the median")
        words = f"with {what} as bad as {{}} ends of the ceasefire it is best in {{}} of {{}} worlds"
        parts.append(said(words, weight, best, worlds))
    if parts:
        yield said(f"What is weighed: “{called(decided, most)}” does best above; {{}}.", joined(parts, ", "))


def _worth(decided: Decided) -> Iterator[Words]:
    """The unknowns that are worth most to know, each in the world in which it is worth most."""
    table = decided.tables["information"]
    every = decided.number("information", {"kind": information.ALL}, "evppi", "points", "the greatest")
    found = table[(table["kind"] == information.UNKNOWN) & (table["evppi"] >= WORTH) & (table["evppi_left_out"] > 0)]
    found = found.sort_values("evppi", ascending=False, kind="stable").drop_duplicates("of").head(MOST)
    parts = []
    for _, row in found.iterrows():
        where = {name: row[name] for name in (*decided.keys, "kind", "of")}
        worth = decided.number("information", where, "evppi", "points")
        parts.append(
            said(
                f"{re.sub(PARENTHESES, '', lever_words(row['of']))} ({row['of']}): {{}}{_in(decided, row)}",
                worth,
            )
        )
    if not parts:
        yield said("Knowing any one unknown before choosing is worth too little to be told from nothing.")
        return
    yield said(
        "Knowing everything before choosing is worth at most {} points on average over all members; of single unknowns "
        "most is worth: {}.",
        every,
        joined(parts, "; "),
    )


def _beliefs(decided: Decided) -> Iterator[Words]:
    """From which chance of a true type another option is best: the thresholds that are known best."""
    table = decided.tables["thresholds"]
    for name, value in decided.shown.items():
        table = table[table[name] == value]
    for belief in table["belief"].unique():
        own = table[table["belief"] == belief]
        played = decided.number("thresholds", {**decided.shown, "belief": belief}, "played", "percent", "the median")
        turns = own[(own["from"] > 0) & own["from_low"].notna()]
        turns = turns.assign(width=turns["from_high"] - turns["from_low"]).sort_values("width", kind="stable")
        parts = []
        for _, row in turns.drop_duplicates("option").head(MOST).iterrows():
            where = {name: row[name] for name in (*decided.keys, *decided.shown, "belief", "option")}
            ends = [decided.number("thresholds", where, f"from{end}", "percent") for end in ("", "_low", "_high")]
            parts.append(
                said(
                    f"above {{}} [{{}} to {{}}] “{called(decided, row['option'])}” is best, and not below"
                    f"{_in(decided, row)}",
                    *ends,
                )
            )
        start = f"The runs assume a chance of {{}} that {belief}{MEANS[belief]}"
        if parts:
            yield said(f"{start}; with others the choice changes: {{}}.", played, joined(parts, "; "))
        else:
            yield said(f"{start}; no other chance is known to turn the choice.", played)


def _classes(decided: Decided) -> Iterator[Words]:
    """Which classes of members turn the ranking, in how many worlds and by how much at most."""
    table = decided.tables["by_label"]
    if table.empty:
        return
    turned = table[table["turns"]]
    parts = []
    order = turned.groupby(["label", "value"], sort=False).size().sort_values(ascending=False, kind="stable")
    for label, value in order.head(MOST).index:
        where = {"label": label, "value": value, "turns": True}
        best = turned[(turned["label"] == label) & (turned["value"] == value)]["best_here"].unique()
        count = decided.number("by_label", where, "best_here", how="how many rows")
        most = decided.number("by_label", where, "gain", "points", "the greatest")
        whose = BY_NAME[label].words.get(value, value)
        names = " or ".join(f"“{called(decided, name)}”" for name in best)
        size = decided.number("by_label", where, "members", how="the median")
        words = f"{whose} ({BY_NAME[label].title}, {{}} of {{}} members): {names}, in {{}} {_worlds(count)}"
        parts.append(said(f"{words}, by up to {{}} points", size, decided.told("/members"), count, most))
    if parts:
        yield said(
            "Which past it resembles: among members of one class another option is better, beyond Monte Carlo error: "
            "{}.",
            joined(parts, "; "),
        )
    else:
        yield said("No class of members turns it beyond Monte Carlo error.")


def _boxes(decided: Decided) -> Iterator[Words]:
    """Where the best option fails, as a box of unknowns, or that there is none."""
    for target, words in FAILS.items():
        own = decided.rows("boxes", {"target": target})
        if own.empty:
            continue
        held = own[own["holds"]]
        ends = [decided.number("boxes", {"target": target}, "failing", "percent", how) for how in
                ("the least", "the greatest")]  # fmt: skip
        start = said(f"In {{}} to {{}} of the members of a world {words}: ", *ends)
        parts = []
        for box in held["box"].unique():
            where = {"target": target, "holds": True, "box": box}
            count = decided.number("boxes", where, "box", how="how many rows")
            least = [decided.number("boxes", where, name, "percent", "the least") for name in ("coverage", "density")]
            parts.append(
                said(
                    f"in {{}} {_worlds(count)}, among members held out, at least {{}} of these have {box}, and of all "
                    "that have it at least {} are among these",
                    count, *least,
                )
            )  # fmt: skip
        if len(held) < len(own):
            none = decided.number("boxes", {"target": target, "holds": False}, "target", how="how many rows")
            parts.append(
                said(f"in {{}} {_worlds(none)} no simple rule, ranges of a few unknowns, picks them out", none)
            )
        yield joined([start, joined(parts, "; "), said(".")], "")


assert set(FAILS) == set(discovery.TARGETS)
