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
CHANCES = st.tuples(SHARE, SHARE, SHARE, SHARE, st.floats(0, 0.5), SHARE, SHARE)
TRACES = st.lists(st.floats(1e-6, 1), min_size=5, max_size=5).map(lambda w: tuple(x / sum(w) for x in w))


def observables(D_R=0.0, D_U=0.0, Q=0.5, phi=0.0, eps_m=0.0, kills_R=0.0, kills_U=0.0):
    """P(o) of two actions, from the traces of each."""
    R, U = monitoring.traces(D_R, Q, kills_R), monitoring.traces(D_U, Q, kills_U)
    return listed(monitoring.observables(R, U, phi, eps_m))


def listed(chances):
    quiet, *others = chances
    return np.array([quiet, 0.0, *others])  # (quiet, 1) does not exist


def by_enumeration(D_R, D_U, Q, phi, eps_m, kills_R, kills_U):
    """P(o) from every combination of seen, attributed, who leads, false alarm, swapped, killed (docs/model.md, 4)."""
    out = [mp.mpf(0)] * 8
    weight = lambda happens, p: mp.mpf(p) if happens else 1 - mp.mpf(p)  # noqa: E731
    for seen_R, seen_U, named_R, named_U, leads_R, alarm, swap, dead_R, dead_U in itertools.product((0, 1), repeat=9):
        p = weight(seen_R, D_R) * weight(seen_U, D_U) * weight(named_R, Q) * weight(named_U, Q)
        p *= weight(leads_R, 0.5) * weight(alarm, phi) * weight(swap, eps_m)
        p *= weight(dead_R, kills_R) * weight(dead_U, kills_U)
        K = int(dead_R or dead_U)
        blamed_R, blamed_U = seen_R and named_R, seen_U and named_U
        if blamed_R or blamed_U:
            first = leads_R if blamed_R and blamed_U else blamed_R
            signal = Signal.RUSSIA if bool(first) != bool(swap) else Signal.UKRAINE
        elif not (seen_R or seen_U) and not alarm:
            signal = Signal.QUIET
        else:
            signal = Signal.DISPUTED
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
    rules = chances[3:5]
    of_pairs = [[listed(monitoring.observables(tuple(r), tuple(u), *rules)) for u in np.eye(5)] for r in np.eye(5)]
    assert listed(monitoring.observables(R, U, *rules)) == pytest.approx(
        np.einsum("i,j,ijo->o", R, U, np.array(of_pairs)), abs=1e-15
    )


@given(TRACES, st.lists(st.floats(-10, 10), min_size=6, max_size=6), CHANCES)
def test_a_trace_is_worth_what_may_be_observed_after_it(others, v, chances):
    """Of either side: v holds what each observable from o = 2 on is worth to it, Russia being named first."""
    rules = chances[3:5]
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
CELL = re.compile(r"([QRUDE]) ([01])(?: \(([mf])\))?")


def cells(text, heading):
    """The rows of the table under a heading of so many columns, without the rule."""
    lines = [line.strip() for line in text[text.index(heading) :].splitlines()]
    table = list(itertools.takewhile(lambda line: line.startswith("|"), lines))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table if "---" not in line]


def table_of_the_docstring():
    return cells(monitoring.observables.__doc__, "| Russia's, Ukraine's")


def of_cell(cell, phi, eps_m):
    """P(o) that a cell of the table stands for."""
    (letter, K, what), out = CELL.fullmatch(cell).groups(), np.zeros(monitoring.N_OBSERVABLES)
    if letter == "E":
        return (of_cell(f"R {K} (m)", phi, eps_m) + of_cell(f"U {K} (m)", phi, eps_m)) / 2
    sigma, K = SIGNALS[letter], int(K)
    if what == "m":
        out[2 * sigma + K] = 1.0 - eps_m
        out[2 * (Signal.UKRAINE if sigma == Signal.RUSSIA else Signal.RUSSIA) + K] = eps_m
    elif what:
        out[Observable.DISPUTED] = phi
        out[Observable.QUIET] = 1.0 - phi
    else:
        out[2 * sigma + K] = 1.0
    return out


@pytest.mark.parametrize("rules", [(0.0, 0.0), (0.3, 0.0), (0.0, 0.1), (0.3, 0.1)])
def test_the_table_in_the_docstring_is_what_each_pair_of_traces_leads_to(rules):
    """`rules`: phi, eps_m."""
    head, *rows = table_of_the_docstring()
    names = [trace.name.lower().replace("_", ", ") for trace in Trace]
    assert head[1:] == [row[0] for row in rows] == names
    for own, row in zip(np.eye(len(Trace)), rows, strict=True):
        for other, cell in zip(np.eye(len(Trace)), row[1:], strict=True):
            found = listed(monitoring.observables(tuple(own), tuple(other), *rules))
            assert found == pytest.approx(of_cell(cell, *rules), abs=1e-15), (row[0], cell)


def test_the_table_on_the_page_is_that_of_the_docstring():
    _, *rows = cells(PAGE.read_text(encoding="utf-8"), "| Russia's ↓, Ukraine's →")
    short = str.maketrans({"φ": "f"})
    words = (("quiet, ", "Q "), ("R, ", "R "), ("U, ", "U "), ("disputed, ", "D "), ("either, ", "E "))
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


def test_what_is_seen_and_not_attributed_is_disputed_whoever_did_it():
    out = observables(D_R=1.0, Q=0.0, kills_R=0.5)
    assert out[2 * Signal.DISPUTED : 2 * Signal.DISPUTED + 2] == pytest.approx([0.5, 0.5])


def test_where_both_are_attributed_the_report_leads_with_either():
    out = observables(D_R=1.0, D_U=1.0, Q=1.0, eps_m=0.2)
    assert out[[2 * Signal.RUSSIA, 2 * Signal.UKRAINE]] == pytest.approx([0.5, 0.5])


@given(st.floats(0, 1), st.floats(0, 50), st.floats(0.01, 100), st.floats(0.01, 100))
def test_liaison_settles_false_alarms(phi0, d, d0, d_c):
    expected = mp.mpf(phi0) * mp.exp(-mp.mpf(d) / mp.mpf(d0)) * mp.exp(-mp.mpf(d) / mp.mpf(d_c))
    assert monitoring.false_alarm(phi0, d, d0, d_c) == pytest.approx(float(expected), rel=1e-12, abs=1e-300)


@given(st.floats(0, 20), SHARE, st.floats(0, 10))
def test_violence_is_what_a_calm_place_lacks(w, r, x):
    assert monitoring.violence(w, r, x) == pytest.approx(w * (1 - r) * (1 + x))
    assert monitoring.violence(w, 1.0, x) == 0


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


@given(st.floats(0, 10), st.floats(0, 100), st.floats(0, 1), st.floats(0, 1), st.floats(0, 100), st.floats(0, 10))
def test_fatality(protection, m, k_a, k_b, v, aimed):
    hazard = mp.mpf(protection) * (mp.mpf(m) * (mp.mpf(k_a) + mp.mpf(k_b)) * mp.mpf(v) + mp.mpf(aimed))
    sides = ((k_a, aimed), (k_b, 0.0))
    p_a, p_b = (-math.expm1(-monitoring.fatality_hazard(protection, m, k, v, k_aimed)) for k, k_aimed in sides)
    expected = float(-mp.expm1(-hazard))
    assert monitoring.either_kills(p_a, p_b) == pytest.approx(expected, rel=1e-12, abs=5e-324)


def test_a_strike_is_aimed_so_neither_the_garrison_nor_the_violence_matters():
    calm, wild = (monitoring.fatality_hazard(1.0, m, 0.0, v, 0.7) for m, v in ((0.1, 0.0), (10.0, 5.0)))
    assert calm == wild == 0.7


def test_where_nobody_is_violent_nobody_dies_by_accident():
    assert monitoring.fatality_hazard(1.0, 10.0, 0.5, 0.0, 0.0) == 0


@given(st.floats(0, 0.9), st.integers(1, 366))
def test_season(amplitude, day):
    expected = 1 - amplitude * math.cos(2 * math.pi * (day - 332) / 365.25)
    assert monitoring.season(amplitude, float(day)) == pytest.approx(expected, abs=4e-15)


def test_season_is_lowest_in_week_48():
    factors = [monitoring.season(0.25, float(day)) for day in range(1, 366)]
    assert int(np.argmin(factors)) + 1 == 332
    assert min(factors) == pytest.approx(0.75)
    assert np.mean(factors) == pytest.approx(1, abs=1e-3)
