"""What the brief says: which option does best under which assumption, how sure that is, what would change it.

A world is what no option sets: a structure, and a value of each other lever. Options are compared within a world, and
nothing is averaged over worlds. Losses are told in points: a point is as bad as a hundredth of the chance that the
ceasefire ends.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fragile_peace_lab.deciding.brief.options import (
    called,
    first_scenario,
    in_structure,
    mostly_best,
    size_of_force,
    structure_words,
    what_it_is,
    where_best,
    world_words,
)
from fragile_peace_lab.deciding.brief.rows import Decided, Number, Words, joined, said
from fragile_peace_lab.deciding.brief.turning import turning
from fragile_peace_lab.deciding.figures import MAP
from fragile_peace_lab.deciding.told import CANNOT
from fragile_peace_lab.deciding.weights import HARMS
from fragile_peace_lab.design.labels import BY_NAME
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.figures.levers import lever_title

FORM = dict(zip((harm.name for harm in HARMS), ("percent", "percent", "deaths"), strict=True))
LEAST = dict(
    zip(
        FORM,
        ("the ceasefire ends least often with", "war with NATO countries is rarest with", "fewest Europeans die with"),
        strict=True,
    )
)


CLASSES = (
    " Below the structures: among members of one class alone, and by how much that option is better there than the one "
    "that is best over all members."
)


@dataclass(frozen=True)
class Grid:
    """A small table: what it says, its heading, and its rows of cells; the first cell of a row names it."""

    caption: Words
    head: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True)
class Section:
    """A heading with paragraphs or a list of points."""

    title: str
    paragraphs: tuple[Words, ...] = ()
    points: tuple[Words, ...] = ()


@dataclass(frozen=True)
class Brief:
    """All that the page says, whatever it is written in.

    Attributes
    ----------
    title, lead : what is weighed, and how to read it
    which : on what the choice turns
    best : where each option is best that often is
    options : what each option is, risks, and where it is best
    worlds : the best option of every world at the shown weights
    sections : how sure that is, what would change it, and what the model cannot say
    """

    title: str
    lead: Words
    which: Words
    best: tuple[Words, ...]
    options: Grid
    worlds: Grid
    sections: tuple[Section, ...]

    def numbers(self) -> list[Number]:
        """Return every number, in the order of the page, each once."""
        words = [self.lead, self.which, *self.best]
        for grid in (self.options, self.worlds):
            words += [grid.caption, *(cell for row in grid.rows for cell in row)]
        for section in self.sections:
            words += [*section.paragraphs, *section.points]
        return list(dict.fromkeys(part for one in words for part in one if isinstance(part, Number)))


def brief(decided: Decided) -> Brief:
    """Return the brief of a decision."""
    return Brief(
        f"{decided.manifest['sweep']['title'] or decided.manifest['name']}: which does best, under which assumptions",
        _lead(decided),
        _which(decided),
        tuple(where_best(decided)),
        _options(decided),
        _worlds(decided),
        (
            Section("How sure that is", points=tuple(_sure(decided))),
            Section("What would change it", points=tuple(turning(decided))),
            Section("What the model cannot say", points=tuple(said(line) for line in CANNOT)),
        ),
    )


def _lead(decided: Decided) -> Words:
    return said(
        "An exploratory model of a ceasefire in Ukraine, not a forecast; it takes no side. {} options are compared in "
        "{} worlds{}, run by run on the same {} samples of what nobody knows (members), {} runs of each over {} weeks. "
        "Square brackets: Monte Carlo error, 95%, which more runs would shrink. “Members”: 90% of them, a range that "
        "no number of runs shrinks. Every number links to its row.",
        decided.number("worst", decided.shown, "option", how="how many rows"),
        decided.number("frontier", {"option": decided.options[0]}, "option", how="how many rows"),
        f" ({_world_is(decided)})" if decided.keys else "",
        decided.told("/members"),
        decided.told("/draws"),
        decided.planned("/sweep/weeks" if decided.manifest["sweep"]["weeks"] else f"{first_scenario(decided)}/weeks"),
    )


def _world_is(decided: Decided) -> str:
    """What a world is made of."""
    parts = [
        "a structure, which is one way of building the model" if name == STRUCTURE else f"a {lever_title(name)}"
        for name in decided.keys
    ]
    return ", and ".join(parts)


def _which(decided: Decided) -> Words:
    return said(
        "{} {}The choice turns first on what the reader weighs: the loss of a run is 1 if the ceasefire ends, plus a "
        "weight if Russia and NATO countries are at war, plus a weight for ten European deaths. {} weights of a war "
        "and {} of deaths were tried. At one pair, for display and not as a judgement, such a war is as bad as {} ends "
        "of the ceasefire and ten deaths as {}: {} A point is as bad as one percentage point of the chance that the "
        "ceasefire ends. Of all {} combinations of weights and worlds, whose counts are no probabilities:",
        _throughout(decided),
        _trade(decided),
        decided.number(MAP, {}, "war_weight", how="how many different"),
        decided.number(MAP, {}, "deaths_weight", how="how many different"),
        decided.told("/shown/war"),
        decided.told("/shown/deaths"),
        _mostly_best(decided),
        decided.number(MAP, {}, "option", how="how many rows"),
    )


def _throughout(decided: Decided) -> str:
    """Whether one option is the best at any weights."""
    every = decided.tables[MAP]["option"]
    return f"“{called(decided, every.iloc[0])}” is best throughout." if every.nunique() == 1 else (
        "No option is best throughout.")  # fmt: skip


def _trade(decided: Decided) -> Words:
    """Why weights decide: which option has least of each harm in the shown world, unless one has least of all."""
    world = reference(decided)
    own = decided.rows("frontier", world)
    least = {harm: str(own.loc[own[harm.name].idxmin(), "option"]) for harm in HARMS}
    if len(set(least.values())) == 1:
        return ()
    parts = [
        said(
            f"{LEAST[harm.name]} “{called(decided, option)}” ({{}})",
            decided.number("frontier", {**world, "option": option}, harm.name, FORM[harm.name]),
        )
        for harm, option in least.items()
    ]
    where = f" in the world {world_words(world)}" if world else ""
    return said(f"No single option does least of all three harms: by the estimates{where}, {{}}. ", joined(parts, "; "))


def _mostly_best(decided: Decided) -> Words:
    """In how many worlds the option is best that mostly is at the shown weights, and in how many the runs tell it."""
    most = mostly_best(decided)
    where = {**decided.shown, "option": most}
    return said(
        f"“{called(decided, most)}” is best in {{}} of {{}} worlds: beyond Monte Carlo error in {{}}; in the "
        "others the runs do not tell it from the next.",
        decided.number(MAP, where, "option", how="how many rows"),
        decided.number(MAP, decided.shown, "option", how="how many rows"),
        decided.number(MAP, {**where, "rivals": 0}, "option", how="how many rows"),
    )


def reference(decided: Decided) -> dict[str, Any]:
    """Return the world whose risks are shown: of the first structure, in the middle of the other levers' values."""
    worlds = [world for world in decided.worlds if world.get(STRUCTURE) == decided.worlds[0].get(STRUCTURE)]
    return worlds[len(worlds) // 2]


def _options(decided: Decided) -> Grid:
    """What each option is, what it risks, and where it is best."""
    world, rows = reference(decided), []
    for option in decided.options:
        own = what_it_is(decided, option)
        name = said(f"{option}: {{}}", own) if own else said(called(decided, option))
        harms = [_risk(decided, {**world, "option": option}, harm.name) for harm in HARMS]
        rows.append((name, *harms, _best_in(decided, option)))
    where = f" in the world {world_words(world)}" if world else ""
    caption = said(
        "What each option risks{}: estimate [Monte Carlo error]; below it, 90% of the members{}. Last column: in how "
        "many of the {} combinations of weights and worlds it is best, and the median weights there. The ceasefire "
        "ends when war comes back, whoever fights; European deaths: their mean number up to then. Options say what "
        "differs from the scenario. {}.",
        where,
        " and the least and the greatest estimate of any world" if len(decided.worlds) > 1 else "",
        decided.number(MAP, {}, "option", how="how many rows"),
        size_of_force(decided),
    )
    return Grid(
        caption, ("Option", *(harm.title[0].upper() + harm.title[1:] for harm in HARMS), "Best in"), tuple(rows)
    )


def _risk(decided: Decided, where: Mapping[str, Any], harm: str) -> Words:
    ends = [decided.number("frontier", where, f"{harm}{end}", FORM[harm]) for end in ("", "_low", "_high")]
    over = [decided.number("frontier", where, f"{harm}_param{end}", FORM[harm]) for end in ("_low", "_high")]
    found = said("{} [{}–{}]\nmembers {}–{}", *ends, *over)
    if len(decided.worlds) == 1:
        return found
    own = {"option": where["option"]}
    least, most = (decided.number("frontier", own, harm, FORM[harm], how) for how in ("the least", "the greatest"))
    return said("{}\nworlds {}–{}", found, least, most)


def _best_in(decided: Decided, option: str) -> Words:
    where = {"option": option}
    if decided.rows(MAP, where).empty:
        return said("never")
    war, deaths = (decided.number(MAP, where, f"{name}_weight", how="the median") for name in ("war", "deaths"))
    return said("{}\nwar {}\ndeaths {}", decided.number(MAP, where, "option", how="how many rows"), war, deaths)


def _structures(decided: Decided) -> list[str]:
    return list(dict.fromkeys(world[STRUCTURE] for world in decided.worlds if STRUCTURE in world))


def _worlds(decided: Decided) -> Grid:
    """The best option of every world, a row a structure; then among the members of each class that turns any."""
    names = _structures(decided)
    across = list(dict.fromkeys(tuple((k, v) for k, v in world.items() if k != STRUCTURE) for world in decided.worlds))
    rows = []
    for name in names or [""]:
        worlds = [({STRUCTURE: name} if name else {}) | dict(place) for place in across]
        what = said(f"{structure_words(name)}: {{}}", in_structure(decided, name)) if name else said("all members")
        rows.append((what, *(_best(decided, world) for world in worlds)))
    first = {STRUCTURE: names[0]} if names else {}
    turned = decided.rows("by_label", {"turns": True})[["label", "value"]].drop_duplicates()
    for label, value in turned.itertuples(index=False, name=None):
        cells = [_best_among(decided, first | dict(place), label, value) for place in across]
        if any(len(cell) > 1 for cell in cells):
            whose = BY_NAME[label].words.get(value, value)
            rows.append((said(f"{f'{structure_words(names[0])}, ' if names else ''}members: {whose}"), *cells))
    head = ("At the shown weights", *(world_words(dict(place)) or "best" for place in across))
    caption = said(
        "Best option of each world, and by how many points the next one is worse [Monte Carlo error]; a question mark: "
        "the runs do not tell the two apart.{}",
        CLASSES if len(rows) > max(1, len(names)) else "",
    )
    return Grid(caption, head, tuple(rows))


def _best(decided: Decided, world: Mapping[str, Any]) -> Words:
    own = decided.rows("losses", {**world, **decided.shown})
    ranked = own.sort_values("loss", kind="stable")
    best = str(ranked["option"].iloc[0])
    if len(ranked) == 1:
        return said(best)
    next_ = ranked.iloc[1]
    where = {**world, **decided.shown, "option": next_["option"]}
    ends = [decided.number("losses", where, f"difference{end}", "points") for end in ("", "_low", "_high")]
    mark = "?" if decided.rows(MAP, {**world, **decided.shown})["rivals"].iloc[0] else ""
    return said(f"{best}{mark} {{}} [{{}} to {{}}]", *ends)


def _best_among(decided: Decided, world: Mapping[str, Any], label: str, value: str) -> Words:
    """The best option among members of a class: with its gain where that turns the ranking."""
    where = {**world, "label": label, "value": value}
    row = decided.rows("by_label", where).iloc[0]
    if not row["turns"]:
        return said(f"{row['best_of_all']}{'?' if row['best_here'] != row['best_of_all'] else ''}")
    ends = [decided.number("by_label", where, f"gain{end}", "points") for end in ("", "_low", "_high")]
    return said(f"{row['best_here']} {{}} [{{}} to {{}}]", *ends)


def _sure(decided: Decided) -> Iterator[Words]:
    """How sure the answer is: beyond run noise, over members, and over worlds."""
    worlds = decided.number("frontier", {"option": decided.options[0]}, "option", how="how many rows")
    alone = decided.number(MAP, {**decided.shown, "rivals": 0}, "option", how="how many rows")
    yield said(
        "The runs suffice to tell the best option, whichever it is, from every other in {} of {} worlds.", alone, worlds
    )
    best = {**decided.shown, "best": True}
    yield said(
        "What nobody knows matters more: the option that is best on average is the best in {} to {} of the members of "
        "a world. Choosing in each world what is best there on average, before anything more is known, costs {} to {} "
        "points on average (bounds), the regret.",
        decided.number("losses", best, "best_in", "percent", "the least"),
        decided.number("losses", best, "best_in", "percent", "the greatest"),
        decided.number("losses", best, "regret_low", "points", "the least"),
        decided.number("losses", best, "regret_high", "points", "the greatest"),
    )
    where = {**decided.shown, "least_worst": True}
    best_of_all = decided.rows("worst", where)["option"].iloc[0]
    leader = called(decided, best_of_all)
    most = decided.rows("worst", decided.shown).sort_values("worst_mean_regret", kind="stable")["option"].iloc[-1]
    others = f"“{called(decided, most)}” most"
    yield said(
        f"Who must choose one option for all worlds has the least mean regret in its worst one with “{leader}”, {{}} "
        f"points ({others}, {{}}); in 95% of the members of any world its regret is at most {{}}.",
        decided.number("worst", where, "worst_mean_regret", "points"),
        decided.number("worst", {**decided.shown, "option": most}, "worst_mean_regret", "points"),
        decided.number("worst", where, "worst_regret_95", "points"),
    )
    bounds = zip(HARMS, FORM.values(), strict=True)
    limits = [
        said(f"{harm.title} at most {{}}", decided.told(f"/acceptable/{harm.name}", form)) for harm, form in bounds
    ]
    yield said(
        f"With limits for illustration, {{}}, {{}} and {{}}, “{leader}” is acceptable in {{}} to {{}} of the members "
        "of a world.",
        *limits,
        decided.number("acceptable", {"option": best_of_all}, "all_acceptable", "percent", "the least"),
        decided.number("acceptable", {"option": best_of_all}, "all_acceptable", "percent", "the greatest"),
    )
