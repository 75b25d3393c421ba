"""Strict YAML: plain data in, plain data out, and one clear line for anything else."""

import math
import os
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fragile_peace.declared import yamltext
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError

PLAIN = [
    ("0.5", 0.5),
    ("1e-3", 1e-3),
    ("1E3", 1000.0),
    ("-2.5e+4", -25000.0),
    (".5", 0.5),
    ("5.", 5.0),
    ("012", 12),
    ("+7", 7),
    (".inf", math.inf),
    ("true", True),
    ("False", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("[1, [2, x]]", [1, [2, "x"]]),
    ("{a: {b: 1}}", {"a": {"b": 1}}),
    # Text, where YAML 1.1 sees something else.
    ("on", "on"),
    ("No", "No"),
    ("y", "y"),
    ("TRUE", "TRUE"),
    ("0x1F", "0x1F"),
    ("0o17", "0o17"),
    ("1_000", "1_000"),
    ("10:30", "10:30"),
    ("2027-03-08", "2027-03-08"),
    ("2027-13-45", "2027-13-45"),
    ("=", "="),
    ("{<<: {a: 1}}", {"<<": {"a": 1}}),
    ("'1'", "1"),
]


@pytest.mark.parametrize(("text", "value"), PLAIN, ids=[text or "nothing" for text, _ in PLAIN])
def test_reads(text, value):
    found = yamltext.parse(text, "text")
    assert found == value
    assert type(found) is type(value)


def test_nan_is_read_and_left_to_the_declaration_to_refuse():
    assert math.isnan(yamltext.scalar(".nan", "threat.level"))


BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n"
REFUSED = [
    ("an anchor", "a: &x 1\n", r"^text, line 1: anchors are not allowed$"),
    ("an alias", "a: *x\n", r"^text, line 1: aliases are not allowed$"),
    ("a bomb", BOMB, r"line 1: anchors are not allowed$"),
    ("a tag", "a: !!str 1\n", r"^text, line 1: tags are not allowed$"),
    ("a tag that runs code", "a: !!python/object/apply:os.system [ls]\n", "tags are not allowed$"),
    ("a bare tag", "a: ! 1\n", "tags are not allowed$"),
    ("a tagged mapping", "!!map {a: 1}\n", "tags are not allowed$"),
    ("an anchored name", "&x a: 1\n", "anchors are not allowed$"),
    ("a name twice", "a: 1\nb: 2\na: 3\n", r"^text, line 3: a is given twice$"),
    ("a name twice, of two lines", '"a\\nb": 1\n"a\\nb": 2\n', r"line 2: a b is given twice$"),
    ("a name that is a number", "1: 2\n", r"line 1: the name 1 is not text$"),
    ("a name that is true", "true: 2\n", r"the name True is not text$"),
    ("a name that is empty", "~: 2\n", r"the name None is not text$"),
    ("a name that is a list", "[1, 2]: 3\n", r"the name \[1, 2\] is not text$"),
    ("two documents", "a: 1\n---\nb: 2\n", "expected a single document in the stream, but found another document$"),
    ("a tab", "a:\n\tb: 1\n", r"line 2: .*cannot start any token$"),
    ("unbalanced", "[1, 2", "expected ',' or ']'"),
    ("a control character", "a: \x07\n", "not readable as YAML"),
    ("an endless integer", "9" * 5000, "not readable as YAML"),
    ("deep lists", "[" * 100_000, "not readable as YAML"),
    ("deep lists, closed", "[" * 3000 + "]" * 3000, "not readable as YAML"),
    ("deep mappings", "{a: " * 100_000, "not readable as YAML"),
    ("deep indents", "".join(" " * i + "a:\n" for i in range(1200)), "not readable as YAML"),
    ("deep dashes", "- " * 100_000, "not readable as YAML"),
]


@pytest.mark.parametrize(("text", "line"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refuses(text, line):
    started = time.process_time()
    with pytest.raises(InputError, match=line) as error:
        yamltext.parse(text, "text")
    assert str(error.value).isprintable()
    assert time.process_time() - started < 5


class TestFiles:
    def test_other_encodings(self, tmp_path):
        for number, encoding in enumerate(("utf-16", "utf-16-le", "latin-1", "utf-32")):
            path = tmp_path / f"{number}.yaml"
            path.write_bytes("title: Übersicht\n".encode(encoding))
            with pytest.raises(InputError, match=r"not UTF-8 text \(byte \d+\)$|not readable as YAML"):
                yamltext.read(path)

    def test_a_huge_file_is_not_even_opened(self, tmp_path):
        path = tmp_path / "huge.yaml"
        with path.open("wb") as file:
            file.truncate(50 << 30)
        started = time.process_time()
        with pytest.raises(InputError, match=r"huge\.yaml: larger than 1048576 bytes$"):
            yamltext.read(path)
        assert time.process_time() - started < 1

    @pytest.mark.parametrize("link", ["pipe", "/dev/zero", "."])
    def test_what_is_no_regular_file_is_refused_at_once(self, tmp_path, link):
        """A pipe without a writer hung for ever, and /dev/zero took all memory: as a scenario, or as its base."""
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "world.yaml").symlink_to(link)
        (tmp_path / "own.yaml").write_text(f"base: {tmp_path / 'world.yaml'}\n")
        for name in ("world.yaml", "own.yaml"):
            with pytest.raises(InputError, match=r"is not a regular file$"):
                Scenario.load(tmp_path / name)

    def test_a_file_that_hides_its_size_is_read_to_the_limit(self, tmp_path, monkeypatch):
        monkeypatch.setattr(yamltext, "MAX_BYTES", 100)
        with pytest.raises(InputError, match=r"stat: larger than 100 bytes$"):
            yamltext.read(Path("/proc/self/stat"))

    def test_the_largest_file_allowed_is_read_in_reasonable_time(self, tmp_path):
        path = tmp_path / "large.yaml"
        path.write_bytes(b"# " + b"x" * (yamltext.MAX_BYTES - 9) + b"\na: 1\n")
        assert yamltext.read(path) == {"a": 1}

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(InputError, match=r"none\.yaml: No such file or directory$"):
            yamltext.read(tmp_path / "none.yaml")


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | TEXT
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)


class TestDump:
    @settings(max_examples=300, deadline=None)
    @given(DATA)
    def test_is_read_back_by_us_and_by_any_other_reader(self, data):
        text = yamltext.dump(data)
        assert yamltext.parse(text, "text") == data
        assert yaml.safe_load(text) == data

    @settings(max_examples=300, deadline=None)
    @given(st.from_regex(r"[A-Za-z0-9_.+-]{1,12}", fullmatch=True))
    def test_text_that_looks_like_a_number_is_quoted(self, text):
        assert yamltext.parse(yamltext.dump({"name": text}), "text") == {"name": text}

    @pytest.mark.parametrize(
        "text", ["1e3", "1E-3", "08", "010", "true", "on", "null", "~", "2027-03-08", "1_000", "="]
    )
    def test_text_that_a_reader_would_take_for_something_else(self, text):
        written = yamltext.dump({"name": text})
        assert yamltext.parse(written, "text") == yaml.safe_load(written) == {"name": text}

    def test_shared_lists_are_written_out(self):
        shared = [1, 2]
        assert "&" not in yamltext.dump({"a": shared, "b": shared})

    def test_keeps_the_order_of_names(self):
        assert yamltext.dump({"b": 1, "a": 2}) == "b: 1\na: 2\n"
