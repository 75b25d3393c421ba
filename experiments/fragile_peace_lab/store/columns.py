"""The columns of a sweep's Parquet parts: one row a run, one column an outcome, names that read without this project.

Sub-array outcomes become one column for each index, named by the codes (`deaths_line`, `decisions_honour`,
`happened_collapse`), or by number for contingents (`deaths_n_0` is the first contingent of the scenario). "Never" is
null. Counts are int32, or int64 where a long run may exceed it; flags are bool; codes are int8 with their names in the
column's metadata. A contingent that a point's scenario does not have has `joined_n_i` false and nulls elsewhere.
"""

import hashlib
from collections.abc import Sequence
from enum import IntEnum
from functools import cache

import numpy as np
import pyarrow as pa

from fragile_peace.codes import (
    Action,
    Decision,
    EndCause,
    Event,
    PlaceKind,
    Reply,
    Response,
    Rung,
    RussianType,
    UsType,
    options,
)  # fmt: skip
from fragile_peace.errors import InputError
from fragile_peace.state import NEVER, OUTCOMES

FIELDS: tuple[str, ...] = OUTCOMES.names or ()
ACTIONS_UKRAINE = options(Action)[:3]
_INDEX: dict[str, tuple[str, ...]] = {
    "rung_weeks": tuple(str(int(rung)) for rung in Rung),
    "recorded_R": options(Action),
    "recorded_U": ACTIONS_UKRAINE,
    "true_R": options(Action),
    "true_U": ACTIONS_UKRAINE,
    "breaches_R": options(Action),
    "breaches_U": ACTIONS_UKRAINE,
    "strikes": options(PlaceKind),
    "deaths": options(PlaceKind),
    "fatal_place_weeks": options(PlaceKind),
    "troop_years": options(PlaceKind),
    "exchanges": options(PlaceKind),
    "responses": options(Response),
    "decisions": options(Decision),
    "replies": options(Reply),
    "happened": options(Event),
    "compensator": options(Event),
}
_CODES: dict[str, type[IntEnum]] = {
    "kappa": RussianType,
    "kappa_start": RussianType,
    "tau": UsType,
    "tau_start": UsType,
    "end_cause": EndCause,
    "rung": Rung,
}
_LONG = ("recorded_R", "recorded_U", "true_R", "true_U", "line_recorded", "line_true", "local_events", "local_deaths",
         "deaths", "deaths_n")  # fmt: skip
_MAYBE = ("first_accusation_day", "first_strike", "first_death", "first_invocation", "first_honour", "first_exchange",
          "first_withdrawal", "share_deployed")  # fmt: skip
ABOUT: dict[str, tuple[str, str]] = {
    "kappa": ("code", "Russia's true type at the end"),
    "tau": ("code", "Washington's true type at the end"),
    "kappa_start": ("code", "Russia's true type at the start"),
    "tau_start": ("code", "Washington's true type at the start"),
    "weeks": ("weeks", "weeks played"),
    "end_cause": ("code", "why the run ended"),
    "rung": ("code", "highest rung of the escalation ladder"),
    "rung_weeks": ("weeks", "weeks whose highest rung it was"),
    "mu": ("probability", "final belief that Russia is committed"),
    "gamma": ("probability", "final belief that Washington is steadfast"),
    "B": ("share", "Ukraine's readiness at the end"),
    "recorded_R": ("violations", "Russian, recorded, in weeks of this action (comply: accidents)"),
    "recorded_U": ("violations", "Ukrainian, recorded, in weeks of this action (comply: accidents)"),
    "true_R": ("violations", "Russian, recorded and missed, in weeks of this action"),
    "true_U": ("violations", "Ukrainian, recorded and missed, in weeks of this action"),
    "line_recorded": ("violations", "recorded on the line of contact, both sides"),
    "line_true": ("violations", "recorded and missed on the line of contact, both sides"),
    "line_place_weeks": ("place-weeks", "at risk on the line"),
    "place_weeks": ("place-weeks", "at risk on the line and the borders"),
    "line_km_weeks": ("km weeks", "at risk on the line"),
    "km_weeks": ("km weeks", "at risk on the line and the borders"),
    "breaches_R": ("place-weeks", "in which Russia took this action"),
    "breaches_U": ("place-weeks", "in which Ukraine took this action"),
    "attributed_R": ("place-weeks", "attributed to Russia"),
    "attributed_U": ("place-weeks", "attributed to Ukraine"),
    "misattributed": ("place-weeks", "attributed to a side that complied"),
    "disputed": ("place-weeks", "disputed"),
    "dmz_intrusions": ("place-weeks", "probes into the demilitarised zone"),
    "local_events": ("events", "fatal to Russians or Ukrainians"),
    "local_deaths": ("deaths", "Russian and Ukrainian"),
    "strikes": ("strikes", "aimed at the force"),
    "deaths": ("deaths", "European"),
    "deaths_n": ("deaths", "European, of this contingent"),
    "fatal_place_weeks": ("place-weeks", "with a European death"),
    "troop_years": ("troop years", "of the force, in place"),
    "responses": ("place-weeks", "in which the lead contingent responded so"),
    "invocations": ("place-weeks", "in which the guarantee was invoked"),
    "decisions": ("place-weeks", "in which Washington decided so"),
    "replies": ("place-weeks", "in which Russia replied so to force"),
    "exchanges": ("place-weeks", "with an exchange of fire"),
    "recommitments": ("count", "renewed truces"),
    "first_accusation_day": ("days", "first disputed signal; null: never"),
    "first_strike": ("weeks", "first strike on the force; null: never"),
    "first_death": ("weeks", "first European death; null: never"),
    "first_invocation": ("weeks", "first invocation; null: never"),
    "first_honour": ("weeks", "first honoured invocation; null: never"),
    "first_exchange": ("weeks", "first exchange of fire; null: never"),
    "first_withdrawal": ("weeks", "first exit of a contingent; null: never"),
    "joined": ("contingents", "that joined"),
    "left": ("contingents", "that left"),
    "left_week_n": ("weeks", "in which this contingent left; null: never, or it never joined"),
    "joined_n": ("flag", "this contingent joined"),
    "share_deployed": ("share", "of the force in place at force.target_week; null: the run ended before"),
    "happened": ("flag", "the event happened"),
    "compensator": ("1", "sum of the event's conditional probabilities: same mean as the flag, less variance"),
    "rounds": ("rounds", "most rounds that the solution of a game took"),
    "residual": ("probability", "largest residual of a solved game"),
    "games": ("games", "solved"),
}
"""For each outcome its unit and what it is."""
POINT = pa.field("point", pa.int32(), False, {"unit": "", "text": "row of design.parquet"})
RUN = pa.field("run", pa.int32(), False, {"unit": "", "text": "index of the run; the same index shares its draws"})


def column_names(field: str, contingents: int) -> list[str]:
    """Return the columns of one outcome field, in order."""
    low = field.lower()
    shape = OUTCOMES[field].shape or ()
    if not shape:
        return [low]
    if field == "left_week_n":
        return [f"{name}_{n}" for name in ("joined_n", low) for n in range(contingents)]
    if field not in _INDEX:
        return [f"{low}_{n}" for n in range(contingents)]
    return [f"{low}_{label}" for label in _INDEX[field][: shape[0]]]


@cache
def schema(contingents: int) -> pa.Schema:
    """Return the schema of a part; `contingents` is the largest number in any scenario of the sweep."""
    fields = [POINT, RUN]
    for field in FIELDS:
        for name in column_names(field, contingents):
            unit, text = ABOUT["joined_n" if name.startswith("joined_n_") else field]
            about = {"unit": unit, "text": text}
            if field in _CODES:
                about["codes"] = ", ".join(f"{int(member)} {member.name.lower()}" for member in _CODES[field])
            nullable = field in _MAYBE or name.startswith(("left_week_n_", "deaths_n_"))
            fields.append(pa.field(name, _type(field, name), nullable, about))
    return pa.schema(fields)


def _type(field: str, name: str) -> pa.DataType:
    if field == "happened" or name.startswith("joined_n_"):
        return pa.bool_()
    if field in _CODES:
        return pa.int8()
    if OUTCOMES[field].base.kind == "f":
        return pa.float64()
    return pa.int64() if field in _LONG else pa.int32()


def flatten(
    outcomes: np.ndarray, points: Sequence[int], first_run: int, members: Sequence[int], width: int
) -> pa.Table:
    """Lay outcomes out as rows in (point, run) order.

    Parameters
    ----------
    outcomes : OUTCOMES, shape (points, runs)
    points : ids of the points
    first_run : index of the first run
    members : contingents of each point's scenario
    width : contingents of the schema
    """
    runs = outcomes.shape[1]
    flat = outcomes.reshape(-1)
    present = np.repeat(np.asarray(members, np.int64), runs)
    arrays = [
        pa.array(np.repeat(np.asarray(points, np.int32), runs)),
        pa.array(np.tile(np.arange(first_run, first_run + runs, dtype=np.int32), len(points))),
    ]
    layout = schema(width)
    for field in FIELDS:
        values = flat[field]
        if field == "left_week_n":
            joined = (values[:, :width] >= NEVER) & (np.arange(width) < present[:, None])
            arrays += [pa.array(joined[:, n]) for n in range(width)]
            arrays += [_array(values[:, n], pa.int32(), ~joined[:, n] | (values[:, n] < 0)) for n in range(width)]
        elif field == "deaths_n":
            arrays += [_array(values[:, n], pa.int64(), n >= present) for n in range(width)]
        else:
            kind = _type(field, field)
            mask = values == NEVER if field in _MAYBE else None
            parts = [values] if values.ndim == 1 else [values[:, i] for i in range(len(column_names(field, width)))]
            arrays += [_array(part, kind, mask) for part in parts]
    return pa.Table.from_arrays(arrays, schema=layout)


def _array(values: np.ndarray, kind: pa.DataType, mask: np.ndarray | None) -> pa.Array:
    """Convert one column; a value that does not fit its type is refused, never wrapped."""
    plain = np.ascontiguousarray(values)
    if pa.types.is_boolean(kind):
        plain = plain != 0
    elif pa.types.is_integer(kind) and kind != pa.int64():
        narrow = plain.astype(kind.to_pandas_dtype())
        if not np.array_equal(narrow, plain):
            raise InputError(f"outcomes: {plain.max()} does not fit a column of type {kind}")
        plain = narrow
    if mask is not None:
        plain = np.where(mask, plain.dtype.type(0), plain)
    return pa.array(plain, kind, mask=mask)


def rows_digest(table: pa.Table) -> str:
    """sha256 of the rows themselves: names, types, values and nulls, whatever file format or compression holds them."""
    digest = hashlib.sha256()
    for name, column in zip(table.column_names, table.columns, strict=True):
        array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        digest.update(f"{name} {array.type} {len(array)} ".encode())
        if array.null_count:
            digest.update(np.packbits(array.is_null().to_numpy(zero_copy_only=False)).tobytes())
            array = array.fill_null(0)
        digest.update(np.ascontiguousarray(array.to_numpy(zero_copy_only=False)).data)
    return digest.hexdigest()
