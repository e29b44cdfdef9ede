"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "arguments",
    [
        ("render", "s.yaml", "-o", ""),
        ("render", "s.yaml", "--cache", ""),
        ("figures", "s.yaml", "-o", " "),
        ("diff", "s.yaml", "--old", "fruit", "--new", "fruit", "-o", ""),
        ("trace", "apple", "--model", "fruit", "--save", ""),
        ("cache", "--cache", ""),
    ],
    ids=" ".join,
)
def test_an_empty_text_is_no_place_to_write_to(folder: Path, cli, arguments: tuple[str, ...]) -> None:
    before = sorted(folder.rglob("*"))
    done = cli(*arguments, before=f"import os; os.chdir({str(folder)!r})")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Invalid value for '{arguments[-2]}'" in done.stderr.replace("'-o' / '--output'", "'-o'")
    assert "there is nothing in it; '.' is the current folder" in done.stderr
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("command", ["render", "page", "slides", "worksheet", "quiz"])
def test_a_name_that_no_file_can_have_is_refused_at_once(folder: Path, cli_here, command: str) -> None:
    done = cli_here(command, "s.yaml", "-o", str(folder / f"{300 * 'x'}.html"))
    assert done.returncode == 2
    assert "Invalid value for '-o' / '--output': File name too long: " in done.stderr
