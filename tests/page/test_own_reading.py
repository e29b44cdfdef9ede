"""A page reads a sentence as Python does: the same tokens with the same labels, or none in both."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.model.door import open_model
from attnviz.model.interface import Model
from attnviz.model.signs import without_style
from attnviz.model.trained.folder import TOKENIZER
from attnviz.model.training.words import word_tokenizer
from tests.browsers import needs_browser, opened_page
from tests.page.own_pages import open_own
from tests.trained_models import WORDS, trained

pytestmark = needs_browser
READ = "([place, text, words]) => attnviz.read(attnviz.models[place], text, words)"
FOLD = "texts => texts.map(attnviz.fold)"
BOARD = """\
kind: blackboard
axes: [x, y]
words: {apple: [1, 0], Straße: [0, 1], Éclair: [1, 1], C#: [2, 1], don't: [1, 2], "...": [3, 1], constructor: [1, 3], __proto__: [3, 3]}
"""
GREEK = ["ὀδός", "λόγος", "i̇", "naïve", "한국", "e4", "x", "ß", "ss"]  # with the mask as many as there are WORDS
LETTERS = st.sampled_from(list("aeEÉéß ẞſıİΣσς#.,'\"!?…–—()<>_-\t\n\u00a0\u0085\x1c\u200d\u0301ï한"))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    folder = tmp_path_factory.mktemp("models")
    (folder / "board.yaml").write_text(BOARD)
    greek = trained(folder / "greek")
    word_tokenizer(GREEK).inner.save(str(greek / TOKENIZER))
    spaces = trained(folder / "spaces")
    paths = {"small": "small", "greek": str(greek), "spaces": str(spaces), "board": str(folder / "board.yaml")}
    return {name: open_model(path) for name, path in paths.items()}


@pytest.fixture(scope="module")
def page(models: dict[str, Model], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with opened_page() as opened:
        open_own(opened, tmp_path_factory.mktemp("page") / "own", list(models.values()))
        yield opened


def read_in_python(model: Model, text: str) -> list[str]:
    try:
        return [token.label for token in model.tokens(text)]
    except ProblemsFound:
        return []


def same(page: Any, models: dict[str, Model], name: str, text: str) -> None:
    found = page.evaluate(READ, [list(models).index(name), text, None])
    assert [token["label"] for token in found["tokens"]] == read_in_python(models[name], text), text
    assert bool(found["problems"]) == (not found["tokens"])


WORDS_OF = {
    "small": ["apple", "Phone", "unveiled", "a", ".", "<mask>"],
    "greek": [*GREEK, "ὈΔΌΣ", "<mask>"],
    "spaces": WORDS,
}
WORDS_OF["board"] = [
    "apple",
    "APPLE",
    "strasse",
    "STRASSE",
    "éclair",
    "e\u0301clair",
    "c#",
    "(don't)",
    "...",
    "…",
    "constructor",
    "__proto__",
]


@pytest.mark.parametrize("name", WORDS_OF)
def test_sentences_of_known_words(page: Any, models: dict[str, Model], name: str) -> None:
    pieces = st.sampled_from([*WORDS_OF[name], " ", "  ", "\n", ",", "!"])

    @settings(max_examples=150)
    @given(st.lists(pieces, max_size=14).map("".join) | st.lists(pieces, max_size=9).map(" ".join))
    def hold(text: str) -> None:
        same(page, models, name, text)

    hold()


@pytest.mark.parametrize("name", WORDS_OF)
def test_any_text(page: Any, models: dict[str, Model], name: str) -> None:
    @settings(max_examples=150)
    @given(st.text(LETTERS | st.characters(max_codepoint=0x24F, exclude_categories=["Cs"]), max_size=12))
    def hold(text: str) -> None:
        same(page, models, name, text)

    hold()


def test_letters_are_folded_as_in_python(page: Any) -> None:
    every = (chr(code) for code in range(sys.maxunicode + 1))
    cased = [each for each in every if unicodedata.category(each) != "Cs" and each != each.upper().lower().casefold()]
    letters = [*cased, *map(str.lower, cased), *"aı한\ufe0f?"]
    apart = [
        (letter, folded)
        for letter, folded in zip(letters, page.evaluate(FOLD, letters), strict=True)
        if folded != without_style(unicodedata.normalize("NFC", letter)).casefold()
    ]
    assert apart == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("small", "please by an aple", ["the model does not know the word 'aple'; did you mean 'apple'?"]),
        ("small", " \n ", ["the text is empty: write a few words"]),
        ("small", "a " * 25, ["the sentence has 25 tokens; the model 'small' reads at most 24"]),
        ("board", "apple zzzzzz", ["the model does not know the word 'zzzzzz'"]),
        ("board", "?!", ["the sentence has no words: write words that the model knows"]),
        ("board", "apple " * 101, ["the sentence has 101 words; at most 100 fit"]),
        ("board", "a <img src=x onerror=alert(1)>", None),
    ],
)
def test_what_cannot_be_read_is_told(
    page: Any, models: dict[str, Model], name: str, text: str, told: list[str] | None
) -> None:
    found = page.evaluate(READ, [list(models).index(name), text, None])
    assert found["tokens"] == []
    assert found["problems"] == told or (told is None and len(found["problems"]) > 1)


def test_half_a_character_is_refused(page: Any) -> None:
    found = page.evaluate("() => attnviz.read(attnviz.models[0], 'apple \\ud83d')")
    assert found == {"tokens": [], "problems": ["the text holds half a character"]}
