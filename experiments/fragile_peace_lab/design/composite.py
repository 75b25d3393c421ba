"""Composite levers: named choices, each of which sets several parameters at once.

    levers:
      package:
        none: {force.scale: 0}
        tripwire: {force.scale: 0.4, mandate.roe: observe}
        shield: {force.scale: 1, mandate.roe: enforce}

`package` is one lever with three values, its *labels*, in no order but the declared one. It crosses with other levers,
or stands beside them in a zip. In design.parquet it is one column of labels; what each label sets stands in the sweep,
and a parameter that a label leaves out keeps the base scenario's value. No parameter that any label sets may be given
elsewhere in the sweep, so that there is no question of which value is played.
"""

import re
from collections.abc import Mapping
from typing import Any

from fragile_peace.declared.scenario import CATALOGUE, Scenario
from fragile_peace.errors import InputError, shown
from fragile_peace_lab.design import labels
from fragile_peace_lab.design.factors import SCENARIO, SPACES, checked, parameter_of
from fragile_peace_lab.design.structures import NAME as LABEL
from fragile_peace_lab.design.structures import STRUCTURE, check_label

NAME = r"^[A-Za-z][A-Za-z0-9_]{0,29}$"
MOST = 32
Composites = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""By lever, by label: the values of parameters."""
TAKEN = frozenset(
    "point sample combination first_run run member draw week case setting baseline "  # rows
    "outcome title unit kind type family label value lever reference time prior_driven estimator note "
    "estimate mc_low mc_high param_low param_high plain variance_factor n_runs n_draws n_members at_risk events "
    "halfwidth wanted runs_needed sd_members sd_low sd_high sd_noise n_structures more less agreement robust".split()
)
"""Columns of designs and of tables of estimates, beside which a lever's own column has to stand."""
SCHEMA: dict[str, Any] = {
    "type": "object",
    "minProperties": 2,
    "maxProperties": MOST,
    "propertyNames": {"pattern": LABEL},
    "additionalProperties": {"type": "object"},
}


def is_composite(name: str, spec: Any) -> bool:
    """Whether an entry of a sweep's levers is a composite one: a plain word with a mapping that spaces no numbers."""
    return (
        isinstance(spec, Mapping) and "." not in name and name != SCENARIO and not (spec and set(spec) <= set(SPACES))
    )


def composites_in(levers: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the composite ones of a sweep's levers, as they are declared."""
    return {name: dict(spec) for name, spec in levers.items() if is_composite(name, spec)}


def check_names(composites: Composites, where: str) -> None:
    """Refuse names and labels that cannot stand in a table, labels that set nothing readable, and fewer than two."""
    reserved = {STRUCTURE, *labels.BY_NAME, *TAKEN, *(name for name in CATALOGUE if "." not in name)}
    for name, spec in composites.items():
        place = f"{where}: levers.{name}"
        if not re.fullmatch(NAME, name):
            raise InputError(f"{place}: a lever with labels is called by 1 to 30 letters, digits or _, first a letter")
        if name in reserved:
            raise InputError(f"{place}: the name is taken by a column of results; a lever with labels needs another")
        if not 2 <= len(spec) <= MOST:
            raise InputError(f"{place}: {len(spec)} labels are given; must be from 2 to {MOST}")
        for label, values in spec.items():
            check_label(label, place)
            if not isinstance(values, Mapping):
                raise InputError(
                    f"{place}.{label}: {shown(values)} is not allowed; must be a mapping of names to values"
                )


def looked_up(composites: Composites, scenarios: Mapping[str, Scenario]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return composite levers with their values as scenarios store them.

    Raises InputError for a name, for a value, and where two labels of a lever play the same in every base scenario.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for lever, spec in composites.items():
        found[lever] = {}
        seen: dict[tuple[Any, ...], str] = {}
        for label, given in spec.items():
            where = f"levers.{lever}.{label}"
            values = {
                name: checked(value, parameter_of(name, scenarios, where), f"{where}.{name}")
                for name, value in given.items()
            }
            changes = tuple(frozenset(_changed(values, base).items()) for base in scenarios.values())
            if changes in seen:
                raise InputError(f"{where}: plays the same as {seen[changes]}; every label must differ")
            seen[changes], found[lever][label] = label, values
    return found


def _changed(values: Mapping[str, Any], base: Scenario) -> dict[str, Any]:
    return {name: value for name, value in values.items() if base.get(name) != value}


def set_by(composites: Composites) -> dict[str, str]:
    """Return every parameter that a label sets, with the lever that it belongs to."""
    return {name: lever for lever, spec in composites.items() for values in spec.values() for name in values}


def expanded(values: Mapping[str, Any], composites: Composites) -> dict[str, Any]:
    """Return values of levers with the parameters that labels set in place of the labels."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= composites[name][value] if name in composites else {name: value}
    return found


def label_of(base: Scenario, spec: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the label under which a lever leaves a scenario as it is; None where each of them changes it."""
    return next((label for label, values in spec.items() if not _changed(values, base)), None)
