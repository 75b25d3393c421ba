"""The engine's WebAssembly for tests: compiled once for all workers and later sessions, as it takes a minute of a core.

It lies with the compiled kernels, filed under their digest and that of what translates them.
"""

import base64
import fcntl
import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from fragile_peace.kernels.machine.jit import cache_folder
from fragile_peace_lab import durable
from fragile_peace_lab.browser import arguments, engine_ir, wasm
from fragile_peace_lab.browser.edition import Say, modules  # the function itself, which tests put `kept` in place of


def kept(say: Say) -> dict[str, bytes]:
    """Return what `modules` returns, from the file where there is one."""
    folder = cache_folder()
    if folder is None:
        return modules(say)
    file = folder / f"browser-{_digest()}.json"
    with (folder / "browser.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            made = {name: base64.b64encode(raw).decode() for name, raw in modules(say).items()}
            durable.write(file, json.dumps(made).encode())
    return {name: base64.b64decode(text) for name, text in json.loads(file.read_text()).items()}


def _digest() -> str:
    """Return the digest of what turns kernels into modules."""
    found = hashlib.sha256(version("ziglang").encode())
    for path in (arguments.__file__, engine_ir.__file__, wasm.__file__, wasm.RUNTIME):
        found.update(Path(path).read_bytes())
    return found.hexdigest()[:24]
