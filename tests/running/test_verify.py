"""What a sample of rows notices: one that nobody can foresee from the folder, and that says how much it would have."""

import json
import subprocess

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.running import verify as verifying
from fragile_peace_lab.running.verify import SURE, least_caught, verify
from fragile_peace_lab.store import parts
from fragile_peace_lab.store.columns import rows_digest
from tests.tools.tiny_sweeps import finished, forge, manifest


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished sweep, not to be changed."""
    return finished(tmp_path_factory.mktemp("verify") / "out")


@pytest.fixture
def copy(folder, tmp_path):
    """A copy of it that may be spoilt."""
    subprocess.run(["cp", "-r", str(folder), str(tmp_path / "copy")], check=True)
    return tmp_path / "copy"


def forged(folder, spared: dict[str, np.ndarray]) -> None:
    """Change a number in every row but the spared ones of each part, and every digest with it."""
    about = manifest(folder)
    for entry in about["parts"]:
        path = folder / "parts" / entry["file"]
        table = pq.read_table(path)
        values = table["mu"].to_numpy().copy()
        changed = np.setdiff1d(np.arange(len(values)), spared[entry["file"]])
        values[changed] = np.nextafter(values[changed], 1)
        place = table.schema.get_field_index("mu")
        table = table.set_column(place, table.schema.field(place), pa.array(values))
        path.write_bytes(parts.encode(table))
        entry["sha256"], entry["rows_sha256"] = durable.sha256(path), rows_digest(table)
    forge(folder, about)


def test_rows_that_one_sample_spares_are_not_spared_by_the_next(copy, monkeypatch):
    """A forger who knew the sample could change all other rows: so it was with the fixed seed that there used to be.

    A sample of 32 of the 640 rows misses 608 forged ones with a chance below 1e-40.
    """
    chosen, compare = {}, verifying._compare

    def spied(path, part, table, rows, *others):
        chosen[path.name] = rows
        compare(path, part, table, rows, *others)

    monkeypatch.setattr(verifying, "_compare", spied)
    verify(copy, share=0.05, seed=0)
    forged(copy, chosen)
    assert verify(copy, share=0.05, seed=0).checked == 32
    with pytest.raises(InputError, match="mu differs when it is computed again"):
        verify(copy, share=0.05)


def test_each_call_has_a_seed_of_its_own_and_says_it(folder):
    found = {verify(folder).seed for _ in range(3)}
    assert len(found) == 3
    assert verify(folder, seed=min(found)).seed == min(found)


@pytest.mark.parametrize(("checked", "least"), [(1, 0.99), (2, 0.9), (458, 0.0100045)])
def test_the_least_share_that_a_sample_catches(checked, least):
    """(1 - f)^n = .01: f is .99 for one row, .9 for two; 458 rows are an auditor's number for 1 %."""
    assert least_caught(checked, 10**9) == pytest.approx(least, rel=1e-5)
    assert (1 - least_caught(checked, 10**9)) ** checked == pytest.approx(1 - SURE)
    assert least_caught(checked, checked) == 0


def test_the_share_is_caught_as_often_as_is_said():
    """40 forged rows in 400, in two parts as unevenly as can be; 44 rows sampled, 22 of each part.

    The hypergeometric chance to miss them is below 1 %, in 4,000 samples at most 70 misses but for a chance of 1e-5.
    """
    checked = 44
    count = int(np.ceil(least_caught(checked, 400) * 400))
    assert count == 40
    generator, misses = np.random.default_rng(11), 0
    for _ in range(4000):
        misses += not (generator.choice(200, checked // 2, replace=False) < count).any()
    assert misses <= 70


def test_the_command_says_what_it_would_have_noticed(folder):
    told = CliRunner().invoke(app, ["verify", str(folder), "--share", "0.1", "--seed", "5"])
    assert told.exit_code == 0, told.output
    assert "64 of 640 runs computed again, all equal" in told.stdout
    assert told.stdout.splitlines()[1] == (
        "seed 5: had 6.9 % of the runs or more been others, a sample like this one would have hit one of them with a "
        "chance of 99 %; --all computes every run"
    )
    every = CliRunner().invoke(app, ["verify", str(folder), "--all", "--json"])
    assert json.loads(every.stdout)["checked"] == 640
    assert json.loads(every.stdout)["catches"] == 0
