"""A folder with a scene, a model and a storyboard; and the command line as a process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from attnviz.cli import main

SCENE = '''
class Dots(Stage):
    """Words as dots.

    More about them.
    """

    def show(self, words: list[Word] | None = None) -> None:
        """Show the words."""

    def pull(self, word: Word, toward: Word, *, part: Fraction = 1) -> None:
        """Pull one word toward another."""
'''
MODEL = "kind: blackboard\naxes: [x, y]\nwords: {apple: [1, 0], orange: [0, 1]}\n"
STORYBOARD = """\
title: T
model: fruit
chapters:
  - title: A
    scenes:
      - scene: dots
        sentence: apple orange apple
        shots:
          - show:
            say: Apple goes {weights[apple, orange]:percent} of the way to {embeddings[orange, y]}.
          - pull: {word: apple#2, toward: orange}
            hold: 60
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"scenes/dots.py": SCENE, "models/fruit.yaml": MODEL, "s.yaml": STORYBOARD}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def run_cli(*arguments: object, before: str = "", after: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, with code before and after it."""
    code = f"import sys\n{before}\nfrom attnviz.cli import main\ntry:\n    main()\nfinally:\n    pass\n    {after}"
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def cli():
    return run_cli


@pytest.fixture
def cli_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command line as in a process of its own, but in this one, which has imported torch already."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = ["attnviz", *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return subprocess.CompletedProcess(command, ended.value.code, *capsys.readouterr())

    return run
