"""Kill a call before each of its file operations in turn, do it again, and compare what is there then.

    python -m tests.tools.crash_points FOLDER CALL [EVERY]

CALL is merge, report or curves. Every operation of Python's on a path below FOLDER/out counts: its audit events of
opening, renaming, making, removing and truncating; with EVERY, each so manieth and the last. A child is forked for each
call, and ends there without ceremony, as a killed process does. Prints one JSON object: how many operations the call
has, how many were tried, and which were followed by a call that failed or left other bytes.

A report's estimates and pictures are worked out once, before children are forked: what they do on the disk is tried,
not how they are drawn. Its page is rendered by every call anew, from tables just made or read back.
"""

import contextlib
import json
import os
import shutil
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.cli.report import curves
from fragile_peace_lab.figures import drawing, results
from fragile_peace_lab.report import page, uptodate
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.store import behaviour
from fragile_peace_lab.store import folder as store
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


def every(
    call: Callable[[], object], out: Path, begin: Callable[[], object], seen: Callable[[Path], object], nth: int,
    wanted: object = None,
) -> dict[str, Any]:  # fmt: skip
    """Kill a call before each nth operation, call again, compare what is seen of `out` with that of a call left alone.

    Parameters
    ----------
    begin : makes `out` as it is before the call
    wanted : what is to be seen, where that is known before
    """
    begin()
    code, operations = in_child(call, out)
    assert code == 0
    whole, failed, other = wanted or seen(out), [], []
    tried = sorted({*range(1, operations + 1, nth), operations})
    for last in tried:
        begin()
        code, _ = in_child(call, out, last)
        assert code == KILLED, (last, code)
        if in_child(call, out)[0]:
            failed.append(last)
        elif seen(out) != whole:
            other.append(last)
    return {"operations": operations, "tried": len(tried), "failed": failed, "other": other}


def merging(folder: Path, nth: int) -> dict[str, Any]:
    """What came of a merge of two shards."""
    sweep, out = tiny(levers={"threat.level": [0.0, 1.0]}, runs=4), folder / "out"
    halves = [run_sweep(sweep, folder / f"half-{i}", shard=f"{i}/2", progress="none", threads=1) for i in (1, 2)]
    merge(list(halves), folder / "first")  # imports what is left
    return every(lambda: merge(list(halves), out), out, lambda: shutil.rmtree(out, ignore_errors=True), files, nth)


def showing(folder: Path, nth: int, call: Callable[[Path], object]) -> dict[str, Any]:
    """What came of a call that writes estimates and figures; all files are compared, so that litter shows."""
    sweep, out = tiny(levers={"threat.level": [0.0, 1.0]}, uncertainties={}, design={}, runs=4), folder / "out"
    swept = run_sweep(sweep, folder / "swept", progress="none", threads=1)
    worked_out_once()
    begin = partial(again, swept, out)
    begin()
    call(out)
    return every(lambda: call(out), out, begin, all_files, nth)


def reporting(folder: Path, nth: int) -> dict[str, Any]:
    """What came of a report, and of one that reads tables and figures made before: the files are to be the same."""
    first, out = showing(folder, nth, page.write_report), folder / "out"
    whole = all_files(out)
    again(folder / "swept", out)
    uptodate.record(out, results.write_curves(out, sizes=page.SHOWN).steps)
    drawn = shutil.copytree(out, folder / "drawn")
    second = every(lambda: page.write_report(out), out, partial(again, drawn, out), all_files, nth, whole)
    return {name: first[name] + second[name] for name in first}


def again(folder: Path, out: Path) -> None:
    """Put a folder's files, and nothing else, into `out`."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(folder, out)


def quietly(call: Callable[..., object], out: Path) -> None:
    """Call a command whose words are not for standard output, where this tool's own go."""
    with contextlib.redirect_stdout(sys.stderr):
        call(out)


def all_files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but the lock, which names a process."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != store.LOCK
    }


def worked_out_once() -> None:
    """Keep what is estimated, drawn and hashed of the sources, by what it is of; what is read is read again."""
    kept: dict[object, Any] = {}

    def once(module: Any, name: str, key: Callable[..., object]) -> None:
        made = getattr(module, name)

        def answered(*given: Any, **named: Any) -> Any:
            place = (name, key(*given, **named))
            if place not in kept:
                kept[place] = made(*given, **named)
            return kept[place]

        setattr(module, name, answered)

    once(results, "estimate_sweep", lambda *_: None)
    made = results.pictures
    results.pictures = lambda of: [replace(one, draw=lru_cache(one.draw)) for one in made(of)]
    once(results, "pictures", lambda _: None)
    once(drawing, "rendered", lambda figure, kind, size: (id(figure), kind, size.name))
    once(uptodate, "made_from", lambda _: None)


CALLS: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "merge": merging,
    "report": reporting,
    "curves": lambda folder, nth: showing(folder, nth, lambda out: quietly(curves, out)),
}


def main(folder: Path, call: str, nth: int = 1) -> None:
    """Print what came of a call."""
    small_parts(pytest.MonkeyPatch(), 32)
    behaviour.behaviour_digest()  # loads the kernels once, before children are forked
    print(json.dumps(CALLS[call](folder, nth)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))
