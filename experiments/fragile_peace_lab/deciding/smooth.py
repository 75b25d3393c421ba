"""Gaussian-process regression on some unknowns: what a member's numbers are expected to be, given these alone.

y = mean + g(x) + e, g a Gaussian process, e independent noise; both variances and the kernel by maximum likelihood.
Inputs are ranks, so that the answer is the same for any monotone scale of an unknown; a name is one column a value.
Kernels, each with some length-scales l:

    additive   k(x, y) = mean over inputs of exp(-(x_j - y_j)²/2l²)
    joint      k(x, y) = exp(-|x - y|²/(2 l² p)), p inputs

With K centred and K = U diag(s) U', the fit is mean + U diag(eta s/(eta s + 1)) U'(y - mean), a linear smoother, for
many y at the cost of one: eta, signal over noise, is chosen for each y. It may be 0: then x says nothing of y.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

SCALES = (0.15, 0.3, 0.6, 1.2)
RATIOS = (0.0, *np.geomspace(1e-4, 1e3, 29))
FEWEST = 8
"""Fewer members than this are not regressed on."""


class Fit(NamedTuple):
    """The fitted values of each y, and mean + g predicted for a member from the others' y; shapes as y."""

    fitted: np.ndarray
    left_out: np.ndarray


def inputs(frame: pd.DataFrame) -> list[np.ndarray]:
    """Return an input for each column: ranks in (0, 1), shape (n, 1); for names indicators, shape (n, names)."""
    found = []
    for name in frame:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            found.append(((stats.rankdata(column) - 0.5) / len(column))[:, None])
        else:
            found.append(pd.get_dummies(column.astype(str)).to_numpy(float) / np.sqrt(2))
    return found


def _kernels(columns: list[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield the candidates, centred."""
    far = [((column[:, None] - column[None]) ** 2).sum(-1) for column in columns]
    joint = sum(far) / len(far)
    for scale in SCALES:
        kernels = [np.mean([np.exp(-square / (2 * scale**2)) for square in far], axis=0)]
        if len(far) > 1:
            kernels.append(np.exp(-joint / (2 * scale**2)))
        for kernel in kernels:
            yield kernel - kernel.mean(0) - kernel.mean(1)[:, None] + kernel.mean()


def smooth(columns: list[np.ndarray], y: np.ndarray) -> Fit:
    """Return the fit of every column of y.

    Parameters
    ----------
    columns : inputs, of `inputs`
    y : shape (n, q)
    """
    n = len(y)
    off = y - y.mean(0)
    best = np.full(y.shape[1], -np.inf)
    fitted, lever = np.zeros_like(off), np.zeros_like(off)
    for kernel in _kernels(columns):
        s, u = np.linalg.eigh(kernel)
        keep = s > 1e-10 * s[-1]
        s, u = s[keep], u[:, keep]
        z = u.T @ off
        rest = (off**2).sum(0) - (z**2).sum(0)
        variance = np.multiply.outer(np.array(RATIOS), s) + 1  # ratios, directions
        noise = np.maximum((1 / variance) @ z**2 + rest, 1e-300) / (n - 1)
        likelihood = -(n - 1) / 2 * np.log(noise) - np.log(variance).sum(1)[:, None] / 2
        ratio = likelihood.argmax(0)
        top = np.take_along_axis(likelihood, ratio[None], 0)[0]
        better = top > best + 1e-9
        kept = 1 - 1 / variance[ratio[better]].T  # directions, columns of y
        fitted[:, better] = u @ (kept * z[:, better])
        lever[:, better] = u**2 @ kept
        best[better] = top[better]
    mean, rest = y.mean(0), 1 - np.minimum(lever, 1 - 1e-9)
    return Fit(mean + fitted, mean + (fitted - lever * off) / rest)
