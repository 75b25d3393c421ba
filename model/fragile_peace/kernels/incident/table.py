"""The incident games as Python reads them: GAME, one place's game alone, with what the engine does not keep.

`unpacked` turns GAMES blocks (`blocks`) into GAME rows, and `packed` a row into a block.
"""

import numpy as np

from fragile_peace.codes import Action, Decision, Response, RussianType
from fragile_peace.kernels.incident.blocks import GAMES, LANES, OF_A_PLACE, OF_ALL, blocks_of, row_of
from fragile_peace.kernels.incident.later_moves import (
    alone,
    answers_to,
    backed,
    committed,
    decides,
    russia_payoffs,
    ukraine_payoffs,
)
from fragile_peace.kernels.incident.monitoring import FIRST_ANSWERED, N_OBSERVABLES, Observable, observables
from fragile_peace.kernels.machine.jit import kernel

PROBE = int(Action.PROBE)
BLUFFING, COMMITTED = int(RussianType.BLUFFING), int(RussianType.COMMITTED)
QUIET, UKRAINE, DISPUTED = int(Observable.QUIET), int(Observable.UKRAINE), int(Observable.DISPUTED)
FIRE = int(Response.FIRE)
N_DECISIONS = len(Decision)
FOR_READERS: list[tuple[str, str, tuple[int, ...]]] = [
    ("chance", "<f8", (4, 3, 8)),  # P(o | a, b)
    ("fire", "<f8", (8,)),  # 1 where the rules of engagement allow fire
    ("decision", "<f8", (2, 2, 3, 8)),  # Washington's choice, [tau, f, decision, o]; 0 where it is not asked
]
TURNED = {"u_C": (8, 3), "response": (8, 3), "decision": (2, 2, 8, 3)}
"""Fields that a GAME row holds as (o, choice); a block has (choice, o, lane), so that its loops run over neighbours."""
_ALONE = OF_A_PLACE + FOR_READERS
GAME = np.dtype([(name, code, TURNED.get(name, shape)) for name, code, shape in _ALONE + OF_ALL])
_WRITTEN = np.dtype([(name, code, (*shape, LANES)) for name, code, shape in FOR_READERS])


def _turned(blocks: np.ndarray, written: np.ndarray) -> np.ndarray:
    """Return GAMES blocks and what is written beside them field by field as GAME rows."""
    games = np.zeros(len(blocks) * LANES, GAME)
    for name, _, shape in _ALONE:
        source = blocks if name in GAMES.names else written
        values = np.moveaxis(source[name], -1, 1).reshape(len(games), *shape)
        games[name] = np.swapaxes(values, -1, -2) if name in TURNED else values
    for name, _, _ in OF_ALL:
        games[name] = np.repeat(blocks[name], LANES, axis=0)
    return games


def _slots() -> np.ndarray:
    """Return where each number of a block's GAME rows stands in the block, and behind it in what is written."""
    in_block, beside = GAMES.itemsize // 8, _WRITTEN.itemsize // 8
    numbers = np.arange(in_block + beside)
    rows = _turned(numbers[:in_block].copy().view(GAMES), numbers[in_block:].copy().view(_WRITTEN))
    return rows.view(np.int64).reshape(LANES, -1)


_SLOTS = _slots()


def unpacked(blocks: np.ndarray, n_places: int) -> np.ndarray:
    """Return the games of GAMES blocks place by place: GAME rows, shape (n_places,), a copy."""
    blocks, written = blocks.copy(), np.zeros(len(blocks), _WRITTEN)
    for k in range(len(blocks)):
        write_out(blocks[k], written[k])
    numbers = [part.view(np.int64).reshape(len(blocks), -1) for part in (blocks, written)]
    return np.ascontiguousarray(np.hstack(numbers)[:, _SLOTS]).view(GAME).reshape(-1)[:n_places]


def packed(game: np.void) -> np.ndarray:
    """Return one GAMES block that holds a GAME row in every lane."""
    blocks = blocks_of(1)
    for name, _, _ in OF_A_PLACE:
        value = np.swapaxes(game[name], -1, -2) if name in TURNED else game[name]
        blocks[name][0] = value[..., np.newaxis]
    for name, _, _ in OF_ALL:
        blocks[name][0] = game[name]
    return blocks


@kernel
def write_out(g, out):
    """Fill `out`, and in `g` what only readers want (E4.25, E4.51, E4.52, E4.54, E4.58, E4.59).

    q(o) where nobody responds, answers to what cannot occur, u_R, and -inf as the payoff of an action that is missing.
    """
    if g["may_act"][PROBE] == 0:
        for o in range(UKRAINE, DISPUTED):
            for j in range(LANES):
                g["q"][o, j] = g["mu"]
            answers_to(g, o)
    for j in range(LANES):
        g["q"][QUIET, j] = committed(g["mu"], g["like"][BLUFFING, QUIET, j], g["like"][COMMITTED, QUIET, j])
        g["q"][QUIET + 1, j] = g["mu"]
        for a in range(4):
            for b in range(3):
                chance = observables(
                    row_of(g["leaves_R"][a], j), row_of(g["leaves_U"][b], j), g["phi"][j], g["eps_m"][j]
                )
                out["chance"][a, b, QUIET, j] = chance[0]
                for o in range(FIRST_ANSWERED, N_OBSERVABLES):
                    out["chance"][a, b, o, j] = chance[o - 1]
    russia_payoffs(g)
    ukraine_payoffs(g)
    for j in range(LANES):
        for a in range(4):
            for kappa in range(2):
                g["u_R"][kappa, a, j] = g["u_R"][kappa, a, j] if g["active_R"][a, j] == 1.0 else -np.inf
        for b in range(3):
            g["u_U"][b, j] = g["u_U"][b, j] if g["active_U"][b, j] == 1.0 else -np.inf
    for o in range(FIRST_ANSWERED, N_OBSERVABLES):
        if g["may_invoke"][o] == 1:
            backed(g, o)
        else:
            alone(g, o)
        for j in range(LANES):
            out["fire"][o, j] = g["respond"][o, j] * g["may_fire"][o]
            g["u_C"][FIRE, o, j] = g["u_C"][FIRE, o, j] if out["fire"][o, j] == 1.0 else -np.inf
            for tau in range(2):
                for f in range(2):
                    asked = g["invoked"][o, j] * (1.0 if f == 0 else out["fire"][o, j])
                    for choice in range(N_DECISIONS):
                        out["decision"][tau, f, choice, o, j] = asked * decides(g, tau, f, choice, o, j)
