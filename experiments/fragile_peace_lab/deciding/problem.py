"""A decision problem read off a sweep: options, states of the world, and what each option does in each of them.

An *option* is a combination of the levers that a policy maker sets. The other levers (what Russia does, by default:
`threat.*`, `russia.*`) make *worlds*: in each, in each structure, every option is compared with every other, and no
number is averaged over worlds or structures. Within a world a *member* is one sample of what nobody knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fragile_peace.errors import InputError, nearest
from fragile_peace_lab.deciding.weights import HARMS, Harm, OwnHarm, Pair
from fragile_peace_lab.design.labels import role
from fragile_peace_lab.design.own_sample import given_names
from fragile_peace_lab.design.posterior import Posterior
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.design.war_sample import CURVE, FREE, REFERENCE, WarSample
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.store import folder as store

OTHERS = ("threat.", "russia.")
"""Levers that no policy maker of the coalition sets start so."""
TYPES = {"kappa_start": "Russia is committed", "tau_start": "Washington is steadfast"}
"""The true types at the start, and what a 1 means."""
PRIORS, POSTERIOR, WAR = "priors", "posterior", "war block"
BLOCKS = {
    POSTERIOR: "what truces inform",
    WAR: "the war block",
    PRIORS: "what has a prior only",
}


@dataclass(frozen=True)
class Problem:
    """Who may do what, in which worlds, and what it leads to.

    Attributes
    ----------
    levers, others : the levers that make options, and those that make worlds
    options, worlds : a mapping each, lever (and `structure`) to value
    values : of each harm in each run, shape (worlds, options, harms, members, draws)
    types : true types at the start by column, 0 or 1, shape (worlds, options, members, draws)
    labels : of each member, by name, shape (members,)
    harms : what is weighed, own outcomes last; `own_weights` are those of the latter
    unknowns : by structure ("" without any), what was sampled: a row a member
    blocks : by block, the names of its unknowns
    """

    levers: tuple[str, ...]
    others: tuple[str, ...]
    options: tuple[dict[str, Any], ...]
    worlds: tuple[dict[str, Any], ...]
    values: np.ndarray
    types: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    unknowns: dict[str, pd.DataFrame]
    blocks: dict[str, list[str]]
    harms: tuple[Harm, ...] = HARMS
    own_weights: tuple[float, ...] = ()

    @classmethod
    def read(cls, folder: str | Path, levers: Sequence[str] | None = None, own: Sequence[OwnHarm] = ()) -> "Problem":
        """Read a finished sweep. Raises InputError."""
        columns = [column for harm in HARMS for column in harm.columns]
        design = store.design_of(folder)
        priors = given_names(store.read_manifest(Path(folder))["sweep"].get("uncertainties", {}), design)
        return cls.of(Runs.load(folder, [*columns, *TYPES]), design, priors, levers, own)

    @classmethod
    def of(
        cls,
        runs: Runs,
        design: pa.Table,
        priors: Sequence[str] = (),
        levers: Sequence[str] | None = None,
        own: Sequence[OwnHarm] = (),
    ) -> "Problem":
        """Return the problem of some runs and their design. Raises InputError.

        Parameters
        ----------
        priors : the unknowns to which the sweep gives a prior of its own
        levers : those that make options; by default all that no name in `OTHERS` starts
        own : own outcomes that are weighed too
        """
        chosen = _chosen(runs.levers, levers)
        others = tuple(name for name in runs.levers if name not in chosen)
        keys = [*([STRUCTURE] if runs.structures else []), *others]
        options = _distinct(runs.settings, chosen)
        worlds = _distinct(runs.settings, keys)
        place = _grid(runs.settings, chosen, keys, options, worlds)
        harms = (*HARMS, *(_own_harm(runs, harm.name) for harm in own))
        totals = [sum(runs.column(name).astype(float) for name in harm.columns) for harm in harms]
        values = np.stack([np.asarray(block)[place] for block in totals], axis=2)
        types = {name: runs.column(name)[place].astype(np.int8) for name in TYPES}
        unknowns = _unknowns(design, runs.structures)
        blocks = _blocks(list(next(iter(unknowns.values()))), priors)
        weights = tuple(harm.weight for harm in own)
        return cls(tuple(chosen), others, options, worlds, values, types, runs.labels, unknowns, blocks, harms, weights)

    @property
    def members(self) -> int:
        """How many."""
        return int(self.values.shape[-2])

    @property
    def draws(self) -> int:
        """How many runs of each member, option and world."""
        return int(self.values.shape[-1])

    @property
    def names(self) -> list[str]:
        """What the options are called."""
        return [name_of(option) for option in self.options]

    @property
    def keys(self) -> tuple[str, ...]:
        """What names a world."""
        return tuple(self.worlds[0])

    def losses(self, pair: Pair) -> np.ndarray:
        """Return the loss of every run, shape (worlds, options, members, draws)."""
        first, *others = (weight * self.values[:, :, harm] for harm, weight in enumerate(self.weights_of(pair)))
        return sum(others, first)

    def weights_of(self, pair: Pair) -> tuple[float, ...]:
        """Return the weight of each harm in the loss."""
        return (*pair.loss, *self.own_weights)

    def sampled(self, world: int) -> pd.DataFrame:
        """Return the unknowns as they are in a world."""
        return self.unknowns[self.worlds[world].get(STRUCTURE, "")]


def _own_harm(runs: Runs, name: str) -> Harm:
    """Return an own outcome as a harm. Raises InputError: there is none of that name, or it may be never."""
    known = {outcome.name: outcome for outcome in runs.own}
    if name not in known:
        raise InputError(
            f"weights: own.{name}: is no own outcome of the sweep ({', '.join(known) or 'it has none'})"
            f"{nearest(name, known)}"
        )
    if np.isnan(runs.column(name).astype(float)).any():
        raise InputError(f"weights: own.{name}: cannot be weighed, since in some runs it is never")
    return Harm(name, known[name].title, (name,))


def name_of(values: dict[str, Any]) -> str:
    """What an option or a world is called: the value of its one lever, or each lever with its value."""
    if len(values) == 1:
        return value_text(next(iter(values.values())))
    return ", ".join(f"{name} {value_text(value)}" for name, value in values.items())


def value_text(value: Any) -> str:
    """What a value of a lever is called: another name for every other value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return str(value)
    few = f"{value:.12g}"
    return few if float(few) == value else repr(float(value))


def _chosen(there: Sequence[str], wanted: Sequence[str] | None) -> list[str]:
    for name in wanted or ():
        if name not in there:
            said = ", ".join(there) or "none"
            raise InputError(f"--lever: {name} is no lever of the sweep; must be one of {said}{nearest(name, there)}")
    chosen = [name for name in there if (name in wanted if wanted else not name.startswith(OTHERS))]
    if not chosen:
        raise InputError(
            f"--lever: the sweep moves only {', '.join(there) or 'nothing'}; name the levers that make options"
        )
    return chosen


def _distinct(settings: Sequence[dict[str, Any]], names: Sequence[str]) -> tuple[dict[str, Any], ...]:
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for setting in settings:
        found.setdefault(tuple(setting[name] for name in names), {name: setting[name] for name in names})
    return tuple(found.values())


def _grid(
    settings: Sequence[dict[str, Any]],
    levers: Sequence[str],
    keys: Sequence[str],
    options: Sequence[dict[str, Any]],
    worlds: Sequence[dict[str, Any]],
) -> np.ndarray:
    """Return the place among the settings of each option in each world."""
    at = {(*(s[k] for k in keys), *(s[k] for k in levers)): index for index, s in enumerate(settings)}
    place = np.empty((len(worlds), len(options)), int)
    for w, world in enumerate(worlds):
        for o, option in enumerate(options):
            found = at.get((*world.values(), *option.values()))
            if found is None:
                raise InputError(
                    f"decide: {name_of(option)} was not played in {name_of(world)}; every option must be in every "
                    "world (a grid of levers); name other levers with --lever"
                )
            place[w, o] = found
    return place


def _unknowns(design: pa.Table, structures: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return what was sampled in each structure, a row a member; what does not vary there is left out."""
    names = [name for name in design.column_names if role(design, name) == "uncertainty"]
    keys = ["sample", *([STRUCTURE] if structures else [])]
    table = design.select([*keys, *names]).to_pandas().drop_duplicates(keys).sort_values("sample")
    found = {}
    for structure in structures or ("",):
        rows = table[table[STRUCTURE] == structure] if structures else table
        found[structure] = rows[[name for name in names if rows[name].nunique() > 1]].reset_index(drop=True)
    return found


def _blocks(names: Sequence[str], priors: Sequence[str]) -> dict[str, list[str]]:
    """Return the unknowns of each block: what the sweep gives a prior, what either shipped sample gives, the rest."""
    war = {*WarSample.load().named(CURVE, FREE), REFERENCE}
    posterior = set(Posterior.load().handed_on)
    found: dict[str, list[str]] = {block: [] for block in BLOCKS}
    for name in names:
        block = PRIORS if name in priors else WAR if name in war else POSTERIOR if name in posterior else PRIORS
        found[block].append(name)
    return {block: own for block, own in found.items() if own}
