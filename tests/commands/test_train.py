"""`attnviz train` as a person meets it: what it refuses, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

pytestmark = pytest.mark.slow

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


def quick(folder: Path, **changes: object) -> Path:
    """Write a training file that takes no time, and return it."""
    shape = "{architecture: decoder, context: 8, layers: 1, d_model: 4, heads: 1}"
    keys = {"kind": "training", "model": shape, "text": "t.txt", "vocabulary": 300, "steps": 4, "batch": 2} | changes
    (folder / "t.txt").write_text("the cat sat on the mat and the dog sat on the log all day long\n" * 40)
    (folder / "c.yaml").write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
    return folder / "c.yaml"


@pytest.mark.parametrize("name", ["config.yaml", "tokenizer.json", "report.json", "loss.csv", "training.yaml"])
def test_no_file_that_is_not_of_this_training_is_replaced(tmp_path: Path, cli, name: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("mine")
    done = cli("train", quick(tmp_path), "--out", tmp_path / "out", after="print('torch' in sys.modules)")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "False\n", 1)
    assert f"there is {name} in '{tmp_path / 'out'}' already" in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name]
    assert (tmp_path / "out" / name).read_text() == "mine"


def test_a_first_training_speaks_of_no_other_and_its_file_may_lie_where_its_copy_will(tmp_path: Path, cli_here) -> None:
    path = quick(tmp_path).rename(tmp_path / "training.yaml")
    before = path.read_bytes()
    assert cli_here("train", path, "--out", tmp_path, "--steps", 2).returncode == 2  # its copy would have a remark
    done = cli_here("train", path, "--out", tmp_path)
    assert (done.returncode, done.stderr) == (0, f"wrote {tmp_path}\n")
    assert path.read_bytes() == before
    assert (tmp_path / "model.safetensors").exists()


def test_an_empty_folder_is_refused(tmp_path: Path, cli_here, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = cli_here("train", quick(tmp_path), "--out", "")
    assert done.returncode == 2
    assert "there is nothing in it; '.' is the current folder" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.yaml", "t.txt"]


def test_beginning_anew_leaves_nothing_of_what_was_given_up(tmp_path: Path, cli_here) -> None:
    steps, out = tmp_path / "out" / "steps", tmp_path / "out"
    steps.mkdir(parents=True)
    for name in ("000000.safetensors", "000002.safetensors", "000900.safetensors", "notes.txt"):
        (steps / name).write_text("old")
    done = cli_here("train", quick(tmp_path, save_every=2), "--out", out)
    assert done.returncode == 0, done.stderr
    assert f"begins anew; what a training that was given up has left in '{steps}' is deleted\n" in done.stderr
    kept = {path.name: path.read_bytes() for path in steps.iterdir()}
    assert set(kept) == {"000000.safetensors", "000002.safetensors", "000004.safetensors", "notes.txt"}
    assert [name for name, content in kept.items() if content == b"old"] == ["notes.txt"]


def test_what_cannot_be_begun_leaves_no_empty_folder(tmp_path: Path, cli_here) -> None:
    path = quick(tmp_path)
    (tmp_path / "t.txt").write_text("too short\n")
    done = cli_here("train", path, "--out", tmp_path / "new" / "out")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "the text has only" in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_told(tmp_path: Path, cli_here) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG)
    done = cli_here("train", tmp_path / "c.yaml", "--out", tmp_path / "out", "--device", "cuda")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no CUDA device on this machine" in done.stderr
