"""Small published results to check and to tamper with (fixtures in tests/reproduction/conftest.py)."""

import json
from dataclasses import replace
from pathlib import Path

from fragile_peace_lab.figures.drawing import PAGE
from fragile_peace_lab.report.page import write_report
from fragile_peace_lab.reproduction.certificate import FAIL
from fragile_peace_lab.store.manifest import OWN, own_digest

ROOT = Path(__file__).resolve().parents[2]


def remade(folder, published=None):
    """The report of a folder, its figures in one kind alone."""
    write_report(folder, sizes=[replace(PAGE, kinds=("svg",))])


def verdicts(items):
    """The verdict of each item by what it is about."""
    return {item.what: item.verdict for item in items}


def failed(items):
    """What the failed items say, by what they are about."""
    return {item.what: item.detail for item in items if item.verdict == FAIL}


def edit(path, change):
    """Change a JSON file in place; a manifest keeps a digest that fits."""
    data = json.loads(path.read_text())
    change(data)
    if OWN in data:
        data[OWN] = own_digest(data)
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
