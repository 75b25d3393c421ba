"""Fields of STATE imposed on a run, week by week: what another run started its weeks with (docs/model.md, section 3).

Every field of STATE has 8 bytes, so a row is a list of words. `words` is the STATE row as such a list, shape (words,);
`chosen` the places of the imposed ones in it, shape (k,); `path` the words of another run, shape (weeks, k), row t
being those with which it started week t. There is no readable twin: `reference.theatre` imposes nothing.
"""

from fragile_peace.kernels.machine.jit import kernel


@kernel
def impose(words, chosen, path, t):
    """Start week t with the words of a path; past its end they move by themselves (E3.22). `words` is modified."""
    if t < path.shape[0]:
        for i in range(chosen.shape[0]):
            words[chosen[i]] = path[t, i]
