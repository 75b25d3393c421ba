"""The war block's tables of docs/calibration.md: what was elicited, what the records ask, what the sample holds."""

from typing import Any

import pandas as pd

from fragile_peace_lab.calibration import war_check, war_pool
from fragile_peace_lab.calibration.war import DISCREPANCY, ELICITED, FITTED, HORIZONS, N_EARLY, RECORD
from fragile_peace_lab.calibration.war_check import MIXTURE, SHOWN
from fragile_peace_lab.calibration.war_path import YEAR
from fragile_peace_lab.design.war_sample import WarSample
from fragile_peace_lab.reproduction.docs_source import table


def war_tables() -> str:
    """Return four tables with headings, from the shipped sample and the declarations."""
    sample, sources = WarSample.load(), war_pool.load()
    return "\n\n".join((_curves(sample, sources), _survival(sample), _widths(sample), _records()))


def cited() -> dict[str, list[str]]:
    """Return the keys of the evidence that the war block's sample rests on, by where they enter."""
    found = {f"war sample: {item.name}": [item.source] for item in ELICITED if item.source != "assumption"}
    return found | {f"reference class {name}": [record.law.source] for name, record in RECORD.items()}


def _number(value: Any) -> str:
    return "" if pd.isna(value) else f"{value:.3g}"


def _curves(sample: WarSample, sources: tuple[war_pool.Source, ...]) -> str:
    found = war_check.on_file(sample, sources).curves
    rows = []
    for name, part in found.groupby("source", sort=False):
        cells = []
        for row in part.to_dict("records"):
            span = "" if pd.isna(row["low"]) else f"; {_number(row['low'])} to {_number(row['high'])}"
            cells.append(f"{_number(row['model'])} ({_number(row['record'])}{span})")
        rows.append([str(name) if name == MIXTURE else f"`{name}`", str(part["members"].iloc[0]), *cells])
    title = "### The war comes back without a force: the sample (the record; the tolerance)\n\n"
    heads = [f"{week} weeks" if week < YEAR else f"{week // YEAR} y" for week in SHOWN]
    return title + table(" | ".join(["class", "members", *heads]), rows)


def _survival(sample: WarSample) -> str:
    rows = []
    for name in sample.sources:
        row = sample.about["survival"][name]
        shares = row["participation"], row["tactical"], row["accepted"], row["participation"] * row["accepted"]
        rows.append([f"`{name}`", f"{row['draws']:,.0f}", *(f"{share:.2g}" for share in shares)])
    heads = "class | draws of the prior | both sign | of these tactical | of these accepted | sign and accepted"
    return "### What survives of the elicited prior\n\n" + table(heads, rows)


def _widths(sample: WarSample) -> str:
    names = [*sample.sources, MIXTURE]
    rows = []
    for item, row in zip(ELICITED, war_check.narrowed(sample).to_dict("records"), strict=True):
        widths = [f"{row[f'width_{name}']:.2f}" for name in ("signed", *names)]
        span = f"{row['prior_low']:g} to {row['prior_high']:g}"
        rows.append([f"`{item.name}`", item.prior.kind, span, item.why, item.source, *widths])
    title = "### The unknowns of the war block: their prior, and the width of what is left over the prior's\n\n"
    heads = ["parameter", "prior", "range", "what it is", "source", "both sign", *names]
    return title + table(" | ".join(heads), rows)


def _records() -> str:
    rows = []
    for name, record in RECORD.items():
        shares = [f"{record.share(year):.3g}" + ("*" if year not in record.law.shares else "") for year in HORIZONS]
        rows.append([f"`{name}`", *shares, f"{record.early:.2f}", str(record.n), record.why, record.law.source])
    title = "### The records of the reference classes: the share of wars that came back\n\n"
    heads = ["class", *(f"{year} y" for year in HORIZONS), "of two years', in 16 weeks", "n", "why", "source"]
    off = ", ".join(f"{extra:g} at {year} y" for year, extra in DISCREPANCY.items())
    note = (
        "\n\n\\* the record is silent, and the law (E9.18) stands in. Members are accepted by the shares at "
        f"{' and '.join(map(str, FITTED))} years and by the early share, which weighs as much as {N_EARLY} wars. A "
        f"curve must lie in Jeffreys' 95 % interval of its record, wider by {off}."
    )
    return title + table(" | ".join(heads), rows) + note
