"""The kernels' Python, with the JIT off, comes to the compiled code's bits; `make coverage` asks it of more."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.tools.plain_runs import NAMES, PLAYED, played

ROOT = Path(__file__).resolve().parents[2]
ASKED = ("violent", "least")
"""Cases that take a second or two without the JIT."""


def test_runs_of_plain_python_are_those_of_the_compiled_code() -> None:
    path = os.pathsep.join(str(ROOT / name) for name in ("model", "experiments", "."))
    done = subprocess.run(
        [sys.executable, "-m", "tests.tools.plain_runs", *ASKED], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": path}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == dict(played(ASKED))


def test_no_two_cases_come_to_the_same() -> None:
    assert len({*NAMES}) == len(NAMES)
    digests = dict(played(("least", "rear", "observed")))
    assert len(set(digests.values())) == len(digests)
    assert set(digests) <= set(PLAYED)
