"""A dashboard in a process of its own, as `fragile-peace dashboard` starts it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running(home: Path) -> Iterator[list[str]]:
    """Give the address of a dashboard that is started in a folder, and its key, "key=…"; it errs nowhere meanwhile."""
    paths = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "fragile_peace_lab", "dashboard", "--port", "0"]
    log = home / "server.log"
    with log.open("w") as sink:
        server = subprocess.Popen(command, cwd=home, env=environment, stdout=sink, stderr=subprocess.STDOUT)
    try:
        for _ in range(1200):
            if "Ctrl-C" in log.read_text() or server.poll() is not None:
                break
            time.sleep(0.1)
        said = log.read_text()
        assert "Fragile Peace dashboard: http://127.0.0.1:" in said, said
        assert "Only this machine can reach it." in said
        yield said.split("dashboard: ")[1].split()[0].split("/?")
        assert server.poll() is None, log.read_text()
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        server.terminate()
        server.wait(20)
