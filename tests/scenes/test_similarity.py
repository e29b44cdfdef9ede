"""The three similarities, played without drawing: what a viewer reads from the screen."""

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from manim import VGroup

from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.file import BlackboardSpec
from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import Blackboard, load_blackboard
from attnviz.stage import frame, theme
from attnviz.stage.receipts import is_visible
from attnviz.stage.typesetting import Writing
from attnviz.testing import open_stage, play

ROOT = Path(__file__).parents[2]
BOARD = ROOT / "storyboards" / "models" / "similarity_board.yaml"
WORDS = ["cherry", "orange", "phone"]
FIGURES = {"dot": ["12", "3", "0"], "cosine": ["0.97", "0.24", "0"], "scaled_dot": ["8.49", "2.12", "0"]}
ODD = {
    "kind": "blackboard",
    "axes": ["left and right", "height", "third"],
    "words": {"un": [-1.5, 0.25, 2], "deux": [2, -1, 0], "extraordinarily-long-word": [0.5, 1.5, 1], "zero": [0, 0, 0]},
    "similarity": "dot",
    "weights": "softmax",
}


def stage(model, words, carry="exact"):
    return open_stage("similarity", {"s": run(model, None, words=words, carry=carry)})


@pytest.fixture
def board():
    return stage(load_blackboard(BOARD), WORDS)


@pytest.fixture
def odd():
    return stage(Blackboard("odd", BlackboardSpec.model_validate(ODD)), list(ODD["words"]))


def shot(scene, verb, **arguments):
    """Play a verb; return what stands on screen at its end, where nothing is out of place."""
    played = play(scene, verb, **arguments)
    assert played.faults == [], verb
    rest = played.at_rest
    for receipt in rest:
        x0, y0, x1, y1 = receipt.box
        assert 0.01 < x0 < x1 < 0.99, receipt
        assert 0.01 < y0 < y1 < 0.99, receipt
    return rest


def texts(receipts, array):
    return [r.text for r in receipts if r.array == array]


@pytest.mark.slow
def test_the_lecture_figures_are_worked_out(board):
    seen = shot(board, "show_vectors", words=WORDS)
    assert texts(seen, "embeddings") == ["1", "4", "0", "3", "3", "0"]
    for (one, other), dot in zip(combinations(WORDS, 2), FIGURES["dot"], strict=True):
        seen = shot(board, "multiply", first=one, second=other)
        assert dot in texts(seen, "dot")
    assert set(texts(seen, "dot")) == {*FIGURES["dot"]}
    for pair, angle in zip(combinations(WORDS, 2), ["14°", "76°", "90°"], strict=True):
        seen = shot(board, "show_angle", first=pair[0], second=pair[1])
        assert set(texts(seen, "angle")) == {angle}
    assert set(texts(seen, "cosine")) == {*FIGURES["cosine"]}
    seen = shot(board, "compare", words=WORDS)
    for array, figures in FIGURES.items():
        assert texts(seen, array) == figures


@pytest.mark.parametrize("carry", ["exact", "displayed"])
def test_products_of_pairs_add_up_to_the_dot_product(carry):
    board = stage(load_blackboard(BOARD), WORDS, carry)
    shot(board, "show_vectors", words=WORDS)
    seen = shot(board, "multiply", first="cherry", second="orange")
    assert texts(seen, "products") == ["0", "12"]
    seen = shot(board, "multiply", first="cherry", second="phone")
    assert texts(seen, "products") == ["3", "0"]


@pytest.mark.slow
def test_on_the_unit_circle_the_dot_product_is_the_cosine(board):
    shot(board, "show_vectors", words=WORDS)
    seen = shot(board, "unit_circle")
    assert texts(seen, "unit_vectors") == ["0.24", "0.97", "0", "1", "1", "0"]
    assert texts(seen, "embeddings") == ["1", "4"]  # of the norm that is written out
    assert texts(seen, "norm") == ["4.12"]
    seen = shot(board, "multiply", first="cherry", second="orange")
    assert set(texts(seen, "cosine")) == {"0.97"}
    products = [r for r in seen if r.formula and "unit_vectors[cherry, fruitness] ·" in r.formula]
    assert [r.text for r in products] == ["0.97"]


def test_relate_brings_the_words_back_and_measures_their_norms(board):
    shot(board, "show_vectors", words=WORDS)
    shot(board, "unit_circle")
    seen = shot(board, "relate", first="cherry", second="orange")
    assert texts(seen, "embeddings")[:4] == ["1", "4", "0", "3"]
    assert {r.formula for r in seen if r.text == "11.99"} == {
        "cosine[cherry, orange] · norm[cherry] · norm[orange], as they are shown"
    }
    assert set(texts(seen, "norm")) == {"4.12", "3"}
    assert set(texts(seen, "dot")) == {"12"}


def test_scale_divides_by_the_root_of_the_dimension(board):
    shot(board, "show_vectors", words=WORDS)
    seen = shot(board, "scale", first="cherry", second="phone")
    assert {r.text for r in seen if r.formula == "dimension: number of coordinates of a word"} == {"2"}
    assert set(texts(seen, "scaled_dot")) == {"2.12"}


@pytest.mark.slow
def test_three_axes_negative_numbers_and_long_words(odd):
    words = ["un", "deux", "extraordinarily-long-word"]
    shot(odd, "show_vectors", words=words)
    seen = shot(odd, "multiply", first="un", second="deux")
    assert texts(seen, "products") == ["-3", "-0.25", "0"]
    assert set(texts(seen, "dot")) == {"-3.25"}
    shot(odd, "show_angle", first="un", second=words[2])
    shot(odd, "unit_circle")
    shot(odd, "multiply", first="deux", second=words[2])
    shot(odd, "show_vectors", words=["zero"])
    shot(odd, "multiply", first="zero", second="un")
    shot(odd, "compare", words=words)
    shot(odd, "multiply", first="un", second="un")


@pytest.mark.parametrize(
    ("verb", "arguments", "message"),
    [
        ("multiply", {"first": "un", "second": "zero"}, "'zero' is not on the plane yet"),
        ("show_vectors", {"words": ["un"]}, "these words are already on the plane"),
        ("show_angle", {"first": "un", "second": "un"}, "there is no angle between 'un' and 'un'"),
        ("compare", {"words": ["un"]}, "a table of so many pairs cannot be shown"),
    ],
)
def test_refusals(odd, verb, arguments, message):
    shot(odd, "show_vectors", words=["un", "deux"])
    with pytest.raises(ProblemsFound, match=message):
        shot(odd, verb, **arguments)


def test_the_unit_circle_is_refused_without_directions(odd):
    with pytest.raises(ProblemsFound, match="there is nothing to put on the unit circle"):
        shot(odd, "unit_circle")
    shot(odd, "show_vectors", words=["zero", "un"])
    with pytest.raises(ProblemsFound, match="a word at the origin has no direction"):
        shot(odd, "unit_circle")


BANK = {"kind": "blackboard", "axes": ["water", "money"], "similarity": "dot", "weights": "softmax"}
LONG = ["bank", "creditworthiness", "debt", "unconstitutionally", "river"]


@pytest.mark.slow
@pytest.mark.parametrize("count", [3, 4, 5])
def test_results_and_tables_of_long_words_are_legible_and_stand_clear_of_each_other(count):
    vectors = dict(zip(LONG, ([2, 2], [0.5, 5], [-3, -2], [1.5, 2.2], [5, 0]), strict=True))
    scene = stage(Blackboard("long", BlackboardSpec.model_validate(BANK | {"words": vectors})), LONG)
    words = LONG[:count]
    shot(scene, "show_vectors", words=words)
    for one, other in [*combinations(words, 2)][:4]:
        shot(scene, "scale", first=one, second=other)
    badges = list(scene.ledger.badges.values())
    assert [*scene.ledger.badges] == [*combinations(words, 2)][:4][-scene.ledger.most :]  # the oldest have gone
    names = [part for badge in badges for part in badge if isinstance(part, Writing)]
    assert {round(name.type_size, 3) for name in names} == {theme.SMALLEST}
    for badge, mark in zip(badges, scene.ledger.marks.values(), strict=True):
        assert badge.get_right()[0] < mark.get_left()[0]
    shot(scene, "compare", words=words)
    table = scene.table
    assert all(name.get_right()[0] < min(c.get_left()[0] for c in table.cells.values()) for name in table.names)
    assert all(a.get_bottom()[1] > b.get_top()[1] for a, b in pairwise(table.names))
    words = [part for part in table.names.get_family() if isinstance(part, Writing)]
    assert all(word.type_size >= theme.SMALLEST - 0.1 for word in words)


def test_a_word_becomes_its_numbers_first_and_its_arrow_ends_where_they_say(board):
    seen = []

    def look(plays):
        on_stage = {id(part) for part in board.get_mobject_family_members()}
        seen.extend(
            tuple(id(part) in on_stage for part in (a.coordinates, a.shaft)) for a in board.made.arrows.values()
        )

    board.begin_shot("show_vectors", look)
    board.show_vectors(words=["cherry"])
    arrow = board.made.arrows["cherry"]
    assert seen == sorted(seen)
    assert [*dict.fromkeys(seen)] == [(True, False), (True, True)]
    assert arrow.tip == pytest.approx(board.made.field.at([1, 4]))
    assert arrow.shaft.get_all_points().max(axis=0) == pytest.approx(arrow.tip, abs=0.1)


def test_the_plane_fills_the_frame_until_something_comes_beside_it(board):
    shot(board, "show_vectors", words=WORDS)
    field = board.made.field
    assert field.grid.get_right()[0] == pytest.approx(frame.FULL.right, abs=1e-6)
    sides = {word: arrow.offset for word, arrow in board.made.arrows.items()}
    shot(board, "multiply", first="cherry", second="orange")
    assert field.grid.get_right()[0] < board.work.get_left()[0]
    assert field.grid.get_left()[0] == pytest.approx(frame.FULL.left, abs=1e-6)
    for word, arrow in board.made.arrows.items():
        assert arrow.offset == pytest.approx(sides[word])  # labels keep their sides
        assert arrow.tip == pytest.approx(field.at(arrow.vector))


@pytest.mark.parametrize(
    ("pair", "length"), [(("cherry", "orange"), 4), (("cherry", "phone"), 1), (("orange", "phone"), 0)]
)
def test_the_dot_product_is_a_shadow_times_the_length_that_it_falls_on(board, pair, length):
    shot(board, "show_vectors", words=WORDS)
    seen = shot(board, "multiply", first=pair[0], second=pair[1])
    shadow, unit = board.marks[0], board.made.field.unit
    drawn = shadow.foot - board.made.field.origin
    assert float((drawn**2).sum()) ** 0.5 == pytest.approx(length * unit, abs=1e-6)
    written = [r.text for r in seen if r.formula == f"dot[{', '.join(pair)}] / norm[{pair[1]}]"]
    assert written == [str(length)] * 2  # in the plane, and in the line below the calculation
    one, other = (board.made.arrows[word] for word in pair)
    light = one.tip - shadow.foot  # falls at a right angle
    assert float(light @ (other.tip - board.made.field.origin)) == pytest.approx(0, abs=1e-6)


def test_a_shadow_falls_backwards_where_the_angle_is_wide(odd):
    shot(odd, "show_vectors", words=["un", "deux"])
    seen = shot(odd, "multiply", first="un", second="deux")
    assert [r.text for r in seen if r.formula == "dot[un, deux] / norm[deux]"] == ["-1.45"] * 2


def test_words_of_one_group_have_two_tints(board):
    shot(board, "show_vectors", words=WORDS)
    assert len({arrow.word_color for arrow in board.made.arrows.values()}) == 3
    assert board.made.arrows["cherry"].word_color == board.word_color("cherry")


def test_the_table_has_one_scale_for_each_kind_of_number_and_wears_no_weights(board):
    shot(board, "show_vectors", words=WORDS)
    shot(board, "compare", words=WORDS)
    fills = {key: cell.get_fill_color() for key, cell in board.table.cells.items()}
    pair = ("cherry", "orange")
    assert fills[pair, "cosine"] == theme.cell_color(0.97, theme.DIM)
    assert fills[pair, "dot"] == theme.cell_color(12 / 13, theme.DIM)
    shot(board, "multiply", first="cherry", second="phone")  # the plane comes back
    assert is_visible(board.made.arrows["cherry"].shaft)
    assert board.table is None


def test_many_words_and_words_from_right_to_left():
    arabic = {"kind": "blackboard", "axes": ["تقنية", "فاكهة"], "similarity": "dot", "weights": "softmax"}
    vectors = {"تفاحة": [2, 2], "برتقالة": [0, 3], "هاتف": [-3, 0.5]}
    scene = stage(Blackboard("arabic", BlackboardSpec.model_validate(arabic | {"words": vectors})), [*vectors])
    shot(scene, "show_vectors", words=[*vectors])
    shot(scene, "multiply", first="تفاحة", second="هاتف")
    names = "abcdefghi"
    places = [[1, 4], [0, 3], [3, 0], [-2, 3], [-3, -1], [2, -2], [3, 3], [-1, -3], [2, 1]]
    words = dict(zip([f"word-{letter}" for letter in names], places, strict=True))
    scene = stage(Blackboard("nine", BlackboardSpec.model_validate(BANK | {"words": words})), [*words])
    shot(scene, "show_vectors", words=[*words])
    shot(scene, "show_angle", first="word-a", second="word-f")


def signs(sheet):
    """Return the signs before the products and before their sum."""
    return [sign.source for sign in sheet.about] + [sheet.result.source.split()[0]]


@pytest.mark.parametrize(
    ("bank", "found"),
    [([2, 0.5], ["="]), ([0.1632, 0.9], ["approx", "="]), ([0.1632, -0.9047], ["approx", "approx"])],
)
def test_products_equal_their_digits_only_where_these_give_them(bank, found):
    words = {"bank": bank, "river": [0.9, 1]}
    scene = stage(Blackboard("fine", BlackboardSpec.model_validate(BANK | {"words": words})), list(words))
    shot(scene, "show_vectors", words=list(words))
    shot(scene, "multiply", first="bank", second="river")
    sheet = next(part for part in scene.work if isinstance(part, VGroup) and hasattr(part, "about"))
    assert signs(sheet) == found
    assert all(sign.get_right()[0] < sheet.values[0].get_left()[0] for sign in sheet.about)
