"""`fragile-peace calibrate`: options that do not go together are refused in one line, and nothing is done."""

import pytest

from fragile_peace_lab.cli.main import app


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--figures x", "--figures: is given without --check or --trial, whose pictures they are"),
        ("--classes x.yaml", "--classes: is given without --war; the weights are of the war block's sample"),
        ("--replicates 9", "--replicates: is given without --trial; it is the number of its records"),
        ("--check --replicates 9", "--replicates: is given without --trial"),
        ("--trial --check", "--trial: cannot be given with --check"),
        ("--trial --war", "--trial: cannot be given with --war"),
        ("--war --check --trial", "--trial: cannot be given with --check"),
        ("--precision 2 --check", "--precision: cannot be given with --check"),
        ("--precision 2 --trial", "--precision: cannot be given with --trial"),
        ("--precision 2 --war", "--precision: cannot be given with --war"),
        ("--war --check --figures x", "--figures: cannot be given with --war"),
        ("--war --resume", "--resume: cannot be given with --war"),
        ("--check --resume", "--resume: cannot be given with --check"),
        ("--trial --out x.parquet", "--out: cannot be given with --trial"),
    ],
)
def test_options_that_do_not_go_together_are_refused(capsys, options, words):
    with pytest.raises(SystemExit) as stop:
        app(["calibrate", *options.split()])
    assert stop.value.code == 2
    error = capsys.readouterr().err.strip()
    assert words in error
    assert len(error.splitlines()) == 1
