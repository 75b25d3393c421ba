"""What keeps Numba from compiling a kernel once for every literal that a caller hands it."""

from fragile_peace.kernels.machine.jit import kernel


@kernel("int64(int64)")
def index(i):
    """Return i as a plain int64: Numba would compile a callee anew for every literal index it is given."""
    return i
