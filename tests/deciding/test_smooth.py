"""The regression: it finds a curve, it says nothing of noise, and leaving a member out is what it says."""

import numpy as np
import pandas as pd

from fragile_peace_lab.deciding.smooth import inputs, smooth

RNG = np.random.default_rng(8)
X = pd.DataFrame({"a": RNG.random(128), "b": RNG.random(128), "name": RNG.choice(["x", "y", "z"], 128)})


def test_a_curve_is_found_and_noise_is_not():
    curve = np.sin(6 * X["a"])
    y = np.column_stack([curve + RNG.normal(0, 0.3, 128), RNG.normal(0, 0.3, 128)])
    fit = smooth(inputs(X[["a"]]), y).fitted
    assert np.sqrt(np.mean((fit[:, 0] - curve) ** 2)) < 0.12
    assert fit[:, 1].std() < 0.1


def test_names_are_groups():
    y = X["name"].map({"x": 0.0, "y": 1.0, "z": 3.0}).to_numpy()[:, None]
    fit = smooth(inputs(X[["name"]]), y + RNG.normal(0, 0.1, (128, 1))).fitted
    assert np.abs(fit - y).max() < 0.1


def test_the_scale_of_an_unknown_does_not_matter():
    y = (X["a"] ** 2).to_numpy()[:, None]
    plain, bent = (smooth(inputs(pd.DataFrame({"a": column})), y).fitted for column in (X["a"], np.exp(9 * X["a"])))
    assert np.array_equal(plain, bent)


def test_several_inputs_are_added_or_taken_together():
    added = np.sin(5 * X["a"]) + X["b"]
    together = 4 * (X["a"] - 0.5) * (X["b"] - 0.5)
    fit = smooth(inputs(X[["a", "b"]]), np.column_stack([added, together])).fitted
    assert np.abs(fit[:, 0] - added).max() < 0.1
    assert np.abs(fit[:, 1] - together).max() < 0.1


def test_left_out_says_what_the_others_predict():
    """By doing it: another y of one member leaves what is predicted for it, the mean apart, as it was."""
    y = (np.sin(6 * X["a"]) + RNG.normal(0, 0.3, 128)).to_numpy()[:, None]
    fit = smooth(inputs(X[["a"]]), y)
    moved = y.copy()
    moved[5] += 0.01
    moved -= moved.mean() - y.mean()
    again = smooth(inputs(X[["a"]]), moved)
    off = abs(again.fitted[5, 0] - fit.fitted[5, 0])
    assert off > 1e-4
    assert abs(again.left_out[5, 0] - fit.left_out[5, 0]) < off / 20
