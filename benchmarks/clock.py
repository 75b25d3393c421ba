"""How the benchmarks measure: CPU seconds where one process works, wall seconds where cores are compared.

What is compared is timed in turns within one process, so that a busy machine touches all of it alike; results are
medians with the least and the greatest beside them.
"""

import statistics
import time
from collections.abc import Callable, Mapping


def in_turns(
    work: Mapping[str, Callable[[], object]], repeats: int, clock: Callable[[], float] = time.process_time
) -> dict[str, list[float]]:
    """Return the seconds of `repeats` calls of each, taken in turns after one call of each that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for call in work.values():
        call()
    for _ in range(repeats):
        for name, call in work.items():
            start = clock()
            call()
            seconds[name].append(clock() - start)
    return seconds


def spread(values: list[float], digits: int = 2) -> str:
    """Return "median (least to greatest)"; the same number thrice is said once."""
    middle, low, high = (f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"


def ratio(above: list[float], below: list[float]) -> list[float]:
    """Return the ratios of two series taken in turns."""
    return [a / b for a, b in zip(above, below, strict=True)]
