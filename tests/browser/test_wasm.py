"""The engine's IR turned to WebAssembly, and fused multiply-adds with one rounding over the whole range."""

import base64
import json
import re
import subprocess

import numpy as np
import pytest

from fragile_peace.errors import InputError
from fragile_peace.kernels.machine.intrinsics import fma, python_fma
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace_lab.browser import engine_ir, wasm
from fragile_peace_lab.browser.engine_ir import EngineIr

SMALL = EngineIr(
    """target datalayout = "e-m:e-p270:32:32"
target triple = "x86_64-unknown-linux-gnu"

define i32 @whole(ptr %ret, ptr %exc, ptr %a.0, i64 %n) {
  call void @NRT_incref(ptr %a.0)
  %x = load double, ptr %a.0
  %y = call double @llvm.fma.f64(double %x, double %x, double %x)
  %z = call double @sqrt(double %y)
  store double %z, ptr %ret
  ret i32 0
}
define linkonce_odr void @NRT_incref(ptr %p) #0 {
  %old = atomicrmw add ptr %p, i64 1 monotonic
  ret void
}
declare double @llvm.fma.f64(double, double, double)
declare double @sqrt(double)

attributes #0 = { noinline "target-cpu"="generic" }
""",
    "whole",
)
TRIPLES = 1 << 20
WRONG = """(name) => {
  const bytes = (id) => Uint8Array.from(atob(document.getElementById(id).textContent), (one) => one.charCodeAt(0));
  const module = new WebAssembly.Module(bytes(name)), numbers = new Float64Array(bytes("numbers").buffer);
  const { engine_fma, checked_fma } = new WebAssembly.Instance(module, {}).exports, n = numbers.length / 4;
  const [a, b, c, out] = [0, 1, 2, 3].map((row) => numbers.subarray(row * n, (row + 1) * n));
  let wrong = 0;
  for (let i = 0; i < n; i++) for (const multiply of [engine_fma, checked_fma])
    if (!Object.is(multiply(a[i], b[i], c[i]), out[i])) wrong++;
  return [wrong, WebAssembly.Module.imports(module).length]; }"""


def hashes(index: np.ndarray) -> np.ndarray:
    """uint32 from uint32, as the page makes them."""
    x = index.astype(np.uint32)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
    return x


def triples() -> np.ndarray:
    """Shape (3, TRIPLES): any bits, like exponents, subnormals, infinities and NaN, few digits, what nearly cancels."""
    index = np.arange(3 * TRIPLES, dtype=np.uint32)
    low, high, kind = hashes(2 * index), hashes(2 * index + np.uint32(1)), hashes(index // 3) >> np.uint32(29)
    near = (high & np.uint32(0x800FFFFF)) | ((hashes(index ^ np.uint32(77)) % np.uint32(150) + np.uint32(950)) << 20)
    edge = np.array([0, 1 << 31, 0x7FF00000, 0xFFF00000, 0x7FF80000, 0x00100000, 0x80000000, 0x7FEFFFFF], np.uint32)
    high = np.select(
        [kind == 0, kind == 1, kind == 2, kind == 3],
        [high, high & np.uint32(0x800FFFFF), edge[high % 8], near & np.uint32(0xFFFC0000)],
        near,
    )
    low = np.where(kind == 3, low & np.uint32(3), np.where(kind == 2, low & np.uint32(1), low))
    found = ((high.astype(np.uint64) << np.uint64(32)) | low).view(np.float64).reshape(TRIPLES, 3).T.copy()
    with np.errstate(all="ignore"):
        found[2, ::3] = -(found[0, ::3] * found[1, ::3])
    return found


@kernel
def fused(a, b, c, out):
    """Fill `out` with a b + c, rounded once."""
    for i in range(a.shape[0]):
        out[i] = fma(a[i], b[i], c[i])


def expected(found: np.ndarray) -> np.ndarray:
    """Exact ones, by the processor; a sample of them by exact arithmetic in Python, too."""
    out = np.zeros(found.shape[1])
    fused(*found, out)
    for i in range(0, found.shape[1], 509):
        with np.errstate(all="ignore"):
            exact = python_fma(*found[:, i])
        assert exact == out[i] or (np.isnan(exact) and np.isnan(out[i])), found[:, i]
    return out


def test_ir_is_turned_to_the_other_target():
    for relaxed in (True, False):
        text = wasm.retargeted(SMALL, relaxed)
        assert f'target triple = "{wasm.TRIPLE}"' in text
        assert "atomicrmw" not in text
        assert "@sqrt(" not in text.replace("declare double @sqrt", "")
        assert ("@fused_one(double %x" in text) == relaxed
        assert re.search(r"%v3 = load i64, ptr %p3", text)
        assert "call i32 @whole(ptr %v0, ptr %v1, ptr %v2, i64 %v3)" in text


def test_ir_without_the_entry_is_refused():
    with pytest.raises(InputError, match="no entry in its IR"):
        wasm.retargeted(EngineIr(SMALL.text, "other"), True)


def test_without_the_linker_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(wasm, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'fragile-peace\[browser\]'"):
        wasm._zig("cc", folder=None)


@pytest.mark.slow
def test_a_million_fused_multiply_adds_are_exact_with_and_without_the_instruction(chromium, tmp_path):
    pytest.importorskip("ziglang", reason="the extra browser is not installed")
    found = triples()
    tried = np.concatenate([found, [expected(found)]])
    modules = {str(relaxed): wasm.module(SMALL, relaxed) for relaxed in (True, False)}
    assert modules["True"] == wasm.module(SMALL, True)
    parts = {"numbers": tried.tobytes(), **modules}
    data = "".join(
        f'<script type="x" id="{key}">{base64.b64encode(raw).decode()}</script>' for key, raw in parts.items()
    )
    (tmp_path / "data.html").write_text(data)
    page = chromium.new_context(offline=True).new_page()
    page.goto((tmp_path / "data.html").as_uri())
    for relaxed in modules:
        assert page.evaluate(WRONG, relaxed) == [0, 0]
    page.context.close()


def test_a_module_of_the_folder_that_one_works_in_is_not_taken_for_pythons_own(tmp_path, monkeypatch):
    """The process that compiles the kernels would have taken it; here it says which one it has instead."""
    (tmp_path / "json.py").write_text("raise SystemExit('stranger')")
    monkeypatch.chdir(tmp_path)
    asked = "import json, sys; sys.exit(json.__file__)"
    started = subprocess.run

    def instead(command, **how):
        return started([*command[: command.index("-m")], "-c", asked], **how)

    monkeypatch.setattr(engine_ir.subprocess, "run", instead)
    with pytest.raises(InputError, match=f"the kernels could not be compiled: {json.__file__}"):
        engine_ir.engine_ir()
