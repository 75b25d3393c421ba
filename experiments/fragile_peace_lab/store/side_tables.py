"""The tables that a sweep keeps beside its parts for figures (`design.beside`): their names and columns.

    belief.parquet  one row a run of the belief panel: case, belief, member, draw, then the outcomes as in a part
    weeks.parquet   one row a week of each run that is kept week by week
    record.parquet  one row a week of the first runs of every point, where the sweep asks for it (`running.record`)

Codes are int8 with their names in the column's metadata, as in parts.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import pyarrow as pa

from fragile_peace.codes import EndCause, Resumed, Rung
from fragile_peace_lab.design.beside import CASES

BELIEF, WEEKS, RECORD = "belief.parquet", "weeks.parquet", "record.parquet"
SIDE_TABLES = (BELIEF, WEEKS, RECORD)
KEY = "side_tables"


def _field(name: str, kind: pa.DataType, unit: str, text: str, codes: str = "") -> pa.Field:
    return pa.field(name, kind, False, {"unit": unit, "text": text, **({"codes": codes} if codes else {})})


def _named(codes: type[IntEnum]) -> str:
    return ", ".join(f"{int(code)} {code.name.lower()}" for code in codes)


BELIEF_KEYS = (
    _field("case", pa.int8(), "code", "what is true", ", ".join(f"{n} {case}" for n, case in enumerate(CASES))),
    _field("belief", pa.float64(), "probability", "what is believed: threat.credibility"),
    _field("member", pa.int32(), "", "sample of the unknowns"),
    _field("draw", pa.int32(), "", "run of the member; the same draw shares its random numbers across cases"),
)
"""What stands in place of a part's point and run."""
RECORD_KEYS = (
    _field("point", pa.int32(), "", "row of design.parquet"),
    _field("run", pa.int32(), "", "number of the run in its point"),
    _field("week", pa.int32(), "weeks", "week of the ceasefire, from 1"),
)
WEEKS_SCHEMA = pa.schema(
    [
        _field("run", pa.int32(), "", "index of the run"),
        _field("week", pa.int32(), "weeks", "week of the ceasefire, from 1"),
        _field("violations", pa.float64(), "per 100 km", "recorded on the line of contact, both sides"),
        _field("mu", pa.float64(), "probability", "belief that Russia is committed"),
        _field("gamma", pa.float64(), "probability", "belief that Washington is steadfast"),
        _field("troops", pa.float64(), "thousand", "of the force, in place"),
        _field("rung", pa.int8(), "code", "highest rung of the escalation ladder", _named(Rung)),
        _field("deaths", pa.int32(), "deaths", "European"),
        _field("left", pa.int32(), "contingents", "that left"),
        _field("invoked", pa.int32(), "places", "at which the guarantee was invoked"),
        _field("honoured", pa.int32(), "places", "at which it was honoured"),
        _field("resumed", pa.int8(), "code", "who went back to war", _named(Resumed)),
        _field("end_cause", pa.int8(), "code", "why the run ended in its last week", _named(EndCause)),
    ]
)


def entries(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a manifest says of the side tables of its folder; a sweep may have none, or none yet."""
    return list(manifest.get(KEY, []))


def wanted(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Return which side tables a sweep has once it is finished.

    A shard has none: they are made of the whole. A Saltelli sweep has none for figures: what is drawn are its indices.
    """
    if manifest["shard"] is not None:
        return ()
    record = (RECORD,) if "record" in manifest["sweep"] else ()
    return record if "saltelli" in manifest["sweep"]["design"]["uncertainties"] else (BELIEF, WEEKS, *record)
