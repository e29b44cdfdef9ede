"""Every mistake in a blackboard file, as a person sees it."""

import subprocess
import sys

import pytest

from attnviz.input.content_paths import builtin_storyboards
from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.file import read_blackboard, tokens_of

GOOD = """\
kind: blackboard
axes: [x, y, z]
words:
  a: [1, 2, 3]
  b: [4, 5, 6]
"""


def complaints(path):
    with pytest.raises(ProblemsFound) as found:
        read_blackboard(path)
    assert all(problem.file == path for problem in found.value.problems)
    return [str(problem).removeprefix(f"{path}:") for problem in found.value.problems]


HEAD = "heads:\n  - name: fruit\n    W_Q: {}\n    W_K: {}\n    W_V: {}\n"
COLUMN = "[[1], [2], [3]]"

MISTAKES = [
    ("colour: red", "6: colour: unknown key; expected one of: "),
    ("titel: x", "6: titel: unknown key; did you mean 'title'?"),
    ("title: 3", "6: title: expected text, not 3; put it in quotes"),
    ("similarity: cosin", "6: similarity: expected 'dot', 'cosine' or 'scaled_dot', not 'cosin'; did you mean"),
    ("weights: 3", "6: weights: expected 'softmax', 'normalised' or 'scores', not 3"),
    ("  c: [1, 2]", "6: word 'c' has 2 coordinates; expected 3, one for each axis: x, y, z"),
    ("  c: [1]", "6: word 'c' has 1 coordinate; expected 3"),
    ("  c:", "6: words.c: expected a list, not nothing"),
    ("  c: [1, true, 2]", "6: words.c.1: expected a number, not true"),
    ("  c: [1, 2, '3']", "6: words.c.2: expected a number, not '3'"),
    ("  c: [.inf, 1, 2]", "6: words.c.0: expected a finite number, not inf"),
    ("  c: [.nan, 1, 2]", "6: words.c.0: expected a finite number, not nan"),
    ("  c: [1e7, 1, 2]", "6: words.c.0: 1e+07 is too large; expected at most 1,000,000 either side of 0"),
    ("  '': [1, 2, 3]", "6: a word has an empty name"),
    ("  ' c': [1, 2, 3]", "6: word ' c' has spaces at its ends or characters that cannot be shown"),
    ('  "c\\ed": [1, 2, 3]', r"6: word 'c\x1bd' has spaces at its ends or characters that cannot be shown"),
    (f"  {'c' * 61}: [1, 2, 3]", "6: the name of word 'cccccccccccccccccccc…' is too long; at most 60"),
    ("groups: {g: [c]}", "6: group 'g' names the unknown word 'c'; expected one of the model's words: a, b"),
    ("groups: {g: [a, a]}", "6: word 'a' is twice in group 'g'; a word is in at most one group, once"),
    ("groups: {g: [a], h: [a]}", "6: word 'a' is in groups 'g' and 'h'; a word is in at most one group, once"),
    ("groups: {g: [1]}", "6: groups.g.0: expected text, not 1; put it in quotes"),
    ("groups: [a]", "6: groups: expected a mapping (key: value), not a list"),
    (
        HEAD.format("[[1, 2], [3, 4]]", "[[1, 2], [3, 4], [5, 6]]", COLUMN),
        "8: W_Q of head 'fruit' is 2×2, but the embeddings have 3 axes; expected 3×k",
    ),
    (
        HEAD.format(COLUMN, COLUMN, "[[1]]"),
        "10: W_V of head 'fruit' is 1×1, but the embeddings have 3 axes; expected 3×k",
    ),
    (
        HEAD.format("[[1, 2], [3, 4], [5, 6]]", COLUMN, COLUMN),
        "9: W_K of head 'fruit' is 3×1, but its W_Q is 3×2; expected the same number of columns",
    ),
    (
        HEAD.format(COLUMN, COLUMN, "[[1, 2], [3], [4, 5]]"),
        "10: the rows of W_V of head 'fruit' differ: row 2 has 1 number; expected 2",
    ),
    (HEAD.format(COLUMN, COLUMN, "[]"), "10: heads.0.W_V: expected at least 1 item(s), not 0"),
    (HEAD.format(COLUMN, COLUMN, "3"), "10: heads.0.W_V: expected a list, not 3"),
    ("heads: [{name: h}]", "6: heads.0.W_Q: missing"),
    ("heads: [7]", "6: heads.0: expected a mapping (key: value), not 7"),
    (
        HEAD.format(COLUMN, COLUMN, COLUMN) + HEAD.format(COLUMN, COLUMN, COLUMN).removeprefix("heads:\n"),
        "11: two heads are named 'fruit'; give each its own name",
    ),
    (
        HEAD.format(COLUMN, COLUMN, COLUMN) + "W_O: [[1], [2]]",
        "11: W_O is 2×1, but the head’s values have 1 column; expected 1×k",
    ),
    ("W_O: [[1], [2]]", "6: W_O is 2×1, but the embeddings have 3 columns; expected 3×k"),
    ("W_O: [[1], [2, 3], [4]]", "6: the rows of W_O differ: row 2 has 2 numbers; expected 1"),
    (
        "maps: {m: [[1, 2, 3], [4, 5, 6]]}",
        "6: map 'm' is 2×3, but it acts on the plane of the first two axes; expected 2×2",
    ),
    ("maps: {m: [[1, 2], [3]]}", "6: the rows of map 'm' differ: row 2 has 1 number; expected 2"),
    ("words: {c: [1, 2, 3]}", "6: the key 'words' is written twice; the first is in line 3"),
]


@pytest.mark.parametrize(("addition", "expected"), MISTAKES, ids=[mistake[1][:40] for mistake in MISTAKES])
def test_one_mistake(write, addition, expected):
    said = complaints(write(GOOD + addition + "\n"))
    assert said[0].startswith(expected)
    if not addition.startswith("heads: [{name"):
        assert len(said) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind: blackbord\naxes: [x, y]\nwords: {a: [1, 2]}", "1: kind: expected 'blackboard', not 'blackbord'"),
        ("axes: [x, y]\nwords: {a: [1, 2]}", "1: kind: missing"),
        ("kind: blackboard\naxes: [x]\nwords: {a: [1]}", "2: axes: expected at least 2 item(s), not 1"),
        (
            "kind: blackboard\naxes: [a, b, c, d]\nwords: {a: [1, 2, 3, 4]}",
            "2: axes: expected at most 3 items, not 4",
        ),
        ("kind: blackboard\naxes: [x, x]\nwords: {a: [1, 2]}", "2: two axes are named 'x'; give each its own name"),
        ("kind: blackboard\naxes: [x, 2]\nwords: {a: [1, 2]}", "2: axes.1: expected text, not 2; put it in quotes"),
        ("kind: blackboard\naxes: [x, y]\nwords: {}", "3: words: expected at least 1 item(s), not 0"),
        ("- a", "1: expected a mapping (key: value), not a list"),
        ("", "1: the file is empty"),
    ],
)
def test_mistakes_at_the_top(write, text, expected):
    assert complaints(write(text))[0].startswith(expected)


def test_two_heads_values_beside_each_other(write):
    heads = HEAD.format(COLUMN, COLUMN, COLUMN)
    other = HEAD.format(COLUMN, COLUMN, "[[1, 2], [3, 4], [5, 6]]").replace("fruit", "tech")
    text = GOOD + heads + other.removeprefix("heads:\n") + "W_O: [[1], [2]]\n"
    assert complaints(write(text)) == ["15: W_O is 2×1, but the heads’ values have 1 + 2 = 3 columns; expected 3×k"]


def test_a_group_is_named_without_commas(write):
    text = GOOD + 'groups: {"fruit, ripe": [b], "tech\\n": []}\n'
    assert complaints(write(text)) == [
        "6: group 'fruit, ripe' has a comma in its name; write it without",
        "6: group 'tech\\n' has spaces at its ends or characters that cannot be shown",
    ]


def test_all_mistakes_at_once_in_the_order_of_the_file(write):
    text = GOOD + "  c: [1, 2]\nsimilarity: cosin\ngroups: {g: [q]}\ncolour: red\nmaps: {m: [[1]]}\n"
    lines = [int(said.split(":")[0]) for said in complaints(write(text))]
    assert lines == [6, 7, 8, 9, 10]


def test_any_text_is_a_word(write):
    names = ["no", "on", "1", "null", "true", "12:30", "'don''t'", '"{x}"', "ананас", "リンゴ", "a b", '"[red]"']
    text = "kind: blackboard\naxes: [x, y]\nwords:\n" + "".join(f"  {name}: [1, 2]\n" for name in names)
    spec = read_blackboard(write(text))
    assert list(spec.words)[:8] == ["no", "on", "1", "null", "true", "12:30", "don't", "{x}"]
    assert [token.word for token in tokens_of(spec, "No, don't! {x} АНАНАС 1 (12:30)")] == [
        "no", "don't", "{x}", "ананас", "1", "12:30",
    ]  # fmt: skip
    assert tokens_of(spec, None, ["a b"])[0].label == "a b"


def test_defaults_and_groups(write):
    spec = read_blackboard(write(GOOD + "groups: {small: [b]}\n"))
    assert (spec.similarity, spec.weights, spec.heads, spec.W_O) == ("cosine", "softmax", [], None)
    assert [spec.group_of(word) for word in spec.words] == ["", "small"]


def test_reading_needs_no_torch_and_no_numpy():
    path = builtin_storyboards() / "models" / "two_heads.yaml"
    code = (
        "import sys, pathlib\n"
        "from attnviz.model import arrays, catalog\n"
        "from attnviz.model.blackboard.file import read_blackboard, tokens_of\n"
        f"tokens_of(read_blackboard(pathlib.Path({str(path)!r})), 'an apple')\n"
        "print({'torch', 'xarray', 'numpy', 'manim'} & set(sys.modules))\n"
    )
    root = builtin_storyboards().parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
