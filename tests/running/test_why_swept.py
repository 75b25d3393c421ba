"""Why the levers of a sweep work: its own members played again, kept beside its estimates, and read by its report."""

import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.design.axis import scenario_of_point
from fragile_peace_lab.estimates.tables import read
from fragile_peace_lab.estimates.why import BY_PLACE, DIRECT, LEVELS, ORDER, SWEPT, signed
from fragile_peace_lab.figures.results import results_of
from fragile_peace_lab.report import uptodate
from fragile_peace_lab.report.page import html
from fragile_peace_lab.report.why import reasons
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.running.why import why
from fragile_peace_lab.running.why_swept import why_swept
from fragile_peace_lab.store import folder as store
from tests.tools.tiny_sweeps import tiny

SWEEP = {
    "base": "reassurance_15k",
    "levers": {"threat.level": [0.0, 0.5, 1.0], "mandate.roe": ["observe", "self_defence"]},
    "structures": {"usual": {}, "precision_2": {"precision.russia": 2}},
    "runs": 2,
    "weeks": 6,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return run_sweep(tiny(**SWEEP), tmp_path_factory.mktemp("sweep") / "small", threads=1, progress="none")


@pytest.fixture(scope="module")
def table(folder):
    return why_swept(folder, 2, 4, threads=1)


def test_each_lever_is_split_between_its_ends_and_the_parts_add_up(folder, table):
    assert tuple(table.columns) == SWEPT
    changes = table[["lever", "before", "after"]].drop_duplicates().to_numpy().tolist()
    assert changes == [["threat.level", "0.0", "1.0"], ["mandate.roe", "self_defence", "observe"]]
    assert set(table[table["split"] == BY_PLACE]["lever"]) == {"threat.level"}
    for _, part in table.groupby(["lever", "after", "outcome"]):
        whole = part[(part["split"] == LEVELS) & (part["part"] == "total")]["estimate"].item()
        assert part[part["split"] == ORDER]["estimate"].sum() == pytest.approx(whole, abs=1e-8)
    assert DIRECT in set(table["part"])
    written = read(folder / "estimates" / "why.csv", {})
    assert written["estimate"].tolist() == table["estimate"].tolist()


def test_what_is_played_are_the_sweeps_own_points(folder, table):
    """Members 0 and 1 at the baseline's rules, in the reference structure, on the sweep's seed."""
    manifest, design = store.read_manifest(folder), store.design_of(folder)
    scenarios, sets = store.scenarios_of(manifest), store.sets_of(manifest)
    wanted = {"threat.level": (0.0, 1.0), "mandate.roe": ("self_defence",), "structure": ("usual",), "sample": (0, 1)}
    places = [place for place, row in enumerate(design.to_pylist())
              if all(row[name] in values for name, values in wanted.items())]  # fmt: skip
    worlds = [scenario_of_point(scenarios, sets, design, place) for place in places]
    quiet = [world for world in worlds if world.threat.level == 0.0]
    loud = [world for world in worlds if world.threat.level == 1.0]
    expected = why(quiet, loud, 4, SWEEP.get("seed", 7), 6, threads=1).table["estimate"]
    found = table[table["lever"] == "threat.level"]["estimate"]
    assert found.tolist() == pytest.approx(expected.tolist(), abs=1e-8, nan_ok=True)


def test_the_report_says_why_once_it_is_known_and_is_made_again(folder, table):
    results = results_of(folder)
    path = folder / "estimates" / "why.csv"
    known = uptodate.made_from(folder)
    text, kept = html(results, []), path.read_bytes()
    first = reasons(results)[0]
    assert "from 0 to 1" in first.title
    assert "2 members, 4 runs of each" in first.of
    row = table[(table["split"] == LEVELS) & (table["part"] == "total")].iloc[0]
    assert first.parts[0][1] == signed(row["estimate"], row["mc_low"], row["mc_high"])
    assert "By where the threat enters" in text
    path.unlink()
    assert uptodate.made_from(folder) != known
    assert "fragile-peace why results/tiny</code> plays that" in html(results, [])
    path.write_bytes(kept)


def test_what_cannot_be_split_is_said(folder, tmp_path):
    with pytest.raises(InputError, match="members"):
        why_swept(folder, 5, 4)
    one = tiny(**{**SWEEP, "levers": {}, "structures": {}, "runs": 2})
    with pytest.raises(InputError, match="there is no difference to split"):
        why_swept(run_sweep(one, tmp_path / "one", progress="none"), 1, 4)
