"""A dashboard served, and a real headless Chromium that refuses every request that leaves the machine."""

import pytest

from fragile_peace_lab.running.runner import run_sweep
from tests.tools.chromium import started
from tests.tools.served import dashboard
from tests.tools.tiny_sweeps import tiny

WAIT = 30_000  # milliseconds


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with results/tiny in it, where the server is started."""
    folder = tmp_path_factory.mktemp("home")
    run_sweep(tiny(), folder / "results" / "tiny")
    return folder


@pytest.fixture(scope="module")
def address(home):
    """The address of a running dashboard and its key, as `fragile-peace dashboard` prints them."""
    with dashboard(home) as found:
        yield found


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium."""
    with started() as chromium:
        yield chromium


@pytest.fixture
def visit(browser, address):
    """Opens pages, each a session of its own, and at the end checks that none erred or called the outside."""
    contexts, faults = [], []
    url, key = address

    def route(request):
        if request.request.url.startswith((url, "data:", "blob:")):
            request.continue_()
        else:
            faults.append(f"outside: {request.request.url}")
            request.abort()

    def go(query="", **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.route("**/*", route)
        context.set_default_timeout(WAIT)
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{url}/?{key}&{query}")
        page.wait_for_selector(".fp-view")
        return page

    yield go
    for context in contexts:
        context.close()
    assert faults == []
