"""How a long sweep shows where it is: a bar in a terminal, a bar in a notebook, a line per tenth otherwise.

Each shows the share done, the time left, and the headline so far: the share of runs in which the ceasefire collapsed.
"""

import sys
import time
from typing import Any, Protocol

from fragile_peace.errors import InputError


class Progress(Protocol):
    """Something that shows progress."""

    def start(self, rows: int, done: int) -> None:
        """Begin: rows in all, rows that are there already."""

    def update(self, done: int, headline: str) -> None:
        """So many rows are done now."""

    def stop(self) -> None:
        """End, however it ended."""

    def say(self, text: str) -> None:
        """Show one line, before the start."""


class Silent:
    """Shows nothing."""

    def start(self, rows: int, done: int) -> None:
        """Nothing."""

    def update(self, done: int, headline: str) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Nothing."""


class _Spoken:
    """What has a place to print a line to."""

    def say(self, text: str) -> None:
        """Print a line."""
        print(text, file=sys.stderr, flush=True)


class Lines(_Spoken):
    """A line on stderr for each tenth of the work: for logs."""

    def start(self, rows: int, done: int) -> None:
        """Remember when it began."""
        self._rows, self._first, self._begin = rows, done, time.monotonic()
        self._shown = 10 * done // max(1, rows)

    def update(self, done: int, headline: str) -> None:
        """Print a line where another tenth is done."""
        tenth = 10 * done // max(1, self._rows)
        if tenth > self._shown:
            self._shown = tenth
            spent = time.monotonic() - self._begin
            left = spent * (self._rows - done) / max(1, done - self._first)
            print(
                f"{10 * tenth:3d} %  {done:,} of {self._rows:,} runs, {clock(left)} left{headline and ', '}{headline}",
                file=sys.stderr,
                flush=True,
            )

    def stop(self) -> None:
        """Nothing is open."""


class Bar(_Spoken):
    """A bar in a terminal (rich)."""

    def start(self, rows: int, done: int) -> None:
        """Open the bar."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Rich

        self._bar = Rich(
            TextColumn("{task.percentage:3.0f} %"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("runs, left"),
            TimeRemainingColumn(),
            TextColumn("spent"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[headline]}"),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task("", total=rows, completed=done, headline="")
        self._bar.start()

    def update(self, done: int, headline: str) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=done, headline=headline)

    def stop(self) -> None:
        """Leave the bar as it is."""
        self._bar.stop()


class NotebookBar(_Spoken):
    """A bar in a notebook (tqdm)."""

    def start(self, rows: int, done: int) -> None:
        """Open the bar."""
        from tqdm.auto import tqdm

        self._bar: Any = tqdm(total=rows, initial=done, unit="run")

    def update(self, done: int, headline: str) -> None:
        """Move the bar."""
        self._bar.set_postfix_str(headline, refresh=False)
        self._bar.update(done - self._bar.n)

    def stop(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()


def clock(seconds: float) -> str:
    """Return a span of time as people say it."""
    if seconds < 90:
        return f"{max(0.0, seconds):.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"


def choose(name: str | None) -> Progress:
    """Return what shows progress: "bar", "notebook", "lines", "none", or what suits the place if None."""
    if name is None:
        name = "notebook" if _in_notebook() else "bar" if sys.stderr.isatty() else "lines"
    kinds: dict[str, type[Progress]] = {"bar": Bar, "notebook": NotebookBar, "lines": Lines, "none": Silent}
    if name not in kinds:
        raise InputError(f"progress: {name!r} is not one of {', '.join(kinds)}")
    return kinds[name]()
