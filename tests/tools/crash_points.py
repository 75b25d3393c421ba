"""Kill a call before each of its file operations in turn, do it again, and compare what is there then.

    python -m tests.tools.crash_points FOLDER

Every operation of Python's on a path below FOLDER/out counts: its audit events of opening, renaming, making, removing
and truncating. A child is forked for each call, and ends there without ceremony, as a killed process does. Prints one
JSON object: how many operations the call has, and which were followed by a call that failed or left other bytes.
"""

import json
import os
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.store import behaviour
from tests.tools.tiny_sweeps import files, small_parts, tiny

EVENTS = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate", "shutil.copyfile")
KILLED, FAILED = 137, 1


def in_child(call: Callable[[], object], out: Path, last: int = 0) -> tuple[int, int]:
    """Run a call in a child that ends before file operation number `last`; its exit code and how many it came to."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12, of threads; those of sweeps have ended
        process = os.fork()
    if process == 0:
        done = 0

        def counted(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal done
            if event in EVENTS and any(str(value).startswith(str(out)) for value in arguments[:2]):
                done += 1
                if done == last:
                    os._exit(KILLED)

        sys.addaudithook(counted)
        code = FAILED
        try:
            call()
            os.write(writing, str(done).encode())
            code = 0
        except InputError as error:
            print(error, file=sys.stderr, flush=True)
        finally:
            os._exit(code)
    os.close(writing)
    _, status = os.waitpid(process, 0)
    with os.fdopen(reading) as pipe:
        return os.waitstatus_to_exitcode(status), int(pipe.read() or 0)


def every(call: Callable[[], object], out: Path) -> dict[str, object]:
    """Kill a call before each operation, call again, compare the folder `out` with that of a call left alone."""
    code, operations = in_child(call, out)
    assert code == 0
    whole, failed, other = files(out), [], []
    for last in range(1, operations + 1):
        shutil.rmtree(out)
        code, _ = in_child(call, out, last)
        assert code == KILLED, (last, code)
        if in_child(call, out)[0]:
            failed.append(last)
        elif files(out) != whole:
            other.append(last)
    return {"operations": operations, "failed": failed, "other": other}


def main(folder: Path) -> None:
    """Print what came of a merge of two shards."""
    small_parts(pytest.MonkeyPatch(), 32)
    behaviour.behaviour_digest()  # loads the kernels once, before children are forked
    sweep = tiny(levers={"threat.level": [0.0, 1.0]}, runs=4)
    halves = [run_sweep(sweep, folder / f"half-{i}", shard=f"{i}/2", progress="none", threads=1) for i in (1, 2)]
    merge(list(halves), folder / "first")  # imports what is left
    print(json.dumps(every(lambda: merge(list(halves), folder / "out"), folder / "out")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
