"""`python -m fragile_peace_lab` and the console script `fragile-peace`."""

import contextlib
import gc
import importlib
import os
import sys

from fragile_peace_lab.cli import streams
from fragile_peace_lab.cli.main import app

YOUNG = 100_000
"""New objects between two collections of garbage: importing makes hundreds of thousands, nearly all of which stay."""
HERE = os.path.dirname(os.path.abspath(__file__))
DRAWING = {"MPLBACKEND": "agg", "MATPLOTLIBRC": os.devnull}
"""No command opens a window or draws by another's settings: what a place has may not be installed, or not be text."""


def own_drawing() -> None:
    """Have matplotlib take nothing from the place: a file in the working folder it reads whatever it is told."""
    os.environ |= DRAWING
    if os.path.exists("matplotlibrc"):
        with contextlib.chdir(HERE):
            importlib.import_module("matplotlib")


def main() -> None:
    """Run the command line."""
    gc.set_threshold(YOUNG)
    streams.prepare()
    own_drawing()
    try:
        try:
            app(prog_name="fragile-peace")
        finally:
            sys.stdout.flush()
    except OSError as error:
        streams.failed(error)


if __name__ == "__main__":
    main()
