"""The attention table, played without drawing: what a viewer reads from the screen."""

import math
from pathlib import Path

import numpy as np
import pytest
from manim import VGroup

from attnviz.input.problems import ProblemsFound
from attnviz.input.questions import told_apart
from attnviz.model.blackboard.file import BlackboardSpec
from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import Blackboard, load_blackboard
from attnviz.stage import Writing, frame, rect_of, theme
from attnviz.stage.layout import strays
from attnviz.stage.numbers import Number
from attnviz.stage.typesetting import NumberMark
from attnviz.testing import open_stage
from attnviz.testing import play as play_shot
from scenes.attention_table.charts import ExponentialCurve

ROOT = Path(__file__).parents[2]
FRUIT = "an apple and an orange"
NINE = {
    "kind": "blackboard",
    "axes": ["a", "b"],
    "words": {f"word{'abcdefghi'[i]}": [1, i - 4] for i in range(9)},
    "similarity": "cosine",
    "weights": "softmax",
}


def stage(model, **sentences):
    board = (
        Blackboard("nine", BlackboardSpec(**model))
        if isinstance(model, dict)
        else load_blackboard(ROOT / "storyboards" / "models" / f"{model}.yaml")
    )
    traces = {name: run(board, text, words=words, carry="displayed") for name, (text, words) in sentences.items()}
    return open_stage("attention_table", traces, focus="apple")


def play(scene, verb, **arguments):
    """Play a verb; return the texts at rest, by what they are; nothing may cover anything, or stray from its owner."""
    shot = play_shot(scene, verb, **arguments)
    receipts = {(r.array or r.formula, *r.coords.values(), r.text) for r in shot.receipts}
    family = scene.get_mobject_family_members()
    assert shot.faults == []
    assert strays(family) == []
    numbers = [m.number for m in family if isinstance(m, NumberMark)]
    found = [(n.array or n.formula, *n.coords.values(), n.text + n.unit) for n in numbers]
    assert set(found) <= receipts
    return found


def texts(found, array):
    return [entry[-1] for entry in found if entry[0] == array]


@pytest.mark.slow
def test_two_words_from_similarity_to_attention():
    scene = stage("fruit_and_tech", two=(FRUIT, ["orange", "apple"]), four=(FRUIT, ["orange", "apple", "and", "an"]))
    assert play(scene, "show_sentence") == []
    assert sorted(texts(play(scene, "show_similarity"), "similarity")) == ["0.71", "0.71", "1.00", "1.00"]

    found = play(scene, "combine", word="apple")
    assert sorted(texts(found, "similarity")) == ["0.71"] * 3 + ["1.00"] * 3

    found = play(scene, "normalise")
    assert ("normalised", "apple", "apple", "0.58") in found
    assert ("normalised", "apple", "orange", "0.42") in found
    assert ("similarity_sum", "apple", "1.71") in found
    assert ("similarity_sum[apple] / similarity_sum[apple]", "1.00") in found

    found = play(scene, "divide")
    assert ("softmax", "apple", "apple", "0.57") in found
    assert ("softmax", "apple", "orange", "0.43") in found

    # Of another sentence nothing is there that has not been derived
    found = play(scene, "change_board", sentence="four")
    assert texts(found, "softmax") == texts(found, "exponentials") == []
    assert len(texts(found, "similarity")) == 16
    found = play(scene, "softmax", word="orange")
    row = [entry[-1] for entry in found if entry[:2] == ("softmax", "orange")]
    assert sorted(row, reverse=True) == ["0.40", "0.40", "0.30", "0.30", "0.15", "0.15", "0.15", "0.15"]


def test_the_row_of_four_adds_up_as_shown():
    scene = stage("fruit_and_tech", four=(FRUIT, ["orange", "apple", "and", "an"]))
    found = play(scene, "softmax")
    assert len(texts(found, "similarity")) == 16
    assert len(texts(found, "softmax")) == 20  # the row of the word in focus stands there once more, and adds up
    assert ("exponential_sum[apple] / exponential_sum[apple]", "1.00") in found
    found = play(scene, "highlight_row", word="orange")
    row = [float(entry[-1]) for entry in found if entry[:2] == ("softmax", "orange")]
    assert sorted(row) == sorted(
        [0.40, 0.30, 0.15, 0.15] * 2 + [0.30]
    )  # the largest weight of another word, worked out
    below = [entry[-1] for entry in found if entry[:2] == ("similarity", "orange")]
    assert sorted(below) == sorted(["1.00", "0.71", "0.00", "0.00"] * 2 + ["0.71"])
    assert ("exponential_sum[orange] / exponential_sum[orange]", "1.00") in found


def test_the_weight_that_is_named_is_worked_out():
    scene = stage("fruit_and_tech", four=(FRUIT, ["orange", "apple", "and", "an"]))
    play(scene, "softmax", word="orange")
    found = play(scene, "highlight_row", word="orange", toward="an")
    worked = [entry for entry in found if entry[0] == "softmax" and entry[1:3] == ("orange", "an")]
    assert [entry[-1] for entry in worked] == ["0.15"] * 3
    with pytest.raises(ProblemsFound, match="'phone' is not in the table"):
        play(scene, "highlight_row", word="orange", toward="phone")


def test_numbers_come_from_angles_that_are_drawn():
    scene = stage("fruit_and_tech", four=(FRUIT, ["orange", "apple", "and", "an"]), s=("an apple phone", None))
    found = play(scene, "show_similarity")
    assert {("angle", "orange", "apple", "45°"), ("cosine", "orange", "apple", "0.71")} <= set(found)
    angles = scene.desk.side[0]
    for i, j in ((0, 1), (0, 2), (1, 3)):
        drawn = angles.between(i, j).get_all_points()
        ends = [(end - angles.at(0 * angles.vectors[0]))[:2] for end in (drawn[0], drawn[-1])]
        for end, k in zip(ends, (i, j), strict=True):
            arrow = (angles.at(angles.vectors[k]) - angles.at(0 * angles.vectors[0]))[:2]
            across = end[0] * arrow[1] - end[1] * arrow[0]
            assert abs(across) < 1e-6 * np.linalg.norm(end) + 1e-9  # each end lies on its word's arrow
    assert texts(play(scene, "explode", steps=2), "angle") == []


def test_names_of_axes_keep_clear_of_the_arrows():
    scene = stage("opposites", s=("orange motorcycle", None))  # the arrows point up and down, beside the short axis
    play(scene, "show_similarity")
    angles = scene.desk.side[0]
    for name in angles.names:
        left, bottom, right, top = rect_of(name)
        ends = [(arrow.get_start(), arrow.get_end()) for arrow in angles.arrows]
        points = [start + share * (end - start) for start, end in ends for share in np.linspace(0, 1, 200)]
        assert not any(left <= x <= right and bottom <= y <= top for x, y, _ in points)


def test_digits_leave_a_row_over_no_others():
    scene = stage("fruit_and_tech", four=(FRUIT, ["orange", "apple", "and", "an"]))
    play(scene, "show_similarity")
    table = scene.desk.table
    for row in table.row_labels:
        first, last = table.aisle(row, table.column_labels[0])
        assert first[1] == pytest.approx(last[1])
        assert last[0] > table.cells.get_right()[0]
        half = table.marks[0].height / 2
        assert all(abs(mark.get_y() - first[1]) > half + mark.height / 2 for mark in table.marks)


def test_the_sum_of_a_row_is_dimmed_and_lit_with_it():
    scene = stage("fruit_and_tech", two=(FRUIT, ["orange", "apple"]))
    play(scene, "divide")
    sums = scene.desk.sums

    def inks():
        return [mark.family_members_with_points()[0].get_fill_color().to_hex().lower() for mark in sums.marks]

    assert inks() == [theme.INK, theme.INK]
    play(scene, "highlight_row", word="apple")
    assert inks() == [theme.DIM, theme.INK]
    play(scene, "highlight_row", word="orange")
    assert inks() == [theme.INK, theme.DIM]


def test_a_growing_number_never_darkens():
    scene = stage("fruit_and_tech", two=(FRUIT, ["orange", "apple"]))
    play(scene, "show_similarity")
    before = [theme.luminance(cell.get_fill_color()) for cell in scene.desk.table.cells]
    play(scene, "explode", steps=5)
    after = [theme.luminance(cell.get_fill_color()) for cell in scene.desk.table.cells]
    assert all(late > early for early, late in zip(before, after, strict=True))


def test_a_table_of_two_words_is_large_and_stands_in_the_middle():
    scene = stage("fruit_and_tech", two=(FRUIT, ["orange", "apple"]))
    play(scene, "divide")
    table, sums = scene.desk.table, scene.desk.sums
    assert table.cells.height >= 0.55 * frame.CONTENT.height - 1e-6
    assert table.marks[0].height >= frame.px(40)
    left, _, right, _ = rect_of(VGroup(table.cells, table.row_heads, sums))
    assert abs(left + right) < 0.5


def test_applied_again_the_entries_explode():
    scene = stage("fruit_and_tech", two=(FRUIT, ["orange", "apple"]))
    found = play(scene, "explode", steps=4)
    largest = [float(text) for text in texts(found, "similarity_powers")]
    assert {1.0, 1.5, 2.51, 4.27} <= set(largest)
    assert texts(found, "how many times the table is applied").count("4") == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "arguments", "charted"),
    [
        ([], {}, ["1.00", "2.00", "4.00"]),
        ([("combine", {"word": "apple"})], {}, ["1.00", "1.50", "2.51"]),
        ([("combine", {"word": "and"})], {"word": "apple"}, ["1.00", "1.50", "2.51"]),
    ],
)
def test_the_word_that_was_combined_is_charted_or_the_one_that_is_named(before, arguments, charted):
    scene = stage("fruit_and_tech", four=(FRUIT, ["orange", "apple", "and", "an"]))
    for verb, others in before:
        play(scene, verb, **others)
    play(scene, "explode", steps=3, **arguments)
    assert [mark.number.text for mark in scene.desk.side.marks] == charted
    word = arguments.get("word") or (before[0][1]["word"] if before else "and")
    assert scene.desk.side.marks[0].number.coords["query"] == word


def test_the_embeddings_turn_into_similarities():
    scene = stage("fruit_and_tech", four=(FRUIT, ["orange", "apple", "and", "an"]), two=(FRUIT, ["orange", "apple"]))
    play(scene, "show_sentence", sentence="four")
    found = play(scene, "show_embeddings", sentence="four")
    assert [entry[-1] for entry in found if entry[:2] == ("embeddings", "apple")] == ["2", "2", "0"]
    found = play(scene, "show_similarity", sentence="four")
    assert texts(found, "embeddings") == []
    assert len(texts(found, "similarity")) == 16
    assert len(texts(play(scene, "show_embeddings", sentence="two"), "embeddings")) == 6
    assert len(texts(play(scene, "softmax"), "softmax")) == 4 + 2  # and the row of apple, added up


@pytest.mark.slow
def test_four_words_step_by_step_to_weights():
    scene = stage("fruit_and_tech", four=(FRUIT, ["orange", "apple", "and", "an"]))
    found = play(scene, "exponentiate")
    row = [entry[-1] for entry in found if entry[:2] == ("exponentials", "orange")]
    assert {"2.72", "2.03", "1.00"} <= set(row)
    (curve,) = scene.desk.side
    assert "0.00" in [mark.number.text for mark in curve.x_marks]
    assert any("e^{z} =" in part.source for part in curve.landmark if isinstance(part, Writing))
    found = play(scene, "divide")
    assert ("exponential_sum", "orange", "6.75") in found
    assert ("exponential_sum[orange] / exponential_sum[orange]", "1.00") in found
    assert len(texts(play(scene, "softmax"), "softmax")) == 16 + 4  # and the row of the word in focus, added up


def test_opposites_break_division_by_the_sum_but_not_softmax():
    scene = stage("opposites", s=("orange motorcycle", None))
    found = play(scene, "normalise")
    assert texts(found, "normalised") == ["?"] * 5
    assert set(texts(found, "similarity_sum")) == {"0.00"}
    found = play(scene, "exponentiate")
    assert set(texts(found, "exponentials")) == {"2.72", "0.37"}
    assert set(texts(found, "similarity")) == {"1.00", "-1.00"}
    assert sorted(texts(play(scene, "divide"), "softmax")) == ["0.12", "0.12", "0.88", "0.88"]


def two_sentences():
    return stage("fruit_and_tech", fruit=(FRUIT, ["orange", "apple"]), tech=("an apple phone", ["apple", "phone"]))


def test_refuses_a_word_that_is_not_in_the_table():
    with pytest.raises(ProblemsFound, match="'phone' is not in the table; name one of its words: orange, apple"):
        play(two_sentences(), "highlight_row", word="phone")


def test_what_is_there_already_is_pointed_at_or_left_as_it_is():
    scene = two_sentences()
    both = play(scene, "softmax")
    assert (play(scene, "softmax"), scene.plays) == (both, 2)  # one of them is the pause at the end
    assert (play(scene, "change_board", sentence="fruit"), scene.plays) == (both, 1)


@pytest.mark.parametrize("before", [["show_similarity"], ["show_sentence", "softmax"]])
def test_a_sentence_brings_its_table(before):
    scene = two_sentences()
    for verb in before:
        play(scene, verb)
    play(scene, "show_sentence", sentence="tech")
    assert scene.desk.table.row_labels == ["apple", "phone"]
    assert [chip.word for row in scene.chips for chip in row] == ["an", "apple", "phone"]
    family = {id(part) for part in scene.get_mobject_family_members()}
    assert {id(chip) for row in scene.chips for chip in row} <= family


def test_refuses_what_cannot_be_read():
    nine = stage(NINE, s=(" ".join(NINE["words"]), None))
    with pytest.raises(ProblemsFound, match="too many words"):
        nine.show_similarity()


BIG = NINE | {"similarity": "dot"}


@pytest.mark.parametrize("words", [{"a": [1, 0], "b": [30, 0]}, {"a": [4, 0], "b": [0, 4]}], ids=["infinite", "large"])
def test_exponentials_too_large_to_be_read_are_those_of_the_scores_less_the_row_maximum(words):
    scene = stage(BIG | {"words": words}, s=("a b", None))
    shot = play_shot(scene, "exponentiate")
    assert shot.faults == []
    shown = {(r.array, *r.coords.values()): r.text for r in shot.receipts}
    rows = {query: {key: float(np.dot(words[query], words[key])) for key in words} for query in words}
    for query, row in rows.items():
        assert shown["similarity_max", query] == f"{max(row.values()):.2f}"
        for key, score in row.items():
            assert float(shown["shifted", query, key]) == score - max(row.values())
            assert shown["shifted_exponentials", query, key] == f"{math.exp(score - max(row.values())):.2f}"
    assert "exponentials" not in {array for array, *_ in shown}

    found = play(scene, "divide")
    for query, row in rows.items():
        total = sum(math.exp(score - max(row.values())) for score in row.values())
        assert ("shifted_sum", query, f"{total:.2f}") in found
        for key, score in row.items():
            assert ("softmax", query, key, f"{math.exp(score - max(row.values())) / total:.2f}") in found
    play(scene, "softmax")
    assert len(texts(play(scene, "highlight_row", word="b"), "softmax")) > 4  # as a fraction with e^900 in it, too


def test_rows_of_exponentials_that_would_be_rounded_to_nothing_say_something():
    small = Blackboard("small", BlackboardSpec(**BIG | {"words": {"a": [0, 3.4], "b": [0.5, 0]}}))
    traces = {carry: run(small, "a b", carry=carry) for carry in ("exact", "displayed")}
    scene = open_stage("attention_table", {"s": traces["exact"]})
    found = play(scene, "exponentiate")  # e^11.56 leaves no room for decimals: the row of b would be 1 and 1
    assert ("shifted_exponentials", "b", "a", "0.78") in found
    as_told = open_stage("attention_table", {"s": traces["displayed"]})
    assert texts(play(as_told, "exponentiate"), "shifted_exponentials") == []  # the model goes on with these digits


@pytest.mark.parametrize("words", [{"a": [3, 2], "b": [0, 1]}, {"a": [3, 1], "b": [-40, 0]}], ids=["high", "wide"])
def test_the_curve_of_e_to_the_x_is_positive_and_rises(words):
    scene = stage(BIG | {"words": words}, s=(" ".join(words), None))
    pairs = [("a", "a"), ("a", "b")]
    scores = [scene.number("similarity", query=query, key=key) for query, key in pairs]
    powers = [Number(math.exp(score.value), "", "exponentials").styled("fixed") for score in scores]
    zero, one = (scene.derived(value, "a landmark", "whole") for value in (0, 1))
    pairs = sorted(zip(scores, powers, strict=True), key=lambda pair: pair[0].value)
    drawn = ExponentialCurve(pairs, zero, one, (-3, -3, 3, 3))
    assert drawn.axes[1].get_x() == pytest.approx(drawn.at(0, 0)[0])  # both axes go through zero
    assert drawn.landmark[0].get_center() == pytest.approx(drawn.on(0), abs=1e-6)
    floor, top = drawn.axes[0].get_y(), drawn.on(drawn._high)[1]
    heights = [drawn.curve.point_from_proportion(share)[1] - floor for share in np.linspace(0, 1, 400)]
    assert min(heights) > -1e-12
    assert np.all(np.diff(heights) >= -1e-12)
    assert heights[-1] == pytest.approx(top - floor)
    left, right = drawn.at(drawn._low, 0)[0], drawn.at(drawn._high, 0)[0]
    for x, y, _ in drawn.curve.points[::4]:
        power = drawn._low + (x - left) / (right - left) * (drawn._high - drawn._low)
        assert y == pytest.approx(drawn.on(power)[1])


def test_digits_at_a_steep_curve_stand_over_it():
    numbers = [[Number(v, f"{v:.2f}", formula="a value") for v in (x, math.exp(x))] for x in (-1.0, 0.0, 6.0)]
    zero, one = (Number(v, f"{v}", formula="a value") for v in (0, 1))
    drawn = ExponentialCurve([(x, power) for x, power in numbers], zero, one, (-3, -3, 3, 3))
    floor = drawn.axes[0].get_y()
    assert "1.00" in [mark.number.text for mark in drawn.y_marks]
    assert all(mark.get_bottom()[1] > floor for mark in [*drawn.y_marks, drawn.landmark[1]])


REPEATED = ["an", "apple", "and", "an#2", "orange"]


def heads(table):
    """Return the words beside the rows, and those over the columns; an icon stands for its word there."""
    over = [getattr(head, "source", "icon") for head in table.column_heads]
    return [head.source for head in table.row_heads], over


def sums(scene):
    """Return the sums of words that stand on screen."""
    family = scene.get_mobject_family_members()
    return [m for m in scene.desk.side if type(m).__name__ == "WordSum" and all(word in family for word in m.words)]


def test_a_word_that_comes_twice_is_numbered_everywhere():
    scene = stage("fruit_and_tech", four=(FRUIT, REPEATED))
    play(scene, "show_similarity")
    names = ["an₁", "apple", "and", "an₂", "orange"]
    assert heads(scene.desk.table) == (names, ["an₁", "icon", "and", "an₂", "icon"])
    play(scene, "combine", word="an#2")
    (written,) = sums(scene)
    assert [word.source for word in written.words] == names
    assert "an₂" in written.lead.typst_code
    play(scene, "explode", steps=2, word="an#2")
    assert "an₂" in scene.desk.side.title.typst_code


def test_words_that_come_once_are_not_numbered():
    assert told_apart(["an", "an#3", "apple", "orange#2"]) == ["an₁", "an₃", "apple", "orange"]
    assert told_apart(["C#", "C#2"]) == ["C#", "C"]


def test_the_sum_of_another_row_gives_way_to_the_row_that_is_framed():
    scene = stage("fruit_and_tech", four=(FRUIT, REPEATED))
    play(scene, "combine", word="apple")
    play(scene, "highlight_row", word="apple")
    (written,) = sums(scene)
    play(scene, "highlight_row", word="orange")
    assert sums(scene) == []
    assert not set(written.get_family()) & set(scene.get_mobject_family_members())
    play(scene, "combine", word="an#2")
    assert len(sums(scene)) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("count", "whole"), [(2, True), (8, False)])
def test_a_long_word_of_a_sum_is_cut_short_only_where_there_is_no_room(count, whole):
    words = ["unconstitutionally", *[f"word{'abcdefg'[i]}" for i in range(count - 1)]]
    model = NINE | {"words": {word: [1, i - 4] for i, word in enumerate(words)}}
    scene = stage(model, s=(" ".join(words), words))
    play(scene, "show_similarity")
    play(scene, "combine", word=words[1])
    (written,) = sums(scene)
    assert ([word.source for word in written.words] == words) == whole
    assert written.words[0].source[:4] == "unco"


def test_weights_that_do_not_add_up_to_one_as_shown_say_so():
    scene = stage("fruit_and_tech", four=(FRUIT, REPEATED))
    play(scene, "divide")
    table, ones = scene.desk.table, scene.desk.sums
    for row, line in zip(table.row_labels, ones.lines, strict=True):
        shown = sum(mark.number.shown for mark in table.row_marks(row))
        assert ("approx" in line.source) == (abs(shown - 1) > 1e-9)
    assert any("approx" in line.source for line in ones.lines)


def test_nothing_of_two_tables_is_left_when_one_of_them_goes_on():
    scene = stage("fruit_and_tech", two=(FRUIT, ["orange", "apple"]), four=(FRUIT, ["orange", "apple", "and", "an"]))
    play(scene, "softmax", word="apple")
    play(scene, "change_board", sentence="four")
    written = [part.source for part in scene.get_mobject_family_members() if isinstance(part, Writing)]
    assert "attention weights" not in written
    assert "softmax" not in written
    assert written.count("cosine similarity") == 1
