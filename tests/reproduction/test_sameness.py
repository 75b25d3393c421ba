"""Two files compared: to the byte on one platform, to the last digits on another."""

import pytest

from fragile_peace_lab.reproduction.sameness import difference, value_difference


def test_the_last_digit_of_a_number(tmp_path):
    left, right = tmp_path / "a.csv", tmp_path / "b.csv"
    left.write_text("outcome,estimate\nx,0.123456789\n")
    right.write_text("outcome,estimate\nx,0.123456788\n")
    assert difference(left, right, exact=False) is None
    assert "estimate is 0.123456789" in difference(left, right, exact=True)
    right.write_text("outcome,estimate\nx,0.12347\n")
    assert "estimate" in difference(left, right, exact=False)


@pytest.mark.parametrize(
    ("left", "right"), [("a\nx\n", "a\ny\n"), ("a\n1\n", "a\n\n"), ("a\n1\n", "b\n1\n"), ("a\n1\n", "a\n1\n2\n")]
)
def test_anything_else(tmp_path, left, right):
    (tmp_path / "a.csv").write_text(left)
    (tmp_path / "b.csv").write_text(right)
    for exact in (True, False):
        assert difference(tmp_path / "a.csv", tmp_path / "b.csv", exact)


def test_values_by_dotted_name():
    left, right = {"a": [1, {"b": 0.1}], "c": True}, {"a": [1, {"b": 0.1000001}], "c": True}
    assert value_difference(left, left, exact=True) is None
    assert value_difference(left, right, exact=True) == "a.1.b is 0.1, 0.1000001 when made again"
    assert value_difference(left, right, exact=False) is None
    assert value_difference({"c": True}, {"c": 1}, exact=False) == "c is True, 1 when made again"
    assert value_difference({"c": 1}, {}, exact=False) == "c is not made any more"
    assert value_difference({"d": 0}, {"c": [], "d": 0}, exact=False) == "c is not published"


def test_a_picture_is_compared_to_the_byte_or_not_at_all(tmp_path):
    for name, data in (("a.svg", b"<svg/>"), ("b.svg", b"<svg />")):
        (tmp_path / name).write_bytes(data)
    assert difference(tmp_path / "a.svg", tmp_path / "b.svg", exact=True) == "a.svg: its bytes differ"
    assert difference(tmp_path / "a.svg", tmp_path / "b.svg", exact=False) is None
    assert "not among the published" in difference(tmp_path / "none.svg", tmp_path / "b.svg", exact=False)
