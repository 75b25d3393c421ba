"""The games written a second time, for Gambit and for the eye, and held against the solver.

    incident_efg, read_efg   the incident game of a place as a Gambit file; such a file read by Gambit
    kernel_strategy          what the solver plays at an information set
    check_incident           a solved game against Gambit's own arithmetic
    read_off                 reaches, beliefs and payoffs of a tree under given strategies
    logit, word              the quantal response to payoffs; an action in words

`fragile_peace.solve_incident` and `fragile_peace.incident_tree` give the game and its tree.
"""

from typing import TYPE_CHECKING

from fragile_peace.faces import lazy

if TYPE_CHECKING:
    from fragile_peace.proof.gambit import check_incident, incident_efg, kernel_strategy, read_efg
    from fragile_peace.proof.game_tree import logit, read_off, word

__all__ = ["check_incident", "incident_efg", "kernel_strategy", "logit", "read_efg", "read_off", "word"]
__getattr__ = lazy(
    "fragile_peace.proof",
    {
        "check_incident": "gambit:check_incident",
        "incident_efg": "gambit:incident_efg",
        "kernel_strategy": "gambit:kernel_strategy",
        "logit": "game_tree:logit",
        "read_efg": "gambit:read_efg",
        "read_off": "game_tree:read_off",
        "word": "game_tree:word",
    },
)
