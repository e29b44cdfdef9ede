"""From a sentence to a storyboard: what is taken of a template, what is claimed, and what is told of odd sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnviz.clips.excerpt import MOST_TOKENS, excerpt_of
from attnviz.clips.make import filled
from attnviz.clips.request import ClipRequest
from attnviz.input.problems import ProblemsFound
from attnviz.model.door import opened_model
from attnviz.render.opening import contents_of
from attnviz.render.run import Wish
from attnviz.render.shots.claims import untrue
from attnviz.storyboard import load
from attnviz.storyboard.narration import Mark
from tests.clips.conftest import Fill
from tests.lecture_folders import claims_tried

PEELED = "she peeled an orange and an apple"
HEAD = """\
about: A test
title: ${short}
model: {name: "${model}", layer: "${layer}", head: "${head}"}
chapters:
  - title: C
    scenes:
      - scene: head_gallery
        focus: ${word}
        sentence: ${sentence}
        shots:
          - show_heads:
"""


def test_the_first_true_text_is_taken_and_claimed(fill: Fill) -> None:
    text = HEAD + (
        "            say:\n"
        "              - {when: 'weights[${word}, ${first}] > 2', say: never}\n"
        "              - {when: 'nothing[${word}] > 0', say: not there}\n"
        "              - {when: ['sum(weights[${word}, :]) ≈ 1', '1 < 2'], say: '“${word}” {weights[${word}, ${first}]:percent}'}\n"
        "              - say: late\n"
        "            claim: number_of_heads > 1\n"
    )
    shot = fill(PEELED, text, word="apple")["chapters"][0]["scenes"][0]["shots"][0]
    assert shot["say"].startswith('“apple” {weights["apple", "')
    assert shot["claim"] == ['sum(weights["apple", :]) ≈ 1', "number_of_heads > 1"]


def test_texts_may_have_marks_whose_targets_are_the_words_that_names_stand_for(fill: Fill, shared: Path) -> None:
    text = HEAD + (
        "            say:\n"
        "              - '[heads] “${word}” [] [[so]]'\n"
        "              - - {when: '1 < 2', say: '[indicate: ${word}] here, [focus: all_weights[1, 1, ${word}, ${word}]] see'}\n"
        "                - say: late\n"
    )
    say = fill(PEELED, text, word="apple")["chapters"][0]["scenes"][0]["shots"][0]["say"]
    assert say == '[heads] “apple” [] [[so]] [indicate: "apple"] here, [focus: all_weights[1, 1, "apple", "apple"]] see'
    [shot] = load(shared / "clip.yaml", vocabulary=contents_of).shots()
    assert [piece.name for piece in shot.narration if isinstance(piece, Mark)] == ["heads", None, "indicate", "focus"]


def test_sentences_of_a_text_have_alternatives_each_and_what_is_not_there_is_left_out(fill: Fill) -> None:
    text = HEAD + (
        "            say:\n"
        "              - One.\n"
        "              - - {when: 'weights[${word}, ${second}] > 0', say: 'Two: ${second}.'}\n"
        "              - - {when: 'weights[${word}, ${word}] > 2', say: never}\n"
        "                - say: Three.\n"
        "          - find_pair: {word: '${word}', toward: '${first}'}\n"
        "          - look_at: ${word}\n"
        "            when: weights[${word}, ${word}] > 2\n"
    )
    shots = fill("an apple", text)["chapters"][0]["scenes"][0]["shots"]
    assert [next(iter(shot)) for shot in shots] == ["show_heads"]
    assert shots[0]["say"] == "One. Three."


def test_a_template_says_what_it_needs(fill: Fill) -> None:
    needs = HEAD.replace(
        "title: ${short}", "needs:\n  - {claim: 'total_move[${word}] < 0', otherwise: 'no ${word}'}\ntitle: x", 1
    )
    with pytest.raises(ProblemsFound, match=r"the template 'own' cannot show this: no apple$"):
        fill(PEELED, needs, word="apple")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sentence", "asked"),
    [
        (PEELED, {}),
        (PEELED, {"word": "she"}),
        (PEELED, {"layer": 2}),
        (PEELED, {"layer": 1, "head": "3", "word": "an#2"}),
        (PEELED, {"head": "all"}),
        (PEELED, {"template": "layers"}),
        (PEELED, {"template": "causal"}),
        (PEELED, {"other": "the new phone of apple"}),
        ("apple", {}),
        ("an an an an", {}),
        (". .", {}),
        (PEELED, {"model": "small-encoder"}),
        ("an apple and an orange", {"model": "fruit_and_tech"}),
        ("an apple phone", {"model": "value_plane"}),
        ("orange phone apple", {"model": "three_heads", "word": "apple", "head": "good"}),
    ],
)
def test_whatever_is_asked_for_becomes_a_storyboard_that_tells_the_truth(
    sentence: str, asked: dict[str, str], shared: Path, wish: Wish, traces_made_here: None
) -> None:
    path = filled(ClipRequest(sentence, near=shared, **asked), shared / "clip.yaml", wish)  # type: ignore[arg-type]
    storyboard = load(path, vocabulary=contents_of)
    tried = claims_tried(storyboard, wish.cache)
    assert untrue(tried, path) == []
    assert all(shot.narration for shot in storyboard.shots())
    assert f"model {asked.get('model', 'small')}" in storyboard.about


@pytest.mark.parametrize(
    ("sentence", "asked", "told"),
    [
        ("", {}, "the sentence is empty"),
        ("\x00", {}, r"the control character U\+0000"),
        ("an \u202eapple", {}, "U\\+202E, which changes the order of letters"),
        ("\ud800", {}, "holds half a character"),
        ("a" * 10_001, {}, "the sentence has 10,001 letters; at most 10,000 are read"),
        ("an aple", {}, "does not know the word 'aple'; did you mean 'apple'"),
        (PEELED, {"word": "phone"}, "'phone' is not in the sentence"),
        (PEELED, {"layer": 9}, "has 4 layers, but layer 9 is asked for"),
        (PEELED, {"head": "x"}, "the model 'small' has no head 'x'"),
        (PEELED, {"model": "smal"}, "unknown model 'smal'; did you mean 'small'"),
        (PEELED, {"template": "pul"}, "there is no template 'pul'; did you mean 'pull'"),
        (PEELED, {"template": "compare"}, "there is one sentence only"),
        (PEELED, {"other": "the phone ."}, "the two sentences have no word in common"),
        (
            PEELED,
            {"template": "pull", "other": "an apple"},
            "the template 'pull' shows one sentence; `compare` shows two",
        ),
        (PEELED, {"template": "causal", "model": "small-encoder"}, "the first token sees the last"),
        ("an apple", {"template": "heads", "model": "fruit_and_tech"}, "has no heads of several layers"),
        (PEELED, {"parameters": {"x": "1"}}, "has no parameter 'x'"),
    ],
)
def test_what_cannot_be_shown_is_told_once_and_leaves_nothing_behind(
    sentence: str, asked: dict[str, str], told: str, tmp_path: Path, wish: Wish, traces_made_here: None
) -> None:
    with pytest.raises(ProblemsFound, match=told) as found:
        filled(ClipRequest(sentence, near=tmp_path, **asked), tmp_path / "out" / "clip.yaml", wish)  # type: ignore[arg-type]
    assert len(found.value.problems) == 1
    assert found.value.problems[0].file is None
    assert not (tmp_path / "out").exists()


def test_letters_that_no_font_draws_are_told_with_what_to_do(tmp_path: Path, wish: Wish) -> None:
    pytest.importorskip("transformers", reason="needs the extra `pretrained`")
    with pytest.raises(ProblemsFound, match=r"the fonts cannot draw '我' .*; name a font that can: --font"):
        filled(ClipRequest("我喜欢苹果", model="minilm", near=tmp_path), tmp_path / "clip.yaml", wish)


def test_a_model_in_a_folder_of_ones_own_is_found_from_beside_the_film(tmp_path: Path, fill: Fill) -> None:
    (tmp_path / "models").mkdir()
    board = Path(__file__).parents[2] / "storyboards" / "models" / "fruit_and_tech.yaml"
    (tmp_path / "models" / "mine.yaml").write_text(board.read_text())
    model = fill("an apple and an orange", model="mine")["model"]
    assert model == {"name": str(tmp_path / "models" / "mine.yaml")}


def test_of_a_text_that_is_too_long_the_words_around_one_are_read(fill: Fill) -> None:
    text = " ".join([*["an orange and"] * 30, "the phone", *["an apple and"] * 30])
    data = fill(text, word="phone")
    sentence = data["chapters"][0]["scenes"][0]["sentence"]
    assert sentence in text
    assert len(sentence.split()) == 24  # as many as `small` reads
    assert "phone" in sentence.split()[8:16]
    assert data["chapters"][0]["title"] == "24 of the text’s 182 words"


def test_a_text_without_spaces_is_parted_anywhere() -> None:
    pytest.importorskip("transformers", reason="needs the extra `pretrained`")
    found = excerpt_of("我" * 300, opened_model("minilm", Path()), None)
    assert len(found.tokens) <= MOST_TOKENS
    assert found.text == "我" * found.kept
    assert found.words == 300
