"""Work beside the page: a thread that reports as it goes, stops when its reader leaves or changes their mind, waits
while their connection is lost, and never lets an old answer overwrite a new one.

Reports are drawn in a thread of their own, so that computing goes on meanwhile; one that a newer one has overtaken is
not drawn.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import solara
from solara.server import kernel_context

from fragile_peace.errors import InputError, SolverError
from fragile_peace.runs.simulation import Cancelled

UNEXPECTED = "This failed unexpectedly; the terminal in which the dashboard runs says how."
PAUSE = 0.5
"""Seconds between two looks whether a lost connection is back."""
Report = Callable[[Any], Future[None]]
"""Takes a value to draw; returns what ends when it, or a newer one, is drawn."""
Work = Callable[[Report, threading.Event], None]


@dataclass(frozen=True)
class Status:
    """Where some work stands.

    Attributes
    ----------
    key : of the work that the value belongs to
    value : the last report
    busy : whether more is to come
    error : one line, if the work failed
    turn : of the work that said so, what cancels it: no two works share it
    """

    key: Any = None
    value: Any = None
    busy: bool = False
    error: str = ""
    turn: threading.Event | None = None


def use_background(work: Work | None, key: Any, first: Callable[[], Any] = lambda: None) -> Status:
    """Run `work(report, cancel)` in a thread whenever the key changes; None stops what is running and keeps its value.

    The value of an earlier key stays until there is one of the new, so that a picture can be shown while it is redrawn.
    Work counts as busy from the first drawing on. It begins with that, or after it where there was something to show.

    Parameters
    ----------
    work : what is to be done; None for nothing
    key : which work it is
    first : called before the work, while the page is drawn and earlier work is stopping: returns what can be shown at
        once, None where that would take long
    """
    status = solara.use_reactive(Status())
    running = solara.use_ref(threading.Event())

    def launch() -> tuple[Status, threading.Thread | None]:
        running.current.set()
        if work is None:
            return Status(), None
        running.current = cancel = threading.Event()
        try:
            value = first()
        except Exception:  # the work meets it too, and says so
            value = None
        thread = threading.Thread(target=_run, args=(work, key, status, cancel, _watched()), daemon=True)
        begun = Status(key, value, busy=True, turn=cancel)
        if value is None:
            thread.start()
            return begun, None
        return begun, thread

    def drawn() -> None:
        if waiting is not None:
            waiting.start()

    def leave() -> None:
        running.current.set()

    begun, waiting = solara.use_memo(launch, [key, work is None])
    solara.use_effect(drawn, [waiting])
    solara.use_effect(lambda: leave, [])
    shown: Status = status.value
    if work is None:
        return replace(shown, busy=False)
    if shown.turn is begun.turn:
        return shown
    return begun if begun.value is not None else replace(shown, busy=True, error="")


def _watched() -> Callable[[], bool]:
    """Return what tells whether a page of this session is connected. A lost one may come back for a day."""
    if not kernel_context.has_current_context():
        return lambda: True
    pages = kernel_context.get_current_context().page_status
    return lambda: kernel_context.PageStatus.CONNECTED in list(pages.values())


def _run(work: Work, key: Any, status: Any, cancel: threading.Event, watched: Callable[[], bool]) -> None:
    newest: deque[Any] = deque(maxlen=1)
    pictures: list[Future[None]] = []

    def draw() -> None:
        if newest and not cancel.is_set():
            status.set(Status(key, newest.pop(), busy=True, turn=cancel))

    def report(value: Any) -> Future[None]:
        while not watched() and not cancel.wait(PAUSE):
            pass  # nobody sees it: no core is kept busy
        newest.append(value)
        pictures.append(drawing.submit(draw))
        return pictures[-1]

    try:
        with ThreadPoolExecutor(1) as drawing:
            work(report, cancel)
        for picture in pictures:
            picture.result()
    except Cancelled:
        return
    except Exception as failure:
        expected = isinstance(failure, InputError | SolverError)
        _end(status, key, cancel, str(failure) if expected else UNEXPECTED)
        if not expected:
            raise  # to the terminal, in full
    else:
        _end(status, key, cancel, "")


def _end(status: Any, key: Any, cancel: threading.Event, error: str) -> None:
    if not cancel.is_set():
        last = status.peek()
        status.set(Status(key, None if error and last.key != key else last.value, False, error, cancel))
