"""The report of a sweep whose members have labels: outcomes apart by each label, beside all members together."""

import pandas as pd

from fragile_peace_lab.design.labels import BY_NAME, CLASS, LIKE, TACTICAL
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates.basis import recorded
from fragile_peace_lab.estimates.by_label import NAME, values_of
from fragile_peace_lab.estimates.outcomes import BY_NAME as BY_OUTCOME
from fragile_peace_lab.estimates.outcomes import GROUPS
from fragile_peace_lab.figures.levers import at_setting
from fragile_peace_lab.figures.panels import CUT_SHORT, show
from fragile_peace_lab.figures.results import Results
from fragile_peace_lab.report.findings import place_words
from fragile_peace_lab.report.tables import IN_A_CELL, Table, cell

ENDS = "collapse"
WARS = (ENDS, "war_russia_ukraine", "nato_russia_war", "war_with_us", "weeks", "exchange_of_fire")
LINE = (
    "violations_true_line",
    "violations_recorded_line",
    "european_death",
    "european_deaths",
    "exchange_of_fire",
    ENDS,
)
SHOWN = {CLASS: WARS, TACTICAL: WARS, LIKE: LINE}


def by_label(results: Results) -> list[Table]:
    """Return a table a label, at the setting of the headlines; nothing where members have none."""
    if not results.runs.labels:
        return []
    setting = results.runs.settings[results.baseline]
    table = at_setting(results.table(NAME), setting)
    every = at_setting(pd.concat([results.table(group) for group in GROUPS]), setting)
    every = every[every["type"] == "mixed"]
    found = []
    for label, members in results.runs.labels.items():
        values = values_of(label, members)
        own = table[table["label"] == label]
        rows = [
            [str(whole.iloc[0]["title"]), cell(whole.iloc[0]), *(cell(own[(own["outcome"] == name)
             & (own["value"] == value)].iloc[0]) for value in values)]
            for name in SHOWN[label] if len(whole := every[every["outcome"] == name])
        ]  # fmt: skip
        rows.append(["Members of the sample", str(len(members)), *(str(int((members == v).sum())) for v in values)])
        rows += [_records(values, results.weeks)] if label == CLASS else []
        words = BY_NAME[label].words
        caption = f"By {BY_NAME[label].title}, with {place_words(results, setting)}. {CUT_SHORT} {IN_A_CELL}"
        head = [words.get(value, value) for value in values]
        found.append(Table(caption, ["Outcome", "All members", *head], rows))
        if results.structures:
            found.append(_in_structures(results, label, values, head))
    return found


def _in_structures(results: Results, label: str, values: list[str], head: list[str]) -> Table:
    """The end of the ceasefire by a label in every structure, at the setting of the headlines."""
    setting = results.runs.settings[results.baseline]
    table = at_setting(results.tables[NAME], setting)
    own = table[(table["label"] == label) & (table["outcome"] == ENDS)]
    rows = []
    for name in results.structures:
        part = own[own[STRUCTURE] == name].set_index("value")
        rows.append([name, *(cell(part.loc[value]) for value in values)])
    caption = f"{BY_OUTCOME[ENDS].title}, by structure and by {BY_NAME[label].title}. {IN_A_CELL}"
    return Table(caption, ["Structure", *head], rows)


def _records(values: list[str], weeks: int) -> list[str]:
    """The classes' own curves at the sweep's horizon; an expert has none."""
    shares = recorded(weeks)
    cells = [show(shares[value], "probability") if value in shares else "no record" for value in values]
    return [f"Record of the class: wars that came back by week {weeks}, without a force", "", *cells]
