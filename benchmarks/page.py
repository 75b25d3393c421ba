"""Results as Markdown tables, printed and, on request, written into docs/performance.md between its two marks."""

import os
import platform
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from subprocess import run

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN = "<!-- What follows is written by `make bench BENCH_ARGS=--write`. -->\n"
END = "<!-- Here ends what `make bench` writes. -->\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; the first column is flush left, the others flush right."""
    marks = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, marks, *rows)) + "\n"


def machine() -> str:
    """Return the machine in words: processor, cores, memory, system; no names of hosts."""
    try:
        text = Path("/proc/cpuinfo").read_text()
        facts = dict(map(str.strip, line.split(":", 1)) for line in text.splitlines() if ":" in line)
        processor = f"{facts['model name']} (family {facts['cpu family']}, model {facts['model']})"
        wide = "AVX-512" if "avx512f" in facts["flags"].split() else "no AVX-512"
    except (OSError, KeyError):
        processor, wide = platform.processor() or platform.machine(), "vector width unknown"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy", "mesa"))
    system = f"{platform.system()} on {platform.machine()}, Python {platform.python_version()}, {packages}"
    return f"{processor}, {wide}, {os.cpu_count()} cores, {memory:.0f} GiB of memory; {system}"


def commit() -> str:
    """Return the commit the code is at, and whether files differ from it."""
    root = PAGE.parent.parent
    head = run(["git", "rev-parse", "--short", "HEAD"], cwd=root, capture_output=True, text=True, check=False)
    code = ["model", "experiments", "benchmarks"]
    dirty = run(["git", "status", "--porcelain", *code], cwd=root, capture_output=True, text=True, check=False)
    return (head.stdout.strip() or "unknown") + (" with changes" if dirty.stdout.strip() else "")


def heading() -> str:
    """Return what the results were taken on: commit, day, machine, how busy it was."""
    busy = os.getloadavg()[0]
    return (
        f"Commit {commit()}, {date.today().isoformat()}. Machine: {machine()}. Load when the run began: {busy:.1f} "
        "(1 a core is fully busy; above 0.5 treat wall times as upper bounds).\n"
    )


def write(text: str) -> None:
    """Replace what stands between the marks of docs/performance.md."""
    replace(PAGE, BEGIN, END, text)


def replace(path: Path, begin: str, end: str, text: str) -> None:
    """Replace what stands between two marks of a page."""
    before, _, rest = path.read_text().partition(begin)
    _, _, after = rest.partition(end)
    path.write_text(before + begin + "\n" + text + "\n" + end + after)
