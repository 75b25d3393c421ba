"""What would take hours or gigabytes is refused at once, with its number."""

import time

import pytest

from fragile_peace.declared.scenario import CATALOGUE
from fragile_peace.errors import InputError
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import Sweep

REAL = [p for p in CATALOGUE.values() if p.kind == "real" and "*" not in p.name and p.name != "threat.level"]
UNKNOWNS = {p.name: {"uniform": [p.low, p.high]} for p in REAL[:100]}
LONG = {"places.Sumy border.length_km": [100 + number / 1e5 for number in range(100_000)]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base": [f"n{number}" for number in range(130_000)]}, "'n0' is neither a shipped scenario"),
        ({"base": ["no_force"] * 130_000}, "no_force is given twice"),
        ({"levers": LONG, "design": {"levers": "zip"}}, r"100000 combinations of values .* at most 20000 are checked"),
        (
            {"uncertainties": UNKNOWNS, "design": {"uncertainties": {"sobol": 1 << 19}, "draws": "shared"}},
            "524288 samples of 100 uncertainties are 52428800 numbers; at most 16777216 are drawn",
        ),
    ],
    ids=["names", "the same name", "values that go together", "numbers"],
)
def test_what_is_too_much_is_refused_at_once(changes, words):
    sweep = {"name": "x", "base": "reassurance_15k", "levers": {"threat.level": [0.2]}, "runs": 2, "seed": 1} | changes
    begin = time.process_time()
    with pytest.raises(InputError, match=words):
        Plan.load(Sweep.from_dict(sweep))
    assert time.process_time() - begin < 5
