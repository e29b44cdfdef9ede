"""What is not UTF-8 in an argument, a name or a path is told in one line, by every command, before anything is done."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from attnviz.cli import app
from attnviz.input.encodable import as_bytes_seen
from attnviz.input.problems import ProblemsFound
from attnviz.model.catalog import known_models
from attnviz.model.door import open_model

BYTE = os.fsdecode(b"\xff")
STRANGE_NAMES = pytest.mark.skipif(sys.platform != "linux", reason="names of files are UTF-8 there")


def problems_of(*arguments: str) -> list[str]:
    with pytest.raises(ProblemsFound) as found:
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    for problem in found.value.problems:
        assert str(problem).isprintable()
    return [str(problem) for problem in found.value.problems]


@pytest.mark.parametrize(
    "arguments",
    [
        ("trace", f"{BYTE} apple", "--model", "small"),
        ("trace", "apple", "--model", f"m{BYTE}"),
        ("trace", "apple", "--model", f"hf:m{BYTE}"),
        ("trace", "apple", "--words", BYTE),
        ("trace", "apple", "--array", BYTE),
        ("trace", "apple", "--head", BYTE),
        ("trace", "apple", f"--save=n{BYTE}.nc"),
        ("check", f"s{BYTE}.yaml"),
        ("check", f"folder{BYTE}/s.yaml"),
        ("plan", f"s{BYTE}.yaml"),
        ("plan", "s.yaml", "--cache", f"c{BYTE}"),
        ("plan", "s.yaml", "--only", BYTE),
        ("render", f"s{BYTE}.yaml"),
        ("render", "s.yaml", "-o", f"{BYTE}.mp4"),
        ("render", "s.yaml", f"-o{BYTE}.mp4"),
        ("render", "s.yaml", "--cache", f"c{BYTE}"),
        ("figures", f"s{BYTE}.yaml"),
        ("figures", "s.yaml", "-o", f"f{BYTE}"),
        ("diff", f"s{BYTE}.yaml", "--old", "a", "--new", "b"),
        ("diff", "s.yaml", "--old", BYTE, "--new", "b"),
        ("scenes", BYTE),
        ("scenes", "--folder", BYTE),
        ("models", "--folder", BYTE),
        ("train", f"t{BYTE}.yaml", "--out", "o"),
        ("train", "t.yaml", "--out", BYTE),
        ("schema", "--folder", BYTE),
        ("cache", "--cache", BYTE),
        (BYTE,),
        (f"--{BYTE}",),
    ],
    ids=lambda arguments: as_bytes_seen(" ".join(arguments)),
)
def test_an_argument_that_is_not_utf_8_is_told_in_one_line(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    [wrong] = [as_bytes_seen(each) for each in arguments if BYTE in each]
    hint = "a text must be written, and a file or folder be named, in UTF-8"
    assert problems_of(*arguments) == [f"the argument '{wrong}' is not UTF-8; {hint}"]
    assert list(tmp_path.iterdir()) == []


def test_half_a_character_is_told_in_one_line():
    assert problems_of("scenes", "\ud83d")[0].startswith("the argument '\\ud83d' is not UTF-8")
    with pytest.raises(ProblemsFound, match="holds half a character"):
        open_model("small").tokens("\udcff apple")


@STRANGE_NAMES
def test_links_the_environment_and_the_current_folder_are_looked_at_too(tmp_path, monkeypatch):
    strange = tmp_path / f"f{BYTE}"
    strange.mkdir()
    (tmp_path / "link").symlink_to(strange)
    monkeypatch.chdir(tmp_path)
    for arguments in (
        ["models", "--folder", "link"],
        ["models", "--folder=link"],
        ["trace", "apple", "--model", "hf:link"],
        ["check", "link/s.yaml"],
    ):
        [told] = problems_of(*arguments)
        assert f"leads to '{tmp_path}/f\\xff" in told
        assert "which is not UTF-8" in told
    monkeypatch.setenv("ATTNVIZ_CACHE", f"c{BYTE}")
    assert problems_of("plan", "s.yaml")[0].startswith("the argument 'c\\xff' is not UTF-8")
    monkeypatch.chdir(strange)
    assert problems_of("scenes")[0].startswith(f"the name of the current folder, '{tmp_path}/f\\xff', is not UTF-8")


@STRANGE_NAMES
def test_a_model_that_is_so_named_is_no_model(tmp_path):
    for name in (f"a{BYTE}", "b"):
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "config.yaml").touch()
    (tmp_path / "c").symlink_to(tmp_path / "models" / f"a{BYTE}")
    found = known_models(tmp_path)
    assert "b" in found
    assert not any(BYTE in name for name in found)
    for name in ("./c", "hf:./c"):
        with pytest.raises(ProblemsFound, match="which is not UTF-8"):
            open_model(name, Path(tmp_path)).tokens("apple")
