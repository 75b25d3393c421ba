"""`python -m experiments` and the console script `fragile-peace`."""

from experiments.cli import app


def main() -> None:
    """Run the command line."""
    app(prog_name="fragile-peace")


if __name__ == "__main__":
    main()
