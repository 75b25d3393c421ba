"""A sweep file with an own outcome beside it, in a folder of a test's own."""

from pathlib import Path
from typing import Any

from fragile_peace.declared import yamltext
from tests.tools.tiny_sweeps import TINY

MODULE = '''
"""Weeks with a raid or worse, the first of them, and troops in place."""

from fragile_peace.outcomes import COUNT, FLAG, REAL, Outcome


def hot(weeks):
    raids = weeks["rung"] >= 2
    return {
        "hot": raids.any(),
        "hot_weeks": raids.sum(),
        "first_hot": raids.argmax() if raids.any() else None,
        "mean_change": weeks["troops"].mean() - 5.0,
    }


hot.outcomes = (
    Outcome("hot_weeks", COUNT, (), "weeks", "with a raid or worse"),
    Outcome("first_hot", COUNT, (), "weeks", "first week with a raid; null: never", never=True),
    Outcome("mean_change", REAL, (), "thousand", "mean troops in place, less five"),
    Outcome("hot", FLAG, (), "flag", "there was a raid or worse"),
)
'''
NAMES = ("hot_weeks", "first_hot", "mean_change", "hot")


def own_sweep(folder: Path, module: str = MODULE, **changes: Any) -> Path:
    """Write the tiny sweep with own outcomes, and their module beside it; return the sweep file."""
    (folder / "mine.py").write_text(module)
    file = folder / "tiny.yaml"
    data = {**TINY, "base": "reassurance_15k", "outcomes": "mine:hot", **changes}
    file.write_text(yamltext.dump({key: value for key, value in data.items() if value is not None}))
    return file
