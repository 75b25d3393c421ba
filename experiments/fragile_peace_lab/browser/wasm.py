"""From the engine's IR to a WebAssembly module without imports, through LLVM's own WebAssembly target.

Two modules come of the same IR. Where fused multiply-adds are single instructions of *relaxed* SIMD, processors with
the instruction give one rounding, others two: the page asks which before it uses this module. In the *exact* module
each is a call of `runtime.c`, right everywhere and slower.
"""

import functools
import os
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from llvmlite import binding

from fragile_peace.errors import InputError
from fragile_peace_lab.browser.engine_ir import EngineIr

RUNTIME = Path(__file__).with_name("runtime.c")
TRIPLE = "wasm32-unknown-unknown"
LAYOUT = "e-m:e-p:32:32-p10:8:8-p20:8:8-i64:64-i128:128-n32:64-S128-ni:1:10:20"
FEATURES = ("simd128", "bulk-memory", "sign-ext", "nontrapping-fptoint")
EXPORTS = ("run", "heap_base", "engine_fma", "checked_fma")
STACK = 1 << 20
ENTRY = "entry"
"""The function that `runtime.c` calls with the arguments of a block."""
_FOR_X86 = (
    (r"^target datalayout = .*$", f'target datalayout = "{LAYOUT}"'),
    (r"^target triple = .*$", f'target triple = "{TRIPLE}"'),
    (r"^declare i8 @llvm\.x86\.atomic.*$", ""),
    (r'"target-(cpu|features)"="[^"]*"', ""),
    (r"@sqrt\(", "@llvm.sqrt.f64("),
    (r"= common (local_unnamed_addr )?global ptr null", "= internal global ptr null"),
)
_UNCOUNTED = "define internal void @{name}(ptr %array) alwaysinline {{\n  ret void\n}}\n"
"""Nothing is freed before a block ends (`runtime.c`), so references need no counting."""
_FMA = {
    False: """
declare double @fma(double, double, double)
declare <2 x double> @fma_two(<2 x double>, <2 x double>, <2 x double>)
define double @engine_fma(double %a, double %b, double %c) {
  %r = call double @fma(double %a, double %b, double %c)
  ret double %r
}
""",
    True: """
declare <2 x double> @llvm.wasm.relaxed.madd.v2f64(<2 x double>, <2 x double>, <2 x double>)
define internal double @fused_one(double %a, double %b, double %c) alwaysinline {
  %x = insertelement <2 x double> zeroinitializer, double %a, i32 0
  %y = insertelement <2 x double> zeroinitializer, double %b, i32 0
  %z = insertelement <2 x double> zeroinitializer, double %c, i32 0
  %r = call <2 x double> @llvm.wasm.relaxed.madd.v2f64(<2 x double> %x, <2 x double> %y, <2 x double> %z)
  %s = extractelement <2 x double> %r, i32 0
  ret double %s
}
define internal <2 x double> @fused_two(<2 x double> %a, <2 x double> %b, <2 x double> %c) alwaysinline {
  %r = call <2 x double> @llvm.wasm.relaxed.madd.v2f64(<2 x double> %a, <2 x double> %b, <2 x double> %c)
  ret <2 x double> %r
}
define double @engine_fma(double %a, double %b, double %c) {
  %r = call double @fused_one(double %a, double %b, double %c)
  ret double %r
}
""",
}
"""What fused multiply-adds become, by whether they are relaxed SIMD's."""


def module(ir: EngineIr, relaxed: bool) -> bytes:
    """Return the engine as a WebAssembly module.

    Parameters
    ----------
    ir : of the engine
    relaxed : whether its fused multiply-adds are instructions

    Raises
    ------
    InputError : the linker is not installed, or fails
    """
    features = (*FEATURES, "relaxed-simd") if relaxed else FEATURES
    return _linked(_object(retargeted(ir, relaxed), features), features)


def retargeted(ir: EngineIr, relaxed: bool) -> str:
    """Return the IR for WebAssembly, with an entry that loads the arguments of `simulate_block` from memory."""
    text = ir.text
    for pattern, new in _FOR_X86:
        text = re.sub(pattern, new, text, flags=re.MULTILINE)
    for name in ("NRT_incref", "NRT_decref"):
        text = re.sub(rf"^define [^\n]*@{name}\(.*?^}}$", _UNCOUNTED.format(name=name), text, flags=re.M | re.S)
    text = re.sub(r"^declare .*@llvm\.fma\.(v2)?f64.*$", "", text, flags=re.MULTILINE)
    one, two = ("@fused_one(", "@fused_two(") if relaxed else ("@fma(", "@fma_two(")
    text = text.replace("@llvm.fma.f64(", one).replace("@llvm.fma.v2f64(", two)
    if "@llvm.sqrt.f64(" in text and not re.search(r"^declare double @llvm\.sqrt\.f64", text, flags=re.MULTILINE):
        text += "\ndeclare double @llvm.sqrt.f64(double)\n"
    return text + _FMA[relaxed] + _entry(ir)


def _entry(ir: EngineIr) -> str:
    """Return a function that calls the engine with arguments from slots of eight bytes; the first two are for results.

    Parameters
    ----------
    ir : of the engine; its parameters are read off its definition
    """
    found = re.search(rf"^define [^\n]*@{re.escape(ir.entry)}\(([^\n]*)\)[^\n]*{{$", ir.text, flags=re.MULTILINE)
    if found is None:
        raise InputError("browser-edition: the engine has no entry in its IR; is this version of Numba supported?")
    kinds = [each.split()[0] for each in re.sub(r"\([^()]*\)", "", found[1]).split(", ")]
    lines = [f"define i32 @{ENTRY}(ptr %slots) {{"]
    for number, kind in enumerate(kinds):
        lines.append(f"  %p{number} = getelementptr i8, ptr %slots, i32 {8 * number}")
        lines.append(f"  %v{number} = load {kind}, ptr %p{number}, align 8")
    values = ", ".join(f"{kind} %v{number}" for number, kind in enumerate(kinds))
    return "\n".join([*lines, f"  %r = call i32 @{ir.entry}({values})", "  ret i32 %r", "}", ""])


def _object(text: str, features: tuple[str, ...]) -> bytes:
    """Compile IR to a WebAssembly object."""
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    parsed = binding.parse_assembly(text)
    parsed.verify()
    flags = ",".join(f"+{name}" for name in features)
    machine = binding.Target.from_triple(TRIPLE).create_target_machine(cpu="generic", features=flags, opt=3)
    builder = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(speed_level=2))
    builder.getModulePassManager().run(parsed, builder)
    return bytes(machine.emit_object(parsed))


def _linked(engine: bytes, features: tuple[str, ...]) -> bytes:
    """Link the engine and its runtime; nothing is left to import."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "engine.o").write_bytes(engine)
        (folder / "runtime.o").write_bytes(_runtime(features))
        exports = [f"--export={name}" for name in EXPORTS]
        _zig("wasm-ld", "--no-entry", "--strip-all", "--gc-sections", "-z", f"stack-size={STACK}", *exports,
             "engine.o", "runtime.o", "-o", "engine.wasm", folder=folder)  # fmt: skip
        return (folder / "engine.wasm").read_bytes()


@functools.cache
def _runtime(features: tuple[str, ...]) -> bytes:
    """Compile `runtime.c`."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "runtime.c").write_bytes(RUNTIME.read_bytes())
        flags = [f"-m{name}" for name in features]
        _zig("cc", "--target=wasm32-freestanding", "-O2", "-g0", "-ffreestanding", "-fno-builtin", "-fno-sanitize=all",
             "-ffp-contract=off", *flags, "-c", "runtime.c", "-o", "runtime.o", folder=folder)  # fmt: skip
        return (folder / "runtime.o").read_bytes()


def _zig(*words: str, folder: Path) -> None:
    """Run a tool of the wheel that brings compiler and linker. Raises InputError."""
    if find_spec("ziglang") is None:
        raise InputError("browser-edition: ziglang is not installed; pip install 'fragile-peace[browser]' brings it")
    caches = {"ZIG_GLOBAL_CACHE_DIR": str(folder), "ZIG_LOCAL_CACHE_DIR": str(folder)}
    command = [sys.executable, "-m", "ziglang", *words]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **caches}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no message"]
        raise InputError(f"browser-edition: {words[0]} failed: {said[-1]}")
