"""The Python lines of docs/sweeps.md run, one after the other, in a folder with a sweep file."""

import re
from pathlib import Path

from fragile_peace import Scenario, simulate

PAGE = Path(__file__).resolve().parents[1] / "docs" / "sweeps.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
SWEEP = """
base: reassurance_15k
levers: {threat.level: [0, 1], mandate.roe: [observe, enforce]}
uncertainties: {threat.sincerity: {uniform: [0.1, 0.5]}}
design: {uncertainties: {lhs: 4}}
runs: 4
seed: 1
weeks: 4
"""


def test_the_python_lines_run(tmp_path, monkeypatch):
    assert len(BLOCKS) == 3
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(SWEEP, encoding="utf-8")
    world = Scenario.load("reassurance_15k")
    names = {"world": world, "outcomes": simulate([world], 2, 1, 4)}
    for block in BLOCKS:
        if "open_results" in block:
            from fragile_peace_lab.estimates.all_tables import write_estimates

            write_estimates("results/mine")
        exec(compile(block, str(PAGE), "exec"), names)
    assert len(names["frame"]) == 2
    assert names["runs"].shape[0] == 64
