"""`attnviz train` as a person meets it: what it refuses, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

CONFIG = """\
kind: training
model: {architecture: decoder, context: 16, layers: 1, d_model: 8, heads: 1}
grammar: everyday
steps: 3
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no such file"),
        (CONFIG.replace("layers: 1", "layer: 1"), "c.yaml:2: model.layers: missing"),
        (CONFIG.replace("everyday", "everydya"), "c.yaml:3: unknown grammar 'everydya'; did you mean 'everyday'?"),
        (CONFIG + "steps: 4\n", "c.yaml:5:"),
    ],
)
def test_bad_files_are_told_without_a_traceback_or_torch(tmp_path: Path, cli, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "c.yaml").write_text(text)
    done = cli("train", tmp_path / "c.yaml", "--out", tmp_path / "out", after="print('torch' in sys.modules)")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == "False\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_told(tmp_path: Path, cli) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG)
    done = cli("train", tmp_path / "c.yaml", "--out", tmp_path / "out", "--device", "cuda")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no CUDA device on this machine" in done.stderr
