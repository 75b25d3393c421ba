"""The page, built once, and a Chromium that may not leave the machine to open it in."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tools.chromium import CHROMIUM, MISSING, started

WAIT = 120_000
Opener = Callable[..., Any]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as `fragile-peace browser-edition` writes it; all workers and sessions share its compiled engine."""
    pytest.importorskip("ziglang", reason="the extra browser is not installed")
    from fragile_peace_lab.browser import edition
    from tests.tools.engine_modules import kept

    path = tmp_path_factory.mktemp("browser") / "browser.html"
    engine = kept(lambda words: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edition, "modules", lambda say: engine)
        edition.write(path)
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium; stopped after each file, for an event loop runs in this thread until then."""
    if CHROMIUM is None:
        pytest.skip(MISSING)
    with started() as found:
        yield found


@pytest.fixture
def opened(chromium: Any) -> Iterator[Opener]:
    """Open a file as a reader would, with the network off; fails on an error in the console and on any request."""
    contexts, faults = [], []

    def look(path: Path, fragment: str = "", right: str | None = "true", **options: Any) -> Any:
        context = chromium.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: faults.append(request.url) if not _is_own(request.url) else None)
        page.goto(path.as_uri() + fragment)
        if right is not None:
            page.wait_for_selector(f'#check[data-right="{right}"]')
        return page

    yield look
    for context in contexts:
        context.close()
    assert not faults


def _is_own(url: str) -> bool:
    return url.startswith(("file:", "blob:"))
