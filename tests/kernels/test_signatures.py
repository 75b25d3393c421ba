"""A kernel's signature can be read: few arguments beside the arrays that every phase is handed."""

from tests.tools.kernel_source import kernel_functions

PHASE_ARRAYS = {"params", "state", "week", "games", "out", "scratch"}
ROWS = {"now", "wk", "tally", "work"}
"""How kernels name row 0 of STATE, WEEK, OUTCOMES and SCRATCH."""
MOST = 7


def test_no_kernel_takes_more_than_seven_arguments_beside_the_phase_arrays():
    long = []
    for file, function in kernel_functions():
        arguments = function.args
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        count = sum(name not in PHASE_ARRAYS | ROWS for name in names)
        if count > MOST:
            long.append(f"{file}:{function.lineno} {function.name} takes {count}")
    assert not long, "hand these a row of parameters or scratch, or one tuple:\n" + "\n".join(long)
