"""Print a hash of the elementary functions over seeded points; `test_elementary.py` runs it under other processors.

Usage: python -m tests.tools.bits_everywhere POINTS. Not a test itself: one process has one processor.
"""

import hashlib
import sys

import numpy as np

from fragile_peace.kernels.machine import elementary, intrinsics
from fragile_peace.kernels.machine.jit import kernel

FUNCTIONS = ("exp", "odds", "log", "expm1", "log1p", "log1p_share", "cos_turn")


def points(name, n):
    """Seeded arguments, made by exact operations only: half everyday, half any bits."""
    rng = np.random.default_rng(20260101)
    everyday = {
        "exp": (-745.0, 1455.0),
        "odds": (-700.0, 1400.0),
        "log": (0.0, 4.0),
        "expm1": (-40.0, 750.0),
        "log1p": (-1.0, 4.0),
        "log1p_share": (0.0, 1.0),
        "cos_turn": (-8.0, 16.0),
    }
    low, width = everyday[name]
    x = low + width * rng.random(n)
    any_bits = rng.integers(0, 0x7FF0000000000000, n - n // 2, dtype=np.int64).view(np.float64)
    sign = 1.0 if name == "log" else rng.choice([-1.0, 1.0], any_bits.size)
    if name.startswith("log1p"):
        sign = 1.0
    x[n // 2 :] = any_bits * sign
    return np.minimum(x, 1.0) if name == "log1p_share" else x


@kernel
def exp_all(x, out):
    """exp over an array: a loop that LLVM may vectorise."""
    for i in range(x.size):
        out[i] = elementary.exp(x[i])


@kernel
def odds_all(x, out):
    """odds over an array."""
    for i in range(x.size):
        out[i] = elementary.odds(x[i])


@kernel
def log1p_share_all(x, out):
    """log1p_share over an array."""
    for i in range(x.size):
        out[i] = elementary.log1p_share(x[i])


@kernel
def log_all(x, out):
    """log over an array."""
    for i in range(x.size):
        out[i] = elementary.log(x[i])


@kernel
def expm1_all(x, out):
    """expm1 over an array."""
    for i in range(x.size):
        out[i] = elementary.expm1(x[i])


@kernel
def log1p_all(x, out):
    """log1p over an array."""
    for i in range(x.size):
        out[i] = elementary.log1p(x[i])


@kernel
def cos_turn_all(x, out):
    """cos_turn over an array."""
    for i in range(x.size):
        out[i] = elementary.cos_turn(x[i])


@kernel
def fma_all(x, y, z, out):
    """The fused multiply-add over arrays."""
    for i in range(x.size):
        out[i] = intrinsics.fma(x[i], y[i], z[i])


LOOPS = {
    "exp": exp_all, "odds": odds_all, "log": log_all, "expm1": expm1_all, "log1p": log1p_all,
    "log1p_share": log1p_share_all, "cos_turn": cos_turn_all,
}  # fmt: skip


def evaluate(name, n):
    """The arguments and the values of one function."""
    x = points(name, n)
    out = np.empty(n)
    LOOPS[name](x, out)
    return x, out


def fingerprint(n):
    """SHA-256 of the values of all functions at n points each."""
    digest = hashlib.sha256()
    for name in FUNCTIONS:
        digest.update(evaluate(name, n)[1].tobytes())
    return digest.hexdigest()


if __name__ == "__main__":
    print(fingerprint(int(sys.argv[1])))
