"""`python -m fragile_peace_lab` and the console script `fragile-peace`."""

import gc
import os
import sys

from fragile_peace_lab.cli import streams
from fragile_peace_lab.cli.main import app

YOUNG = 100_000
"""New objects between two collections of garbage: importing makes hundreds of thousands, nearly all of which stay."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(YOUNG)
    streams.prepare()
    os.environ["MPLBACKEND"] = "agg"  # no command opens a window, and what a place has set may not be installed
    try:
        try:
            app(prog_name="fragile-peace")
        finally:
            sys.stdout.flush()
    except OSError as error:
        streams.failed(error)


if __name__ == "__main__":
    main()
