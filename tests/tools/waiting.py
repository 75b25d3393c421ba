"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable


def until(true: Callable[[], object], seconds: float, pause: float = 0.005) -> bool:
    """Look again and again; return whether it came true in time."""
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() >= ends:
            return False
        time.sleep(pause)
    return True
