"""What reads a folder notices that something in it was changed: a bit that flipped, an editor, another design."""

import copy as copying
import json
import subprocess

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from fragile_peace.errors import InputError
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store import manifest as manifests
from fragile_peace_lab.store import parts
from tests.tools.tiny_sweeps import finished, forge, manifest

READING = ("curves", "compare", "report", "verify")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished sweep, not to be changed."""
    return finished(tmp_path_factory.mktemp("manifest") / "out")


@pytest.fixture
def copy(folder, tmp_path):
    """A copy of it that may be spoilt."""
    subprocess.run(["cp", "-r", str(folder), str(tmp_path / "copy")], check=True)
    return tmp_path / "copy"


def refused(folder, words: str) -> None:
    for command in READING:
        done = CliRunner().invoke(app, [command, str(folder)])
        assert done.exit_code == 2, (command, done.output)
        assert words in done.output.replace("\n", " "), (command, done.output)


def looked(folder) -> None:
    """Read all that an estimate or a figure reads."""
    Runs.load(folder, ["mu"])
    for entry in store.side_entries(manifest(folder)):
        store.side_table(folder, entry["file"])


def test_a_mirrored_lever_is_refused(copy):
    """It turned the sign of every effect."""
    path = copy / "design.parquet"
    table = pq.read_table(path)
    place = table.column_names.index("threat.level")
    mirrored = pa.array([1 - value for value in table["threat.level"].to_pylist()])
    pq.write_table(table.set_column(place, table.schema.field(place), mirrored), path)
    refused(copy, "design.parquet: damaged")


@pytest.mark.parametrize(
    "change",
    [
        lambda about: about.update(seed=8),
        lambda about: about["sweep"].update(seed=8),
        lambda about: about.update(rows=639),
        lambda about: about["sweep"]["levers"].update({"threat.level": [1.0, 0.0]}),
        lambda about: about["sweep"]["uncertainties"].update({"war.prize": {"normal": [12, 4]}}),
        lambda about: about["scenarios"]["no_force"]["values"]["threat"].update(level=0.9),
        lambda about: about.update(behaviour_digest="0" * 64),
        lambda about: about["parts"].pop(),
        lambda about: about["parts"][0].update(sha256="0" * 64),
        lambda about: about["side_tables"][0].update(rows=1),
    ],
    ids=["seed", "the sweep's seed", "rows", "levers", "priors", "scenario", "behaviour", "part gone", "part", "table"],
)
def test_an_edited_manifest_is_refused(copy, change):
    about = copying.deepcopy(manifest(copy))
    change(about)
    (copy / "manifest.json").write_text(json.dumps(about))
    refused(copy, "manifest.json: ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 8}, "its seeds do not agree"),
        ({"rows": 639}, "its rows do not agree"),
        ({"points": 31}, "its points do not agree"),
        ({"parts": []}, "its state and parts do not agree"),
    ],
)
def test_sums_that_do_not_agree_are_named_even_with_a_fitting_digest(copy, change, words):
    forge(copy, manifest(copy) | change)
    refused(copy, words)


def test_a_part_with_other_rows_is_refused_where_it_is_read(copy):
    path = sorted((copy / "parts").glob("*.parquet"))[0]
    table = pq.read_table(path)
    place = table.schema.get_field_index("mu")
    other = table.set_column(place, table.schema.field(place), pa.array(1 - table["mu"].to_numpy()))
    path.write_bytes(parts.encode(other))
    refused(copy, f"{path.name}: damaged")


def test_sixty_flipped_bits_in_each_kind_of_file_are_noticed(copy):
    """Whatever bit: the files are read as for an estimate, then whole."""
    generator, beside = np.random.default_rng(60), store.side_entries(manifest(copy))
    kinds = [copy / "manifest.json", copy / "design.parquet", sorted((copy / "parts").glob("*.parquet"))[0]]
    kinds += [copy / entry["file"] for entry in beside]
    for path in kinds:
        data = path.read_bytes()
        for bit in generator.choice(8 * len(data), 60, replace=False).tolist():
            spoilt = bytearray(data)
            spoilt[bit // 8] ^= 1 << bit % 8
            path.write_bytes(spoilt)
            with pytest.raises(InputError, match=path.name.replace(".", r"\.")):
                looked(copy)
        path.write_bytes(data)
    looked(copy)


def test_sixty_flipped_bits_in_a_journal_cost_parts_at_most(copy):
    """A line with another bit ends the journal: parts are computed again, and none is taken for another."""
    about = manifest(copy)
    forge(copy, about | {"state": store.RUNNING, "parts": []})
    lines = "".join(manifests.line_of(entry) + "\n" for entry in about["parts"]).encode()
    journal = copy / store.JOURNAL
    generator = np.random.default_rng(61)
    for bit in generator.choice(8 * len(lines), 60, replace=False).tolist():
        spoilt = bytearray(lines)
        spoilt[bit // 8] ^= 1 << bit % 8
        journal.write_bytes(spoilt)
        kept = store.entries_of(copy, manifests.read(copy / "manifest.json"))
        assert kept == about["parts"][: len(kept)]
        assert len(kept) < len(about["parts"])


@pytest.mark.parametrize("line", ["", "7", "[]", "{}", "[" * 100_000, '{"file": "a.parquet"}', '{"line_sha256": 7}'])
def test_a_line_that_is_none_is_none(line):
    assert manifests.entry_of(line) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"levers": None}, "sweep: levers: an empty value is not allowed; must be a mapping of names to values"),
        ({"levers": 7}, "sweep: levers: 7 is not allowed; must be a mapping of names to values"),
        ({"levers": []}, "sweep: levers: [] is not allowed"),
        ({"levers": "x"}, "sweep: levers: 'x' is not allowed"),
        ({"structures": None}, "sweep: structures: an empty value is not allowed"),
        ({"structures": 7}, "sweep: structures: 7 is not allowed"),
        ({"structures": [7]}, "sweep: structures: [7] is not allowed"),
        ({"structures": {"X": 7}}, "sweep: structures.X: 7 is not allowed; must be a mapping of names to values"),
        ({"levers": {"package": {"a": 7, "b": {}}}}, "sweep: levers.package.a: 7 is not allowed; must be a mapping"),
        ({"design": {}}, "sweep: design.uncertainties: is missing"),
        ({"design": {"uncertainties": {"sobol": 4}}}, "its sweep is not written as a sweep is"),
        ({"nothing": 7}, "sweep: nothing: no such name"),
    ],
)
def test_a_sweep_that_could_not_have_been_run_is_named(copy, change, words):
    about = manifest(copy)
    forge(copy, {**about, "sweep": about["sweep"] | change})
    with pytest.raises(InputError, match=r"manifest\.json: damaged: ") as refusal:
        store.read_manifest(copy)
    assert words in str(refusal.value)


@pytest.mark.parametrize("values", [{}, {"places": 7}, {"contingents": None}, {"threat": {"level": "x"}}])
def test_a_scenario_that_could_not_have_been_run_is_named(copy, values):
    about = manifest(copy)
    worlds = {name: {**world, "values": values} for name, world in about["scenarios"].items()}
    forge(copy, {**about, "scenarios": worlds})
    with pytest.raises(InputError, match=r"manifest\.json: damaged: scenarios\.reassurance_15k: "):
        store.read_manifest(copy)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"schema": "1"}, "schema: input should be a valid integer"),
        ({"parts": {}}, "parts: input should be a valid list"),
        ({"parts": [7]}, "parts.0: input should be a valid dictionary"),
        ({"grid": {"points": [0, 32]}}, "grid.runs is missing"),
        ({"scenarios": {}}, "scenarios: dictionary should have at least 1 item"),
        ({"state": "done"}, "state: input should be 'running', 'complete' or 'shard'"),
        ({"source_digest": None}, "source_digest: input should be a valid string"),
    ],
)
def test_a_value_of_another_kind_is_named(copy, value, words):
    forge(copy, manifest(copy) | value)
    with pytest.raises(InputError, match=r"manifest\.json: damaged: ") as refusal:
        store.read_manifest(copy)
    assert words in str(refusal.value)
