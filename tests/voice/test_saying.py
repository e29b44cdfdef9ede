"""What is said for what is written: numbers, signs, symbols of mathematics, and what stays silent."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.voice.saying import said_as

TABLE = {
    "0.43": "zero point four three",
    "0.50": "zero point five",
    "1.00": "one",
    ".5": "zero point five",
    "-1": "minus one",
    "−1": "minus one",
    "(−0.2)": "minus zero point two",
    "1,000": "one thousand",
    "1,234,567": "one million two hundred thirty-four thousand five hundred sixty-seven",
    "007": "zero zero seven",
    "1.2.3": "one point two point three",
    "1e-5": "one times ten to the minus five",
    "1234567890123456789012345": "one two three four five six seven eight nine zero " * 2 + "one two three four five",
    "21st": "twenty-first",
    "2nd,": "second,",
    "100th": "one hundredth",
    "1995": "nineteen ninety-five",
    "1905": "nineteen oh five",
    "1990s": "nineteen nineties",
    "2017": "two thousand seventeen",
    "1024": "one thousand twenty-four",
    "3×2": "three by two",
    "n×n": "n by n",
    "3 × 2": "three times two",
    "2×": "two times",
    "1×3 · 3×2": "one by three times three by two",
    "q · k": "q dot k",
    "2 · 3": "two times three",
    "43%": "forty-three percent",
    "43 %.": "forty-three percent.",
    "≈ 3": "about three",
    "~5": "about five",
    "a = b": "a equals b",
    "a < b": "a less than b",
    "a ≥ b": "a greater than or equal to b",
    "a != b": "a is not b",
    "5−3": "five minus three",
    "3–5": "three to five",
    "3-5": "three to five",
    "7:3": "seven to three",
    "-x": "minus x",
    "√d": "root d",
    "√d_k": "root d k",
    "W_Q": "W Q",
    "W_K,": "W K,",
    "QKᵀ": "Q K transpose",
    "W^T": "W transpose",
    "e^x": "e to the x",
    "x²": "x squared",
    "x³": "x cubed",
    "2ⁿ": "two to the n",
    "W⁻¹": "W inverse",
    "x₁": "x one",
    "x̂": "x hat",
    "ŷ": "y hat",
    "½": "one half",
    "1/2": "one over two",
    "and/or": "and or",
    "f(x)": "f of x",
    "softmax(QKᵀ/√d_k)": "softmax of Q K transpose over root d k",
    "softmax": "softmax",
    "d_k": "d k",
    "[CLS]": "C L S",
    "[MASK]": "MASK",
    "an#2": "second an",
    "#3": "number three",
    "LLMs": "L L M's",
    "GPT-2": "G P T two",
    "MiniLM": "Mini L M",
    "LayerNorm": "Layer Norm",
    "GloVe": "GloVe",
    "self-attention": "self attention",
    "α": "alpha",
    "λ,": "lambda,",
    "Δx": "delta x",
    "θ_i": "theta i",
    "→": "to",
    "->": "to",
    "∞": "infinity",
    "∑": "the sum of",
    "∪": "union",
    "5°": "five degrees",
    "$5": "five dollars",
    "$1": "one dollar",
    "5€": "five euros",
    "e.g. this": "for example this",
    "etc. This": "et cetera. This",
    "“an₁”": "the first an",
    "“x₁₂”,": "the twelfth x,",
    "“,”": "comma",
    "“.”.": "full stop.",
    "“?!”": "question mark exclamation mark",
    "“🙂”": "slightly smiling face",
    "“👩‍🚀”": "woman rocket",
    "“-s”": "s",
    "“##ing”.": "ing.",
    "“-1”": "minus one",
    "“[CLS]”": "C L S",
    "“don’t”": "don't",
    "„Hallo“": "Hallo",
    "»so«,": "so,",
    "“yes.”": "yes.",
    "don’t": "don't",
    "K’s": "K's",
    "'quoted'": "quoted",
    "naïve café": "naïve café",
    "one — two": "one — two",
    "well...": "well…",
    "And …": "And …",
    "Wow!!": "Wow!",
    "a 🙂 b": "a b",
    "𝐐": "Q",
    "<b>bold</b>": "less than b greater than bold less than slash b greater than",
    "<speak>": "less than speak greater than",
    "*so*": "so",
    "{x}": "x",
    "[a](/b/)": "a over b over",  # no markup, and no phonemes
}


def spoken(text: str, **pronunciations: str) -> str:
    return " ".join(saying.spoken for saying in said_as(text, pronunciations) if saying.spoken)


@pytest.mark.parametrize("written", TABLE)
def test_what_is_written_is_said_as_people_say_it(written: str) -> None:
    assert spoken(written) == TABLE[written]


@given(st.text())
def test_all_words_are_covered_in_order_or_one_is_named(text: str) -> None:
    try:
        sayings = said_as(text, {})
    except ProblemsFound as found:
        (problem,) = found.problems
        named = re.search(r"cannot say '(.*?)…?'$", problem.message, re.DOTALL)
        assert named is not None
        assert named[1][:30] in text
        assert problem.hint is not None
        assert "espeak" in problem.hint
        return
    assert [text[saying.start : saying.end] for saying in sayings] == text.split()
    for part in " ".join(saying.spoken for saying in sayings).split():
        assert re.fullmatch(r"(?:[^\W\d_]|[-'])*[,.;:!?…—]?", part)


@given(st.text(alphabet="aQ1٣²ᵀ₂^{}-−×·/().,:;…<>#%$'_√αЖ \n"))
def test_signs_in_any_order_are_said_in_letters(text: str) -> None:
    try:
        sayings = said_as(text, {})
    except ProblemsFound:
        assert "Ж" in text or "α" in text
        return
    assert not re.search(r"[\d_^{}<>#%$√×·/]", " ".join(saying.spoken for saying in sayings))


def test_pronunciations_win_as_they_are_written_first() -> None:
    own = {"Q": "queue", "softmax": "soft max", "RoPE": "rope", "rope": "string", "W_Q": "the query weights"}
    assert (
        spoken("Softmax, of Q and q: Q's W_Q W_K", **own) == "soft max, of queue and q: queue's the query weights W K"
    )
    assert spoken("RoPE rope ROPE", **own) == "rope string string"
    assert spoken("d_Q (Q)", **own) == "d queue queue"
    assert spoken("QKᵀ", QK="cue kay") == "cue kay transpose"


def test_a_pronunciation_is_read_as_a_text_is() -> None:
    assert spoken("BERT", BERT="Bert 2") == "Bert two"
    with pytest.raises(ProblemsFound, match="cannot say 'слово'; it is the pronunciation of 'x'"):
        said_as("word", {"x": "слово"})


@pytest.mark.parametrize("word", ["слово", "注意", "λόγος", "שלום"])
def test_a_word_of_another_script_is_named(word: str) -> None:
    with pytest.raises(ProblemsFound, match=f"cannot say '{word}'"):
        said_as(f"the {word} says", {})
    assert spoken(f"the {word} says", **{word: "word"}) == "the word says"


def test_other_languages_are_left_to_their_engine() -> None:
    sayings = said_as("Es sind 43 % – „immer“ 🙂.", {"immer": "stets"}, "de")
    assert [saying.spoken for saying in sayings] == ["Es", "sind", "43", "%", "–", "stets", "."]
