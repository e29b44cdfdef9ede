"""From sentences to tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.model.tokens import tokenise

WORDS = ["orange", "apple", "phone", "and", "an"]


def labels(*arguments):
    return [token.label for token in tokenise(*arguments)]


def complaints(*arguments):
    with pytest.raises(ProblemsFound) as found:
        tokenise(*arguments)
    return [str(problem) for problem in found.value.problems]


def test_punctuation_case_and_repeats():
    assert labels(WORDS, "  “An apple”, AND an\torange — an, (an)...\n") == [
        "an", "apple", "and", "an#2", "orange", "an#3", "an#4",
    ]  # fmt: skip


def test_words_as_written_come_first():
    assert labels(["Apple", "apple"], "apple Apple") == ["apple", "Apple"]
    assert complaints(["Apple", "apple"], "APPLE") == [
        "the model has more than one word 'APPLE'; write 'Apple' or 'apple'"
    ]


def test_words_with_punctuation_of_their_own():
    assert labels(["C#", ".", "don't"], "C# don't .") == ["C#", "don't", "."]


def test_composed_and_decomposed_letters_are_the_same():
    assert labels(["caf\u00e9"], "Cafe\u0301") == ["caf\u00e9"]


def test_a_label_is_never_taken_twice():
    assert labels(["an", "an#2"], "an#2 an an") == ["an#2", "an", "an#3"]


def test_chosen_words():
    text = "an apple and an orange"
    assert labels(WORDS, text, ["orange", "Apple"]) == ["orange", "apple"]
    assert labels(WORDS, text, ["an#2", "an"]) == ["an#2", "an"]
    assert labels(WORDS, text, ["an", "an"]) == ["an", "an#2"]
    assert labels(WORDS, None, ["an", "apple", "an"]) == ["an", "apple", "an#2"]


def test_what_can_be_wrong():
    assert complaints(WORDS, "an aple and a bananna") == [
        "the model does not know the word 'aple'; did you mean 'apple'?",
        "the model does not know the word 'a'; did you mean 'an'?",
        "the model does not know the word 'bananna'; expected one of the model's words: orange, apple, phone, and, an",
    ]
    for text in ("", " \t", "… — !"):
        assert complaints(WORDS, text) == [
            "the sentence has no words; write words that the model knows: orange, apple, phone, and, an"
        ]
    assert complaints(WORDS, None, []) == [
        "the list of words is empty; write words that the model knows: orange, apple, phone, and, an"
    ]
    assert complaints(WORDS, "apple", []) == ["the list of words is empty; leave `words` out to use the whole sentence"]
    assert complaints(WORDS, "an apple", ["orang", "phone", "apple", "apple"]) == [
        "'orang' is not in the sentence; expected one of: an, apple",
        "'phone' is not in the sentence; expected one of: an, apple",
        "'apple' is asked for more often than it stands in the sentence; it stands there once",
    ]
    assert complaints(WORDS, None) == ["there is neither a sentence nor a list of words; give one of them"]
    assert complaints(WORDS, "an " * 101) == ["the sentence has 101 words; at most 100 fit; choose some with `words`"]
    assert complaints(WORDS, "an " * 1001) == ["the sentence has 1001 words; at most 1000 can be read"]


def test_a_terminal_is_not_driven_by_a_sentence():
    assert "\x1b" not in complaints(WORDS, "\x1b[31mred")[0]


@given(st.text(max_size=60))
def test_any_text_gives_tokens_or_problems(text):
    try:
        tokens = tokenise(WORDS, text)
    except ProblemsFound:
        return
    assert {token.word for token in tokens} <= set(WORDS)


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=20))
def test_labels_are_distinct_and_words_keep_their_order(words):
    tokens = tokenise(WORDS, ", ".join(words))
    assert [token.word for token in tokens] == words
    assert len({token.label for token in tokens}) == len(words)
    assert tokenise(WORDS, " ".join(words), [token.label for token in tokens]) == tokens


def test_a_storyboard_takes_as_many_words_as_a_board():
    from attnviz.model.tokens import MAX_TOKENS
    from attnviz.storyboard import keys

    assert keys.MAX_TOKENS == MAX_TOKENS
