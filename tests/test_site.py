"""The pages as a site: built with warnings as errors, without a network while building or reading."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
API = sorted((ROOT / "docs/api").glob("*.md"))
FACES = ("fragile_peace", "fragile_peace_lab")
LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
"""Elements by which a browser loads something without being asked, and the attribute that says what."""


class Loads(HTMLParser):
    """What a page loads when it is opened."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.found += [value or "" for name, value in attrs if LOADED.get(tag) == name]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def test_it_builds_without_a_warning_and_has_every_page(site: Path) -> None:
    for page in [*ROOT.glob("docs/*.md"), *API]:
        assert (site / page.relative_to(ROOT).with_suffix(".html")).exists(), page
    assert (site / "results/browser.html").exists()


def test_no_page_loads_anything_from_elsewhere_or_that_is_not_there(site: Path) -> None:
    pages = [page for page in site.rglob("*.html") if page.name != "404.html"]  # which is for a server's root
    for page in pages:
        for what in Loads(page).found:
            assert not re.match(r"(https?:)?//", what), f"{page.name} loads {what}"
            if not what.startswith(("data:", "#")):
                assert (page.parent / what.partition("?")[0]).exists(), f"{page.name} loads {what}"
    styles = "".join(style.read_text(encoding="utf-8") for style in site.rglob("*.css"))
    assert not re.findall(r"url\([\"']?https?:|@import", styles)


def test_what_a_face_offers_has_a_place_on_one_page() -> None:
    """And on the page it stands by the name by which users import it."""
    asked = [name for page in API for name in re.findall(r"^::: ([\w.]+)$", page.read_text(encoding="utf-8"), re.M)]
    offered = [f"{face}.{name}" for face in FACES for name in import_module(face).__all__ if name != "__version__"]
    assert len(asked) == len(set(asked))
    assert set(offered) <= set(asked)


def test_a_signature_and_its_parameters_are_shown(site: Path) -> None:
    text = re.sub(r"<[^>]+>", "", (site / "docs/api/runs.html").read_text(encoding="utf-8"))
    assert "fragile_peace.simulate" in text
    assert re.search(r"simulate\(\s*scenarios", text)
    assert "Returns" in text
