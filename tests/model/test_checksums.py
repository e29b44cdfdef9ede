"""A byte that has changed in a trained folder is told when the model is opened, and accepted where that is asked for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from attnviz.cli import app
from attnviz.input.content_paths import builtin_storyboards
from attnviz.input.problems import ProblemsFound
from attnviz.model.door import open_model
from attnviz.model.trained.checksums import ACCEPT_VARIABLE, CHECKSUMS
from attnviz.model.trained.folder import read_trained

FILES = ("config.yaml", "tokenizer.json", "model.safetensors")
SENTENCE = "apple unveiled a new phone"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(builtin_storyboards() / "models" / "small", tmp_path / "small"))


def flip(path: Path, place: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)


def told(folder: Path) -> str:
    with pytest.raises(ProblemsFound) as found:
        read_trained(folder)
    return str(found.value)


def changed(folder: Path, name: str) -> str:
    what = "the file is not as training has left it: its checksum is not that of report.json"
    return f"{folder / name}: {what}; copy it again, or train again; --accept-changed uses it as it is"


@pytest.mark.parametrize("name", ["small", "small-encoder"])
def test_the_models_that_come_with_it_are_as_training_has_left_them(name):
    spec = read_trained(builtin_storyboards() / "models" / name)
    assert tuple(spec.report[CHECKSUMS]) == FILES
    assert spec.changed == ()


def test_a_flipped_byte_in_the_body_is_told(folder):
    flip(folder / "model.safetensors", -20_001)
    assert told(folder) == changed(folder, "model.safetensors")


def test_all_that_changed_is_told_at_once(folder):
    flip(folder / "model.safetensors", -20_001)
    tokenizer, config = folder / "tokenizer.json", folder / "config.yaml"
    tokenizer.write_text(tokenizer.read_text().replace('"apple"', '"appla"'))
    config.write_text(config.read_text().replace("gelu", "relu"))
    assert told(folder).splitlines() == [changed(folder, name) for name in FILES]


def test_a_title_and_the_ends_of_lines_may_change(folder):
    for name in ("config.yaml", "tokenizer.json"):
        raw = (folder / name).read_bytes().replace(b"title: Small", b"title: Mine")
        (folder / name).write_bytes(raw.replace(b"\n", b"\r\n"))
    assert read_trained(folder).config.title == "Mine"


@pytest.mark.parametrize("report", [None, {}], ids=["no report", "no checksums"])
def test_a_model_trained_before_there_were_checksums_is_taken_as_it_is(folder, report):
    path = folder / "report.json"
    known = json.loads(path.read_text())
    path.unlink()
    if report is not None:
        del known[CHECKSUMS]
        path.write_text(json.dumps(known))
    flip(folder / "model.safetensors", -20_001)
    assert read_trained(folder).changed == ()


@pytest.mark.parametrize("checksums", ["x", {"model.safetensors": 1}, {"../secret": "x"}, ["x"]])
def test_checksums_that_are_none_are_told(folder, checksums):
    path = folder / "report.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {CHECKSUMS: checksums}))
    assert told(folder) == f"{path}: this is not a report of `attnviz train`"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_it_is_used_all_the_same_where_that_is_asked_for(folder, monkeypatch):
    monkeypatch.delenv(ACCEPT_VARIABLE, raising=False)
    flip(folder / "model.safetensors", -20_001)
    with pytest.raises(ProblemsFound, match="--accept-changed uses it as it is"):
        run("trace", SENTENCE, "--model", f"{folder}/")
    shown = run("trace", SENTENCE, "--model", f"{folder}/", "--array", "tokens", "--accept-changed")
    assert "changed since it was trained and measured: model.safetensors" in shown.stdout
    with pytest.raises(ProblemsFound):  # it holds for one command
        read_trained(folder)


def test_check_tells_it_and_takes_the_option(folder, monkeypatch):
    monkeypatch.delenv(ACCEPT_VARIABLE, raising=False)
    flip(folder / "model.safetensors", -20_001)
    storyboard = folder.parent / "s.yaml"
    storyboard.write_text(
        "title: T\nmodel: ./small\nchapters:\n  - title: C\n    scenes:\n      - scene: attention_table\n"
        f"        sentence: {SENTENCE}\n        shots:\n          - show_sentence:\n            say: Look.\n"
    )
    with pytest.raises(ProblemsFound, match="--accept-changed uses it as it is"):
        run("check", str(storyboard))
    assert run("check", str(storyboard), "--accept-changed").stdout.startswith("ok: ")


@pytest.mark.parametrize("command", ["render", "plan", "figures", "diff", "trace", "check"])
def test_every_command_that_opens_models_has_the_option(command):
    assert "--accept-changed" in run(command, "--help").stdout


def test_another_model_opens_as_ever():
    assert open_model("small").tokens(SENTENCE)
