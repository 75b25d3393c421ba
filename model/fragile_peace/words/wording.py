"""Words for chances, numbers, dates and lists: the one place that decides how a result is worded.

The scale is that of the IPCC's guidance note on uncertainty (Mastrandrea et al. 2010, table 1). Its terms overlap there
("likely" is 66 to 100 %); here each holds for the part of its range that no narrower term covers, so that every
probability has one word. A word is always followed by the number.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import date
from typing import Any

SCALE = (
    (0.99, "virtually certain"),
    (0.90, "very likely"),
    (0.66, "likely"),
    (0.33, "about as likely as not"),
    (0.10, "unlikely"),
    (0.01, "very unlikely"),
    (0.0, "exceptionally unlikely"),
)
"""(lowest probability, term), from the top down."""
SCALE_SOURCE = (
    "Mastrandrea, M. D., et al. (2010), Guidance Note for Lead Authors of the IPCC Fifth Assessment Report on "
    "Consistent Treatment of Uncertainties, table 1; each term holds where no narrower one does"
)
SMALLEST = 1e-6
"""A chance closer to 0 or 1 than this is shown as a bound."""
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def words(p: float) -> str:
    """Return the term of the scale for a probability."""
    for low, term in SCALE:
        if p >= low:
            return term
    raise ValueError(f"{p} is not a probability")


def percent(p: float) -> str:
    """Return a probability as a percentage: two digits below a half, one of what is left to 1 above it.

    Only an exact 0 or 1 is written 0% or 100%.
    """
    if p in (0.0, 1.0):
        return f"{p:.0%}"
    if p < SMALLEST:
        return "under 0.0001%"
    if p > 1.0 - SMALLEST:
        return "over 99.9999%"
    left, decimals = (p, 0) if p < 0.5 else (10.0 * (1.0 - p), 0)
    while left < 0.0995 and decimals < 4:
        left, decimals = 10.0 * left, decimals + 1
    return f"{p:.{decimals}%}"


def chance(p: float) -> str:
    """Return the term and the number: "unlikely, 14%"; what could not go otherwise is "certain"."""
    return "certain" if p == 1.0 else f"{words(p)}, {percent(p)}"


def moved(before: float, after: float) -> str:
    """Return how a probability changed: "18% → 34%"; one number if it reads the same."""
    first, last = percent(before), percent(after)
    return first if first == last else f"{first} → {last}"


def number(value: float) -> str:
    """Return a whole number with a comma between thousands."""
    return f"{value:,.0f}"


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 death", "2,100 deaths", "no deaths"."""
    return f"{number(n) if n else 'no'} {one if n == 1 else many or one + 's'}"


def times(n: int) -> str:
    """Return how often: "never", "once", "twice", "31 times"."""
    return ("never", "once", "twice")[n] if n < 3 else f"{number(n)} times"


def intent(meant: int, deaths: int) -> str:
    """Return whether deaths were meant, in strikes, or collateral: "meant", "collateral", "2 meant, 1 collateral"."""
    if meant in (0, deaths):
        return "meant" if meant else "collateral"
    return f"{number(meant)} meant, {number(deaths - meant)} collateral"


def listed(items: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def day(when: date) -> str:
    """Return a date: "8 March 2027"."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def short_day(when: date) -> str:
    """Return a date without its year, in six columns: " 8 Mar"."""
    return f"{when.day:2d} {MONTHS[when.month - 1][:3]}"


def span(first: date, last: date) -> str:
    """Return two dates as a span, the year once if it is the same: "8 March – 20 June 2027"."""
    if first.year != last.year:
        return f"{day(first)} – {day(last)}"
    if first.month != last.month:
        return f"{first.day} {MONTHS[first.month - 1]} – {day(last)}"
    return f"{first.day} – {day(last)}" if first.day != last.day else day(first)


def plain(value: Any) -> str:
    """Return a value as users write it: numbers without needless digits, yes/no in YAML's words."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return format(value, ".15g")
    return "" if value is None else str(value)


def exact(value: Any) -> str:
    """Return a value as `plain` does, but a number with every digit: the shortest text that is read as the same float.

    For what is read again: commands, links and fields.
    """
    if not isinstance(value, float):
        return plain(value)
    text = repr(float(value)).removesuffix(".0")
    return "-0.0" if text == "-0" else text


def run_command(
    scenario: str, settings: Sequence[str], seed: int, run: int, weeks: int | None, every_week: bool = False
) -> str:
    """Return the command line that tells the same run again, quoted for a shell."""
    words = ["fragile-peace", "run", scenario]
    for setting in settings:
        words += ["--set", setting]
    words += ["--seed", str(seed), "--run", str(run)]
    words += ["--weeks", str(weeks)] if weeks is not None else []
    return shlex.join(words + (["--all"] if every_week else []))
