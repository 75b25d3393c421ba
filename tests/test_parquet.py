"""Files are found whatever a place calls its folders in: names that are not UTF-8, and locales that are not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDERS = ("übung".encode(), "Müller/übung".encode(), "Müller".encode("latin-1"), b"o\xff")
PLAIN = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
USE = """
import os, sys
from importlib.util import find_spec
from pathlib import Path
import pandas as pd, pyarrow as pa
from fragile_peace_lab.design import kept, own_sample
from fragile_peace_lab.export.database import write_database
from fragile_peace_lab.store import folder as store, parts
table = pa.table({"a": [1, 2]})
for name in sys.argv[1:]:
    folder = Path.cwd() / name
    folder.mkdir(parents=True)
    parts.write_part(folder / "a.parquet", table)
    assert store.read_table(folder / "a.parquet") == store.read_table(Path(name, "a.parquet")) == table
    assert own_sample._read(folder / "a.parquet") == {"a": [1, 2]}
    kept.write(folder / "b.parquet", table, {"b": 1})
    with kept.reading(folder / "b.parquet", "is missing", "that") as (again, about):
        assert (again["a"].to_pylist(), about) == ([1, 2], {"b": 1})
    if find_spec("duckdb"):
        write_database(folder / "a.duckdb", {"a": pd.DataFrame({"a": [1]})}, {})
print(sys.getfilesystemencoding())
"""


def latin(folder: Path) -> dict[str, str]:
    """The surroundings of a place with a Latin-1 locale, which is made here."""
    made = folder / "locales" / "de_DE.ISO-8859-1"
    made.parent.mkdir()
    command = ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", str(made)]
    if shutil.which("localedef") is None or subprocess.run(command, capture_output=True, check=False).returncode > 1:
        pytest.skip("no locale can be made here")
    return {"LOCPATH": str(made.parent), "LC_ALL": made.name, "PYTHONUTF8": "0"}


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "iso8859-1"])
def test_files_are_read_and_written_below_any_folder(tmp_path, encoding):
    changes = {"utf-8": lambda _: {"PYTHONUTF8": "1"}, "ascii": lambda _: PLAIN, "iso8859-1": latin}[encoding](tmp_path)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **changes}
    done = subprocess.run(
        [sys.executable, "-c", USE, *FOLDERS], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == (f"{encoding}\n", "")
