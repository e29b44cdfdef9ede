"""A small scene and a small vocabulary of their own, so that the storyboard room is tested alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnviz.input.problems import NotInstalled, Problem, ProblemsFound, did_you_mean
from attnviz.model.interface import Contents, View
from attnviz.storyboard import Storyboard, load

SCENE = '''
from attnviz.stage import Stage
raise RuntimeError("a scene is never imported")

class Plane(Stage):
    """Words as points."""

    experiments = ("dot_growth",)

    def construct(self): ...

    def show_words(self, words: list[Word] | None = None) -> None:
        """Show them."""

    def pull(self, word: Word, toward: Word, *, part: Fraction = 1) -> None:
        """Pull one word toward another."""

    def label(self, names: dict[str, Word], size: Literal["small", "large"] = "small") -> None: ...

    def turn(self, angle: Degrees, axis: Axis = "tech", map: MapName = "flip", steps: Steps = 1) -> None: ...

    def compare(self, sentence: SentenceName, word: Word) -> None: ...

    def nudge(self, word: Word, sentence: SentenceName | None = None) -> None: ...

    def write(self, text: str, count: Count = 1, bold: bool = False) -> None: ...

    def wipe(self) -> None: ...

    def _helper(self, x): ...
'''
CARD = """
class Card(Stage):
    needs_sentence = False
    def show(self, text: str) -> None: ...
"""
EXPERIMENTS = {"dot_growth": {"dot_growth": ("dimension",)}}
WORDS = ("an", "apple", "and", "orange", "phone")


def vocabulary(model: str, near: Path, text: str | None, words: tuple[str, ...] | None, view: View) -> Contents:
    if model in ("far", "farther"):
        raise NotInstalled(Problem(f"the model '{model}' is not installed", hint=f"pip install {model}"))
    if model not in ("board", "other"):
        raise ProblemsFound(Problem(f"unknown model '{model}'", hint="did you mean 'board'?"))
    if view.layer is not None and view.layer > 3:
        raise ProblemsFound(Problem(f"the model '{model}' has no layer {view.layer}"))
    if text is None and words is None:
        return Contents(
            axes=("tech", "fruit"), maps=("flip",), experiments=EXPERIMENTS, labels={"dimension": ("2", "4")}
        )
    tokens: list[str] = []
    for word in text.split() if text is not None else words or ():
        if word == "appel":
            raise ProblemsFound(Problem(f"the model does not know '{word}'", hint=did_you_mean(word, WORDS)))
        count = sum(token.split("#")[0] == word for token in tokens)
        tokens.append(f"{word}#{count + 1}" if count else word)
    names = tuple(words if words is not None else tokens)
    return Contents(
        tokens=names,
        axes=("tech", "fruit"),
        maps=("flip",),
        arrays={"weights": ("head", "query", "key"), "embeddings": ("token", "d_model"), "repeated": ("step", "token")},
        labels={
            "head": ("1",),
            "dimension": ("2", "4"),
            "query": names,
            "key": names,
            "token": names,
            "d_model": ("tech", "fruit"),
        },
        experiments=EXPERIMENTS,
    )


class Desk:
    """A folder with scenes, on which storyboards are written and loaded."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "s.yaml"
        self.scenes = folder / "scenes"
        self.scenes.mkdir()
        (self.scenes / "plane.py").write_text(SCENE)
        (self.scenes / "card.py").write_text(CARD)

    def load(self, text: str) -> Storyboard:
        self.path.write_text(text, encoding="utf-8")
        return load(self.path, vocabulary=vocabulary, folders=[self.scenes])

    def problems(self, text: str) -> list[str]:
        with pytest.raises(ProblemsFound) as found:
            self.load(text)
        return [str(problem).replace(f"{self.path}:", "") for problem in found.value.problems]

    def scene(self, shots: str, sentence: str = "sentence: an apple and an orange") -> str:
        """Return a storyboard of one scene; its first shot is in line 9."""
        indented = "\n".join(f"          {line}" for line in shots.splitlines())
        return (
            "title: T\nmodel: board\nchapters:\n  - title: A\n    scenes:\n      - scene: plane\n"
            f"        {sentence}\n        shots:\n{indented}\n"
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
