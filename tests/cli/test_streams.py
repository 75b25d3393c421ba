"""Closed, full and foreign streams: a message that cannot be shown stops no work, an output that cannot be is said."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = f"{sys.executable} -m fragile_peace_lab"


def shell(words, encoding="utf-8"):
    """Run the command in a shell, whose redirections are the test."""
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        ["bash", "-c", f"{COMMAND} {words}"], capture_output=True, cwd=ROOT, env=environment, check=False, timeout=120
    )


@pytest.mark.parametrize("encoding", ["iso-8859-1", "koi8-u", "cp1252", "ascii", "utf-8"])
def test_a_run_is_told_in_any_encoding(encoding):
    done = shell("run reassurance_15k --weeks 8", encoding)
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode("utf-8" if encoding == "ascii" else encoding)  # click takes ASCII for a mistake
    assert len(text.splitlines()) > 10
    if encoding == "iso-8859-1":
        assert "–" in shell("run reassurance_15k --weeks 8").stdout.decode()
        assert "?" not in text


@pytest.mark.parametrize(
    "words",
    [
        "show reassurance_15k --json",
        "run reassurance_15k --weeks 8 --json",
        "sweep --schema",
        "why reassurance_15k --change threat.level=1 --weeks 2 --runs 2 --json",
    ],
)
def test_json_is_ascii(words):
    done = shell(words, "koi8-u")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    json.loads(done.stdout)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("words", ["scenarios", "show reassurance_15k --json", "scenarios --help"])
def test_a_full_disk_behind_the_output_is_one_line(words):
    done = shell(f"{words} > /dev/full")
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == ["error: the output cannot be written: No space left on device"]


@pytest.mark.parametrize("ends", ["2>&-", "2>/dev/full", ">&-", ">&- 2>&-"])
def test_work_goes_on_without_anybody_to_tell(ends, tmp_path):
    sweep = tmp_path / "tiny.yaml"
    sweep.write_text("base: reassurance_15k\nlevers: {threat.level: [0.0, 1.0]}\nruns: 4\nseed: 1\nweeks: 4\n")
    done = shell(f"sweep {sweep} --out {tmp_path}/out {ends}")
    assert done.returncode == 0
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["state"] == "complete"
    assert shell(f"show nothing {ends}").returncode == 2


def test_a_reader_that_has_gone_is_no_error():
    done = shell("show reassurance_15k | head -1")
    assert done.stderr == b""
    assert len(done.stdout.splitlines()) == 1
