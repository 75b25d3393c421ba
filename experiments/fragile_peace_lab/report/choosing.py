"""The report's settings to choose among: every one that was computed, with what it differs by from any other.

The page holds no model: a reader chooses among rows of estimates/. Numbers are those of the tables, and their text is
made here, so that the page's script (templates/choosing.js) only looks up what to show.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fragile_peace_lab.design.axis import is_ordered, key, moves
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates.outcomes import GROUPS
from fragile_peace_lab.estimates.tables import FROM
from fragile_peace_lab.figures.levers import lever_words, value_words
from fragile_peace_lab.figures.own import rows_of
from fragile_peace_lab.figures.panels import Row
from fragile_peace_lab.figures.results import Results
from fragile_peace_lab.figures.risk_curves import BANDS
from fragile_peace_lab.report.tables import cell, difference_cell

SCRIPT = Path(__file__).with_name("templates") / "choosing.js"
TURNED = {"estimate": "estimate", "mc_low": "mc_high", "mc_high": "mc_low", "param_low": "param_high",
          "param_high": "param_low"}  # fmt: skip
"""Where the numbers of a difference go when it is taken the other way round, with the other sign."""


def choosing(results: Results) -> dict[str, Any]:
    """Return what the page shows of the settings: `controls`, `rows`, `data` as JSON, `script` and its `hash`.

    Empty where there is one setting alone.
    """
    places = settings(results)
    if len(places) < 2:
        return {}
    controls = [_control(name, places) for name in places[0] if len({key(place[name]) for place in places}) > 1]
    rows = [row for row in rows_of(results.runs) if row.key in set(results.curves["outcome"])]
    index = {
        " ".join(str(_place(control, place[control["name"]])) for control in controls): number
        for number, place in enumerate(places)
    }
    script = SCRIPT.read_text(encoding="utf-8")
    return {
        "controls": controls,
        "rows": [row.title for row in rows],
        "data": encoded({
            "index": index, "words": [_words(place) for place in places], "start": _start(results),
            "each": len(results.runs.settings),
            "levels": _levels(results, places, rows), "differences": _differences(results, places, rows),
        }),
        "script": script,
        "hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    }  # fmt: skip


def settings(results: Results) -> list[dict[str, Any]]:
    """Return every setting that was computed: the values of the levers, in every structure where there are any."""
    if not results.structures:
        return [dict(setting) for setting in results.runs.settings]
    return [{STRUCTURE: name, **setting} for name in results.structures for setting in results.runs.settings]


def encoded(data: Mapping[str, Any]) -> str:
    """Return JSON that no HTML can end or enter, whatever the names in it."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _control(name: str, places: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A lever as a control: numbers in their order, other values as they were declared."""
    values = list({key(place[name]): place[name] for place in places}.values())
    values = sorted(values) if is_ordered(values) else values
    words = "structure: what nobody can estimate" if name == STRUCTURE else lever_words(name)
    texts = [str(value) if name == STRUCTURE else value_words(name, value) for value in values]
    return {"name": name, "words": f"{words[0].upper()}{words[1:]}", "options": values, "texts": texts,
            "slides": is_ordered(values)}  # fmt: skip


def _place(control: Mapping[str, Any], value: Any) -> int:
    return [key(one) for one in control["options"]].index(key(value))


def _words(place: Mapping[str, Any]) -> str:
    """A setting in words."""
    return "; ".join(
        f"structure {value}" if name == STRUCTURE else f"{lever_words(name)}: {value_words(name, value).lower()}"
        for name, value in place.items()
    )


def _start(results: Results) -> dict[str, int]:
    """Return which setting is pinned at first, the baseline, and which is shown: where the first lever's move ends."""
    moved = moves(results.runs.settings, results.baseline, results.axis)
    return {"pinned": results.baseline, "shown": moved[0].last if moved else results.baseline}


def _levels(results: Results, places: Sequence[Mapping[str, Any]], rows: Sequence[Row]) -> list[list[Any]]:
    """By setting and outcome the numbers of its row of estimates, and their text."""
    table = results.curves
    if results.structures:
        table = pd.concat([results.tables[group] for group in GROUPS])
        table = table[table["type"] == "mixed"]
    names = list(places[0])
    found = {_key(row, names): row for row in table.to_dict("records")}
    return [[_entry(found.get((row.key, *_at(place))), cell) for row in rows] for place in places]


def _differences(
    results: Results, places: Sequence[Mapping[str, Any]], rows: Sequence[Row]
) -> dict[str, list[Any]]:  # fmt: skip
    """By two settings, "before after", and outcome the numbers of the paired difference, and their text."""
    names = list(places[0])
    first = {_at(place): number for number, place in enumerate(places)}
    order = {row.key: number for number, row in enumerate(rows)}
    found: dict[str, list[Any]] = {}
    for row in results.pairs.to_dict("records"):
        after = first[tuple(key(row[name]) for name in names)]
        before = first[tuple(key(row[name if name == STRUCTURE else f"{FROM}{name}"]) for name in names)]
        back = {**row, **{name: -row[other] for name, other in TURNED.items()}}
        for ends, one in ((f"{before} {after}", row), (f"{after} {before}", back)):
            entries = found.setdefault(ends, [None] * len(rows))
            entries[order[row["outcome"]]] = _entry(one, difference_cell)
    return found


def _key(row: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, ...]:
    return (row["outcome"], *(key(row[name]) for name in names))


def _at(place: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(key(value) for value in place.values())


def _entry(row: Mapping[str, Any] | None, text: Any) -> list[Any] | None:
    """A row's numbers, null where they are not defined, and its text."""
    if row is None:
        return None
    return [[None if pd.isna(row[name]) else float(row[name]) for name in BANDS], text(row)]
