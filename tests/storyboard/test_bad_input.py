"""Every kind of mistake in a storyboard, with the exact message that a person reads."""

# Messages stand in one piece, as a person would search for them.

from __future__ import annotations

import contextlib

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.storyboard import Storyboard

HEAD = "title: T\nmodel: board\nchapters:\n  - title: A\n    scenes:\n"
SHOT = "chapters.0.scenes.0.shots.0"
EXAMPLE = "write it like {weights[apple, orange]:percent}; plain braces are {{ and }}"
SOME = "(one of: apple, an, and, an#2, orange)"


@pytest.mark.parametrize(
    ("shot", "messages"),
    [
        ("- pul: {word: apple}", ["9: {s}.pul: scene 'plane' has no such verb; did you mean 'pull'?"]),
        (
            "- id: x",
            ["9: {s}: a shot needs a verb; expected one of: show_words, pull, label, turn, compare, nudge, write, wipe"],
        ),
        ("- wipe", ["9: {s}: expected a verb with its arguments, not 'wipe'; write `verb: arguments`"]),
        ("- 7", ["9: {s}: expected a verb with its arguments, not 7; write `verb: arguments`"]),
        ("- wipe:\n  write: a", ["9: {s}: a shot has one verb, but here are 2: wipe, write; start another shot with '- '"]),
        ("- wipe:\n  sya: a", ["10: {s}.sya: unknown key; did you mean 'say'?"]),
        ("- wipe: 3", ["9: {s}.wipe: this verb takes no arguments; write `wipe:`"]),
        ("- wipe: {a: 3}", ["9: {s}.wipe.a: unknown parameter; this verb takes no arguments"]),
        ("- pull: apple", ["9: {s}.pull: missing 'toward'; expected a word of the sentence"]),
        (
            "- pull:",
            [
                "9: {s}.pull: missing 'word'; expected a word of the sentence",
                "9: {s}.pull: missing 'toward'; expected a word of the sentence",
            ],
        ),
        (
            "- pull:\n    word: aple\n    towards: an\n    part: 2\n  hold: 61",
            [
                "9: {s}.pull: missing 'toward'; expected a word of the sentence",
                "10: {s}.pull.word: unknown word 'aple'; expected a word of the sentence " + SOME,
                "11: {s}.pull.towards: unknown parameter; did you mean 'toward'?",
                "12: {s}.pull.part: expected 1 or less, not 2",
                "13: {s}.hold: expected 60 or less, not 61",
            ],
        ),
        ("- show_words: apple", ["9: {s}.show_words: expected a list, not 'apple'"]),
        ("- show_words: [an, 3]", ["9: {s}.show_words.1: expected text, not 3; put it in quotes"]),
        ("- write: {text: 3, bold: yes}", ["9: {s}.write.text: expected text, not 3; put it in quotes", "9: {s}.write.bold: expected true or false, not 'yes'"]),
        ("- write: {text: a, count: 0}", ["9: {s}.write.count: expected 1 or more, not 0"]),
        ("- write: {text: a, count: 2.5}", ["9: {s}.write.count: expected a whole number, not 2.5"]),
        ("- write: {text: a, count: true}", ["9: {s}.write.count: expected a whole number, not true"]),
        ("- write: [a]", ["9: {s}.write: expected text, not a list; text that starts with '{' or '[' must be put in quotes"]),
        ("- turn: .nan", ["9: {s}.turn: expected a finite number, not nan"]),
        ("- turn: 361", ["9: {s}.turn: expected 360 or less, not 361"]),
        ("- turn: {angle: 1, axis: tehc}", ["9: {s}.turn.axis: unknown axis 'tehc'; expected an axis of the model (one of: tech, fruit)"]),
        ("- turn: {angle: 1, map: flop}", ["9: {s}.turn.map: unknown map 'flop'; expected a map of the model (one of: flip)"]),
        ("- turn: {angle: 1, steps: 13}", ["9: {s}.turn.steps: expected 12 or less, not 13"]),
        ("- compare: {sentence: other, word: an}", ["9: {s}.compare.sentence: unknown sentence 'other'; expected a sentence of the scene (one of: sentence)"]),
        ("- label: {names: {a: an}, size: larg}", ["9: {s}.label.size: expected 'small' or 'large', not 'larg'; did you mean 'large'?"]),
        ("- label: 3", ["9: {s}.label: expected a mapping (key: value), not 3"]),
        ("- wipe:\n  id: Not a slug", ["10: {s}.id: expected a name of a-z, 0-9 and '-'"]),
        ("- wipe:\n  id: 3", ["10: {s}.id: expected text, not 3; put it in quotes"]),
        ("- wipe:\n  figure: the table", ["10: {s}.figure: expected a figure's name: a letter or digit first, then letters (a-z), digits, - or _"]),
        ("- wipe:\n  figure: ../up", ["10: {s}.figure: expected a figure's name: a letter or digit first, then letters (a-z), digits, - or _"]),
        ("- wipe:\n  figure: 3", ["10: {s}.figure: expected a figure's name, or names and after how many plays each is; write `figure: the-end` or `figure: {the-start: 1, later: 3}`"]),
        ("- wipe:\n  figure:", ["10: {s}.figure: expected a figure's name, or names and after how many plays each is; write `figure: the-end` or `figure: {the-start: 1, later: 3}`"]),
        ("- wipe:\n  figure: [a]", ["10: {s}.figure: expected a figure's name, or names and after how many plays each is; write `figure: the-end` or `figure: {the-start: 1, later: 3}`"]),
        ("- wipe:\n  figure: {}", ["10: {s}.figure: expected at least 1 item(s), not 0"]),
        ("- wipe:\n  figure: {a: 0, b: 1.5, c: true, d/e: 1}", ["10: {s}.figure.a: expected 1 or more, not 0", "10: {s}.figure.b: expected a whole number, not 1.5", "10: {s}.figure.c: expected a whole number, not true", "10: {s}.figure.d/e: expected a figure's name: a letter or digit first, then letters (a-z), digits, - or _"]),
        ("- wipe:\n  figure: {a: 1, A: 2}", ["10: {s}.figure.A: there is already a figure 'A'; the first is in line 10"]),
        ("- wipe:\n  figur: a", ["10: {s}.figur: unknown key; did you mean 'figure'?"]),
        ("- wipe:\n  figure: a\n- wipe:\n  figure: {b: 1, a: 2}", ["12: chapters.0.scenes.0.shots.1.figure.a: there is already a figure 'a'; the first is in line 10"]),
        ("- wipe:\n  say: [a]", ["10: {s}.say: expected text, not a list; text that starts with '{' or '[' must be put in quotes"]),
        ("- wipe:\n  say: a {b", ["10: {s}.say: a '{' without its partner; " + EXAMPLE]),
        ("- wipe:\n  say: a b}", ["10: {s}.say: a '}' without its partner; " + EXAMPLE]),
        ("- wipe:\n  say: a {}", ["10: {s}.say: '{}' is not an insert; " + EXAMPLE]),
        ("- wipe:\n  say: a {__import__('os')}", ["10: {s}.say: '{__import__('os')}' is not an insert; " + EXAMPLE]),
        ("- wipe:\n  say: a {weights[an,]}", ["10: {s}.say: '{weights[an,]}': a label cannot be read; " + EXAMPLE]),
        ("- wipe:\n  say: a {weights[an, an]:.9f}", ["10: {s}.say: '{weights[an, an]:.9f}': unknown format '.9f'; expected percent, or .0f to .6f"]),
        ("- wipe:\n  say: a {wights[an, an]}", ["10: {s}.say: '{wights[an, an]}': unknown array 'wights'; did you mean 'weights'?"]),
        ("- wipe:\n  say: a {weights[an]}", ["10: {s}.say: '{weights[an]}': weights takes a label for query and key; write it like {weights[an, apple]}"]),
        ("- wipe:\n  say: a {weights[an, aple]}", ["10: {s}.say: '{weights[an, aple]}': unknown key 'aple'; did you mean 'apple'?"]),
        ("- wipe:\n  say: a {weights[quer=an, an]}", ["10: {s}.say: '{weights[quer=an, an]}': weights has no dimension 'quer'; did you mean 'query'?"]),
        ("- wipe:\n  say: a {weights[key=an, key=an]}", ["10: {s}.say: '{weights[key=an, key=an]}' names a dimension twice"]),
        ("- wipe:\n  say: a {tech.weights[an, an]}", ["10: {s}.say: '{tech.weights[an, an]}': unknown sentence 'tech'; the sentences are: sentence"]),
        (
            "- wipe:\n  id: a\n- wipe:\n  id: a",
            ["12: chapters.0.scenes.0.shots.1.id: the id 'a' is used twice; the first is in line 10"],
        ),
        ("- write: " + "x" * 301, ["9: {s}.write: expected at most 300 characters, not 301"]),
        ("- show_words: [" + "an, " * 201 + "]", ["9: {s}.show_words: expected at most 200 items, not 201"]),
        ("- label: {" + ", ".join(f"k{n}: an" for n in range(201)) + "}", ["9: {s}.label: expected at most 200 items, not 201"]),
        ("- label: {" + "k" * 301 + ": an}", ["9: {s}.label." + "k" * 301 + ": expected at most 300 characters, not 301"]),
        ("- wipe:\n  say: a {dot_growth[3]}", ["10: {s}.say: '{dot_growth[3]}': unknown dimension '3'; expected one of: 2, 4"]),
        ("- wipe:\n  claim: 5", ["10: {s}.claim: expected a comparison of numbers, or a list of them; write `claim: weights[apple, orange] > 0.4`"]),
        ("- wipe:\n  claim: []", ["10: {s}.claim: expected at least 1 item(s), not 0"]),
        ("- wipe:\n  claim:\n    - 1 < 2\n    - weights[an, an] = 1", ["12: {s}.claim.1: 'weights[an, an] = 1', character 17: '=' compares nothing here; write =="]),
        ("- wipe:\n  claim: weights[an, an]", ["10: {s}.claim: 'weights[an, an]', character 16: expected a comparison (< <= > >= == != ≈), not the end; write it like weights[apple, orange] > 0.4"]),
        ("- wipe:\n  claim: weights[an, an > 1", ["10: {s}.claim: 'weights[an, an > 1', character 8: a ']' is missing, or '[' stands alone; write it like weights[apple, orange]"]),
        ("- wipe:\n  claim: 1 < 2 and 2 < 3", ["10: {s}.claim: '1 < 2 and 2 < 3', character 7: 'and' joins nothing here; write a list of claims, or a chain: 0 < a < b"]),
        ("- wipe:\n  claim: (1 < 2", ["10: {s}.claim: '(1 < 2', character 4: expected ')' or an operator, not '<'; write it like weights[apple, orange] > 0.4"]),
        ("- wipe:\n  claim: eval(1) < 2", ["10: {s}.claim: 'eval(1) < 2', character 1: there is no function 'eval'; expected one of: min, max, sum, abs, sqrt, argmax, argmin"]),
        ("- wipe:\n  claim: 2 ** 3 > 1", ["10: {s}.claim: '2 ** 3 > 1', character 4: there are no powers here; write a * a, or sqrt(a)"]),
        ("- wipe:\n  claim: wights[an, an] > 0", ["10: {s}.claim: 'wights[an, an]': unknown array 'wights'; did you mean 'weights'?"]),
        ("- wipe:\n  claim: weights[an] > 0", ["10: {s}.claim: 'weights[an]': weights takes a label for query and key; write it like weights[an, apple]"]),
        ("- wipe:\n  claim: weights[an, :, :] > 0", ["10: {s}.claim: 'weights[an, :, :]': unknown head 'an'; expected one of: 1"]),
        ("- wipe:\n  claim: sum(weights[:]) > 0", ["10: {s}.claim: 'weights[:]': weights takes a label for query and key; write it like weights[:, an]"]),
        ("- wipe:\n  claim: weights[an, aple] > 0", ["10: {s}.claim: 'weights[an, aple]': unknown key 'aple'; did you mean 'apple'?"]),
        ("- wipe:\n  claim: tech.weights[an, an] > 0", ["10: {s}.claim: 'tech.weights[an, an]': unknown sentence 'tech'; the sentences are: sentence"]),
        ("- wipe:\n  claim: weights[an, :] > 0", ["10: {s}.claim: 'weights[an, :] > 0': weights[an, :] is many numbers; put them into min(…), max(…), sum(…) or argmax(…)"]),
        ("- wipe:\n  claim: apple > 0", ["10: {s}.claim: 'apple > 0': apple is a word, and a number is needed here; write an entry, such as weights[apple, apple], or argmax(weights[apple, :]) == apple"]),
        ("- wipe:\n  claim: argmax(weights[an, :]) == aple", ["10: {s}.claim: 'argmax(weights[an, :]) == aple': unknown key 'aple'; did you mean 'apple'?"]),
        ("- wipe:\n  claim: argmax(weights[an, :]) > apple", ["10: {s}.claim: 'argmax(weights[an, :]) > apple': words cannot be compared by '>'; write == or !="]),
        ("- wipe:\n  claim: argmax(weights[an, :]) == weights[an, an]", ["10: {s}.claim: 'argmax(weights[an, :]) == weights[an, an]': argmax(weights[an, :]) is a word, weights[an, an] a number; compare it with a word"]),
        ("- wipe:\n  claim: argmax(weights[:, :]) == an", ["10: {s}.claim: 'argmax(weights[:, :]) == an': argmax takes one array, with one ':' in it; write it like argmax(weights[apple, :])"]),
        ("- wipe:\n  claim: abs(1, 2) == 1", ["10: {s}.claim: 'abs(1, 2) == 1': abs takes one number"]),
        ("- wipe:\n  claim: weights-repeated > 0", ["10: {s}.claim: 'weights-repeated': unknown array 'weights-repeated'; put blanks around the minus"]),
        ('- write: "a\\x07"', ["9: {s}.write: the text contains the control character U+0007; remove it"]),
    ],
)  # fmt: skip
def test_shots(desk, shot, messages):
    assert desk.problems(desk.scene(shot)) == [message.replace("{s}", SHOT) for message in messages]


@pytest.mark.parametrize(
    ("sentence", "messages"),
    [
        ("focus: an", ["6: chapters.0.scenes.0: the scene 'plane' needs a sentence; write `sentence: …`, `sentences: …` or `words: […]`", "7: chapters.0.scenes.0.focus: unknown word 'an'; the sentence has none"]),
        ("sentence: an appel", ["7: {s}.sentence: the model does not know 'appel'; did you mean 'apple'?"]),
        ("sentence: ''", ["7: {s}.sentence: expected at least 1 character(s), not 0"]),
        ("sentence: ' '", ["7: {s}.sentence: the sentence is empty"]),
        ("sentence: [an]", ["7: {s}.sentence: expected text, not a list; text that starts with '{' or '[' must be put in quotes"]),
        ("words: [" + "an, " * 101 + "]", ["7: {s}.words: expected at most 100 items, not 101"]),
        ("words: []", ["7: {s}.words: expected at least 1 item(s), not 0"]),
        ("sentence: an\n        focus: apple", ["8: {s}.focus: unknown word 'apple'; expected a word of the sentence (one of: an)"]),
        ("sentence: an\n        modle: x", ["8: {s}.modle: unknown key; did you mean 'model'?"]),
        ("sentence: an\n        model: bord", ["8: {s}.model: unknown model 'bord'; did you mean 'board'?"]),
        ("sentence: an\n        title: ' '", ["8: {s}.title: expected some text"]),
        ('sentence: an\n        title: "one\\n two"', ["8: {s}.title: a title is one line; take the line break out"]),
        ('sentence: an\n        title: "one \\u202E two"', ["8: {s}.title: the text contains the character U+202E, which changes the order of letters; remove it"]),
        ('sentence: "an \\a"', ["7: {s}.sentence: the text contains the control character U+0007; remove it"]),
        ('sentences: {a: {text: "an \\a"}, b: appel}', ["7: {s}.sentences.a.text: the text contains the control character U+0007; remove it", "7: {s}.sentences.b: the model does not know 'appel'; did you mean 'apple'?"]),
        ('sentence: an\n        focus: "\\a"', ["8: {s}.focus: the text contains the control character U+0007; remove it"]),
        ("sentences: {}", ["7: {s}.sentences: expected at least 1 item(s), not 0"]),
        ("sentences: {a: an, b: {}}", ["7: {s}.sentences.b: a sentence needs a text, words, or both"]),
        ("sentences: {a: {txt: an}}", ["7: {s}.sentences.a.txt: unknown key; did you mean 'text'?"]),
        ("sentences: {a b: an}", ["7: {s}.sentences.a b: 'a b' cannot name a sentence; a letter first, then letters, digits, - or _"]),
        ("sentences: {a: an}\n        words: [an]", ["7: {s}.sentences: give either `sentences`, or `sentence` and `words`; put words under a sentence: `name: {text: …, words: […]}`"]),
    ],
)  # fmt: skip
def test_scenes(desk, sentence, messages):
    expected = [message.replace("{s}", "chapters.0.scenes.0") for message in messages]
    assert desk.problems(desk.scene("- wipe:", sentence)) == expected


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("{}", ["1: title: missing", "1: model: missing", "1: chapters: missing"]),
        ("- a", ["1: expected a mapping (key: value), not a list"]),
        ("just text", ["1: expected a mapping (key: value), not 'just text'"]),
        ("{titel: 1, \"\\e[31m\": 2}", ["1: \\x1b[31m: the text contains the control character U+001B; remove it", "1: title: missing", "1: model: missing", "1: chapters: missing", "1: titel: unknown key; did you mean 'title'?"]),
        ('"a\\x07"', ["1: the text contains the control character U+0007; remove it"]),
        ("title: T\nmodel: bord\nchapters: []", ["3: chapters: expected at least 1 item(s), not 0"]),
        ("title: T\nmodel: board\nchapters: [3]", ["3: chapters.0: expected a mapping (key: value), not 3"]),
        (HEAD + "      - 3", ["6: chapters.0.scenes.0: expected a mapping (key: value), not 3"]),
        (HEAD + "      - {scene: plain, shots: [wipe: ]}", ["6: chapters.0.scenes.0.scene: unknown scene 'plain'; did you mean 'plane'?"]),
        (HEAD + "      - {scene: ../plane, shots: [wipe: ]}", ["6: chapters.0.scenes.0.scene: unknown scene '../plane'; did you mean 'plane'?"]),
        (HEAD + "      - {scene: card, shots: [show: a]}\nlanguage: english", ["7: language: not a language: 'english'; write a BCP 47 tag: en, de, pt-BR, zh-Hant"]),
        (HEAD + "      - {scene: card, shots: [show: a]}\ndecimals: 7\nwords_per_minute: 1", ["7: decimals: expected 6 or less, not 7", "8: words_per_minute: expected 60 or more, not 1"]),
        (HEAD + "      - {scene: card, shots: [show: a]}\ncarry: exakt", ["7: carry: expected 'exact' or 'displayed', not 'exakt'; did you mean 'exact'?"]),
        (HEAD + "      - {scene: card, shots: [show: a]}\n  - title: A\n    scenes: [{scene: card, shots: [show: a]}]", ["7: chapters.1.title: there is already a chapter 'A'; the first is in line 4"]),
        (HEAD.replace("board", "bord") + "      - {scene: card, shots: [show: a]}", ["2: model: unknown model 'bord'; did you mean 'board'?"]),
        (HEAD.replace(": T", f": {'x' * 201}") + "      - {scene: card, shots: [show: a]}", ["1: title: expected at most 200 characters, not 201"]),
        (HEAD + "      - scene: card\n        shots: [" + "show: a, " * 501 + "]", ["3: chapters: 501 shots are too many; at most 500"]),
    ],
)  # fmt: skip
def test_storyboards(desk, text, messages):
    assert desk.problems(text) == messages


def test_a_wrong_level_does_not_hide_what_is_inside(desk):
    text = desk.scene("- pull: {word: aple, toward: an}").replace("title: T", "titel: T")
    assert desk.problems(text) == [
        "1: title: missing",
        "1: titel: unknown key; did you mean 'title'?",
        f"9: {SHOT}.pull.word: unknown word 'aple'; expected a word of the sentence {SOME}",
    ]


def test_words_of_one_sentence_when_a_verb_names_it(desk):
    sentences = "sentences: {fruit: an orange, tech: a phone}"
    assert desk.problems(
        desk.scene("- compare: {sentence: tech, word: orange}", sentences.replace("a phone", "an phone"))
    ) == [
        f"9: {SHOT}.compare.word: unknown word 'orange'; expected a word of the sentence (one of: an, phone); the sentence 'fruit' has it: write `sentence: fruit`"
    ]


def test_words_of_the_default_sentence_when_a_verb_could_name_another(desk):
    sentences = "sentences: {fruit: an orange, tech: an phone}"
    hint = "expected a word of the sentence (one of: an, orange); the sentence 'tech' has it: write `sentence: tech`"
    for shot, place in (("- nudge: phone", ""), ("- nudge: {word: phone, sentence: null}", ".word")):
        expected = [f"9: {SHOT}.nudge{place}: unknown word 'phone'; {hint}"]
        assert desk.problems(desk.scene(shot, sentences)) == expected
    for shot in ("- nudge: {word: phone, sentence: TECH}", "- show_words: [orange, phone]"):
        desk.load(desk.scene(shot, sentences))


def test_a_figure_is_named_once_in_the_whole_storyboard(desk):
    one, other = (desk.scene("- wipe:\n  figure: same").replace("title: A", f"title: {name}") for name in "AB")
    message = "there is already a figure 'same'; the first is in line 10"
    expected = [f"17: chapters.1.scenes.0.shots.0.figure: {message}"]
    assert desk.problems(one + other.partition("chapters:\n")[2]) == expected


def test_unknown_experiments(desk):
    path = desk.scenes / "plane.py"
    path.write_text(path.read_text().replace('("dot_growth",)', '("dot_grow",)'))
    message = "the scene 'plane' asks for the unknown experiment 'dot_grow'; did you mean 'dot_growth'?"
    assert desk.problems(desk.scene("- wipe:")) == [f"6: chapters.0.scenes.0.scene: {message}"]


def test_an_experiment_can_be_said_without_a_sentence(desk):
    path = desk.scenes / "plane.py"
    path.write_text(path.read_text().replace("experiments =", "needs_sentence = False\n    experiments ="))
    text = desk.scene("- wipe:\n  say: a {dot_growth[4]:.1f}", "title: A")
    assert isinstance(desk.load(text), Storyboard)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats()
    | st.sampled_from(["apple", "", "é{", "{norm}", "a\x07"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["text", "words", "pull", ""]), inner),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_value_anywhere_is_read_or_is_a_problem(desk, data):
    """Put anything at any place of a good storyboard."""
    shots = [
        {"pull": {"word": "apple", "toward": "an"}, "id": "x", "say": "a {weights[an, an]}", "hold": 1},
        {"label": {"a": "an"}, "figure": {"start": 1, "later": 2}},
    ]
    scene = {
        "scene": "plane",
        "sentences": {"a": "an apple", "b": {"text": "an", "words": ["an"]}},
        "focus": "an",
        "shots": shots,
    }
    whole = {"title": "T", "model": "board", "chapters": [{"title": "A", "scenes": [scene]}]}
    here = whole
    while True:
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        if not isinstance(here[key], dict | list) or data.draw(st.booleans()):
            break
        here = here[key]
    here[key] = data.draw(ANYTHING)
    with contextlib.suppress(ProblemsFound):
        assert isinstance(desk.load(yaml.dump(whole)), Storyboard)
