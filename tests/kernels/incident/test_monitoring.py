"""What the monitors see: known answers by enumeration and 40 digits, and the limits."""

import itertools
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from fragile_peace.codes import Signal
from fragile_peace.kernels.incident import monitoring
from fragile_peace.kernels.incident.monitoring import Observable, Trace

mp.dps = 40
SHARE = st.floats(0, 1)
CHANCES = st.tuples(SHARE, SHARE, SHARE, SHARE, SHARE, st.floats(0, 0.5), SHARE, SHARE)
TRACES = st.lists(st.floats(1e-6, 1), min_size=5, max_size=5).map(lambda w: tuple(x / sum(w) for x in w))


def observables(D_R=0.0, D_U=0.0, Q=0.5, phi=0.0, unsettled=1.0, eps_m=0.0, kills_R=0.0, kills_U=0.0):
    """P(o) of two actions, from the traces of each."""
    R, U = monitoring.traces(D_R, Q, kills_R), monitoring.traces(D_U, Q, kills_U)
    return listed(monitoring.observables(R, U, phi, unsettled, eps_m))


def listed(chances):
    quiet, *others = chances
    return np.array([quiet, 0.0, *others])  # (quiet, 1) does not exist


def by_enumeration(D_R, D_U, Q, phi, unsettled, eps_m, kills_R, kills_U):
    """P(o) from every combination of seen, attributed, false alarm, swapped, settled, killed (docs/model.md, 4)."""
    out = [mp.mpf(0)] * 8
    weight = lambda happens, p: mp.mpf(p) if happens else 1 - mp.mpf(p)  # noqa: E731
    for seen_R, seen_U, named_R, named_U, alarm, swap, unclear, dead_R, dead_U in itertools.product((0, 1), repeat=9):
        p = weight(seen_R, D_R) * weight(seen_U, D_U) * weight(named_R, Q) * weight(named_U, Q)
        p *= weight(alarm, phi) * weight(swap, eps_m) * weight(unclear, unsettled)
        p *= weight(dead_R, kills_R) * weight(dead_U, kills_U)
        K = int(dead_R or dead_U)
        blamed_R, blamed_U = seen_R and named_R, seen_U and named_U
        if blamed_R != blamed_U:
            signal = Signal.RUSSIA if bool(blamed_R) != bool(swap) else Signal.UKRAINE
        elif not (seen_R or seen_U) and not alarm:
            signal = Signal.QUIET
        else:
            signal = Signal.DISPUTED if unclear else Signal.QUIET
        if K and signal == Signal.QUIET:
            signal = Signal.DISPUTED
        out[2 * signal + K] += p
    return np.array([float(p) for p in out])


@given(CHANCES)
def test_observables_follow_from_enumeration(chances):
    assert observables(*chances) == pytest.approx(by_enumeration(*chances), abs=1e-15)


@given(CHANCES)
def test_observables_are_a_distribution(chances):
    """As good a one as the traces they are made of."""
    D_R, D_U, Q, *_, kills_R, kills_U = chances
    R, U = monitoring.traces(D_R, Q, kills_R), monitoring.traces(D_U, Q, kills_U)
    out = observables(*chances)
    assert min(*R, *U, *out) >= 0
    assert (math.fsum(R), math.fsum(U)) == pytest.approx((1, 1), abs=4e-16)
    assert math.fsum(out) == pytest.approx(math.fsum(R) * math.fsum(U), abs=4e-16)


@given(TRACES, TRACES, CHANCES)
def test_observables_of_mixed_moves_are_the_mean_over_pairs_of_traces(R, U, chances):
    rules = chances[3:6]
    of_pairs = [[listed(monitoring.observables(tuple(r), tuple(u), *rules)) for u in np.eye(5)] for r in np.eye(5)]
    assert listed(monitoring.observables(R, U, *rules)) == pytest.approx(
        np.einsum("i,j,ijo->o", R, U, np.array(of_pairs)), abs=1e-15
    )


@given(TRACES, st.lists(st.floats(-10, 10), min_size=6, max_size=6), CHANCES)
def test_a_trace_is_worth_what_may_be_observed_after_it(others, v, chances):
    """Of either side: v holds what each observable from o = 2 on is worth to it, Russia being named first."""
    rules = chances[3:6]
    to_ukraine = (v[2], v[3], v[0], v[1], v[4], v[5])
    as_russia = monitoring.worth_of_traces(others, tuple(v), *rules)
    as_ukraine = monitoring.worth_of_traces(others, to_ukraine, *rules)
    for i, own in enumerate(np.eye(5)):
        after = listed(monitoring.observables(tuple(own), others, *rules))
        assert as_russia[i] == pytest.approx(after[2:] @ v, abs=1e-13)
        after = listed(monitoring.observables(others, tuple(own), *rules))
        assert as_ukraine[i] == pytest.approx(after[2:] @ v, abs=1e-13)


PAGE = Path(__file__).parents[3] / "docs" / "model.md"
SIGNALS = {"Q": Signal.QUIET, "R": Signal.RUSSIA, "U": Signal.UKRAINE, "D": Signal.DISPUTED}
CELL = re.compile(r"([QRUD]) ([01])(?: \(([mlf])\))?")


def cells(text, heading):
    """The rows of the table under a heading of so many columns, without the rule."""
    lines = [line.strip() for line in text[text.index(heading) :].splitlines()]
    table = list(itertools.takewhile(lambda line: line.startswith("|"), lines))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table if "---" not in line]


def table_of_the_docstring():
    return cells(monitoring.observables.__doc__, "| Russia's, Ukraine's")


def of_cell(cell, phi, unsettled, eps_m):
    """P(o) that a cell of the table stands for."""
    (letter, K, what), out = CELL.fullmatch(cell).groups(), np.zeros(monitoring.N_OBSERVABLES)
    sigma, K = SIGNALS[letter], int(K)
    disputed = {"l": 1.0, "f": phi}.get(what, 0.0)
    if what == "m":
        out[2 * sigma + K] = 1.0 - eps_m
        out[2 * (Signal.UKRAINE if sigma == Signal.RUSSIA else Signal.RUSSIA) + K] = eps_m
    elif what:
        out[Observable.DISPUTED] = disputed * unsettled
        out[Observable.QUIET] = 1.0 - disputed * unsettled
    else:
        out[2 * sigma + K] = 1.0
    return out


@pytest.mark.parametrize(
    "rules", [(0.0, 1.0, 0.0), (0.3, 1.0, 0.0), (0.0, 0.25, 0.0), (0.0, 1.0, 0.1), (0.3, 0.25, 0.1)]
)
def test_the_table_in_the_docstring_is_what_each_pair_of_traces_leads_to(rules):
    """`rules`: phi, unsettled, eps_m."""
    head, *rows = table_of_the_docstring()
    names = [trace.name.lower().replace("_", ", ") for trace in Trace]
    assert head[1:] == [row[0] for row in rows] == names
    for own, row in zip(np.eye(len(Trace)), rows, strict=True):
        for other, cell in zip(np.eye(len(Trace)), row[1:], strict=True):
            found = listed(monitoring.observables(tuple(own), tuple(other), *rules))
            assert found == pytest.approx(of_cell(cell, *rules), abs=1e-15), (row[0], cell)


def test_the_table_on_the_page_is_that_of_the_docstring():
    _, *rows = cells(PAGE.read_text(encoding="utf-8"), "| Russia's ↓, Ukraine's →")
    short = str.maketrans({"ℓ": "l", "φ": "f"})
    words = (("quiet, ", "Q "), ("R, ", "R "), ("U, ", "U "), ("disputed, ", "D "))
    for row, ours in zip(rows, table_of_the_docstring()[1:], strict=True):
        for cell, our in zip(row[1:], ours[1:], strict=True):
            for long, letter in words:
                cell = cell.replace(long, letter)
            assert cell.translate(short) == our


def test_the_slots_of_observables_are_signal_and_death():
    for o in Observable:
        signal, _, dead = o.name.partition("_")
        assert o == 2 * Signal[signal] + (dead == "K")


def test_without_a_presence_both_accuse_each_other_even_when_both_comply():
    assert observables(phi=0.046)[2 * Signal.DISPUTED] == pytest.approx(0.046)
    assert observables(phi=0.046)[2 * Signal.RUSSIA] == 0


def test_strike_on_a_hub():
    out = observables(D_R=1.0, Q=0.8, kills_R=0.25)
    assert out == pytest.approx([0, 0, 0.6, 0.2, 0, 0, 0.15, 0.05])


def test_misattribution_moves_a_share_of_what_is_attributed():
    out = observables(D_R=0.5, Q=0.5, eps_m=0.1)
    assert out[2 * Signal.RUSSIA] == pytest.approx(0.225)
    assert out[2 * Signal.UKRAINE] == pytest.approx(0.025)


def test_liaison_settles_disputes_before_deaths_reopen_them():
    out = observables(D_R=1.0, Q=0.0, unsettled=0.25, kills_R=0.5)
    assert out[2 * Signal.QUIET] == pytest.approx(0.375)
    assert out[2 * Signal.DISPUTED] == pytest.approx(0.125)
    assert out[2 * Signal.DISPUTED + 1] == pytest.approx(0.5)


def test_density():
    assert monitoring.patrol_density(50.0, 0.1, 0.125, 100.0) == pytest.approx(0.625)
    assert monitoring.patrol_density(50.0, 0.1, 5.0, 0.0) == 0


@given(st.floats(0, 1), st.floats(0, 50), st.floats(0.01, 100))
def test_coverage(isr, d, d0):
    expected = mp.mpf(isr) + (1 - mp.mpf(isr)) * (1 - mp.exp(-mp.mpf(d) / mp.mpf(d0)))
    assert monitoring.coverage(isr, d, d0) == pytest.approx(float(expected), rel=4e-15)


@given(st.floats(0, 20), st.floats(0, 1), st.floats(0.1, 1.9))
def test_detection(nu, e, visibility):
    expected = -mp.expm1(-mp.mpf(nu) * mp.mpf(e) * mp.mpf(visibility))
    assert monitoring.detection(nu, e, visibility) == pytest.approx(float(expected), rel=4e-15, abs=5e-324)


@given(SHARE, st.floats(0, 50), st.floats(0.01, 100))
def test_attribution(q0, d, d_q):
    expected = 1 - (1 - mp.mpf(q0)) * mp.exp(-mp.mpf(d) / mp.mpf(d_q))
    assert monitoring.attribution(q0, d, d_q) == pytest.approx(float(expected), abs=3e-16)


@given(st.floats(0, 10), st.floats(0, 100), st.floats(0, 1), st.floats(0, 1), st.floats(0, 10))
def test_fatality(protection, m, k_a, k_b, aimed):
    hazard = mp.mpf(protection) * (mp.mpf(m) * (mp.mpf(k_a) + mp.mpf(k_b)) + mp.mpf(aimed))
    sides = ((k_a, aimed), (k_b, 0.0))
    p_a, p_b = (-math.expm1(-monitoring.fatality_hazard(protection, m, k, k_aimed)) for k, k_aimed in sides)
    expected = float(-mp.expm1(-hazard))
    assert monitoring.either_kills(p_a, p_b) == pytest.approx(expected, rel=1e-12, abs=5e-324)


def test_a_strike_is_aimed_so_the_garrison_does_not_matter():
    small, large = (monitoring.fatality_hazard(1.0, m, 0.0, 0.7) for m in (0.1, 10.0))
    assert small == large == 0.7


@given(st.floats(0, 0.9), st.integers(1, 366))
def test_season(amplitude, day):
    expected = 1 - amplitude * math.cos(2 * math.pi * (day - 332) / 365.25)
    assert monitoring.season(amplitude, float(day)) == pytest.approx(expected, abs=4e-15)


def test_season_is_lowest_in_week_48():
    factors = [monitoring.season(0.25, float(day)) for day in range(1, 366)]
    assert int(np.argmin(factors)) + 1 == 332
    assert min(factors) == pytest.approx(0.75)
    assert np.mean(factors) == pytest.approx(1, abs=1e-3)
