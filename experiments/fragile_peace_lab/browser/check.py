"""Whether a published page is still what `fragile-peace browser-edition` makes, for `fragile-peace reproduce`."""

import base64
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from fragile_peace_lab import durable
from fragile_peace_lab.browser.edition import edition
from fragile_peace_lab.browser.published import published
from fragile_peace_lab.reproduction.certificate import FAIL, PASS, SKIP, Item

WHERE = "browser"


def check_page(path: Path, exact: bool, quick: bool, say: Callable[[str], None]) -> list[Item]:
    """Compare a page with the model: the runs that it checks itself by, and all of its bytes.

    Parameters
    ----------
    path : of the page
    exact : whether this is the platform that it was made on; else its bytes may differ
    quick : leave out building it again
    say : told what is being done

    Raises
    ------
    InputError : the page cannot be read
    """
    say("browser: the runs that the page checks itself by")
    data = durable.read(path)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return [Item(WHERE, "page", FAIL, f"damaged: not UTF-8 text (byte {error.start})")]
    item = Item(WHERE, "runs", PASS, "the page's check is of the runs that this model plays")
    if carried(text) != published().digest():
        item = Item(WHERE, "runs", FAIL, "the page would find other runs than it was made with: build it again")
    why = _unbuilt(exact, quick)
    if why:
        return [item, Item(WHERE, "page", SKIP, f"not built again: {why}")]
    say("browser: the page")
    there, now = (hashlib.sha256(page).hexdigest() for page in (data, edition().encode()))
    if there != now:
        return [item, Item(WHERE, "page", FAIL, f"another page is built: sha256 {now[:12]}, published {there[:12]}")]
    return [item, Item(WHERE, "page", PASS, "the same bytes (sha256)")]


def carried(text: str) -> str:
    """Return the digest of outcomes that a page checks itself by; "" where it has none that can be read."""
    found = re.search(r'id="contents">([^<]*)<', text)
    try:
        return str(json.loads(gzip.decompress(base64.b64decode(found[1])))["published"]["digest"]) if found else ""
    except (OSError, EOFError, ValueError, KeyError, TypeError, RecursionError, zlib.error):
        return ""


def _unbuilt(exact: bool, quick: bool) -> str:
    """Say why a page is not built again; "" where it is."""
    if quick:
        return "that takes minutes, without --quick"
    if not exact:
        return "another platform compiles to other bytes"
    return "" if find_spec("ziglang") else "the extra `browser` is not installed"
