"""The decorator of all kernels, and the cache of their machine code.

A `Kernel` is compiled when it is first needed, never at import, and in two forms that share their source: the *part*
that other kernels link in, which Python cannot call, and the *whole* that Python calls. Numba puts a layer around each
function that turns Python objects into machine values and back; parts have none, which saves a fifth of a cold start,
and no machine code either (`PartLibrary`), which saves a sixth. Entry points of the engine, which link all of it, are
not optimised again (`EntryLibrary`), which saves a tenth. `first_compile` uses two processes for the first compilation;
`Uncollected` switches garbage collection off during it. Both forms are `numba.njit` with fixed options:

fastmath off
    No reordering and no contraction of a product and a sum: bits are part of the results. A fused multiply-add happens
    only where `intrinsics.fma` asks for one.
nogil
    Blocks of runs are spread over threads; no kernel uses Numba's own threads, whose sums change with their number.
error_model numpy
    A division by zero gives inf or NaN (an integer one gives 0) and never raises, so **every divisor is guarded** where
    it can vanish. The reason is measured: the check behind Python's ZeroDivisionError stops vectorisation, and a loop
    over a[i]/b[i] + a[i]/(1 + b[i]) takes 2.8 ns an element with it and 0.7 ns without (AMD EPYC, Numba 0.68.1).
cache
    Numba's own cache asks only whether the *defining* file has changed, so a kernel keeps the old code of a callee in
    another file. Here the cache folder (`cache`) is named by a digest of all kernel sources, the versions of Python,
    Numba, NumPy and llvmlite, the processor and the compiler's settings: editing any kernel file starts a fresh folder,
    and so do NUMBA_BOUNDSCHECK=1 and NUMBA_CPU_NAME=generic.

With NUMBA_DISABLE_JIT=1 a kernel is the plain Python function, and no folder is made.
"""

import functools
import gc
import importlib
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, overload

import llvmlite
import numba
import numpy as np
from llvmlite import binding
from numba.core import config, event
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.np import linalg

from fragile_peace.digests import source_digest, text_digest
from fragile_peace.kernels.machine import cache

__all__ = ["cache_folder", "kernel", "source_digest"]

SETTINGS = (
    "BOUNDSCHECK", "CPU_NAME", "CPU_FEATURES", "DEBUGINFO_DEFAULT", "DISABLE_INTEL_SVML", "ENABLE_AVX",
    "LOOP_VECTORIZE", "OPT", "SLP_VECTORIZE",
)  # fmt: skip
"""The settings of Numba that change compiled code."""
LLVM_OPTIONS = ("-unroll-full-max-count=7", "-vectorizer-min-trip-count=4")
"""Loops over the `blocks.LANES` = 8 places of a block are to become vector instructions: by itself LLVM unrolls a loop
of eight short rounds into scalar code, and below sixteen rounds takes the vectors only if they need no overlap check.
Measured on the incident game (AMD EPYC, AVX-512): 0.69 us a game with both, 0.88 with the first, 2.6 with neither."""
OPTIONS = {"nogil": True, "fastmath": False, "error_model": "numpy", "no_cfunc_wrapper": True}
"""Nothing calls a kernel by its address, so no such entry is compiled."""
Decorator = Callable[[Callable[..., Any]], Any]
ENVIRONMENT = "_ZN08NumbaEnv"
"""Prefix of Numba's names for the pointers to a function's Python globals."""


class WholeLibrary(JITCodeLibrary):
    """The code of a whole, optimised once: Numba's first passes remove reference counts, which kernels do not have."""

    passes: ClassVar[dict[str, int]] = {}
    """Options of the passes, beside Numba's settings."""

    def _optimize_final_module(self) -> None:
        passes, builder = self._codegen._module_pass_manager(**self.passes)
        passes.run(self._final_module, builder)


class EntryLibrary(WholeLibrary):
    """The code of an entry point, which does little but call parts that are optimised already."""

    passes: ClassVar[dict[str, int]] = {"opt": 0}


class PartLibrary(WholeLibrary):
    """The code of a part: bitcode for its callers, and machine code for the pointers that Numba fills in alone."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True  # which the next line asks for
        code = self._get_module_for_linking()  # it keeps it, for callers and for the cache
        names = [item.name for item in code.global_variables if item.name.startswith(ENVIRONMENT)]
        self._final_module = binding.parse_assembly("".join(f'@"{name}" = common global i8* null\n' for name in names))
        super()._finalize_final_module()


class WholeCompiler(Compiler):
    """Numba's compiler, leaving a `WholeLibrary`."""

    library = WholeLibrary

    def define_pipelines(self) -> list[Any]:
        """Numba's own; called once the function is known."""
        self.state.library = self.library(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
        self.state.library.enable_object_caching()
        pipelines: list[Any] = super().define_pipelines()
        return pipelines


class PartCompiler(WholeCompiler):
    """Numba's compiler, leaving a `PartLibrary`."""

    library = PartLibrary


class EntryCompiler(WholeCompiler):
    """Numba's compiler, leaving an `EntryLibrary`."""

    library = EntryLibrary


class Uncollected(event.Listener):
    """No garbage collection while Numba compiles: it would scan a growing heap again and again, and find nothing.

    Saves 8 % of a cold start, whose peak of memory goes from 390 to 640 MiB.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.collecting = False

    def on_start(self, event: Any) -> None:
        """Stop collecting. Numba's compiler lock is held, here and below: there is one count for all threads."""
        if self.depth == 0:
            self.collecting = gc.isenabled()
            gc.disable()
        self.depth += 1

    def on_end(self, event: Any) -> None:
        """Collect again once no function is being compiled."""
        self.depth -= 1
        if self.depth == 0 and self.collecting:
            gc.enable()


class Kernel:
    """A compiled function; see the module. Calling it calls the whole; whatever else Numba offers is asked of that.

    Attributes
    ----------
    py_func : the plain function
    signature : a Numba signature, to which arguments are converted, or None: one specialisation an argument type
    options : more of `numba.njit`'s for the part; see `kernel`
    is_entry : whether the whole is an entry point
    """

    def __init__(
        self, function: Callable[..., Any], signature: str | None, is_entry: bool, options: dict[str, Any]
    ) -> None:
        functools.update_wrapper(self, function)
        self.py_func = function
        self.signature = signature
        self.is_entry = is_entry
        self.options = options
        # Two threads may each make one at the same time: either will do.
        self._part: Any = None
        self._whole: Any = None

    @property
    def part(self) -> Any:
        """The dispatcher that other kernels link in."""
        if self._part is None:
            more = {"no_cpython_wrapper": True, "pipeline_class": PartCompiler} | self.options
            self._part = _compile(self.py_func, self.signature, "parts", **more)
        return self._part

    @property
    def whole(self) -> Any:
        """The dispatcher that Python calls."""
        if self._whole is None:
            compiler = EntryCompiler if self.is_entry else WholeCompiler
            self._whole = _compile(self.py_func, self.signature, "wholes", pipeline_class=compiler)
        return self._whole

    @property
    def _numba_type_(self) -> numba.types.Type:
        """The Numba type of a kernel that another kernel calls."""
        return self.part._numba_type_

    @property
    def targetoptions(self) -> dict[str, Any]:
        """The options that Numba reads before it inlines."""
        return OPTIONS | self.options

    def __call__(self, *args: Any) -> Any:
        return self.whole(*args)


@overload
def kernel(signature_or_function: str | None = None, *, entry: bool = ..., **options: Any) -> Decorator: ...
@overload
def kernel(signature_or_function: Callable[..., Any]) -> Any: ...
def kernel(signature_or_function: Any = None, *, entry: bool = False, **options: Any) -> Any:
    """Make a function a kernel.

    Use it bare (`@kernel`: one specialisation for each combination of argument types) or with a signature
    (`@kernel("float64(float64)")`: that one specialisation; arguments of other types are converted). Scalar kernels
    take a signature: it keeps their number at one.

    Parameters
    ----------
    signature_or_function
        The function, or a Numba signature.
    entry
        The kernel calls the phases of a week and does little by itself: its whole is linked and not optimised again.
        What is inlined into it gets no vectors.
    options
        `inline="always"` has Numba write the function into each caller instead of compiling a part: for steps with one
        caller, where it saves compile time. `forceinline=True` has LLVM do it, for what must vectorise in a loop.

    Returns
    -------
    Kernel
        Or a decorator. The plain function under NUMBA_DISABLE_JIT=1.
    """
    if callable(signature_or_function) and not isinstance(signature_or_function, numba.types.Type):
        return kernel(None, entry=entry, **options)(signature_or_function)

    def decorate(function: Callable[..., Any]) -> Any:
        return function if config.DISABLE_JIT else Kernel(function, signature_or_function, entry, options)

    return decorate


def environment() -> dict[str, str]:
    """What decides the compiled code besides the sources.

    Returns
    -------
    dict
        Versions, processor and Numba settings, by name.
    """
    facts = {name: repr(getattr(config, name, None)) for name in SETTINGS}
    facts |= {"python": platform.python_version(), "numba": numba.__version__, "numpy": np.__version__}
    facts |= {"llvmlite": llvmlite.__version__, "machine": platform.machine(), "cpu": binding.get_host_cpu_name()}
    facts |= {"llvm options": " ".join(LLVM_OPTIONS)}
    return facts | {"cpu features": _host_features(), "options": repr(sorted(OPTIONS.items()))}


def cache_folder() -> Path | None:
    """The folder in which this process keeps its compiled kernels.

    Returns
    -------
    Path or None
        None where nothing is compiled (NUMBA_DISABLE_JIT=1) or kept.
    """
    return _FOLDER


def _compile(function: Callable[..., Any], signature: str | None, form: str, **more: Any) -> Any:
    """njit, its code kept in a folder of our cache folder."""
    dispatcher = numba.njit(**OPTIONS, **more)(function)
    cache.attach(dispatcher, _FOLDER and _FOLDER / form)
    if signature is not None:
        dispatcher.compile(signature)
        dispatcher.disable_compile()
    return dispatcher


def _import_array_functions() -> None:
    """Import Numba's array functions, which any kernel needs, but not the BLAS that they look for.

    That look imports scipy.linalg, a seventh of a warm start. No kernel does linear algebra; where other code compiles
    some, Numba looks again.
    """
    look, linalg.ensure_blas = linalg.ensure_blas, lambda: None
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        linalg.ensure_blas = look


def _host_features() -> str:
    try:
        features: str = binding.get_host_cpu_features().flatten()
    except RuntimeError:  # LLVM knows no features of this machine
        return ""
    return features


for _option in LLVM_OPTIONS:
    binding.set_option("kernels", _option)
_import_array_functions()
event.register("numba:compile", Uncollected())
_FOLDER = None if config.DISABLE_JIT else cache.open_folder(text_digest(environment())[:24])
