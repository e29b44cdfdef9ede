"""Pulls that the embedding plane cannot show: each is refused at its line, in words."""

from pathlib import Path

import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.render.opening import open_storyboard
from attnviz.testing import rehearse

SCENE = """\
title: Pulls
model: {model}
chapters:
  - title: A pull
    scenes:
      - scene: embedding_plane
        sentence: apple orange
        shots:
          - show_plane: left
          - show_words: [apple, orange]
          - pull: {{word: apple, toward: {toward}}}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "toward", "message"),
    [
        ("fruit_and_tech", "apple", "'apple' cannot be pulled towards itself; name two words"),
        (
            "two_heads",
            "orange",
            "each of this model's heads (meaning, grammar) pulls with a weight of its own; "
            "choose one: `model: {name: …, head: meaning}`",
        ),
        (
            "value_plane",
            "orange",
            "this model's output is no place on the plane: its axes are attention-1, attention-2; "
            "use a model without W_V, or whose W_V and W_O keep the axes",
        ),
        (
            "{name: fruit_and_tech, without: softmax}",
            "orange",
            "without a softmax weights are no shares of a way that a word could be pulled; "
            "leave this shot out, or show the scores in attention_table",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused(tmp_path: Path, model: str, toward: str, message: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SCENE.format(model=model, toward=toward))
    with pytest.raises(ProblemsFound) as error:
        rehearse(open_storyboard(path))
    assert str(error.value) == f"{path}:11: {message}"


def test_one_head_of_several_pulls(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SCENE.format(model="{name: two_heads, head: meaning}", toward="orange"))
    *_, pull = rehearse(open_storyboard(path))
    assert {receipt.text for receipt in pull.receipts} >= {"0.33", "33 %"}


@pytest.mark.parametrize("verb", ["step:", "gather: 3"])
def test_a_board_without_softmax_is_not_stepped_through(tmp_path: Path, verb: str) -> None:
    path = tmp_path / "s.yaml"
    scene = SCENE.format(model="{name: fruit_and_tech, without: softmax}", toward="orange")
    path.write_text(scene.replace("pull: {word: apple, toward: orange}", verb))
    with pytest.raises(ProblemsFound, match=r"s\.yaml:11: without a softmax every step takes the words farther away"):
        rehearse(open_storyboard(path))
