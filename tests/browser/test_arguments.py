"""The arguments that the page writes are those that the engine takes."""

import inspect

import numpy as np

from fragile_peace.kernels.engine import simulate_block
from fragile_peace.state import OUTCOMES, SCRATCH
from fragile_peace_lab.browser.arguments import arguments, slots


def test_names_and_order_are_those_of_the_engine():
    assert list(arguments()) == list(inspect.signature(getattr(simulate_block, "py_func", simulate_block)).parameters)


def test_every_array_has_its_item_and_dimensions():
    found = {slot["name"]: slot for slot in slots()}
    assert len(found) == len(slots())
    assert found["outcomes"] == {"name": "outcomes", "bytes": OUTCOMES.itemsize, "dims": 1}
    assert found["paths"] == {"name": "paths", "bytes": 8, "dims": 3}
    assert found["scratch"]["bytes"] == SCRATCH.itemsize
    assert [slot["name"] for slot in slots() if "bytes" not in slot] == ["row", "horizon", "seed", "first"]


def test_the_state_is_one_memory_as_row_and_as_words():
    made = arguments()
    assert np.shares_memory(made["imposed"][0], made["state"])
