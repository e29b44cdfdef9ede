"""Grammars: what is computed of them agrees with what can be counted, and files are checked line by line."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from attnviz.input.content_paths import builtin_storyboards
from attnviz.input.problems import ProblemsFound
from attnviz.model.training.grammar import Alternative, Grammar, Word
from attnviz.model.training.grammar_file import find_grammar, read_grammar

EVERYDAY = builtin_storyboards() / "grammars" / "everyday.yaml"
LECTURE_WORDS = (
    "apple orange banana cherry strawberry lemon blueberry phone laptop computer android microsoft please buy an a and "
    "the unveiled new i want to car mouse bank bat"
)
LECTURE_SENTENCES = [
    "please buy an apple and an orange",
    "apple unveiled a new phone",
    "an apple and an orange",
    "an apple phone",
    "the bat flew out of the cave",
    "i want to buy a car",
]


@pytest.fixture(scope="module")
def everyday() -> Grammar:
    return read_grammar(EVERYDAY)


@st.composite
def grammars(draw: st.DrawFn) -> Grammar:
    """Small grammars; a rule leads to later rules only, words are few so that sentences can be built in many ways."""
    names = [f"r{number}" for number in range(draw(st.integers(1, 4)))]
    rules = {}
    for index, name in enumerate(names):
        symbols = st.one_of(
            st.sampled_from([Word("a"), Word("b"), Word("c")]), st.sampled_from([*names[index + 1 :], Word("d")])
        )
        stacks = draw(st.lists(st.lists(symbols, max_size=3).map(tuple), min_size=1, max_size=3))
        weights = draw(st.lists(st.integers(1, 5), min_size=len(stacks), max_size=len(stacks)))
        rules[name] = tuple(
            Alternative(each / sum(weights), stack) for each, stack in zip(weights, stacks, strict=True)
        )
    return Grammar("r0", rules)


def counted(grammar: Grammar) -> dict[tuple[str, ...], float]:
    """Return every sentence with its probability, by building all of them."""
    found: dict[tuple[str, ...], float] = defaultdict(float)

    def build(stack: tuple[Word | str, ...], words: tuple[str, ...], probability: float) -> None:
        if not stack:
            found[words] += probability
        elif isinstance(stack[0], Word):
            build(stack[1:], (*words, stack[0].text), probability)
        else:
            for share, symbols in grammar.rules[stack[0]]:
                build((*symbols, *stack[1:]), words, probability * share)

    build(grammar.start, (), 1.0)
    return found


@settings(max_examples=60, deadline=None)
@given(grammars())
def test_everything_that_is_computed_agrees_with_building_all_sentences(grammar: Grammar) -> None:
    sentences = counted(grammar)
    assume(len(sentences) < 400)
    assert sum(sentences.values()) == pytest.approx(1)
    assert max(map(len, sentences)) == grammar.longest
    firsts = Counter()
    for words, share in sentences.items():
        assert grammar.probability(words) == pytest.approx(share)
        firsts[words[0]] += share
    assert grammar.next_words([]) == pytest.approx(firsts)
    entropy = -sum(share * math.log(share) for share in sentences.values())
    of_firsts = -sum(share * math.log(share) for share in firsts.values())
    assert grammar.limits.nats == pytest.approx(entropy - of_firsts, abs=1e-9)
    assert grammar.limits.words == pytest.approx(sum(share * (len(words) - 1) for words, share in sentences.items()))
    words = next(iter(sentences))
    for place in range(len(words)):
        alike = {each: share for each, share in sentences.items() if len(each) == len(words)}
        fitting = {
            each[place]: share
            for each, share in alike.items()
            if each[:place] + each[place + 1 :] == words[:place] + words[place + 1 :]
        }
        whole = sum(fitting.values())
        assert grammar.fillers(words, place) == pytest.approx({word: share / whole for word, share in fitting.items()})
    along = list(grammar.along(words))
    assert [along[place] == pytest.approx(grammar.next_words(words[:place])) for place in range(len(words))]
    assert sum(share for each, share in grammar.sentences()) == pytest.approx(1)


@settings(max_examples=30, deadline=None)
@given(grammars(), st.integers(0, 100))
def test_drawn_sentences_are_possible(grammar: Grammar, seed: int) -> None:
    words = [word.text for word in grammar.draw(random.Random(seed))]
    assert grammar.probability(words) > 0
    assert words[-1] == "."


def test_sentences_are_drawn_as_often_as_their_probability_says() -> None:
    rules = {
        "s": (Alternative(0.5, ("n", "n")), Alternative(0.5, (Word("x"),))),
        "n": (Alternative(0.25, (Word("y"),)), Alternative(0.75, (Word("x"),))),
    }
    grammar, source = Grammar("s", rules), random.Random(1)
    counts = Counter(tuple(word.text for word in grammar.draw(source)) for _ in range(20_000))
    for words, share in counted(grammar).items():
        assert counts[words] / 20_000 == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 20_000))


def test_the_everyday_grammar_has_the_words_and_sentences_of_the_lectures(everyday: Grammar) -> None:
    assert set(LECTURE_WORDS.split()) <= set(everyday.vocabulary)
    for sentence in LECTURE_SENTENCES:
        assert everyday.probability([*sentence.split(), "."]) > 1e-5, sentence
    assert len(everyday.ambiguous) >= 8


def test_the_everyday_grammars_probabilities_add_up(everyday: Grammar) -> None:
    source = random.Random(0)
    for _ in range(50):
        for shares in everyday.along([word.text for word in everyday.draw(source)]):
            assert sum(shares.values()) == pytest.approx(1)


def test_the_everyday_grammars_entropy_is_what_samples_say(everyday: Grammar) -> None:
    source, nats, count = random.Random(3), [], 0
    for _ in range(3000):
        words = [word.text for word in everyday.draw(source)]
        nats.append(-math.log(everyday.probability(words) / everyday.next_words([])[words[0]]))
        count += len(words) - 1
    spread = math.sqrt(sum((each - sum(nats) / 3000) ** 2 for each in nats)) / 3000
    assert everyday.limits.nats == pytest.approx(sum(nats) / 3000, abs=4 * spread)
    assert everyday.limits.words == pytest.approx(count / 3000, rel=0.02)


def test_clues_stand_before_and_after_ambiguous_words_in_both_meanings(everyday: Grammar) -> None:
    source, found = random.Random(5), Counter()
    for _ in range(20_000):
        words = everyday.draw(source)
        for place, word in enumerate(words):
            if word.text in everyday.ambiguous:
                assert word.topic
                clues = [each for each, other in enumerate(words) if other.topic == word.topic and each != place]
                found[word.text, word.topic, "before" if any(each < place for each in clues) else "after"] += bool(
                    clues
                )
    for word in everyday.ambiguous:
        topics = {topic for each, topic, _ in found if each == word}
        assert len(topics) == 2
        assert all(found[word, topic, side] > 20 for topic in topics for side in ("before", "after")), word


GOOD = "kind: grammar\nstart: s\nrules:\n  s: <n> runs (3) | _ (0) | stop\n  n: [anna, the cat:animal]\n"


def test_weights_alternatives_and_topics_are_read(tmp_path: Path) -> None:
    (tmp_path / "g.yaml").write_text(GOOD)
    grammar = read_grammar(tmp_path / "g.yaml")
    assert grammar.rules["s"] == (Alternative(0.75, ("n", Word("runs"))), Alternative(0.25, (Word("stop"),)))
    assert grammar.rules["n"][1] == Alternative(0.5, (Word("the"), Word("cat", "animal")))
    assert find_grammar("g", tmp_path) == tmp_path / "g.yaml"
    assert find_grammar("everyday", tmp_path) == EVERYDAY


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("start: s", "start: t", ":2: there is no rule 't'"),
        ("<n> runs", "<m> runs", ":4: there is no rule <m>"),
        ("anna,", "Anna,", ":5: 'Anna' is not a word; write words in lower case"),
        ("anna,", "<s>,", ":4: rule 's' contains itself: s → n → s; sentences must come to an end"),
        ("<n> runs", "he runs", ":5: no sentence uses rule 'n'"),
        ("| stop", "| | stop", ":4: an alternative is empty; write _ for nothing"),
        ("rules:", "ambiguous: [cat]\nrules:", ":3: 'cat' is not ambiguous in the rules"),
        ("[anna, the cat:animal]", "_ (0)", ":5: rule 'n' has no alternative that can happen"),
        ("<n> runs (3) | _ (0) | stop\n  n: [anna, the cat:animal]", "_", ":3: the only sentence is empty"),
        ("stop", " ".join(["on"] * 300), ":3: a sentence can have 301 words; at most 200 are allowed"),
        ("kind: grammar", "kind: grammars", ":1: kind: expected 'grammar'"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    (tmp_path / "g.yaml").write_text(GOOD.replace(old, new))
    with pytest.raises(ProblemsFound) as found:
        read_grammar(tmp_path / "g.yaml")
    assert message in str(found.value)


def test_rules_that_stand_too_deep_are_told(tmp_path: Path) -> None:
    chain = "".join(f"  r{number}: on | <r{number + 1}>\n" for number in range(450))
    (tmp_path / "g.yaml").write_text(f"kind: grammar\nstart: r0\nrules:\n{chain}  r450: stop\n")
    with pytest.raises(ProblemsFound, match=r"g\.yaml:3: the rules stand too deep within one another"):
        read_grammar(tmp_path / "g.yaml")


def test_an_unknown_grammar_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound, match="unknown grammar 'everyda'; did you mean 'everyday'"):
        find_grammar("everyda", tmp_path)
