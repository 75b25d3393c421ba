"""Compile the phases of a week in a second process, too, when an entry point is not in the cache.

Numba compiles one function at a time in a process. So a second Python process compiles some of the phases, one after
another, while this one compiles the others (`Halves`). Then this one goes through the second process's list from its
other end: it takes over what is compiled and compiles what is not. The entry point links them all. The second process
has a cache folder of its own, from which finished code is moved into ours: two processes never write to one index. If
it cannot be started or dies, this process compiles everything itself. It ends with this process, however that ends.
"""

import contextlib
import importlib
import inspect
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from numba.core import event

from fragile_peace.cores import cores
from fragile_peace.kernels.machine import cache, jit

ROWS = ("params", "state", "week", "games", "out", "scratch")
"""The arguments of a phase, as every entry point names them."""
PACKAGE = Path(jit.__file__).absolute().parents[3]
COMMAND = ("-P", "-m", "fragile_peace.kernels.machine.first_compile")


class Halves(NamedTuple):
    """Which kernels are compiled where. Both halves take about as long.

    Attributes
    ----------
    entries : the entry points, whose first compilation sets it off
    here : compiled by this process
    there : by the second, the longest first, so that the two meet over a short one
    name : "module:variable" that holds this tuple, by which the second process finds it
    """

    entries: tuple[Any, ...]
    here: tuple[Any, ...]
    there: tuple[Any, ...]
    name: str


class Abreast(event.Listener):
    """A listener to Numba's compilations: the first entry point starts the second process, once."""

    def __init__(self, halves: Halves) -> None:
        self.halves = halves
        self.done = False

    def on_start(self, event: Any) -> None:
        """Compile the phases first if this is an entry point. Numba's compiler lock is held."""
        function = getattr(event.data["dispatcher"], "py_func", None)
        if function is not None and not self.done and function in [entry.py_func for entry in self.halves.entries]:
            self.done = True
            types = dict(zip(inspect.signature(function).parameters, event.data["args"], strict=True))
            with contextlib.suppress(OSError):  # no second process: Numba goes on alone
                compile_phases(self.halves, tuple(types[row] for row in ROWS))

    def on_end(self, event: Any) -> None:
        """Nothing is left to do."""


def listen(halves: Halves) -> None:
    """Use two processes for the first compilation of an entry point, where there are two cores."""
    if cores() > 1 and jit.cache_folder() is not None:
        event.register("numba:compile", Abreast(halves))


def compile_phases(halves: Halves, types: tuple[Any, ...]) -> None:
    """Compile the parts of all phases, or load them, into the cache and this process.

    Parameters
    ----------
    halves
        Who compiles what.
    types
        Numba's types of the rows, in the order of `ROWS`.
    """
    own = jit.cache_folder()
    assert own is not None  # or nobody listens
    with tempfile.TemporaryDirectory(prefix=cache.ABREAST, dir=own, ignore_cleanup_errors=True) as folder:
        with second_process(folder, halves, types):
            for phase in halves.here:
                compile_part(phase, types)
            for phase in reversed(halves.there):
                adopt(Path(folder) / own.name, own)
                compile_part(phase, types)


def compile_part(phase: Any, types: tuple[Any, ...]) -> None:
    """Compile the part of a phase, or load it; a phase takes the first few rows."""
    phase.part.compile(types[: len(inspect.signature(phase.py_func).parameters)])


@contextlib.contextmanager
def second_process(folder: str, halves: Halves, types: tuple[Any, ...]) -> Iterator[None]:
    """A Python process that compiles `halves.there` into a cache under `folder`; ended with the context.

    Raises
    ------
    OSError : it cannot be started, or has died at once
    """
    path = os.pathsep.join(filter(None, (str(PACKAGE), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"FRAGILE_PEACE_CACHE": folder, "PYTHONPATH": path}
    command, silent = [sys.executable, *COMMAND, halves.name], subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=silent, stderr=silent) as process:
        assert process.stdin is not None
        try:
            process.stdin.write(pickle.dumps(types))
            process.stdin.flush()
            yield
        finally:
            process.kill()


def adopt(source: Path, target: Path) -> None:
    """Move compiled functions into another cache folder, except those it knows: the code first, then its index."""
    for index in source.rglob("*.nbi"):
        folder = target / index.parent.relative_to(source)
        with contextlib.suppress(OSError):  # what cannot be moved is compiled
            folder.mkdir(parents=True, exist_ok=True)
            files = [*index.parent.glob(index.stem + ".*.nbc"), index]
            if len(files) > 1 and not any((folder / file.name).exists() for file in files):
                for file in files:
                    file.replace(folder / file.name)


def main() -> None:
    """Compile the second half named on the command line for the types on standard input; end when that is closed."""
    module, _, name = sys.argv[1].partition(":")
    halves: Halves = getattr(importlib.import_module(module), name)
    types = pickle.load(sys.stdin.buffer)
    threading.Thread(target=lambda: os.read(0, 1) or os._exit(1), daemon=True).start()
    for phase in halves.there:
        compile_part(phase, types)


if __name__ == "__main__":
    main()
