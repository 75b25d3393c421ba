"""The decorator: where compiled code is kept, and that editing any kernel file makes all of it anew."""

import gc
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest
from numba.core import event

from fragile_peace import digests
from fragile_peace.kernels.machine import jit

PACKAGE = Path(digests.__file__).parent

CALLEE = (
    '"""Doc."""\nfrom fragile_peace.kernels.machine.jit import kernel\n\n@kernel\ndef base(x):\n    return x + {term}\n'
)
CALLER = (
    "from fragile_peace.kernels.callee import base\nfrom fragile_peace.kernels.machine.jit import kernel\n\n"
    "@kernel\ndef top(x):\n    return 10.0 * base(x)\n"
)
ASK = (
    "from fragile_peace.kernels import caller\nfrom fragile_peace.kernels.machine import jit\n"
    "print(caller.top(1.0), sum(caller.top.whole.stats.cache_hits.values()), jit.cache_folder().name)"
)


def run_python(code, folder, **settings):
    """Run Python in a folder with a cache of its own; give the words it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    environment = clean | {"PYTHONPATH": str(folder)} | settings
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def bare_package(folder, *more):
    """A package `fragile_peace` with our decorator and other files of ours, and no kernel; give its `kernels`."""
    kernels = folder / "fragile_peace" / "kernels"
    (kernels / "machine").mkdir(parents=True)
    for name in ("__init__.py", "kernels/__init__.py", "kernels/machine/__init__.py"):
        (folder / "fragile_peace" / name).touch()
    for name in ("digests.py", "codes.py", "cores.py", "kernels/machine/jit.py", "kernels/machine/cache.py", *more):
        shutil.copy(PACKAGE / name, folder / "fragile_peace" / name)
    return kernels


@pytest.fixture
def small_package(tmp_path):
    """A package `fragile_peace` with our decorator and two kernels in two files, one calling the other."""
    kernels = bare_package(tmp_path)
    (kernels / "callee.py").write_text(CALLEE.format(term="1.0"))
    (kernels / "caller.py").write_text(CALLER)
    return tmp_path


def test_editing_a_callee_in_another_file_makes_the_caller_compile_anew(small_package):
    settings = {"FRAGILE_PEACE_CACHE": str(small_package / "cache")}
    callee = small_package / "fragile_peace" / "kernels" / "callee.py"
    value, hits, first = run_python(ASK, small_package, **settings)
    assert (float(value), int(hits)) == (20.0, 0)
    callee.write_text(CALLEE.format(term="2.0"))
    value, hits, second = run_python(ASK, small_package, **settings)
    assert (float(value), int(hits)) == (30.0, 0)
    assert first != second
    callee.write_text(CALLEE.format(term="1.0"))
    value, hits, third = run_python(ASK, small_package, **settings)
    assert (float(value), int(hits)) == (20.0, 1), "the old text finds its old code"
    assert third == first


def test_importing_compiles_nothing_and_a_callee_only_becomes_a_part(small_package):
    code = (
        "from fragile_peace.kernels import caller\nfrom fragile_peace.kernels.machine import jit\n"
        "def made(): return [len(list((jit.cache_folder() / form).rglob('*.nbc'))) for form in ('parts', 'wholes')]\n"
        "print(*made(), caller.top(1.0), *made(), caller.base(1.0), *made())"
    )
    printed = run_python(code, small_package, FRAGILE_PEACE_CACHE=str(small_package / "cache"))
    assert printed == ["0", "0", "20.0", "1", "1", "2.0", "1", "2"]


def test_a_part_has_no_machine_code_of_its_own(small_package):
    code = (
        "from fragile_peace.kernels import callee, caller\n"
        "def address(made): return made.library.get_pointer_to_function(made.fndesc.llvm_func_name)\n"
        "caller.top(1.0)\n"
        "[part], [whole] = callee.base.part.overloads.values(), caller.top.whole.overloads.values()\n"
        "print(address(part) == 0, address(whole) == 0)"
    )
    printed = run_python(code, small_package, FRAGILE_PEACE_CACHE=str(small_package / "cache"))
    assert printed == ["True", "False"]


def test_no_garbage_is_collected_while_numba_compiles_and_all_of_it_is_afterwards():
    collecting = []
    saw = event.install_listener("numba:compile", Watch(collecting))

    def twice(x):
        return inner(x) + inner(x)

    inner = numba.njit(lambda x: x + 1)
    with saw:
        assert numba.njit(twice)(1) == 4
    assert collecting == [False, False]  # the function and its callee
    assert gc.isenabled()
    gc.disable()
    try:
        assert numba.njit(twice)(1.0) == 4.0
        assert not gc.isenabled()
    finally:
        gc.enable()


class Watch(event.Listener):
    """Notes whether garbage is collected whenever a compilation has begun."""

    def __init__(self, collecting):
        self.collecting = collecting

    def on_start(self, event):
        self.collecting.append(gc.isenabled())

    def on_end(self, event):
        pass


def test_a_failed_compilation_leaves_collecting_on():
    with pytest.raises(numba.TypingError):
        numba.njit(lambda x: x.nothing)(1)
    assert gc.isenabled()


def test_no_linear_algebra_is_imported_until_somebody_compiles_some(small_package):
    code = (
        "import sys, numba, numpy as np; from fragile_peace.kernels import caller; print(caller.top(1.0))\n"
        "print('scipy.linalg' in sys.modules); one = np.ones(2)\n"
        "print(numba.njit(lambda: np.dot(one, one) + np.convolve(one, one)[1])(), 'scipy.linalg' in sys.modules)"
    )
    assert run_python(code, small_package) == ["20.0", "False", "4.0", "True"]


def test_settings_that_change_code_have_folders_of_their_own(monkeypatch):
    names = {digests.text_digest(jit.environment())}
    for name, value in (("BOUNDSCHECK", "other"), ("CPU_NAME", "other"), ("CPU_FEATURES", "other"), ("OPT", "other")):
        with monkeypatch.context() as patch:
            patch.setattr(numba.core.config, name, value)
            names.add(digests.text_digest(jit.environment()))
    assert len(names) == 5


def test_with_the_jit_off_a_kernel_is_the_plain_function(small_package):
    code = (
        "from fragile_peace.kernels import caller\nfrom fragile_peace.kernels.machine import jit\n"
        "print(type(caller.top).__name__, caller.top(1.0), jit.cache_folder())"
    )
    cache = small_package / "cache"
    printed = run_python(code, small_package, NUMBA_DISABLE_JIT="1", FRAGILE_PEACE_CACHE=str(cache))
    assert printed == ["function", "20.0", "None"]
    assert not cache.exists()


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_decoration_leaves_numbas_own_setting_alone():
    before = numba.core.config.CACHE_DIR
    plain = jit.kernel(lambda x: x + 1.0)
    assert numba.core.config.CACHE_DIR == before
    assert plain.targetoptions["nogil"]
    assert not plain.targetoptions["fastmath"]
    assert "parallel" not in plain.targetoptions


def test_the_source_digest_ignores_comments_docstrings_and_layout(small_package):
    package = small_package / "fragile_peace"
    before, text_before = digests.source_digest(package), digests.text_digest({}, package)
    callee = package / "kernels" / "callee.py"
    callee.write_text(callee.read_text().replace('"""Doc."""', '"""Other words."""  # and a comment\n\n'))
    assert digests.source_digest(package) == before
    assert digests.text_digest({}, package) != text_before, "compiled code is filed by line numbers too"
    callee.write_text(CALLEE.format(term="1.5"))
    assert digests.source_digest(package) != before


@pytest.mark.parametrize(
    "name", ["codes.py", "outcomes.py", "state.py", "declared/rows.py", "runs/threat.py", "kernels/new.py"]
)
def test_the_source_digest_covers_every_file_that_kernels_depend_on(name, small_package):
    package = small_package / "fragile_peace"
    before = digests.source_digest(package)
    (package / name).parent.mkdir(exist_ok=True)
    with (package / name).open("a") as file:
        file.write("\nEXTRA = 1\n")
    assert digests.source_digest(package) != before


def test_the_source_digest_covers_the_versions(small_package, monkeypatch):
    before = digests.source_digest(small_package / "fragile_peace")
    monkeypatch.setattr(digests, "version", lambda library: "0.0")
    assert digests.source_digest(small_package / "fragile_peace") != before


def test_the_source_digest_does_not_import_numba():
    code = "import sys; from fragile_peace.digests import source_digest; print(source_digest(), 'numba' in sys.modules)"
    digest, imported = run_python(code, PACKAGE.parent)
    assert digest == jit.source_digest()
    assert len(digest) == 64
    assert imported == "False"
