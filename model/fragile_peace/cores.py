"""How many cores this process may use."""

import os


def cores() -> int:
    """Return how many cores this process may use, at least 1: where it is confined, fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
