"""The compiled passes are the sums that they say, written here with whole arrays."""

import numpy as np
import pytest

from fragile_peace_lab.estimates import passes

RNG = np.random.default_rng(20261129)
N, D, WEIGHT = (RNG.random((7, 13)) for _ in range(3))
D[2, 3:] = 0.0


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_a_nested_ratio_is_that_of_the_definition(weight):
    given = np.zeros((0, 0, 0)) if weight is None else np.stack([weight, weight])
    found = passes.nested(np.stack([N, 2 * N]), np.stack([D, D]), given)
    c = 13 / 12
    for number, n in enumerate((N, 2 * N)):
        pull = n - n.sum() / D.sum() * D
        delta = (pull - pull.mean(1, keepdims=True)) / (D.sum() - c * (D - D.mean(1, keepdims=True)))
        delta = delta if weight is None else delta * weight
        expected = [n.sum() / D.sum(), np.sqrt(c * (delta**2).sum()), (D > 0).sum() * 12 // 13]
        np.testing.assert_allclose(found[:, number], expected, rtol=1e-13)
    nothing = passes.nested(np.zeros((1, 2, 3)), np.zeros((1, 2, 3)), np.zeros((0, 0, 0)))[:, 0]
    np.testing.assert_array_equal(nothing, [np.nan, np.nan, 0])


def test_centred_moments_and_leave_one_out():
    stack = passes.stacked(N, WEIGHT, D)
    slopes, inverse = np.array([0.3, 0.0, 1.0]), np.array([[0.2, 0.1, 0.0], [0.1, 0.4, 0.0], [0.0, 0.0, 0.1]])
    apart = stack - slopes[:, None, None] * D
    apart -= apart.mean(2, keepdims=True)
    np.testing.assert_allclose(passes.centred(stack, D, slopes), apart, atol=1e-15)
    products, fourth = passes.moments(stack)
    np.testing.assert_allclose(products, np.einsum("jmr,kmr->jk", stack, stack), rtol=1e-13)
    np.testing.assert_allclose(fourth[0], (stack**4).sum((1, 2)), rtol=1e-13)
    share, shifts = np.full(13, 1 / 13), np.array([0.1, -0.2, 0.3])
    rest = np.maximum(1 - share - np.einsum("jk,jmr,kmr->mr", inverse, stack, stack), 1e-3)
    expected = (1 - np.einsum("k,kmr->mr", shifts, stack)) * (1 - share) / rest
    np.testing.assert_allclose(passes.leave_one_out(stack, inverse, shifts, share), expected, rtol=1e-12)


def test_sums_by_member_and_of_rows_of_any_length():
    v = N.sum(1) / D.sum(1)
    squares = (((N - v[:, None] * D) / D.mean(1, keepdims=True)) ** 2).sum(1)
    np.testing.assert_allclose(passes.by_member(N, D), [N.sum(1), D.sum(1), squares], rtol=1e-13)
    for length in range(9):
        assert passes.total(N[0, :length].copy()) == pytest.approx(N[0, :length].sum(), rel=1e-15)
