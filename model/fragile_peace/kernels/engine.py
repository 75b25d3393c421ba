"""A block of runs, one after another, without the interpreter: the compiled driver of `week`.

There is no readable twin: `reference.theatre` plays one run at a time.
"""

from fragile_peace.codes import PlaceKind
from fragile_peace.kernels.imposition import impose
from fragile_peace.kernels.machine.first_compile import Halves
from fragile_peace.kernels.machine.intrinsics import unowned
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.week import (
    PHASES,
    SOLVED,
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
LINE = int(PlaceKind.LINE)


@kernel
def add_moments(state, week, p, moments):
    """Add one week's headline numbers to `moments` (N_MOMENTS,): counts and sums over runs, in run order (E10.16)."""
    now = state[0]
    wk = week[0]
    recorded = true = deaths = 0
    line_tension = line_restraint = 0.0
    for s in range(p["n_places"]):
        recorded += wk["recorded_R_s"][s] + wk["recorded_U_s"][s]
        true += wk["recorded_R_s"][s] + wk["recorded_U_s"][s] + wk["missed_R_s"][s] + wk["missed_U_s"][s]
        deaths += wk["deaths_s"][s]
        if p["kind_s"][s] == LINE:
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
def simulate_block(params, row, horizon, draws, records, stop, blank, imposed, state, week, games, out, scratch):
    """Run a block of runs at one design point, one after another, from index `first` (E3.20).

    Parameters
    ----------
    params, row : PARAMETERS and the row in force in week 0
    horizon : weeks to play
    draws : seed of the sweep, and index of the first run
    records : what the runs leave, a tuple of four arrays, modified in place:
        OUTCOMES, shape (runs,);
        WEEK, shape (kept, horizon), the weeks of the first `kept` runs;
        float64, shape (horizon, N_MOMENTS), sums over the block's runs, or shape (0, N_MOMENTS) if not wanted
        STATE, shape (kept, horizon), at the start of each week of the first `kept` runs
    stop : int64 (1,), polled before each run: not 0 cancels
    blank : tuple of the rows that a run starts from (STATE, WEEK, OUTCOMES)
    imposed : what the weeks are made to start with (`imposition`): `state` as words, which of them, their paths, shape
        (runs or 0, horizon, k), and how long each path is, shape (runs,)
    state, week, games, out, scratch : work rows, one each (`games` one a block); left as the last run left them

    Returns
    -------
    status, index : OK, FAILED (with the index of the run in the block; state and scratch hold where), or CANCELLED
    """
    params, state, week = unowned(params), unowned(state), unowned(week)
    games, out, scratch = unowned(games), unowned(out), unowned(scratch)
    outcomes, weekly, moments, states = records
    seed, first = draws
    words, chosen, paths, lengths = imposed
    for i in range(outcomes.shape[0]):
        if stop[0] != 0:
            return CANCELLED, i
        state[0] = blank[0][0]
        week[0] = blank[1][0]
        out[0] = blank[2][0]
        scratch[0]["unsolved"] = SOLVED
        failed = begin(params, row, seed, first + i, state, week, games, out, scratch)
        while failed == SOLVED and state[0]["alive"] == 1:
            if i < paths.shape[0]:
                impose(words, chosen, paths[i, : lengths[i]], state[0]["week"])
            if i < states.shape[0]:
                states[i, state[0]["week"]] = state[0]
            failed = advance(params, state, week, games, out, scratch, horizon)
            t = week[0]["week"]
            if moments.shape[0] > 0:
                add_moments(state, week, params[state[0]["row"]], moments[t])
            if i < weekly.shape[0]:
                weekly[i, t] = week[0]
        if failed != SOLVED:
            return FAILED, i
        outcomes[i] = out[0]
    return OK, outcomes.shape[0]


_HERE = (solve, restart_games)
_LONGEST = (aftermath, resume, commit, tension, learn, deploy)
HALVES = Halves(
    entries=(begin, advance, simulate_block),
    here=_HERE,
    there=(*_LONGEST, *(phase for phase in PHASES if phase not in (*_HERE, *_LONGEST))),
    name="fragile_peace.kernels.engine:HALVES",
)
"""Who compiles what when the phases are first compiled, in two processes."""
