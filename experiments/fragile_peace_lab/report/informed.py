"""The report of what the spread over the unknowns rests on: records of this war, other wars, or no record at all."""

from typing import Any

import pandas as pd

from fragile_peace.words.wording import counted, percent
from fragile_peace_lab.estimates.informed import CLASSES, NO_RECORD, PRIOR, RECORD
from fragile_peace_lab.figures.results import Results
from fragile_peace_lab.report.tables import Table

HEADS = {
    RECORD: "Calibrated on records of this war",
    CLASSES: "Likened to other wars",
    PRIOR: "Ranges without a record",
    NO_RECORD: "Without a record of this war: the last two",
}


def informed(results: Results) -> list[Table]:
    """Return the table of shares at the baseline setting; nothing where the sweep has no members to tell them from."""
    table = results.informed
    if table.empty:
        return []
    rows = []
    for title, part in table.groupby("title", sort=False):
        by_group = part.set_index("group")
        rows.append([str(title), *(_share(by_group.loc[group]) for group in HEADS)])
    counts = table.drop_duplicates("group").set_index("group")["n_unknowns"]
    caption = (
        "From which unknowns the variance over them comes, each group alone (first-order shares: what unknowns do "
        "together is in none). In brackets the 95% interval over members."
    )
    head = [f"{words} ({counted(int(counts[group]), 'unknown')})" for group, words in HEADS.items()]
    return [Table(caption, ["Outcome", *head], rows)]


def _share(row: Any) -> str:
    if pd.isna(row["estimate"]):
        return "not known"
    return f"{percent(row['estimate'])}\n[{percent(row['low'])} – {percent(row['high'])}]"
