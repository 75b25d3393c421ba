"""results/README.md is true: what it names is there, what is there is named, and its commands exist."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer

from fragile_peace.declared import yamltext
from fragile_peace.declared.scenario import Scenario, shipped
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.cli.options import read_scenario
from fragile_peace_lab.design.sweep import SHIPPED
from fragile_peace_lab.reproduction import crate
from fragile_peace_lab.store.side_tables import SIDE_TABLES

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results"
TEXT = (RESULTS / "README.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"`([^`\n]+)`", TEXT)
PATHS = [words for words in QUOTED if " " not in words and ("/" in words or re.search(r"\.\w+$", words))]
LINES = [line for line in TEXT.splitlines() if line.startswith("fragile-peace ")]
COMMANDS = [words for words in QUOTED if words.startswith(("fragile-peace ", "make "))] + LINES
UNKEPT = ("parts/", *SIDE_TABLES)
"""What git does not keep and the page says so."""


def test_every_file_that_it_names_is_there():
    assert len(PATHS) > 30
    for words in PATHS:
        assert words in UNKEPT or list(RESULTS.glob(words)) or (RESULTS / words).resolve().exists() or (
            words.startswith("../") and list(ROOT.glob(words.removeprefix("../")))
        ), words  # fmt: skip


def test_every_published_file_is_named():
    """Each by its path or a pattern of the table of commands; each table and the numbers of each figure by name."""
    named = {path for words in PATHS if not words.startswith("../") for path in RESULTS.glob(words)}
    published = set(crate.kept_files(RESULTS, crate.published(RESULTS)))
    assert published - named <= {RESULTS / "README.md"}
    for path in published:
        if path.suffix == ".csv":
            assert path.relative_to(RESULTS).as_posix() in PATHS


def test_every_figure_has_a_row_with_its_numbers():
    for path in crate.kept_files(RESULTS, crate.published(RESULTS)):
        if path.suffix == ".json" and path.parent.name == "figures":
            numbers = path.with_suffix(".csv").relative_to(RESULTS).as_posix()
            assert re.search(rf"^\| `{path.stem}` \|.*`{numbers}`", TEXT, re.MULTILINE), path


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_exists_with_its_arguments(line):
    program, name, *arguments = shlex.split(line)
    if program == "make":
        assert re.search(rf"^{name}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        return
    group = typer.main.get_command(app)
    command = group.get_command(None, name)
    assert command is not None, name
    numbers = [{"P": "0", "R": "0"}.get(word, word) for word in arguments]
    command.make_context(name, numbers)  # refuses an option that --help does not know
    for word in arguments:
        if word.startswith("results/"):
            assert (ROOT / word).is_dir()
    if name == "sweep":
        assert arguments[0] == "NAME" or (SHIPPED / f"{arguments[0]}.yaml").exists()
    if name == "reproduce" and arguments:
        assert (ROOT / "notebooks" / f"{arguments[0]}.ipynb").exists()


def test_the_run_that_is_drawn_is_the_one_that_the_page_tells():
    _, command, scenario, *options = shlex.split(LINES[0])
    assert command == "run"
    assert scenario in shipped()
    given = list(zip(options[::2], options[1::2], strict=True))
    settings = [value for name, value in given if name == "--set"]
    world = read_scenario(scenario, settings)
    said = json.loads((RESULTS / "legitimate_targets" / "figures" / "single_run.json").read_text())
    base = json.loads((RESULTS / "legitimate_targets" / "manifest.json").read_text())["scenarios"][scenario]
    published = Scenario.from_dict(base["values"])
    pairs = (setting.split("=", 1) for setting in settings)
    assert world == published.override({name: yamltext.scalar(text, name) for name, text in pairs})
    if published.digest == base["digest"]:  # a parameter declared since changes every digest, and no run
        assert world.digest == said["scenario_digest"]
    numbers = {name: int(value) for name, value in given if name != "--set"}
    assert numbers == {"--seed": said["seed"], "--run": said["run"], "--weeks": said["weeks"]}
