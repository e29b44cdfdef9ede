"""Tables that cannot be multiplied, and models that lack what a scene shows, are told by `check` with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.render.opening import open_storyboard

ROOT = Path(__file__).parents[2]
SCENE = """
from attnviz.stage import Head, Slice, Stage, Word, product_of
from attnviz.stage import chain_of as line_of

class Mine(Stage):
    def show(self, head: Head | None = None, word: Word | None = None) -> None:
        {}

    def never_called(self) -> None:
        product_of(self, Slice("embeddings"), Slice("W_O"), Slice("output"), names=("X", "W_O", "Y"))

    def _drawn(self, other):
        right = Slice("W_O")
        product_of(self, Slice("embeddings"), right, other, names=("X", "W_O", "Y"))
"""
STORYBOARD = """\
title: T
model: {}
chapters:
  - title: A
    scenes:
      - scene: {}
        words: [orange, apple, phone]
        shots:
          - {}:
"""
EXPECTED = "; the first must have as many columns as the second has rows (at scenes/mine.py:{})"
W_Q = 'Slice("W_Q", head=head)'


def told(folder: Path, body: str, model: str = "three_heads") -> list[str]:
    (folder / "scenes").mkdir()
    (folder / "scenes" / "mine.py").write_text(SCENE.format(body))
    return told_of(folder, STORYBOARD.format(model, "mine", "show"))


def told_of(folder: Path, text: str) -> list[str]:
    path = folder / "s.yaml"
    path.write_text(text)
    try:
        open_storyboard(path)
    except ProblemsFound as found:
        return [str(problem).removeprefix(f"{path}:") for problem in found.problems]
    return []


@pytest.mark.parametrize(
    ("body", "sizes", "line"),
    [
        ('product_of(self, Slice("embeddings"), Slice("W_O"), Slice("output"))', "embeddings · W_O (3×2 · 6×2)", 7),
        ('product_of(self, Slice("weights", head="good"), Slice("W_V", head="good").T, 3)', "weights · W_V (3×3 · 2×2)", 7),
        ('parts = Slice("W_O"), Slice("W_O"); product_of(self, *parts, 3)', "W_O · W_O (6×2 · 6×2)", 7),
        ('line_of(self, (Slice("embeddings"), Slice("W_Q", head=head), Slice("W_O")))', "W_Q · W_O (2×2 · 6×2)", 7),
        ('self._drawn(Slice("output"))', "embeddings · W_O (3×2 · 6×2)", 14),
    ],
)  # fmt: skip
def test_what_does_not_compose_is_told_with_both_shapes(tmp_path: Path, body: str, sizes: str, line: int) -> None:
    assert told(tmp_path, body) == [f"9: {sizes} cannot be multiplied{EXPECTED.format(line)}"]


@pytest.mark.parametrize(
    "body",
    [
        f'product_of(self, Slice("embeddings"), {W_Q}, Slice("queries", head=head))',
        f'product_of(self, {W_Q}, Slice("W_K", head=head).T, Slice("bilinear", head=head))',
        'product_of(self, Slice("concatenated"), Slice("W_O"), Slice("output"))',
        'product_of(self, Slice("embeddings", token=[word]), Slice("embeddings").T, Slice("dot"))',
        'product_of(self, Slice(word), Slice("W_O"), 3)',  # only the stage knows which array that is
        'other(self, Slice("embeddings"), Slice("W_O"), Slice("output"))',
    ],
)
def test_what_composes_or_is_not_written_out_passes(tmp_path: Path, body: str) -> None:
    assert told(tmp_path, body) == []


def test_heads_of_different_sizes_are_looked_at_one_by_one(tmp_path: Path) -> None:
    body = 'product_of(self, Slice("queries", head=head), Slice("W_V", head=head), 3)'
    (tmp_path / "model.yaml").write_text(
        "kind: blackboard\naxes: [x, y]\nwords: {orange: [0, 3], apple: [2, 2], phone: [4, 0]}\n"
        "similarity: dot\nweights: softmax\nheads:\n"
        "  - {name: wide, W_Q: [[1, 0], [0, 1]], W_K: [[1, 0], [0, 1]], W_V: [[1], [1]]}\n"
        "  - {name: slim, W_Q: [[1], [0]], W_K: [[1], [0]], W_V: [[1], [1]]}\n"
    )
    assert told(tmp_path, body, "./model.yaml") == []  # it composes in the first
    wide = (tmp_path / "model.yaml").read_text().replace("[[1, 0], [0, 1]]", "[[1, 0, 2], [0, 1, 2]]")
    (tmp_path / "model.yaml").write_text(wide)
    (tmp_path / "scenes" / "mine.py").unlink()
    (tmp_path / "scenes").rmdir()
    assert told(tmp_path, body, "./model.yaml") == [
        f"9: queries · W_V (3×3 · 2×1) cannot be multiplied{EXPECTED.format(7)}"
    ]


@pytest.mark.parametrize(("scene", "verb"), [("head_arithmetic", "score"), ("attention_graph", "show_graph")])
def test_a_model_without_heads_is_told_of(tmp_path: Path, scene: str, verb: str) -> None:
    board = "kind: blackboard\naxes: [x, y]\nwords: {orange: [0, 3], apple: [2, 2], phone: [4, 0]}\n"
    (tmp_path / "model.yaml").write_text(board + "similarity: dot\nweights: softmax\n")
    (said,) = told_of(tmp_path, STORYBOARD.format("./model.yaml", scene, verb))
    assert said == (
        f"6: chapters.0.scenes.0.scene: the scene '{scene}' shows W_Q, which the model './model.yaml' does not have "
        "(it has no heads); take a model that has it, such as three_heads"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (", [0.1, 0], [0, 0.1]]", "]", "28: W_O is 4×2, but the heads’ values have 2 + 2 + 2 = 6 columns; expected 6×k"),
        (
            "W_V: [[1, 0.5], [0, 1]]", "W_V: [[1, 0.5], [0, 1], [2, 2]]",
            "23: W_V of head 'so-so' is 3×2, but the embeddings have 2 axes; expected 2×k",
        ),
        (
            "W_V: [[1, 0.5], [0, 1]]", "W_V: [[1, 0.5, 3], [0, 1, 3]]",
            "28: W_O is 6×2, but the heads’ values have 2 + 3 + 2 = 7 columns; expected 7×k",
        ),
        (
            "W_K: [[0.5, 0], [0.5, 0.5]]", "W_K: [[0.5], [0.5]]",
            "22: W_K of head 'so-so' is 2×1, but its W_Q is 2×2; expected the same number of columns",
        ),
        ("    W_V: [[1, 0.5], [0, 1]]\n", "", "20: heads.1.W_V: missing"),
    ],
)  # fmt: skip
def test_matrices_that_do_not_fit_are_told_by_the_model_s_line(tmp_path, old, new, message) -> None:
    model = (ROOT / "storyboards" / "models" / "three_heads.yaml").read_text()
    assert model.count(old) == 1
    (tmp_path / "mine.yaml").write_text(model.replace(old, new))
    (said,) = told_of(tmp_path, STORYBOARD.format("./mine.yaml", "heads", "show_weights"))
    assert said == f"{tmp_path / 'mine.yaml'}:{message}"
