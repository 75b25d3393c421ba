"""The evidence: the record of each figure that a default, a scenario, a sweep or a target cites, by its key."""

import csv
from functools import cache
from pathlib import Path

FILE = Path(__file__).parents[1] / "evidence.csv"


@cache
def records() -> dict[str, dict[str, str]]:
    """Return the rows of evidence.csv by key."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}
