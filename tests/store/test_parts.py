"""How a sweep is cut: every row in one part, every part in one shard."""

import json

import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.store.parts import Grid, Part, chunks, shard_of, share


def test_grids_cover_every_row_once_and_growth_keeps_their_parts():
    for points, runs, weeks in (
        (1, 1, 1),
        (480, 50, 104),
        (7, 1000, 1040),
        (1, 10**6, 2),
        (100_000, 1, 2),
        (3, 700, 52),
    ):
        grid = Grid.new(points, runs, weeks)
        assert sum(part.rows for part in grid.parts()) == points * runs
        assert max(part.rows for part in grid.parts()) <= 16_384
        grown = grid.grown(2 * points, runs + 130)
        assert sum(part.rows for part in grown.parts()) == 2 * points * (runs + 130)
        assert {part.name for part in grid.parts()} <= {part.name for part in grown.parts()}
        assert Grid.from_dict(json.loads(json.dumps(grown.to_dict()))) == grown
        assert Grid.new(points, runs, weeks).grown(points, runs) == grid


def test_chunks_and_shards_cut_without_loss():
    part = Part(3, 17, 64, 300)
    for size in (1, 63, 64, 236, 500, 10**6):
        pieces = list(chunks(part, size))
        cells = [(p, r) for piece in pieces for p in range(piece.p0, piece.p1) for r in range(piece.r0, piece.r1)]
        assert cells == [(p, r) for p in range(3, 17) for r in range(64, 300)]
    parts = Grid.new(480, 50, 104).parts()
    shared = [part for i in range(1, 4) for part in share(parts, shard_of(f"{i}/3"))]
    assert sorted(part.name for part in shared) == sorted(part.name for part in parts)


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "-1/2", "1/2/3", "a/b", "1/100001", "9" * 5000 + "/1"])
def test_what_is_no_shard_is_refused_in_one_line(text):
    with pytest.raises(InputError, match=r"--shard: .* is not allowed; must be i/n with i from 1 to n"):
        shard_of(text)
