"""The engine as LLVM IR for no processor in particular: what WebAssembly is made of.

Numba compiles for the processor that it runs on, vectors as wide as it has; WebAssembly has vectors of two numbers, as
the generic processor has. Numba asks which one is meant when it is loaded, so the IR is made in a process of its own:
`python -m fragile_peace_lab.browser.engine_ir FILE` (used by `engine_ir`). That process starts from an empty cache:
what lies in a shared one was compiled in an order that nobody knows, and names, copies and the order of functions
follow it. So the same kernels give the same text, at the price of compiling them each time.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fragile_peace.errors import InputError
from fragile_peace_lab.browser.arguments import arguments

GENERIC = {
    "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NUMBA_DISABLE_JIT": "0", "PYTHONHASHSEED": "0",
}  # fmt: skip


@dataclass(frozen=True)
class EngineIr:
    """The IR of `simulate_block` with all that it calls.

    Attributes
    ----------
    text : the module, as text
    entry : name of the function in it
    """

    text: str
    entry: str


def engine_ir() -> EngineIr:
    """Return the IR of the installed kernels; takes a minute or two.

    Raises
    ------
    InputError : they could not be compiled; one line of what was said
    """
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) / "engine.json"
        command = [sys.executable, "-P", "-m", "fragile_peace_lab.browser.engine_ir", str(out)]
        path = os.pathsep.join(entry for entry in sys.path if entry)
        own = {**GENERIC, "PYTHONPATH": path, "FRAGILE_PEACE_CACHE": temporary, "NUMBA_CACHE_DIR": temporary}
        made = subprocess.run(command, env={**os.environ, **own}, capture_output=True, text=True, check=False)
        if made.returncode:
            said = made.stderr.strip().splitlines() or ["no message"]
            raise InputError(f"browser-edition: the kernels could not be compiled: {said[-1]}")
        return EngineIr(**json.loads(out.read_text(encoding="utf-8")))


def _compiled() -> EngineIr:
    """Compile the engine in this process."""
    import numba

    from fragile_peace.kernels.engine import simulate_block
    from fragile_peace.kernels.machine.jit import OPTIONS, EntryCompiler

    signature = tuple(numba.typeof(value) for value in arguments().values())
    options: dict[str, Any] = {**OPTIONS, "no_cpython_wrapper": True, "pipeline_class": EntryCompiler}
    whole: Any = numba.njit(**options)(simulate_block.py_func)
    whole.compile(signature)
    made = whole.overloads[whole.signatures[0]]
    return EngineIr(made.library.get_llvm_str(), made.fndesc.llvm_func_name)


if __name__ == "__main__":
    ir = _compiled()
    Path(sys.argv[1]).write_text(json.dumps(vars(ir)), encoding="utf-8")
