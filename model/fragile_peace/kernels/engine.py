"""A block of runs, one after another, without the interpreter: the compiled driver of `week`."""

from fragile_peace.kernels.machine.first_compile import Halves
from fragile_peace.kernels.machine.intrinsics import unowned
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.week import (
    PHASES,
    advance,
    aftermath,
    begin,
    commit,
    deploy,
    learn,
    restart_games,
    resume,
    solve,
    tension,
)

OK, FAILED, CANCELLED = 0, 1, 2
N_MOMENTS = 12  # see `runs.simulation.MOMENTS`


@kernel
def add_moments(state, week, p, moments):
    """Add one week's headline numbers to `moments` (N_MOMENTS,): counts and sums over runs, in run order."""
    now = state[0]
    wk = week[0]
    recorded = true = deaths = 0
    line_tension = line_restraint = 0.0
    for s in range(p["n_places"]):
        recorded += wk["recorded_R_s"][s] + wk["recorded_U_s"][s]
        true += wk["recorded_R_s"][s] + wk["recorded_U_s"][s] + wk["missed_R_s"][s] + wk["missed_U_s"][s]
        deaths += wk["deaths_s"][s]
        if p["kind_s"][s] == 0:
            line_tension += now["x_s"][s]
            line_restraint += now["r_s"][s]
    moments[0] += 1.0
    moments[1] += recorded
    moments[2] += float(recorded) * recorded
    moments[3] += true
    moments[4] += float(true) * true
    moments[5] += deaths
    moments[6] += wk["mu"]
    moments[7] += wk["gamma"]
    moments[8] += wk["B"]
    moments[9] += wk["troops"]
    moments[10] += line_tension / p["n_line"]
    moments[11] += line_restraint / p["n_line"]


@kernel(entry=True)
def simulate_block(params, row, horizon, seed, first, count, outcomes, weekly, kept, moments, stop, state, week, games, out, scratch, blank):
    """Run `count` runs from index `first` at one design point.

    Parameters
    ----------
    P, row : PARAMETERS and the row in force in week 0
    horizon : weeks to play
    seed : seed of the sweep
    first, count : indices of the runs
    out : OUTCOMES, shape (count,), modified in place
    weekly, kept : WEEK, shape (kept, horizon); the first `kept` runs of the block leave their weeks here
    moments : float64, shape (horizon, N_MOMENTS), sums over the block's runs, or shape (0, N_MOMENTS) if not wanted
    stop : int64 (1,), polled before each run: not 0 cancels
    X, W, G, O, S : work rows, one each (G one a place); left as the last run left them
    blank : tuple of the rows that a run starts from (STATE, WEEK, OUTCOMES)

    Returns
    -------
    status, index : OK, FAILED (with the index of the run in the block; X and S hold where), or CANCELLED
    """
    params, state, week, games, out, scratch = unowned(params), unowned(state), unowned(week), unowned(games), unowned(out), unowned(scratch)
    for k in range(count):
        if stop[0] != 0:
            return CANCELLED, k
        state[0] = blank[0][0]
        week[0] = blank[1][0]
        out[0] = blank[2][0]
        scratch[0]["error_phase"] = 0
        failed = begin(params, row, seed, first + k, state, week, games, out, scratch)
        while failed == 0 and state[0]["alive"] == 1:
            failed = advance(params, state, week, games, out, scratch, horizon)
            t = week[0]["week"]
            if moments.shape[0] > 0:
                add_moments(state, week, params[state[0]["row"]], moments[t])
            if k < kept:
                weekly[k, t] = week[0]
        if failed != 0:
            return FAILED, k
        outcomes[k] = out[0]
    return OK, count


_HERE = (solve, restart_games)
_LONGEST = (aftermath, resume, commit, tension, learn, deploy)
HALVES = Halves(
    entries=(begin, advance, simulate_block),
    here=_HERE,
    there=(*_LONGEST, *(phase for phase in PHASES if phase not in (*_HERE, *_LONGEST))),
    name="fragile_peace.kernels.engine:HALVES",
)
"""How the first compilation is shared out between two processes."""
