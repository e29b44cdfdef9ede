"""The embedding plane: what a viewer reads from it, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnviz.commands._open import open_storyboard
from attnviz.input.problems import ProblemsFound
from attnviz.testing import RehearsedShot, rehearse

pytestmark = pytest.mark.slow

HEAD = """
title: T
model: fruit_and_tech
carry: {carry}
decimals: {decimals}
chapters:
  - title: C
    scenes:
      - scene: embedding_plane
        focus: apple
        sentences:
          fruit: {{text: an apple and an orange, words: [orange, apple]}}
          tech: {{text: an apple phone, words: [phone, apple]}}
          all: {{text: an apple and an orange, words: [orange, apple, and, an]}}
        shots:
"""


def play(folder: Path, *shots: str, carry: str = "displayed", decimals: int = 2) -> list[RehearsedShot]:
    path = folder / "s.yaml"
    path.write_text(HEAD.format(carry=carry, decimals=decimals) + "".join(f"          - {shot}\n" for shot in shots))
    return rehearse(open_storyboard(path))


def texts(shot: RehearsedShot) -> list[str]:
    return [receipt.text for receipt in shot.receipts]


PULLS = (
    "show_plane: left",
    "show_words: [orange, phone, apple]",
    "pull: {word: apple, toward: orange, sentence: fruit}",
    "pull: {word: apple, toward: phone, sentence: tech}",
)


def test_apple_is_moved_as_the_displayed_digits_say(tmp_path: Path) -> None:
    *_, first, second = play(tmp_path, *PULLS)
    assert {"0.43", "0.57", "1.14", "2.43", "43 %"} <= set(texts(first))
    assert {"2.86", "1.14", "43 %"} <= set(texts(second))
    lines = [placed.text for placed in first.layout]
    assert "= ({r0}, {r1})" in lines


def test_exact_weights_give_exact_places_and_say_approximately(tmp_path: Path) -> None:
    *_, first, second = play(tmp_path, *PULLS, carry="exact", decimals=3)
    assert {"0.427", "0.573", "1.145", "2.427"} <= set(texts(first))
    assert {"2.855", "1.145"} <= set(texts(second))
    assert "approx ({r0}, {r1})" in [placed.text for placed in first.layout]


def test_the_small_words_keep_a_share(tmp_path: Path) -> None:
    *_, bar = play(tmp_path, "show_plane: left", "show_words: [orange]", "show_weights: {word: orange, sentence: all}")
    assert texts(bar) == ["0.40", "0.30", "0.15", "0.15"]


def test_a_pull_among_many_words_goes_the_share_of_the_way(tmp_path: Path) -> None:
    *_, pull = play(
        tmp_path,
        "show_plane: left",
        "show_words: [orange, apple]",
        "pull: {word: apple, toward: orange, sentence: all}",
    )
    shown = {receipt.text: receipt for receipt in pull.receipts}
    assert shown["30 %"].coords == {"query": "apple", "key": "orange"}
    assert shown["0.70"].formula == "1 - weights[apple, orange]"
    assert shown["2.3"].value == pytest.approx(0.3 * 3 + 0.7 * 2)


def test_what_is_left_of_one_is_no_weight_of_the_word_itself(tmp_path: Path) -> None:
    """Of what apple does not take from orange it takes only 0.40 from itself: the bar says "others"."""
    pull = "pull: {word: apple, toward: orange, sentence: %s}"
    *_, among_many = play(tmp_path, "show_plane: left", "show_words: [orange, apple]", pull % "all")
    written = [placed.text for placed in among_many.layout]
    assert ("others" in written, written.count("apple")) == (True, 1)
    assert "by this weight alone (the others’ share moves nothing)" in written
    *_, alone = play(tmp_path, "show_plane: left", "show_words: [orange, apple]", pull % "fruit")
    written = [placed.text for placed in alone.layout]
    assert ("others" in written, written.count("apple")) == (False, 2)
    assert not [text for text in written if text.startswith("by this")]


def test_equals_stands_before_coordinates_only_where_they_are_exact(tmp_path: Path) -> None:
    signs = {}
    for word in ("2.75", "2.7512"):
        (tmp_path / "models").mkdir(exist_ok=True)
        (tmp_path / "models" / "round.yaml").write_text(
            f"kind: blackboard\naxes: [x, y]\nwords: {{one: [1, {word}], two: [3, 2]}}\n"
        )
        path = tmp_path / "s.yaml"
        path.write_text(
            "title: T\nmodel: round\nchapters:\n  - title: C\n    scenes:\n      - scene: embedding_plane\n"
            "        words: [one, two]\n        shots:\n          - show_plane: left\n"
            "          - show_words: [one, two]\n          - pull: {word: one, toward: two}\n"
        )
        *_, pull = rehearse(open_storyboard(path))
        [signs[word]] = [p.text.split()[0] for p in pull.layout if "{v0c0}" in p.text]
    assert signs == {"2.75": "=", "2.7512": "approx"}


def weights_beside(shot: RehearsedShot) -> dict[str, str]:
    """Return behind which word each weight stands: the name left of it, on its line."""
    names = [placed for placed in shot.layout if placed.text in ("orange", "apple", "and", "an")]
    beside = {}
    for receipt in shot.receipts:
        if receipt.array == "weights" and receipt.box is not None:
            x, y = receipt.box[0], (receipt.box[1] + receipt.box[3]) / 2
            left = [n for n in names if n.box[1] < y < n.box[3] and 0 < x - n.box[2] < 0.03]
            beside[receipt.coords["key"]] = left[0].text if left else ""
    return beside


def test_weights_stand_behind_the_words_that_pull_also_when_labels_move(tmp_path: Path) -> None:
    shots = ("show_words: [orange, apple]", "show_pulls: {word: apple, sentence: all}", "show_words: [phone]")
    _, pulls, more = play(tmp_path, *shots)
    assert weights_beside(pulls) == weights_beside(more) == {"orange": "orange", "apple": "apple"}


@pytest.mark.parametrize(
    "after",
    [
        "pull: {word: apple, toward: orange, sentence: fruit}",
        "step: fruit",
        "show_pulls: {word: orange, sentence: fruit}",
    ],
)
def test_weights_go_when_what_they_say_is_no_longer_so(tmp_path: Path, after: str) -> None:
    shots = ("show_words: [orange, apple]", "show_pulls: {word: apple, sentence: all}")
    *_, last = play(tmp_path, *shots, after)
    assert [placed.text for placed in last.layout].count("{w}") == (2 if "show_pulls" in after else 0)


def test_steps_begin_without_the_sum_of_a_pull(tmp_path: Path) -> None:
    from attnviz.stage.layout import faults

    shots = ("show_plane: {side: left, ticks: true}", "show_words: [orange, apple]", "show_sentence: fruit")
    pull = "pull: {word: apple, toward: orange, sentence: fruit}"
    *_, gathered = play(tmp_path, *shots, pull, "gather: {steps: 5, sentence: fruit}")
    assert not [placed.text for placed in gathered.layout if "dot" in placed.text or placed.text == "{p}"]
    assert faults(gathered.layout) == []
    *_, again = play(tmp_path, *shots, "step: fruit", pull)
    assert faults(again.layout) == []


def test_words_gather_and_are_let_go(tmp_path: Path) -> None:
    *_, gathered, freed = play(
        tmp_path, "show_words: [orange, apple]", "gather: {steps: 3, sentence: fruit}", "let_go:"
    )
    assert texts(gathered)[-1] == "3"
    assert sorted(placed.text for placed in freed.layout) == ["C", "apple", "fruitness", "orange", "technology"]


def test_the_third_axis_shows_the_small_words(tmp_path: Path) -> None:
    *_, turned, back = play(tmp_path, "show_words: [orange]", "turn: [and, an]", "turn_back:")
    assert {"other", "and", "an"} <= {placed.text for placed in turned.layout}
    assert "other" not in {placed.text for placed in back.layout}


@pytest.mark.parametrize(
    ("shots", "message"),
    [
        (("pull: {word: apple, toward: orange}",), "'orange' is not on the plane yet; show it first with show_words"),
        (("show_plane:", "show_plane:"), "the plane is already there; leave this shot out, or start a new scene"),
        (("show_words: [apple]", "show_words: [apple]"), "these words are already on the plane; show other words"),
        (("show_words: []",), "there are no words to show; name one or more"),
        (("show_words: [apple]", "mark_group: []"), "there are no words to surround; name one or more"),
        (("gather: 2",), "none of the sentence's words is on the plane; show them first with show_words"),
        (("show_words: [apple]", "gather: 2", "gather: 2"), "2 steps are already done; ask for more, or let_go first"),
        (("show_words: [apple]", "show_weights: apple"), "there is no room for a bar here; start with"),
        (("turn: [and]", "turn: [an]"), "the plane is turned already; leave this shot out, or write turn_back"),
        (("show_plane:", "turn_back:"), "the plane is not turned; leave this shot out, or write turn before it"),
    ],
)
def test_what_cannot_be_shown_is_refused_at_its_line(tmp_path: Path, shots: tuple[str, ...], message: str) -> None:
    with pytest.raises(ProblemsFound) as error:
        play(tmp_path, *shots)
    (problem,) = error.value.problems
    assert problem.file == tmp_path / "s.yaml"
    assert problem.line == HEAD.count("\n") + len(shots)
    assert message in str(problem)


def test_strange_words_are_data(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "odd.yaml").write_text(
        "kind: blackboard\naxes: [x, 'y \"$1$\"']\nwords: {'#panic(\"x\")': [1, 2], '$x^2$': [0.5, -1], 'שלום': [2, -1], "
        "'ζωή': [1, 0], \"it's\": [-1, 1]}\n"
    )
    sentence = "'#panic(\"x\") $x^2$ שלום ζωή it''s'"
    path = tmp_path / "s.yaml"
    path.write_text(
        "title: '#eval'\nmodel: odd\nchapters:\n  - title: '*C* <b> \"q\"'\n    scenes:\n      - scene: embedding_plane\n"
        f"        sentence: {sentence}\n        shots:\n"
        "          - show_words: ['#panic(\"x\")', '$x^2$', 'שלום', 'ζωή', \"it's\"]\n          - show_sentence:\n"
        "          - pull: {word: '$x^2$', toward: 'שלום'}\n"
    )
    *_, chips, pull = rehearse(open_storyboard(path))
    written = [placed.text for placed in chips.layout]
    assert [word for word in ('#panic("x")', "$x^2$", "שלום", "ζωή", "it's") if written.count(word) != 2] == []
    assert pull.receipts


@pytest.mark.parametrize("words", [1, 60])
def test_sentences_of_any_length_fit(tmp_path: Path, words: int) -> None:
    sentence = " ".join(["an apple and an orange"] * 12) if words == 60 else "apple"
    path = tmp_path / "s.yaml"
    path.write_text(
        "title: T\nmodel: fruit_and_tech\nchapters:\n  - title: C\n    scenes:\n      - scene: embedding_plane\n"
        f"        sentence: {sentence}\n        shots:\n          - show_plane: left\n          - show_words: [apple]\n"
        "          - show_sentence:\n          - gather: 2\n"
    )
    from attnviz.stage.layout import faults

    for shot in rehearse(open_storyboard(path)):
        assert faults(shot.layout) == []
