"""What `make bench` prints: the instruments do what they say, on worlds small enough for the suite."""

import pytest

from benchmarks import clock, growth, page, processes, speed
from fragile_peace import simulate
from fragile_peace.codes import EndCause
from tests.tools.worlds import small

TINY = small({"weeks": 2})


class TestClock:
    def test_takes_turns_after_one_call_that_is_not_counted(self):
        calls = []
        ticks = iter(range(100))
        work = {name: lambda name=name: calls.append(name) for name in "ab"}
        seconds = clock.in_turns(work, 3, lambda: next(ticks))
        assert "".join(calls) == "ab" + "ab" * 3
        assert seconds == {"a": [1] * 3, "b": [1] * 3}

    def test_spread_says_the_median_and_the_ends(self):
        assert clock.spread([3.0, 1.0, 2.5]) == "2.50 (1.00 to 3.00)"
        assert clock.spread([1234.0], 0) == "1,234"
        assert clock.ratio([4.0, 9.0], [2.0, 3.0]) == [2.0, 3.0]


class TestPage:
    def test_replaces_what_stands_between_the_marks_and_nothing_else(self, tmp_path, monkeypatch):
        copy = tmp_path / "performance.md"
        copy.write_text(page.PAGE.read_text())
        monkeypatch.setattr(page, "PAGE", copy)
        before, _, rest = copy.read_text().partition(page.BEGIN)
        after = rest.partition(page.END)[2]
        for text in ("first", "second"):
            page.write(text)
            assert copy.read_text() == f"{before}{page.BEGIN}\n{text}\n{page.END}{after}"

    def test_names_the_machine_in_words(self):
        assert "cores" in page.machine()
        assert "Commit " in page.heading()


def rows(text: str) -> dict[str, list[str]]:
    """The rows of a Markdown table by their first cell."""
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines() if "|" in line]
    return {first: others for first, *others in cells}


class TestTables:
    @pytest.fixture(autouse=True)
    def _few(self, monkeypatch):
        of_speed = ("RUNS", "REPEATS", "MESA_RUNS", "MESA_REPEATS", "PLAIN_RUNS", "PLAIN_REPEATS")
        for module, names in ((speed, of_speed), (growth, ("RUNS", "REPEATS"))):
            for name in names:
                monkeypatch.setattr(module, name, 2)

    def test_engine(self):
        table = rows(speed.engine(TINY))
        assert all(float(cells[0].split()[0].replace(",", "")) > 0 for name, cells in table.items() if " a " in name)

    def test_rivals_are_slower_than_the_engine(self):
        table = rows(speed.rivals(TINY))
        times = [float(cells[1].split()[0].replace(",", "")) for cells in list(table.values())[-2:]]
        assert 1 < times[0] < times[1]


class TestGrowth:
    @pytest.mark.parametrize(("line", "contingents"), [(1, 5), (12, 1), (27, 16)])
    def test_worlds_have_the_size_they_say_and_last_to_the_horizon(self, line, contingents):
        world = growth.world(line, contingents)
        assert (len(world.places), len(world.contingents)) == (line + 5, contingents)
        outcomes = simulate([world], 2, 1, 30)
        assert (outcomes["weeks"] == 30).all()
        assert (outcomes["end_cause"] == EndCause.HORIZON).all()

    def test_a_table_has_a_row_a_case(self):
        cases = {"2": lambda: None, "4": lambda: None}
        assert {"2", "4"} <= rows(growth.growth("weeks", cases, dict.fromkeys(cases, 1), {"2": 2, "4": 4})).keys()


def test_a_fresh_process_is_measured():
    cpu, wall, printed = processes.timed(("-c", "print(sum(range(10**6)))"))
    assert 0 < cpu < 60
    assert wall > 0
    assert printed == "499999500000\n"
