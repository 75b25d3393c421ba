"""Serving the dashboard: where it listens, what is refused, and that nothing of it burdens the other commands."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fragile_peace.errors import InputError
from fragile_peace_lab.cli import dashboard as cli_dashboard
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.dashboard import server
from fragile_peace_lab.dashboard.page import STYLE
from fragile_peace_lab.dashboard.server import bound

HERE = Path(server.__file__).parent


def test_it_listens_on_this_machine_alone_by_default():
    listening = bound("127.0.0.1", 0)
    assert listening.getsockname()[0] == "127.0.0.1"
    port = listening.getsockname()[1]
    with pytest.raises(InputError, match=f"127.0.0.1:{port} cannot be used"):
        bound("127.0.0.1", port)
    listening.close()
    again = bound("127.0.0.1", port)
    assert isinstance(again, socket.socket)
    again.close()
    assert '"127.0.0.1"' in Path(cli_dashboard.__file__).read_text()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "65536"], "from 0 to 65535"),
        (["--port", "-1"], "from 0 to 65535"),
        (["--port", "x"], "--port"),
        (["--host", "no such host"], "is not an address of this machine"),
        (["--host", "203.0.113.7"], "cannot be used"),
    ],
)
def test_bad_options_are_one_line_and_exit_code_two(options, words):
    done = CliRunner().invoke(app, ["dashboard", *options])
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(cli_dashboard, "find_spec", lambda name: None)
    done = CliRunner().invoke(app, ["dashboard"])
    assert done.exit_code == 2
    assert "pip install 'fragile-peace[viz]'" in done.stderr


def test_other_commands_do_not_load_it():
    heavy = ("solara", "numpy", "mesa", "uvicorn")
    code = f"import sys, fragile_peace_lab.cli.main; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_file_of_the_page_is_shipped_and_calls_nobody():
    project = (HERE.parents[2] / "pyproject.toml").read_text()
    assert '"dashboard/*.vue", "dashboard/*.css"' in project
    files = [*HERE.glob("*.vue"), *HERE.glob("*.css")]
    assert len(files) >= 8
    for file in files:
        text = file.read_text()
        assert "http://" not in text
        assert "https://" not in text
        assert "@import" not in text
    assert STYLE.count("{") == STYLE.count("}")
