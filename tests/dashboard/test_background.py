"""Work beside the page, while its reader's connection is lost."""

import threading
import time
from types import SimpleNamespace

import pytest
import solara

from fragile_peace.errors import InputError
from fragile_peace_lab.dashboard import background
from tests.tools.waiting import until


class Held:
    """What solara's reactive value does here."""

    def __init__(self):
        self.value = background.Status()

    def set(self, value):
        self.value = value

    def peek(self):
        return self.value


def started(monkeypatch, connected: list[bool]):
    monkeypatch.setattr(background, "PAUSE", 0.01)
    done, held, cancel = [], Held(), threading.Event()

    def work(report, cancelled):
        for step in range(5):
            if cancelled.is_set():
                return
            done.append(step)
            report(step)

    thread = threading.Thread(target=background._run, args=(work, "key", held, cancel, lambda: connected[0]))
    thread.start()
    return done, held, cancel, thread


def test_nothing_is_computed_while_the_connection_is_lost_and_all_once_it_is_back(monkeypatch):
    connected = [False]
    done, held, cancel, thread = started(monkeypatch, connected)
    time.sleep(0.3)
    assert (done, held.value.value, thread.is_alive()) == ([0], None, True)
    connected[0] = True
    thread.join(10)
    assert (done, held.value) == ([0, 1, 2, 3, 4], background.Status("key", 4, turn=cancel))


def test_computing_goes_on_while_a_picture_is_drawn_and_only_the_newest_follows(monkeypatch):
    """The first picture takes until the work is done: the last report is drawn next, those between never."""
    held, computed, drawn = Held(), threading.Event(), []

    def slow(value):
        drawn.append(value.value)
        assert computed.wait(10)
        Held.set(held, value)

    monkeypatch.setattr(held, "set", slow)

    def work(report, cancelled):
        report(0)
        while not drawn:
            time.sleep(0.001)
        for step in range(1, 5):
            report(step)
        computed.set()

    cancel = threading.Event()
    background._run(work, "key", held, cancel, lambda: True)
    assert drawn == [0, 4, 4]  # the last time: to say that it is done
    assert held.value == background.Status("key", 4, turn=cancel)


def test_a_picture_that_fails_is_said(monkeypatch):
    held = Held()
    monkeypatch.setattr(held, "set", lambda value: Held.set(held, value) if not value.busy else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        background._run(lambda report, cancelled: report(0), "key", held, threading.Event(), lambda: True)
    assert held.value.error == background.UNEXPECTED


def test_one_who_leaves_while_it_is_lost_ends_the_work(monkeypatch):
    done, held, cancel, thread = started(monkeypatch, [False])
    cancel.set()
    thread.join(10)
    assert (done, held.value) == ([0], background.Status())


def test_new_work_is_busy_from_the_first_drawing_even_of_a_key_that_was_done_before():
    """A reader goes from "a" to "b" and back: what was said of "a" stands, and more is to come."""
    drawn, gates, states = [], [], []

    @solara.component
    def Reader():
        key, set_key = solara.use_state("a")

        def work(report, cancel):
            gate = threading.Event()
            gates.append(gate)
            report(key)
            assert gate.wait(10)

        drawn.append((key, background.use_background(work, key)))
        states.append(set_key)
        solara.Text(key)

    _, context = solara.render(Reader(), handle_error=False)
    for turn, key in enumerate("aba"):
        if key != drawn[-1][0]:
            before = len(drawn)
            states[-1](key)
            assert until(lambda key=key, before=before: any(k == key for k, _ in drawn[before:]), 10)
            assert next(status for k, status in drawn[before:] if k == key).busy
        assert until(lambda count=turn: len(gates) > count, 10)
        gates[turn].set()
        assert until(lambda: not drawn[-1][1].busy, 10)
        assert drawn[-1][1].value == key
    context.close()


def test_what_can_be_shown_at_once_is_in_the_first_drawing_and_earlier_work_has_been_told_to_stop():
    drawn, cancels, states, stopping = [], [], [], []

    @solara.component
    def Reader():
        key, set_key = solara.use_state("a")

        def work(report, cancel):
            cancels.append(cancel)
            cancel.wait(10)

        def first():
            stopping.append([cancel.is_set() for cancel in cancels])
            if key == "c":
                raise InputError("no such scenario")
            return key.upper()

        drawn.append(background.use_background(work, key, first))
        states.append(set_key)
        solara.Text(key)

    _, context = solara.render(Reader(), handle_error=False)
    assert (drawn[0].key, drawn[0].value, drawn[0].busy) == ("a", "A", True)
    assert until(lambda: len(cancels) == 1, 10)
    states[-1]("b")
    assert (drawn[-1].key, drawn[-1].value, drawn[-1].busy) == ("b", "B", True)
    assert until(lambda: len(cancels) == 2, 10)
    states[-1]("c")
    assert (drawn[-1].value, drawn[-1].busy) == (None, True), "the work is to say what is wrong"
    assert stopping == [[], [True], [True, True]]
    assert until(lambda: len(cancels) == 3, 10)
    context.close()
    assert cancels[-1].is_set(), "nobody looks any more"


def test_a_session_is_watched_while_one_of_its_pages_is_connected(monkeypatch):
    from solara.server.kernel_context import PageStatus

    pages = {"a": PageStatus.CONNECTED, "b": PageStatus.DISCONNECTED}
    monkeypatch.setattr(background.kernel_context, "has_current_context", lambda: True)
    monkeypatch.setattr(background.kernel_context, "get_current_context", lambda: SimpleNamespace(page_status=pages))
    watched = background._watched()
    assert watched()
    pages["a"] = PageStatus.DISCONNECTED
    assert not watched()
