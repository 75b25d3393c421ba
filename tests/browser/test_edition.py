"""The page as a text: a policy that fits its program, nothing from elsewhere, and no text that becomes markup."""

import base64
import gzip
import hashlib
import re

from fragile_peace_lab.browser.edition import PROGRAM, TEMPLATES, packed, page

NAMES = ("contents", "block", "relaxed", "exact")
FORBIDDEN = (
    "innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "fetch(", "XMLHttp", "import(",
)  # fmt: skip
FACTS = {"version": "9 <b>", "sweep": "s", "checked": "64", "members": "64"}
TEXT = page({name: packed(name.encode()) for name in NAMES}, FACTS)


def hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_policy_names_the_one_script_and_the_one_style():
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', TEXT)[1]
    (program,) = re.findall(r"<script>(.*?)</script>", TEXT, flags=re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", TEXT, flags=re.DOTALL)
    assert f"script-src 'sha256-{hashed(program)}' 'wasm-unsafe-eval';" in policy
    assert f"style-src 'sha256-{hashed(style)}';" in policy
    assert policy.startswith("default-src 'none';")


def test_every_template_is_in_it_and_every_place_is_filled():
    assert {path.name for path in TEMPLATES.glob("*.js")} == {"worker.js", *(f"{name}.js" for name in PROGRAM)}
    assert not re.search(r"\{\{ \w+ \}\}", TEXT)
    assert "9 &lt;b&gt;" in TEXT


def test_nothing_is_fetched_and_no_text_becomes_markup_or_program():
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", TEXT)
    for path in TEMPLATES.glob("*.js"):
        source = path.read_text(encoding="utf-8")
        for word in FORBIDDEN:
            assert word not in source, path.name
        assert "</script" not in source


def test_templates_have_at_most_400_lines():
    assert all(len(path.read_text(encoding="utf-8").splitlines()) <= 400 for path in TEMPLATES.iterdir())


def test_packing_is_of_the_same_bytes_each_time():
    assert packed(b"abc" * 100) == packed(b"abc" * 100)
    assert gzip.decompress(base64.b64decode(packed(b"abc"))) == b"abc"
