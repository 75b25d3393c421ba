"""What `simulate_block` is called with: the one list of its arguments, for the compiler and for the page.

The page writes the arguments of a call into memory as slots of eight bytes, in the order in which Numba hands them to
the compiled function: a number is one slot; an array is seven or more (counter of references, owner, both nothing;
items, bytes an item, address, then its shape and its strides).
"""

from typing import Any

import numpy as np

from fragile_peace.declared.rows import DTYPE
from fragile_peace.kernels.engine import N_MOMENTS
from fragile_peace.kernels.incident.blocks import blocks_of
from fragile_peace.state import OUTCOMES, SCRATCH, STATE, WEEK, blank_outcomes

NAMES = (
    ("params", "row", "horizon", ("seed", "first"), ("outcomes", "weekly", "moments", "states"), "stop"),
    (("blank_state", "blank_week", "blank_outcomes"), ("words", "chosen", "paths", "lengths")),
    ("state", "week", "games", "out", "scratch"),
)
"""The parts of each argument, by the names under which the page knows them."""


def arguments() -> dict[str, Any]:
    """Return one call's arguments by name, in order: of the right types and dimensions, and otherwise empty."""
    state = np.zeros(1, STATE)
    return {
        "params": np.zeros(1, DTYPE),
        "row": 0,
        "horizon": 0,
        "draws": (0, 0),
        "records": (
            np.zeros(0, OUTCOMES),
            np.zeros((0, 0), WEEK),
            np.zeros((0, N_MOMENTS)),
            np.zeros((0, 0), STATE),
        ),
        "stop": np.zeros(1, np.int64),
        "blank": (np.zeros(1, STATE), np.zeros(1, WEEK), blank_outcomes()),
        "imposed": (state.view(np.int64), np.zeros(0, np.int64), np.zeros((0, 0, 0), np.int64), np.zeros(0, np.int64)),
        "state": state,
        "week": np.zeros(1, WEEK),
        "games": blocks_of(1),
        "out": np.zeros(1, OUTCOMES),
        "scratch": np.zeros(1, SCRATCH),
    }


def slots() -> list[dict[str, Any]]:
    """Return the arguments as the page writes them: the name of each part, and of an array its item and dimensions."""
    names = [name for group in NAMES for entry in group for name in (entry if isinstance(entry, tuple) else (entry,))]
    parts = [part for value in arguments().values() for part in (value if isinstance(value, tuple) else (value,))]
    return [
        {"name": name, "bytes": part.itemsize, "dims": part.ndim} if isinstance(part, np.ndarray) else {"name": name}
        for name, part in zip(names, parts, strict=True)
    ]
