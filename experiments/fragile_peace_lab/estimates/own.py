"""Own outcomes among what is reported: a flag as a probability, a number as its mean over runs.

Whether an own outcome turns on the return of war its table does not say. It is marked as if it did, since a run's weeks
end where war comes back.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fragile_peace.declared.declaration import MAX_CONTINGENTS
from fragile_peace.errors import InputError
from fragile_peace.outcomes import FLAG, REAL
from fragile_peace.outcomes import Outcome as Declared
from fragile_peace_lab.design.own import BOUNDED, tables_of
from fragile_peace_lab.estimates.outcomes import BY_NAME, MEAN, MEANS, PROBABILITIES, PROBABILITY, Outcome
from fragile_peace_lab.store.columns import schema


def reported(manifest: Mapping[str, Any]) -> tuple[Outcome, ...]:
    """Return what is reported of the own outcomes of a manifest, in the order of their columns."""
    return tuple(_reported(declared) for declared in tables_of(manifest))


def _reported(o: Declared) -> Outcome:
    title = f"{o.text[0].upper()}{o.text[1:]}"
    flag = o.kind is FLAG
    unit, kind, group = (PROBABILITY, PROBABILITY, PROBABILITIES) if flag else (o.unit, MEAN, MEANS)
    signed = o.kind is REAL and o.unit not in BOUNDED
    return Outcome(o.name, title, unit, kind, group, (o.name,), prior_driven=True, headline=True, signed=signed)


def check_names(own: Iterable[Declared]) -> None:
    """Raise InputError where an own outcome has the name of a column or of an outcome that there is already."""
    taken = {*schema(MAX_CONTINGENTS).names, *BY_NAME}
    for outcome in own:
        if outcome.name in taken:
            raise InputError(f"outcomes: {outcome.name} is the name of an outcome of the model; call it otherwise")
