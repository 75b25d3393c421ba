"""MkDocs hook: the site has the layout of the repository, so that a page's links mean the same in both."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "paper/paper.md")
"""Pages beside the folder docs/."""
STYLE = "docs/site/extra.css"
TARGET = re.compile(r"""(?:\]\(|(?:src|href)=")([^)"#:]+)""")
"""What a link, an image or an element leads to, if it is a path."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Return the pages, and of the other files those that a page leads to, by their paths in the repository."""
    ours = {f"docs/{file.src_uri}" for file in files if file.src_uri.endswith(".md")} | set(PAGES)
    wanted = {*ours, STYLE}
    for page in ours:
        for target in TARGET.findall((ROOT / page).read_text(encoding="utf-8")):
            path = (ROOT / page).parent.joinpath(target).resolve()
            if path.is_file() and path.is_relative_to(ROOT) and path.suffix != ".md":
                wanted.add(path.relative_to(ROOT).as_posix())
    theirs = [
        file for file in files if file.abs_src_path is None or not Path(file.abs_src_path).is_relative_to(ROOT / "docs")
    ]
    return Files(theirs + [File.generated(config, path, abs_src_path=str(ROOT / path)) for path in sorted(wanted)])
