"""A storyboard that shows something of every kind of exercise, followed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnviz.render.opening import open_storyboard
from attnviz.render.run import Wish
from attnviz.render.shots.work import Work
from attnviz.worksheet.following import followed
from tests.conftest import Here

BOARD = """\
title: "Of <b>all</b> kinds & #more"
model: fruit_and_tech
chapters:
  - title: Two words
    scenes:
      - scene: similarity
        model: similarity_board
        words: [orange, cherry, phone]
        shots:
          - show_vectors: [cherry, orange, phone]
            say: Three words.
          - multiply: {first: cherry, second: orange}
            say: The dot product is {dot[cherry, orange]:.0f}.
            claim: dot[cherry, orange] > dot[cherry, phone]
          - show_angle: {first: cherry, second: orange}
            say: And the cosine.
          - scale: {first: cherry, second: orange}
            say: And scaled.
  - title: A row
    scenes:
      - scene: attention_table
        focus: apple
        carry: displayed
        sentence: an apple and an orange
        words: [orange, apple]
        shots:
          - show_similarity:
            say: How similar are they?
          - normalise:
            say: Shares.
      - scene: attention_table
        focus: apple
        carry: displayed
        sentence: an apple and an orange
        words: [orange, apple, and, an]
        shots:
          - show_similarity:
            say: How similar are they?
          - softmax: apple
            say: Weights.
            claim: argmax(weights[apple, :]) == apple
      - scene: attention_table
        model: {name: small, layer: 1, head: 1}
        focus: apple
        sentence: the new phone of apple
        shots:
          - show_similarity:
            say: Scores.
          - softmax: apple
            say: Weights.
      - scene: embedding_plane
        focus: apple
        sentence: an apple and an orange
        words: [orange, apple]
        shots:
          - show_plane:
            say: A plane.
          - show_words: [orange, apple]
            say: Two words.
          - pull: {word: apple, toward: orange}
            say: A move.
  - title: Maps
    scenes:
      - scene: linear_map
        model: three_maps
        words: [fruit-apple, tech-apple]
        shots:
          - show_plane: {maps: [good]}
            say: A plane.
          - show_words: [fruit-apple, tech-apple]
            say: Two words.
          - show_basis:
            say: Two arrows.
          - follow: tech-apple
            say: One of them.
          - show_matrix: good
            say: A matrix.
          - apply_map: good
            say: A map.
          - measure: {first: fruit-apple, second: tech-apple}
            say: A distance.
  - title: Heads
    scenes:
      - scene: head_arithmetic
        model: three_heads
        focus: apple
        words: [orange, apple, phone]
        shots:
          - transform: {to: queries, head: good}
            say: Queries.
          - transform: {to: keys, head: good}
            say: Keys.
          - transform: {to: values, head: good}
            say: Values.
          - score: good
            say: Products.
          - divide: {word: apple, column: 3}
            say: Scores.
          - softmax:
            say: Weights.
          - mix: good
            say: Outputs.
      - scene: heads
        model: three_heads
        focus: apple
        words: [orange, apple, phone]
        shots:
          - show_weights:
            say: Weights.
          - show_outputs:
            say: Outputs.
          - concatenate:
            say: Side by side.
          - bring_back:
            say: Back.
"""


def followed_board(folder: Path, text: str) -> Work:
    """Follow a storyboard in a folder, its models run in this process."""
    from attnviz.commands._options import film_format

    path = folder / "board.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("attnviz.render.traces.library.TraceProcess", Here)
        return followed(open_storyboard(path), Wish(film_format("l"), folder / "cache"))


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """The work of a storyboard with something of every kind."""
    return followed_board(tmp_path_factory.mktemp("every-kind"), BOARD)
