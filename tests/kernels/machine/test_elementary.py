"""The elementary functions: error against 40 digits, special values, and the same bits everywhere."""

import functools
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import mpmath
import numba
import numpy as np
import pytest

from fragile_peace.kernels.machine import elementary, intrinsics, jit
from fragile_peace.kernels.machine.elementary import cos_turn, exp, expm1, log, log1p, log1p_share, odds, stirling_error
from tests.tools import bits_everywhere

mpmath.mp.prec = 140
ROOT = Path(__file__).resolve().parents[3]
INF, NAN = math.inf, math.nan
ULPS = {"exp": 0.7, "odds": 1.0, "log": 0.75, "expm1": 1.2, "log1p": 1.0, "log1p_share": 1.0, "cos_turn": 1.2}
"""Largest error promised, in units in the last place of the result."""
EXACT = {
    "exp": mpmath.exp, "odds": mpmath.exp, "log": mpmath.log, "expm1": mpmath.expm1, "log1p": mpmath.log1p,
    "log1p_share": mpmath.log1p, "cos_turn": lambda x: mpmath.cospi(2 * x),
}  # fmt: skip
FINGERPRINT_MILLION = "c7de221bca50047590729e246c157003ddcb07d1eb27f4e74913d15450f4d8e0"
FINGERPRINT_FEW = "241754d2641eb22f705e722483da9464f055bc5ab20e61db78c8177c84195a5d"
"""SHA-256 of the values at 1,000,000 and at 300 seeded points a function: the same on every machine."""


def either_sign(x):
    return np.concatenate([x, -x])


def arguments(name, n=1500):
    """Dense seeded arguments: everyday, near the hard places, and at the ends of the range."""
    rng = np.random.default_rng(7)
    small = 10.0 ** rng.uniform(-300, -1, n)
    near = 10.0 ** rng.uniform(-17, -1, n)
    if name == "exp":
        return np.concatenate([rng.uniform(-708, 709.78, n), rng.uniform(-1, 1, n), either_sign(small)])
    if name == "odds":
        return np.concatenate([rng.uniform(-690, 690, n), rng.uniform(-1, 1, n), either_sign(small)])
    if name == "log1p_share":
        return np.concatenate([rng.uniform(0, 1, n), near, small, 1.0 - near, math.sqrt(2.0) - 1.0 + either_sign(near)])
    if name == "log":
        wide = 10.0 ** rng.uniform(-307, 308, n)
        return np.concatenate(
            [wide, rng.uniform(0.5, 2.1, n), 1.0 + either_sign(near), 10.0 ** rng.uniform(-323, -308, n // 4)]
        )
    if name == "expm1":
        return np.concatenate(
            [rng.uniform(-40, 709.78, n), rng.uniform(-1.5, 1.5, n), either_sign(near), either_sign(small)]
        )
    if name == "log1p":
        wide = 10.0 ** rng.uniform(0, 308, n)
        return np.concatenate([wide, rng.uniform(-0.99999, 3, n), either_sign(near), either_sign(small), near - 1.0])
    quarters = np.repeat([-0.25, 0.125, 0.25, 0.375, 0.5, 0.75, 1.0, 1e6], n // 8)
    return np.concatenate([rng.uniform(-1, 1, n), rng.uniform(-1e9, 1e9, n), quarters + near[: quarters.size], small])


def worst_ulps(function, exact, xs):
    """The largest error in units in the last place of the true value, and where."""
    worst, where = 0.0, NAN
    for x in map(float, xs):
        true = exact(mpmath.mpf(x))
        unit = math.ulp(float(true))
        if math.isfinite(float(true)) and float(abs(function(x) - true) / unit) > worst:
            worst, where = float(abs(function(x) - true) / unit), x
    return worst, where


@pytest.mark.parametrize("name", list(ULPS))
def test_error_against_mpmath(name):
    worst, where = worst_ulps(getattr(elementary, name), EXACT[name], arguments(name))
    assert worst <= ULPS[name], f"{worst:.3f} units at {where!r}"
    assert worst > 0.4, "the comparison has lost its teeth"


def test_exp_underflows_gradually():
    xs = np.random.default_rng(8).uniform(-745.1, -708.4, 2000)
    assert worst_ulps(exp, mpmath.exp, xs)[0] <= 1.0
    assert exp(-745.13) == 5e-324
    assert exp(-745.14) == 0.0


def test_stirling_error():
    """Against 40 digits: the table to its rounding, the series to its next term."""
    for k in [*range(1, 400), 1000, 4096, 10**5, 10**6 + 1, 10**9]:
        true = mpmath.loggamma(k + 1) - ((k + mpmath.mpf(1) / 2) * mpmath.log(k) - k)
        assert abs(stirling_error(float(k)) - true) <= (1.2e-16 if k < 16 else 1.4e-14), k
    assert stirling_error(0.0) == 0.0
    assert stirling_error(1e15) == pytest.approx(math.log(2 * math.pi) / 2, abs=1e-15)


@pytest.mark.parametrize(
    ("function", "x", "y"),
    [
        (exp, 0.0, 1.0), (exp, -0.0, 1.0), (exp, 1.0, math.e), (exp, INF, INF), (exp, -INF, 0.0), (exp, NAN, NAN),
        (exp, 1e300, INF), (exp, -1e300, 0.0), (exp, 709.782712893384, 1.7976931348622732e308),
        (exp, 709.7827128933841, INF),
        (exp, 5e-324, 1.0), (odds, 0.0, 1.0), (odds, NAN, NAN), (odds, INF, odds(690.0)), (odds, -INF, odds(-690.0)),
        (log1p_share, 0.0, 0.0), (log1p_share, 1.0, math.log(2.0)), (log1p_share, 5e-324, 5e-324),
        (log1p_share, NAN, NAN), (log, 1.0, 0.0), (log, 0.0, -INF), (log, -0.0, -INF), (log, INF, INF),
        (log, -INF, NAN), (log, -1.0, NAN), (log, NAN, NAN), (log, 5e-324, -744.4400719213812),
        (log, sys.float_info.max, 709.782712893384),
        (log, 2.0, math.log(2.0)), (expm1, 0.0, 0.0), (expm1, -0.0, -0.0), (expm1, INF, INF), (expm1, -INF, -1.0),
        (expm1, NAN, NAN), (expm1, -1e300, -1.0), (expm1, 1e300, INF), (expm1, 5e-324, 5e-324),
        (expm1, -1e-310, -1e-310),
        (log1p, 0.0, 0.0), (log1p, -0.0, -0.0), (log1p, INF, INF), (log1p, -1.0, -INF), (log1p, -1.5, NAN),
        (log1p, NAN, NAN),
        (log1p, -INF, NAN), (log1p, 5e-324, 5e-324), (log1p, -1e-310, -1e-310), (cos_turn, 0.0, 1.0),
        (cos_turn, 0.25, 0.0),
        (cos_turn, 0.5, -1.0), (cos_turn, 0.75, 0.0), (cos_turn, -0.25, 0.0), (cos_turn, 1.0, 1.0),
        (cos_turn, 1e300, 1.0),
        (cos_turn, 2.0**51 + 0.5, -1.0), (cos_turn, INF, NAN), (cos_turn, -INF, NAN), (cos_turn, NAN, NAN),
        (cos_turn, 2.0**-40, 1.0),
    ],
)  # fmt: skip
def test_special_values(function, x, y):
    result = function(x)
    assert math.isnan(result) if math.isnan(y) else (result == y and math.copysign(1, result) == math.copysign(1, y))


def test_order_is_kept_across_the_seams():
    """exp and log never fall where their argument rises by one unit, across the seams of the reduction too."""
    for function, seams in (
        (exp, [(k + 0.5) * math.log(2.0) for k in range(-40, 40)]),
        (log, [2.0**k * math.sqrt(0.5) for k in range(-40, 40)]),
    ):
        for seam in seams:
            xs = [seam]
            for _ in range(20):
                xs = [math.nextafter(xs[0], -INF), *xs, math.nextafter(xs[-1], INF)]
            values = [function(x) for x in xs]
            assert values == sorted(values)


@pytest.mark.parametrize("name", bits_everywhere.FUNCTIONS)
def test_scalar_and_vectorised_give_the_same_bits(name):
    x, values = bits_everywhere.evaluate(name, 4003)
    alone = np.array([getattr(elementary, name)(v) for v in x])
    assert alone.tobytes() == values.tobytes()


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_loops_are_vectorised():
    loop = numba.njit(**{**jit.OPTIONS, "cache": False})(bits_everywhere.exp_all.py_func)
    loop(np.ones(3), np.empty(3))
    assembly = next(iter(loop.inspect_asm().values()))
    if "vfmadd" not in assembly:
        pytest.skip("this processor has no fused multiply-add")
    assert re.search(r"vfn?madd\d+pd", assembly)


def test_the_same_bits_as_ever():
    if not numba.config.DISABLE_JIT:  # plain Python takes minutes over a million
        assert bits_everywhere.fingerprint(1_000_000) == FINGERPRINT_MILLION
    assert bits_everywhere.fingerprint(300) == FINGERPRINT_FEW


@pytest.mark.parametrize(
    ("settings", "points", "wanted"),
    [
        ({"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}, 1_000_000, FINGERPRINT_MILLION),
        ({"NUMBA_DISABLE_JIT": "1"}, 300, FINGERPRINT_FEW),
    ],
    ids=["generic processor", "plain Python"],
)
def test_the_same_bits_elsewhere(settings, points, wanted):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    environment = clean | {"PYTHONPATH": str(ROOT)} | settings
    command = [sys.executable, "-m", "tests.tools.bits_everywhere", str(points)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == wanted


def test_fma_rounds_once():
    """Against exact fractions, where the product's low half decides, and against plain Python's version."""
    rng = np.random.default_rng(9)
    x, y = rng.standard_normal(3000), rng.standard_normal(3000)
    z = -(x * y) * rng.choice([1.0, 1.0 + 2.0**-52, 0.5, 2.0**-60, -1e10], 3000)
    scale = np.exp2(rng.integers(-500, 500, 3000).astype(float))
    out = np.empty(3000)
    bits_everywhere.fma_all(x * scale, y, z * scale, out)
    with mpmath.workprec(4000):
        exact = [
            float(mpmath.mpf(a) * mpmath.mpf(b) + mpmath.mpf(c))
            for a, b, c in zip(x * scale, y, z * scale, strict=True)
        ]
    assert out.tolist() == exact
    assert [intrinsics.python_fma(*row) for row in zip(x * scale, y, z * scale, strict=True)] == exact


@pytest.mark.parametrize(
    ("a", "b", "c", "result"),
    [
        (INF, 0.0, 1.0, NAN), (INF, 1.0, -INF, NAN), (1e300, 1e300, -INF, -INF), (1e300, 1e300, 0.0, INF),
        (1e200, 1e200, -1e308, INF), (1e-200, 1e-200, 0.0, 0.0), (-1e-200, 1e-200, 0.0, -0.0),
        (5e-324, 0.5, 5e-324, 1e-323),
        (2.0, 3.0, -6.0, 0.0), (-0.0, 1.0, -0.0, -0.0), (1.0, 1.0, NAN, NAN),
    ],
)  # fmt: skip
def test_fma_at_the_edges(a, b, c, result):
    out = np.empty(1)
    bits_everywhere.fma_all(np.array([a]), np.array([b]), np.array([c]), out)
    for value in (out[0], intrinsics.python_fma(a, b, c)):
        assert (
            math.isnan(value)
            if math.isnan(result)
            else (value == result and math.copysign(1, value) == math.copysign(1, result))
        )


def chebyshev(function, low, high, degree):
    """The polynomial through a function at the Chebyshev nodes of an interval, as float64 coefficients."""
    with mpmath.workdps(60):
        n = degree + 1
        nodes = [(low + high) / 2 + (high - low) / 2 * mpmath.cos(mpmath.pi * (2 * i + 1) / (2 * n)) for i in range(n)]
        matrix = mpmath.matrix([[x**j for j in range(n)] for x in nodes])
        return tuple(float(c) for c in mpmath.lu_solve(matrix, mpmath.matrix([function(x) for x in nodes])))


def test_the_coefficients_are_what_the_docstring_says():
    with mpmath.workdps(60):
        pi2 = 2 * mpmath.pi
        half = mpmath.log(2) / 2 * (1 + mpmath.mpf(2) ** -40)
        top = ((mpmath.sqrt(2) - 1) / (mpmath.sqrt(2) + 1)) ** 2 * (1 + mpmath.mpf(2) ** -20)
        eighth = mpmath.mpf(1) / 64
        zero = mpmath.mpf(0)

        def q(r):
            return (mpmath.exp(r) - 1 - r) / r**2 if abs(r) > 1e-20 else mpmath.mpf(0.5)

        def p(z):
            s = mpmath.sqrt(z)
            return 2 * (mpmath.atanh(s) - s) / s**3

        def sine(w):
            return (mpmath.sin(pi2 * mpmath.sqrt(w)) / mpmath.sqrt(w) - pi2) / w

        def cosine(w):
            return (mpmath.cos(pi2 * mpmath.sqrt(w)) - 1) / w

        def share(t):
            x = t + elementary.CENTRE
            return mpmath.log1p(x) / x - 1

        nearly = functools.partial(np.testing.assert_array_max_ulp, maxulp=1)
        nearly(np.array(elementary.Q), np.array(chebyshev(q, -half, half, 9)))
        nearly(np.array(elementary.P), np.array(chebyshev(p, zero, top, 7)))
        nearly(np.array(elementary.S), np.array(chebyshev(sine, zero, eighth, 6)))
        nearly(np.array(elementary.C), np.array(chebyshev(cosine, zero, eighth, 6)))
        nearly(
            np.array(elementary.M),
            np.array(chebyshev(share, -mpmath.mpf(elementary.CENTRE), 1 - mpmath.mpf(elementary.CENTRE), 21)),
        )
        constants = {
            elementary.LN2: mpmath.log(2), elementary.LOG2_E: 1 / mpmath.log(2), elementary.TWO_PI: pi2,
            elementary.LN2_REST: mpmath.log(2) - elementary.LN2, elementary.TWO_PI_REST: pi2 - elementary.TWO_PI,
            elementary.LN2_LOW: mpmath.log(2) - elementary.LN2_HIGH, elementary.HALF_LOG_TWO_PI: mpmath.log(pi2) / 2,
        }  # fmt: skip
        assert all(constant == float(value) for constant, value in constants.items())
