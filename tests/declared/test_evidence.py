"""The evidence by key: no row is lost, and each says where it comes from."""

from fragile_peace.declared.evidence import FILE, records


def test_every_row_has_a_key_of_its_own():
    lines = FILE.read_text(encoding="utf-8").splitlines()
    assert len(records()) == sum(line.split(",")[0] in records() for line in lines[1:])
    assert all(key and row["id"] == key for key, row in records().items())
