"""Priors that go together: a Gaussian copula over the uniform numbers of a sampling design.

`correlations: [[a, b, r]]` gives the correlation r of the normal scores of two unknowns; those not named are
independent. Every prior keeps its own distribution. For numbers u of the design, z = Φ⁻¹(u), u' = Φ(L z), L Lᵀ the
matrix of correlations (Sklar 1959; Nelsen 2006, section 2.3). Row by row, so that a design that can grow still can.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fragile_peace.errors import InputError, nearest, shown
from fragile_peace_lab.design.factors import Prior

WHERE = "correlations"
Pair = tuple[str, str, float]


def pairs_of(value: Any) -> tuple[Pair, ...]:
    """Return the correlations that a sweep file gives. Raises ValueError."""
    if not isinstance(value, list | tuple):
        raise ValueError(f"{shown(value)} is not allowed; must be a list of [name, name, correlation]")
    for item in value:
        right = isinstance(item, list | tuple) and len(item) == 3 and all(isinstance(name, str) for name in item[:2])
        number = item[2] if right else None
        if not isinstance(number, int | float) or isinstance(number, bool) or not -1 < number < 1:
            raise ValueError(f"{shown(item)} is not allowed; must be [name, name, a number between -1 and 1]")
    return tuple((first, second, float(number)) for first, second, number in value)


def correlated(u: np.ndarray, priors: Mapping[str, Prior], pairs: Sequence[Pair]) -> np.ndarray:
    """Return uniform numbers that go together, shape (samples, priors). Raises InputError.

    Parameters
    ----------
    u : independent ones
    priors : of its columns, by name
    pairs : two names and their correlation
    """
    if not pairs:
        return u
    from scipy.special import ndtr, ndtri

    lower = _lower(list(priors), priors, pairs)
    inside = np.clip(u, np.finfo(float).tiny, np.nextafter(1.0, 0.0))
    joined: np.ndarray = np.clip(ndtr(ndtri(inside) @ lower.T), 0.0, np.nextafter(1.0, 0.0))
    return joined


def _lower(names: list[str], priors: Mapping[str, Prior], pairs: Sequence[Pair]) -> np.ndarray:
    """The lower triangle of the correlations."""
    matrix, seen = np.eye(len(names)), set()
    for first, second, number in pairs:
        for name in (first, second):
            if name not in priors:
                raise InputError(f"{WHERE}: {name} has no prior under uncertainties{nearest(name, names)}")
            if priors[name].kind == "choice":
                raise InputError(f"{WHERE}: {name} is a choice, whose values have no order; must be a number")
        if first == second or frozenset((first, second)) in seen:
            raise InputError(f"{WHERE}: {first} and {second} are given twice, or are one")
        seen.add(frozenset((first, second)))
        i, j = names.index(first), names.index(second)
        matrix[i, j] = matrix[j, i] = number
    try:
        return np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise InputError(f"{WHERE}: no unknowns can have all of these at once; make some of them smaller") from None
