"""A sweep from a notebook, in a kernel of its own: in threads, on a local cluster, and run again."""

import os
import sys
from pathlib import Path

import pytest

from fragile_peace.declared import yamltext
from tests.tools.tiny_sweeps import TINY

ROOT = Path(__file__).resolve().parents[2]
CELL = """
import warnings
warnings.simplefilter("error")
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.store.folder import read
threads = run_sweep("tiny.yaml", "threads")
workers = run_sweep("tiny.yaml", "workers", cluster="local:2")
run_sweep("tiny.yaml", "workers", resume=True)
print(read(threads).equals(read(workers)), read(threads, columns=["point", "run"]).to_pandas().shape)
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # the client's own libraries; the kernel's warnings are errors in the cell
def test_a_notebook_sweeps_in_threads_and_on_a_cluster_with_a_bar(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    client = pytest.importorskip("nbclient")
    formats = pytest.importorskip("nbformat")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *filter(None, sys.path)]))
    (tmp_path / "tiny.yaml").write_text(yamltext.dump(TINY))
    notebook = formats.v4.new_notebook(cells=[formats.v4.new_code_cell(CELL)])
    client.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = notebook.cells[0].outputs
    printed = "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")
    assert printed == "True (640, 2)\n"
    assert sum("0/640" in str(output.get("data")) for output in outputs) == 2  # two bars; the third call has none
    said = "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stderr")
    assert said == "workers: nothing is left to do; every part is there, whole\n"
