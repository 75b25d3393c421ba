"""brief.html and brief.pdf: links that lead somewhere, numbers equal to their rows, one sheet, the same bytes again."""

import csv
import json
import re
import statistics
from fnmatch import fnmatchcase
from html.parser import HTMLParser

import pytest
from typer.testing import CliRunner

from fragile_peace_lab.cli.main import app
from tests.tools.briefs import decided_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    pytest.importorskip("reportlab", reason="extra decide")
    where = decided_folder(tmp_path_factory.mktemp("written"))
    found = CliRunner().invoke(app, ["brief", str(where)])
    assert found.exit_code == 0, found.output
    assert "brief.html" in found.stdout
    return where


class Page(HTMLParser):
    """The links of the article, and the cells of the rows that they lead to."""

    def __init__(self):
        super().__init__()
        self.links, self.rows, self.row, self.link, self.article = [], {}, None, None, False

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "article":
            self.article = True
        if tag == "a" and given.get("href", "").startswith("#n"):
            self.link = given["href"][1:]
        if tag == "tr" and "id" in given:
            self.row = self.rows[given["id"]] = []
        if tag in ("td", "th") and self.row is not None:
            self.row.append("")

    def handle_endtag(self, tag):
        if tag == "tr":
            self.row = None
        if tag == "a":
            self.link = None

    def handle_data(self, data):
        if self.link:
            self.links.append((self.link, data))
        if self.row is not None and self.row:
            self.row[-1] += data


@pytest.fixture(scope="module")
def page(folder):
    parser = Page()
    parser.feed((folder / "decide" / "brief.html").read_text())
    return parser


def made(folder, file, rows, column, how):
    """The value, from the file alone."""
    if file.endswith(".json"):
        values = [json.loads((folder / file).read_text())]
        for step in column.split("/")[1:]:
            steps = [v.items() if isinstance(v, dict) else enumerate(v) for v in values]
            values = [value for one in steps for key, value in one if fnmatchcase(str(key), step)]
    else:
        with (folder / file).open(newline="") as source:
            found = list(csv.DictReader(source))
        chosen = dict(re.findall(r"(\S+) = ([^,]+)", rows.split(": ", 1)[1]))
        values = [row[column] for row in found if all(same(row[k], v) for k, v in chosen.items())]
        count = 1 if rows.startswith("line ") else int(rows.split(" ")[0])
        assert len(values) == count, rows
    if how == "how many rows":
        return len(values)
    if how == "how many different":
        return len(set(values))
    taken = {"the value": max, "the least": min, "the greatest": max, "the median": statistics.median, "the total": sum}
    return taken[how](float(value) for value in values)


def same(cell, wanted):
    """A cell and a value as the brief writes it: numbers by value, yes and no for flags."""
    try:
        return float(cell) == float(wanted)
    except ValueError:
        return {"True": "yes", "False": "no", "true": "yes", "false": "no"}.get(cell, cell) == wanted


def written(value):
    """Every way in which a number may stand on the page."""
    points = f"{100 * value:.1f}".replace("-", "−")
    percents = {f"{100 * value:.0f}%", f"{100 * value:.1f}%", f"{100 * value:.2f}%", f"{100 * value:.2g}%"}
    return {points, f"{value:.1f}", f"{value:,.12g}", *percents}


def test_every_link_leads_to_a_row_whose_file_gives_the_number(folder, page):
    assert len(page.links) > 80
    for link, text in page.links:
        place, above, file, rows, column, how, full = page.rows[link]
        assert (link, text) == (f"n{place}", above)
        value = made(folder, file, rows, column, how)
        assert value == pytest.approx(float(full), rel=1e-11)
        assert text in written(value) or text.startswith("<"), (text, value)


def test_the_page_needs_nothing_else(folder):
    text = (folder / "decide" / "brief.html").read_text()
    assert "http" not in re.sub(r'"data:image/svg[^"]*"', "", text)
    assert "<script" not in text


def test_the_pdf_has_the_brief_on_one_sheet_and_a_link_for_every_number(folder, page):
    data = (folder / "decide" / "brief.pdf").read_bytes()
    sheets = re.search(rb"/Kids \[ ([^\]]*) \]", data)[1].split(b" 0 R")[:-1]
    goals = re.findall(rb"/Dest \[ (\d+) 0 R", data)
    assert len(goals) >= len(page.links)
    assert set(goals) <= {sheet.strip() for sheet in sheets[1:]}
    pages = [re.search(rb"\n%s 0 obj\n(.*?)endobj" % sheet.strip(), data, re.DOTALL)[1] for sheet in sheets]
    assert [b"/Annots" in one for one in pages] == [True] + [False] * (len(sheets) - 1)


def test_the_same_decision_gives_the_same_bytes(folder):
    files = [folder / "decide" / name for name in ("brief.html", "brief.pdf")]
    before = [path.read_bytes() for path in files]
    assert CliRunner().invoke(app, ["brief", str(folder)]).exit_code == 0
    assert [path.read_bytes() for path in files] == before


def test_what_is_wrong_is_one_line(tmp_path):
    found = CliRunner().invoke(app, ["brief", str(tmp_path)])
    assert found.exit_code == 2
    assert found.output.strip().count("\n") == 0
