"""The commitment game: a solution, the greatest one, and what Gambit says of it."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit

from fragile_peace.kernels import commitment
from fragile_peace.state import SCRATCH
from tests.tools.worlds import kernel_rows

DEFAULTS = {"legitimacy": 0.2, "politics": 4.0, "support": 0.55, "reputation": 2.5, "aversion": 0.5, "upkeep": 1.95}
"""docs/model.md, section 12, for one of the more committed contingents."""

RELAXED = settings(deadline=None)
"""The first call of a kernel may compile it."""
LAMBDAS = st.floats(0.0, 10.0)
SOLIDARITIES = st.floats(0.0, 10.0)


@st.composite
def coalitions(draw, most=16):
    """Troops, presence, fixed payoffs, solidarity and lambda over the whole bounds.

    Fixed payoffs crowd around -solidarity/2, where several solutions can exist.
    """
    n = draw(st.integers(1, most))
    solidarity = draw(SOLIDARITIES)
    troops = draw(st.lists(st.floats(0.01, 30.0), min_size=n, max_size=n))
    present = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    wide = st.floats(-20.0, 5.0)
    near = st.floats(-1.0, 0.0).map(lambda share: share * solidarity)
    fixed = draw(st.lists(st.one_of(near, wide), min_size=n, max_size=n))
    return troops, present, fixed, solidarity, draw(LAMBDAS)


def solve(troops, present, fixed, solidarity, lam, least=False):
    """p, rounds, residual, status."""
    n = len(troops)
    game = {"n_contingents": n, "M_n": troops, "solidarity": solidarity, "lam_commit": lam, "selection": int(least)}
    rows = kernel_rows(game, {"in_n": present})
    work = rows[2][0]
    work["fixed"][:n] = fixed
    work["stay"] = work["work"] = np.nan
    found = commitment.solve_commitment(*rows)
    return work["stay"][:n], *found


def image(p, troops, present, fixed, solidarity, lam):
    """Λ(λ u_n(stay)) for those present, from docs/model.md, section 8, in NumPy."""
    troops, p = np.array(troops, dtype=float), np.array(p, dtype=float)
    company = np.zeros(len(p))
    for n in range(len(p)):
        others = np.arange(len(p)) != n
        if others.any():
            company[n] = (troops * p)[others].sum() / troops[others].sum()
    return np.where(np.array(present) == 1, expit(lam * (solidarity * company + np.array(fixed))), 0.0)


def iterate(game, p, rounds):
    """Plain monotone iteration, docs/model.md's definition of the solution; and the last change."""
    for _ in range(rounds):
        p, before = image(p, *game), p
        if np.array_equal(p, before):
            break
    return p, np.abs(p - before).max()


def by_symmetry(fixed, solidarity, lam):
    """All solutions for equal contingents, ascending; and how far the nearest pair is from merging.

    They are the roots of z - λ fixed - λ solidarity Λ(z), z the log-odds of p. That function turns where
    Λ(z) (1 - Λ(z)) = 1/(λ solidarity), so each stretch between holds at most one root; it vanishes at a turn where two
    solutions merge.
    """
    strength = lam * solidarity
    turns = []
    if strength > 4.0:
        least = 0.5 - np.sqrt(0.25 - 1.0 / strength)
        turns = [np.log(least / (1.0 - least)), np.log((1.0 - least) / least)]
    gap = lambda z: z - lam * fixed - strength * expit(z)  # noqa: E731
    ends = [lam * fixed - 1.0, *turns, lam * fixed + strength + 1.0]
    ends = [min(max(z, ends[0]), ends[-1]) for z in ends]
    pairs = [(low, high) for low, high in itertools.pairwise(ends) if gap(low) * gap(high) < 0.0]
    roots = [expit(brentq(gap, low, high, xtol=1e-14)) for low, high in pairs]
    return roots, min((abs(gap(z)) for z in turns), default=np.inf)


@RELAXED
@given(coalitions())
def test_residual_over_the_whole_bounds(game):
    p, rounds, residual, status = solve(*game)
    assert status == commitment.CONVERGED
    assert residual <= 1e-10
    assert np.abs(p - image(p, *game)).max() <= 1e-10
    assert rounds <= 300


@RELAXED
@given(coalitions(most=6))
def test_the_limit_of_monotone_iteration_from_everybody_stays(game):
    """Iterates from above never pass below a solution, so they bound ours wherever they have not converged yet."""
    p, *_ = solve(*game)
    limit, change = iterate(game, np.array(game[1], dtype=float), 500)
    assert (p <= limit + 1e-12).all()
    if change == 0.0:
        np.testing.assert_allclose(p, limit, atol=1e-9)


@RELAXED
@given(coalitions())
def test_the_least_solution_over_the_whole_bounds(game):
    p, rounds, residual, status = solve(*game, least=True)
    assert status == commitment.CONVERGED
    assert residual <= 1e-10
    assert rounds <= 300
    assert (p <= solve(*game)[0] + 1e-12).all()
    limit, change = iterate(game, np.zeros(len(game[0])), 500)
    assert (p >= limit - 1e-12).all()
    if change == 0.0:
        np.testing.assert_allclose(p, limit, atol=1e-9)


def test_greatest_and_least_equal_a_scan():
    """Roots of g on a grid of 4,001 musters, refined by SciPy; 300 games, a third with several solutions."""
    several = 0
    for troops, present, fixed, solidarity, lam in games(300, 60.0, seed=4):
        others = troops.sum() - troops

        def muster(S, troops=troops, fixed=fixed, pull=lam * solidarity / others, lam=lam):
            z = np.broadcast_to(lam * fixed + pull * S[:, None], (len(S), len(troops)))
            low, high = z - pull * troops - 1.0, z + 1.0
            for _ in range(60):
                middle = 0.5 * (low + high)
                below = middle + pull * troops * expit(middle) < z
                low, high = np.where(below, middle, low), np.where(below, high, middle)
            return S - expit(0.5 * (low + high)) @ troops

        grid = np.linspace(0.0, troops.sum(), 4_001)
        signs = np.sign(muster(grid))
        turns = np.flatnonzero(signs[1:] != signs[:-1])
        roots = [brentq(lambda s: muster(np.array([s]))[0], grid[i], grid[i + 1], xtol=1e-13) for i in turns]
        several += len(roots) > 1
        game = troops, present, fixed, solidarity, lam
        assert solve(*game)[0] @ troops == pytest.approx(roots[-1], abs=1e-9)
        assert solve(*game, least=True)[0] @ troops == pytest.approx(roots[0], abs=1e-9)
    assert several >= 50


def test_the_greatest_of_three_solutions():
    """docs/model.md, section 8: five contingents, lambda 3, solidarity 1.5: .75 against .20, one unstable."""
    (low, middle, high), _ = by_symmetry(-0.76, 1.5, 3.0)
    assert low == pytest.approx(0.20, abs=0.005)
    assert high == pytest.approx(0.75, abs=0.005)
    game = [3.0] * 5, [1] * 5, [-0.76] * 5, 1.5, 3.0
    np.testing.assert_allclose(solve(*game)[0], high, atol=1e-12)
    np.testing.assert_allclose(solve(*game, least=True)[0], low, atol=1e-12)
    for q in (low, middle, high):  # each of them is a solution of the five-player game
        np.testing.assert_allclose(image([q] * 5, *game), q, atol=1e-12)


@RELAXED
@given(st.integers(2, 16), st.floats(-1.0, 0.0), st.floats(0.5, 10.0), LAMBDAS)
def test_the_greatest_solution_among_equals(n, share, solidarity, lam):
    roots, distance = by_symmetry(share * solidarity, solidarity, lam)
    assume(distance > 1e-9)
    assume(1.0 - lam * solidarity * roots[-1] * (1.0 - roots[-1]) > 1e-3)  # a multiple root cannot be located to 1e-9
    p, *_ = solve([3.0] * n, [1] * n, [share * solidarity] * n, solidarity, lam)
    np.testing.assert_allclose(p, roots[-1], atol=1e-9)


@pytest.mark.parametrize(("offset", "expected"), [(1e-12, 2 / 3), (-1e-12, 0.189083155575)])
def test_a_hair_from_the_fold(offset, expected):
    """The two upper solutions merge where p(1-p) = 1/(λ solidarity): at p = 2/3 for 4.5, fixed = ln(2)/3 - 1.

    Just below, plain iteration from p = 1 needs 4 million rounds to pass p = 2/3, where its residual falls to 7e-13: a
    residual of 1e-10 alone would take that point for a solution.
    """
    fold = np.log(2.0) / 3.0 - 1.0
    p, _, residual, status = solve([3.0] * 5, [1] * 5, [fold + offset] * 5, 1.5, 3.0)
    np.testing.assert_allclose(p, expected, atol=2e-6)
    assert status == commitment.CONVERGED
    assert residual <= 1e-10


@pytest.mark.parametrize(
    ("troops", "fixed", "solidarity", "lam", "lower"),
    [
        ([7.3, 18.4, 23.7], [-8.46, -6.71, -0.83], 8.75, 2.01, 0.159),
        ([24.3, 21.8, 3.4], [-2.06, -5.74, -6.59], 6.69, 5.16, 2.4e-5),
        ([8.6, 3.5, 27.9], [-0.58, -3.7, -2.66], 3.76, 4.12, 0.084),
    ],
)
def test_a_solution_that_newtons_method_jumps_over(troops, fixed, solidarity, lam, lower):
    """Without the proof that g > 0 on what is left behind, 452 of 300,000 random games end on a lower solution."""
    game = troops, [1] * 3, fixed, solidarity, lam
    p, *_ = solve(*game)
    greatest, change = iterate(game, np.ones(3), 20_000)
    assert change <= 1e-15
    np.testing.assert_allclose(p, greatest, atol=1e-9)
    least, _ = iterate(game, np.zeros(3), 20_000)
    assert least.max() == pytest.approx(lower, rel=0.02)
    assert p.max() > 0.9


def payoff_tables(troops, fixed, solidarity):
    """u[n][a_0, ..., a_{N-1}], a = 1 stay, 0 leave, for every pure profile."""
    n = len(troops)
    tables = np.zeros((n, *(2,) * n))
    for profile in itertools.product((0, 1), repeat=n):
        for k in range(n):
            if profile[k] == 1:
                others = [i for i in range(n) if i != k]
                stayed = sum(troops[i] for i in others if profile[i] == 1)
                tables[(k, *profile)] = fixed[k] + solidarity * stayed / sum(troops[i] for i in others)
    return tables


def games(number, most_strength, seed=20260101):
    """Random full coalitions of 2 to 5 with lambda * solidarity up to `most_strength`."""
    rng = np.random.default_rng(seed)
    for i in range(number):
        n = 2 + i % 4
        lam = rng.uniform(0.2, 10.0)
        solidarity = rng.uniform(0.0, most_strength) / lam
        fixed = rng.uniform(-1.2, 0.2, n) * max(solidarity, 0.2)
        yield rng.uniform(0.2, 10.0, n), [1] * n, fixed, solidarity, lam


def test_logit_condition_on_the_strategic_form():
    for troops, present, fixed, solidarity, lam in games(80, 40.0):
        p, *_ = solve(troops, present, fixed, solidarity, lam)
        values = payoff_tables(troops, fixed, solidarity)
        for k in range(len(troops)):
            value = values[k]
            for i in reversed(range(len(troops))):
                if i != k:
                    value = np.tensordot(value, [1.0 - p[i], p[i]], axes=(i, 0))
            assert abs(p[k] - expit(lam * (value[1] - value[0]))) <= 1e-9


def test_logit_condition_on_gambits_own_payoffs():
    gambit = pytest.importorskip("pygambit")
    for troops, present, fixed, solidarity, lam in games(40, 40.0, seed=2):
        p, *_ = solve(troops, present, fixed, solidarity, lam)
        game = gambit.Game.from_arrays(*payoff_tables(troops, fixed, solidarity))
        profile = game.mixed_strategy_profile()
        for player, stay in zip(game.players, p, strict=True):
            for strategy, probability in zip(player.strategies, (1.0 - stay, stay), strict=True):
                profile[strategy] = probability
        for player, stay in zip(game.players, p, strict=True):
            left, stayed = (profile.strategy_value(strategy) for strategy in player.strategies)
            assert abs(stay - expit(lam * (stayed - left))) <= 1e-9


def test_equal_to_gambits_quantal_response_equilibrium_where_there_is_one():
    """λ * solidarity <= 4 makes the logit map a contraction: |dp_n/dp| <= λ solidarity p(1-p)."""
    gambit = pytest.importorskip("pygambit")
    for troops, present, fixed, solidarity, lam in games(40, 4.0, seed=3):
        p, *_ = solve(troops, present, fixed, solidarity, lam)
        game = gambit.Game.from_arrays(*payoff_tables(troops, fixed, solidarity))
        (result,) = gambit.qre.logit_solve_lambda(game, lam=lam)
        theirs = [result.profile[list(player.strategies)[1]] for player in game.players]
        np.testing.assert_allclose(p, theirs, atol=1e-6)


def fixed(deaths=1.0, **changes):
    """The fixed part of u_n(stay) at the defaults."""
    terms = DEFAULTS | changes
    upkeep = terms.pop("upkeep")
    return commitment.fixed_utility(*terms.values(), deaths, upkeep)


def test_utilities_by_hand():
    """0.2 + 4 (0.55 - 0.5) + 2.5 - 0.5 * 3 - 1.95 = -0.55; with half the others' troops in, + 1.5/2."""
    assert fixed(deaths=3.0) == pytest.approx(-0.55)
    assert commitment.stay_utility(1.5, 0.5, fixed(deaths=3.0)) == pytest.approx(0.2)


def test_company_leaves_out_oneself_and_counts_those_who_left():
    troops, p = np.array([5.0, 3.0, 1.0]), np.array([0.9, 0.5, 0.0])
    assert commitment.company(troops, p, 0) == pytest.approx(1.5 / 4.0)
    assert commitment.company(troops, p, 2) == pytest.approx(6.0 / 8.0)


def test_one_contingent_has_no_company():
    p, _, residual, _ = solve([15.0], [1], [0.3], 1.5, 3.0)
    assert p[0] == pytest.approx(expit(0.9), rel=1e-14)
    assert residual <= 1e-15


def test_precision_zero_is_a_coin():
    p, *_ = solve([1.0, 2.0, 3.0], [1, 0, 1], [9.0, 9.0, -9.0], 5.0, 0.0)
    assert p.tolist() == [0.5, 0.0, 0.5]


def test_nobody_left_and_no_troops():
    assert solve([1.0, 2.0], [0, 0], [1.0, 1.0], 1.5, 3.0)[0].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(solve([0.0, 0.0], [1, 1], [0.1, 0.2], 1.5, 3.0)[0], expit([0.3, 0.6]), rtol=1e-14)


@pytest.mark.parametrize("name", ["troops", "fixed", "solidarity", "lam"])
def test_not_a_number_is_never_an_answer(name):
    game = {"troops": [1.0, 2.0], "present": [1, 1], "fixed": [0.0, 0.0], "solidarity": 1.5, "lam": 3.0}
    game[name] = [np.nan, 1.0] if isinstance(game[name], list) else np.nan
    assert solve(**game)[3] == commitment.NOT_CONVERGED


@pytest.mark.parametrize(
    "game",
    [
        ([15.0, 1e-9, 1e-7], [1, 1, 1], [-1.0, -1.0, -0.5], 1.5, 10.0),
        ([0.5, 0.5, 0.5, 20.75, 28.0], [0, 0, 0, 1, 1], [0.0, 0.0, 0.0, -4.41907344720766, 0.0], 4.875, 5.0),
    ],
)
def test_one_contingent_dwarfs_the_rest(game):
    """The second game once ended on a spurious root: near a = 0 rounding threw a safeguarded inner search far away."""
    p, _, _, status = solve(*game)
    assert status == commitment.CONVERGED
    assert np.abs(p - image(p, *game)).max() <= 1e-10


@RELAXED
@given(coalitions(most=8), st.integers(0, 7), st.floats(1e-6, 3.0))
def test_more_aversion_to_deaths_makes_everybody_leave_sooner(game, who, more):
    """Aversion and support enter through u_n(stay) alone, which every p of the greatest solution follows."""
    troops, present, fixed_parts, solidarity, lam = game
    lowered = list(fixed_parts)
    lowered[who % len(troops)] += fixed(aversion=0.5 + more) - fixed(aversion=0.5)
    before, after = solve(*game)[0], solve(troops, present, lowered, solidarity, lam)[0]
    assert (after <= before + 1e-9).all()


@RELAXED
@given(coalitions(most=8), st.integers(0, 7), st.floats(1e-6, 0.5))
def test_more_support_at_home_makes_everybody_stay_longer(game, who, more):
    troops, present, fixed_parts, solidarity, lam = game
    raised = list(fixed_parts)
    raised[who % len(troops)] += fixed(support=0.4 + more) - fixed(support=0.4)
    before, after = solve(*game)[0], solve(troops, present, raised, solidarity, lam)[0]
    assert (after >= before - 1e-9).all()


@RELAXED
@given(coalitions(most=8), st.integers(0, 7))
def test_an_exit_is_contagious(game, who):
    troops, present, fixed_parts, solidarity, lam = game
    fewer = list(present)
    fewer[who % len(troops)] = 0
    assert (solve(troops, fewer, fixed_parts, solidarity, lam)[0] <= solve(*game)[0] + 1e-9).all()


def test_signs_at_the_defaults():
    """Five contingents of 3,000: P(stay) falls with the deaths expected, and contagion is visible."""
    everyone = [3.0] * 5, [1] * 5
    safe, deadly = (solve(*everyone, [fixed(deaths=deaths)] * 5, 1.5, 3.0)[0][0] for deaths in (0.1, 4.0))
    assert deadly < 0.5 < 0.99 < safe
    alone = solve([3.0] * 5, [1, 0, 0, 0, 0], [fixed(deaths=2.5)] * 5, 1.5, 3.0)[0][0]
    together = solve(*everyone, [fixed(deaths=2.5)] * 5, 1.5, 3.0)[0][0]
    assert alone < together - 0.3


def test_a_runs_work_rows_are_as_many_as_the_game_needs():
    assert SCRATCH["work"].shape[0] == commitment.WORK_ROWS
