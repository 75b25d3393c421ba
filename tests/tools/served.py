"""A dashboard served in a process of its own, and a reverse proxy that puts a path before it."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C"
HEAD = b"\r\n\r\n"


@contextmanager
def dashboard(home: Path, *options: str) -> Iterator[tuple[str, str]]:
    """Start `fragile-peace dashboard` in a folder; its address, and "key=…", as it prints them. It must end clean."""
    paths = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "fragile_peace_lab", "dashboard", "--port", "0", *options]
    log = home / "server.log"
    with log.open("w") as sink:
        server = subprocess.Popen(command, cwd=home, env=environment, stdout=sink, stderr=subprocess.STDOUT)
    try:
        for _ in range(1200):
            if READY in log.read_text() or server.poll() is not None:
                break
            time.sleep(0.1)
        said = log.read_text()
        assert "Fragile Peace dashboard: http://127.0.0.1:" in said, said
        assert "Only this machine can reach it." in said
        url, key = said.split("dashboard: ")[1].split()[0].split("/?")
        yield url, key
        assert server.poll() is None, log.read_text()
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def proxy(prefix: str, port: int) -> Iterator[int]:
    """Answer for a server on this machine's `port` under a path, which is taken off; yields the proxy's own port.

    As JupyterHub's proxies do: names and cookies go through as they are, web sockets as well. What is asked for outside
    the path is not found.
    """
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(_Passing(prefix.encode(), port), "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_ended(server), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


async def _ended(server: asyncio.Server) -> None:
    """Close a server and every connection that it still has."""
    server.close()
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


class _Passing:
    """Passes one connection on, which is one request or one web socket."""

    def __init__(self, prefix: bytes, port: int) -> None:
        self.prefix, self.port = prefix, port

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(HEAD)
            method, path, rest = head.split(b" ", 2)
            if not path.startswith(self.prefix + b"/"):
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            there, back = await asyncio.open_connection("127.0.0.1", self.port)
            back.write(b" ".join([method, path[len(self.prefix) :], _once(rest)]))
            try:
                await asyncio.gather(_copied(reader, back), _copied(there, writer))
            finally:
                back.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # one of the two has gone, or the proxy ends
        finally:
            writer.close()


def _once(rest: bytes) -> bytes:
    """Return a request's headers so that the connection ends with the answer; a web socket's stay."""
    if b"\r\nupgrade: websocket" in rest.lower():
        return rest
    lines = [line for line in rest[: -len(HEAD)].split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"]) + HEAD


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until there are no more, and say so."""
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.close()
