"""`python -m experiments` and the console script `fragile-peace`."""

import gc

from experiments.cli import app

YOUNG = 100_000
"""New objects between two collections of garbage: importing makes hundreds of thousands, nearly all of which stay."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(YOUNG)
    app(prog_name="fragile-peace")


if __name__ == "__main__":
    main()
