"""The sentences on restraint: in how many sectors it is expected to rise or to erode, and which basin that makes.

What is expected, and what a basin is, is defined in `runs.restraint`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from fragile_peace.codes import PlaceKind
from fragile_peace.runs.restraint import basin
from fragile_peace.words.telling import Event, Played

NAMES = {"calm": "its calm basin", "eroding": "its eroding basin", "neither": "neither basin"}


def on_line(played: Played) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected change of restraint in the sectors of the line, and restraint before the week."""
    line = [place.kind == PlaceKind.LINE for place in played.scenario.places]
    return played.change[line], played.restraint[line]


def standing(played: Played) -> dict[str, Any]:
    """Return where restraint on the line is heading, as plain data."""
    change, restraint = on_line(played)
    return {
        "rises": int((change > 0.0).sum()), "erodes": int((change < 0.0).sum()), "sectors": len(change),
        "restraint": float(restraint.mean()), "basin": basin(change, restraint).name.lower(),
    }  # fmt: skip


def going(data: dict[str, Any]) -> str:
    """Say where restraint is heading: "to rise in 3 of 12 sectors and to erode in 9"."""
    rises, erodes, sectors = data["rises"], data["erodes"], data["sectors"]
    if rises and erodes:
        return f"to rise in {rises} of {sectors} sectors and to erode in {erodes}"
    some, way = rises or erodes, "to rise" if rises else "to erode" if erodes else "to stay as it is"
    if some and some < sectors:
        return f"{way} in {some} of {sectors} sectors"
    return f"{way} in all {sectors} sectors" if sectors > 1 else f"{way} in its one sector"


def restraint(played: Played) -> Event:
    """Where restraint on the line was heading as the week began."""
    data = standing(played)
    text = f"On the line restraint is expected {going(data)}."
    if data["restraint"] == 0.0:
        text = "On the line no restraint is left."
    return played.event("restraint", text, None, None, **data)


def turned(played: Played) -> Iterator[Event]:
    """The truce on the line comes into its other basin."""
    if played.turned is not None:
        data = standing(played)
        text = f"The truce on the line comes into {NAMES[data['basin']]}: restraint is now expected {going(data)}."
        yield played.event("basin", text, None, None, **data)


def at_start(played: Played) -> str:
    """Say the same of the first week, for the start of a chronicle."""
    data = standing(played)
    if data["restraint"] == 0.0:
        return "There is no restraint on the line to keep a truce."
    return f"The truce on the line starts in {NAMES[data['basin']]}: restraint is expected {going(data)}."


def at_end(played: Played) -> str:
    """Say the same of the last week, for the end of a chronicle."""
    data = standing(played)
    if data["restraint"] == 0.0:
        return "No restraint was left on the line."
    return f"The truce on the line was in {NAMES[data['basin']]}: restraint was expected {going(data)}."
