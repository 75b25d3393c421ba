"""The page: one HTML file that needs no network, and nothing but a browser.

The program is one script whose hash stands in the page's own policy: nothing else is run, nothing is fetched, and no
text becomes markup, whatever it holds. Data lie beside it in elements that are no program, compressed.
"""

import base64
import gzip
import hashlib
import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fragile_peace_lab import durable
from fragile_peace_lab.browser.contents import contents
from fragile_peace_lab.browser.engine_ir import engine_ir
from fragile_peace_lab.browser.published import published
from fragile_peace_lab.browser.wasm import module
from fragile_peace_lab.figures.drawing import BLUE, GREEN, ORANGE, VERMILION

TEMPLATES = Path(__file__).with_name("templates")
STYLE = Path(__file__).parents[1] / "dashboard" / "style.css"
PROGRAM = (
    "engine", "unpack", "worlds", "pool", "estimates", "live", "dom", "charts", "commands", "levers_view", "risk_view",
    "chronicle", "run_view", "page",
)  # fmt: skip
"""The parts of the script, in order."""
Say = Callable[[str], None]


def edition(say: Say = lambda words: None) -> str:
    """Return the page; the same kernels, declarations and tools give the same text.

    Parameters
    ----------
    say : told what is being done

    Raises
    ------
    InputError : the linker is not installed, or something cannot be carried over; one line
    """
    engine = modules(say)
    say("laying out scenarios and the unknowns, playing the published runs")
    made = contents(published())
    text = json.dumps(made.text, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()
    data = {"contents": text, "block": bytes(made.block), **engine}
    return page({name: packed(raw) for name, raw in data.items()}, _facts(made.text))


def modules(say: Say) -> dict[str, bytes]:
    """Return the engine with and without fused instructions, by the element of the page that holds it.

    Raises InputError, as `edition` does.
    """
    say("compiling the kernels for no processor in particular")
    ir = engine_ir()
    say("translating them to WebAssembly")
    return {"relaxed": module(ir, relaxed=True), "exact": module(ir, relaxed=False)}


def write(path: Path, say: Say = lambda words: None) -> str:
    """Write the page and return its sha256. Raises InputError."""
    encoded = edition(say).encode()
    durable.folder(path.resolve().parent)
    durable.write(path, encoded)
    return hashlib.sha256(encoded).hexdigest()


def page(data: dict[str, str], facts: dict[str, str]) -> str:
    """Return the page with its data, by element, and what its text says of them."""
    program = "\n".join(_template(f"{name}.js") for name in PROGRAM)
    style = _style()
    parts = {
        **data,
        **{name: html.escape(value) for name, value in facts.items()},
        "worker": _template("worker.js"),
        "engine": _template("engine.js"),
        "program": program,
        "style": style,
        "policy": _policy(program, style),
    }
    text = _template("page.html")
    for name, value in parts.items():
        text = text.replace("{{ " + name + " }}", value)
    return text


def packed(raw: bytes) -> str:
    """Return bytes compressed, as text."""
    return base64.b64encode(gzip.compress(raw, 9, mtime=0)).decode()


def _facts(text: dict[str, Any]) -> dict[str, str]:
    found = text["published"]
    return {
        "version": text["version"],
        "sweep": found["name"],
        "checked": str(len(found["checked"])),
        "members": str(text["members"]),
    }


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _style() -> str:
    """Return the style: the colours of the figures, the dashboard's own, and what the page adds."""
    colours = f":root{{--blue:{BLUE};--vermilion:{VERMILION};--green:{GREEN};--orange:{ORANGE}}}\n"
    return colours + STYLE.read_text(encoding="utf-8") + _template("style.css")


def _policy(program: str, style: str) -> str:
    """Return the content security policy: this script, this style, workers of its own making, and no network."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (program, style)]
    return (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}' 'wasm-unsafe-eval'; style-src 'sha256-{hashes[1]}'; "
        "worker-src blob:; base-uri 'none'; form-action 'none'"
    )
