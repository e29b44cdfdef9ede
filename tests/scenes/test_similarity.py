"""The three similarities, played without drawing: what a viewer reads from the screen."""

from itertools import combinations, pairwise
from pathlib import Path

import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.file import BlackboardSpec
from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import Blackboard, load_blackboard
from attnviz.stage import theme
from attnviz.testing import open_stage, play, undrawn

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


@pytest.fixture(autouse=True, scope="module")
def _manim_set_up():
    with undrawn():
        yield


def stage(model, words, carry="exact"):
    return open_stage("similarity", {"s": run(model, None, words=words, carry=carry)})


@pytest.fixture
def board():
    return stage(load_blackboard(BOARD), WORDS)


@pytest.fixture
def odd():
    return stage(Blackboard("odd", BlackboardSpec.model_validate(ODD)), list(ODD["words"]))


def shot(scene, verb, **arguments):
    """Play a verb; return what stands on screen at its end, which must lie on the frame."""
    rest = play(scene, verb, **arguments).at_rest
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
    products = [r for r in seen if r.formula and "unit_vectors[cherry, fruitness] *" in r.formula]
    assert [r.text for r in products] == ["0.97"]


def test_relate_brings_the_words_back_and_measures_their_norms(board):
    shot(board, "show_vectors", words=WORDS)
    shot(board, "unit_circle")
    seen = shot(board, "relate", first="cherry", second="orange")
    assert texts(seen, "embeddings")[:4] == ["1", "4", "0", "3"]
    assert {r.formula for r in seen if r.text == "11.99"} == {"0.97 * 4.12 * 3"}
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
def test_the_names_of_pairs_have_one_size_and_stand_clear_of_each_other(count):
    vectors = dict(zip(LONG, ([2, 2], [0.5, 5], [-3, -2], [1.5, 2.2], [5, 0]), strict=True))
    scene = stage(Blackboard("long", BlackboardSpec.model_validate(BANK | {"words": vectors})), LONG)
    words = LONG[:count]
    shot(scene, "show_vectors", words=words)
    for one, other in [*combinations(words, 2)][:4]:
        shot(scene, "scale", first=one, second=other)
    for verb, arguments in ((None, {}), ("compare", {"words": words})):
        if verb:
            shot(scene, verb, **arguments)
        names = list(scene.ledger.names.values())
        sizes = {round(name[k].type_size, 3) for name in names for k in (0, 2)}
        assert len(sizes) == 1
        assert sizes.pop() >= theme.SMALLEST
        cells = min(scene.ledger.x(m) - scene.ledger.width(m) / 2 for m in scene.ledger.headings)
        assert all(name.get_right()[0] < cells for name in names)
        assert all(a.get_bottom()[1] > b.get_top()[1] for a, b in pairwise(names))
        assert [w.source for name in names for w in (name[0], name[2])] == [w for p in scene.ledger.names for w in p]


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
    sheet = scene.work[0]
    assert signs(sheet) == found
    assert all(sign.get_right()[0] < sheet.values[0].get_left()[0] for sign in sheet.about)
