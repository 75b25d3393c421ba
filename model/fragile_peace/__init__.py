"""Fragile Peace: an agent-based, game-theoretic model of a policed ceasefire.

Public names: `Scenario` (what a user writes), `CeasefireModel` (the Mesa model), `simulate` and `simulate_weekly` (the
compiled engine), `__version__`. They are loaded when first used, so that `import fragile_peace` is quick.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["CeasefireModel", "Scenario", "__version__", "simulate", "simulate_weekly"]
_HOMES = {
    "Scenario": "fragile_peace.declared.scenario",
    "CeasefireModel": "fragile_peace.mesa.theatre",
    "simulate": "fragile_peace.runs.simulation",
    "simulate_weekly": "fragile_peace.runs.simulation",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'fragile_peace' has no attribute {name!r}")
