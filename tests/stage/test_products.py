"""Tables of several heads: cut from a trace, multiplied, joined; honest signs, receipts, and a layout without faults."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from manim import UP, Create, FadeIn, FadeOut, ManimColor, ReplacementTransform, Transform, VGroup

from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import load_blackboard
from attnviz.render.film.encoder import FilmFormat
from attnviz.render.shots.renderer import StageRenderer
from attnviz.stage import (
    ColumnCount,
    Number,
    Product,
    Region,
    Slice,
    Stage,
    Table,
    frame,
    head_colors,
    join,
    lift,
    matrix,
    matrix_of,
    morph,
    product_of,
    rect_of,
    relation,
    table_of,
    theme,
    written_product,
)
from attnviz.stage.layout import faults, placed, strays
from attnviz.stage.tables.fills import look

MODELS = Path(__file__).parents[2] / "storyboards" / "models"
SENTENCES = {"three_heads": "orange phone apple", "two_heads": "an apple and an orange"}
TOLERANCE = 1e-6


@pytest.fixture
def stage() -> Stage:
    return stage_of_model("three_heads")


def stage_of_model(name: str, **settings: str) -> Stage:
    trace = run(load_blackboard(MODELS / f"{name}.yaml"), SENTENCES[name], **settings)
    renderer = StageRenderer(FilmFormat(1920, 1080, 60))
    return Stage(title="Heads", traces={"sentence": trace}, focus="apple", renderer=renderer)


def number(value: float, decimals: int = 2) -> Number:
    return Number(value, "", "embeddings", decimals=decimals).styled("fixed")


def sign_of(line: object) -> str:
    return "=" if " = " in line.source else "≈"  # type: ignore[attr-defined]


# Slices --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("array", "coords", "rows", "columns"),
    [
        ("embeddings", {}, ["orange", "phone", "apple"], ["technology", "fruitness"]),
        ("weights", {"head": "good"}, ["orange", "phone", "apple"], ["orange", "phone", "apple"]),
        ("weights", {"head": "good", "query": ["apple", "phone"]}, ["apple", "phone"], ["orange", "phone", "apple"]),
        ("weights", {"query": "apple"}, ["good", "so-so", "bad"], ["orange", "phone", "apple"]),
        ("W_V", {"head": "bad"}, ["technology", "fruitness"], ["1", "2"]),
        ("concatenated", {"token": ["apple"]}, ["apple"], ["good-1", "good-2", "so-so-1", "so-so-2", "bad-1", "bad-2"]),
    ],
)
def test_a_table_is_any_two_dimensional_part_of_a_trace(stage, array, coords, rows, columns) -> None:
    table = table_of(stage, array, **coords)
    assert (table.row_labels, table.column_labels) == (rows, columns)
    entries = stage.read_table(array, **coords).values.ravel()
    assert [mark.number.value for mark in table.marks] == pytest.approx(entries, rel=1e-5)
    assert all(mark.number.array == array for mark in table.marks)
    stage.play(FadeIn(table))
    assert len(stage.end_shot()) == len(rows) * len(columns)


@pytest.mark.parametrize(
    ("array", "coords", "left"), [("weights", {}, "3 there: head, query, key"), ("norm", {}, "1 there: token")]
)
def test_other_parts_are_refused(stage, array, coords, left) -> None:
    with pytest.raises(ProblemsFound) as error:
        table_of(stage, array, **coords)
    assert str(error.value) == (
        f"a table has two dimensions, and '{array}' has {left}; choose one label of each other one, as in head='1'"
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), x=st.floats(-6, 0), y=st.floats(-3, 0), width=st.floats(4.5, 6.5), height=st.floats(3, 5))
def test_a_table_is_born_in_its_region(stage, data, x, y, width, height) -> None:
    region = Region(x, y, x + width, y + height)
    chosen = data.draw(
        st.sampled_from([("values", {"head": "so-so"}), ("embeddings", {}), ("head_contributions", {"head": "bad"})])
    )
    left, bottom, right, top = rect_of(table_of(stage, chosen[0], region, **chosen[1]))
    assert region.left - TOLERANCE <= left < right <= region.right + TOLERANCE
    assert region.bottom - TOLERANCE <= bottom < top <= region.top + TOLERANCE
    assert (left + right) / 2 == pytest.approx(region.center[0], abs=0.5)


def test_a_table_without_room_is_refused(stage) -> None:
    with pytest.raises(ProblemsFound, match=r"the table of 'concatenated' \(3 rows, 6 columns\) is too large"):
        table_of(stage, "concatenated", Region(0, 0, 4, 3))


def test_heads_keep_their_colours(stage) -> None:
    colors = head_colors(stage)
    assert [*colors.items()] == [*zip(["good", "so-so", "bad"], theme.HEADS, strict=False)]
    joined = table_of(stage, "concatenated")
    assert joined.fills == [colors[label.rpartition("-")[0]] for label in joined.column_labels] * 3
    assert table_of(stage, "head_outputs", head="bad").fills == [colors["bad"]] * 6
    assert table_of(stage, "W_O").fills == [
        colors[label.rpartition("-")[0]] for label in joined.column_labels for _ in "xy"
    ]


def test_a_number_looks_the_same_in_every_table(stage) -> None:
    one, whole = table_of(stage, "head_outputs", head="bad"), table_of(stage, "concatenated")
    for row in one.row_labels:
        for column in one.column_labels:
            same = whole.cell(row, f"bad-{column}")
            assert one.cell(row, column).get_fill_color() == same.get_fill_color()


def test_weights_are_light_whatever_head_they_are_of(stage) -> None:
    table = table_of(stage, "weights", head="bad")
    for cell, mark in zip(table.cells, table.marks, strict=True):
        assert cell.get_fill_color() == theme.cell_color(mark.number.value)


def entry(value: float, array: str = "embeddings") -> Number:
    return Number(value, "", array).styled("fixed")


@pytest.mark.parametrize("tint", [None, *theme.HEADS, *theme.GROUPS, theme.FOCUS], ids=str)
@pytest.mark.parametrize("array", ["embeddings", "weights"])
def test_digits_are_easy_to_read_on_every_fill_and_more_is_never_darker(tint, array) -> None:
    values = [k / 40 for k in range(1, 41)] + ([2, 5, 30, 1e4] if array == "embeddings" else [])
    looks = [look(entry(value, array), tint) for value in values]
    assert min(theme.contrast(each.ink, each.fill) for each in looks) >= 4.5 - 1e-2  # the fill has 8 bits a channel
    assert all(theme.luminance(a.fill) <= theme.luminance(b.fill) + 1e-6 for a, b in pairwise(looks))
    assert all(each.outline is None for each in looks)


def test_a_negative_number_is_a_hollow_cell_with_the_outline_of_its_owner(stage) -> None:
    assert look(entry(-0.5), theme.FOCUS) == (ManimColor(theme.SURFACE), theme.FOCUS, theme.INK)
    assert look(entry(-0.001)).outline is None  # it is written 0.00
    table = Table([[entry(0.5), entry(-0.5)]], ["a"], ["x", "y"], {})
    assert [cell.get_stroke_width() > 0 for cell in table.cells] == [False, True]


def test_numbers_roll_and_never_turn_into_others(stage) -> None:
    table = table_of(stage, "values", head="good")
    stage.add(table)
    old, new = table.marks[0], written_product([number(1)], [number(2)], number(2.0)).marks["result"]
    with pytest.raises(ProblemsFound, match="would turn into it on its way"):
        lift([old], [new])
    rolling = table.change_to([mark.number for mark in table_of(stage, "values", head="bad").marks])
    assert not any(isinstance(each, Transform) for part in rolling.animations for each in part.animations[1:])


# Padding of smaller heads --------------------------------------------------------------------------------------------


def test_columns_that_a_smaller_head_has_not_are_left_out() -> None:
    stage = stage_of_model("two_heads")
    assert table_of(stage, "queries", head="grammar").column_labels == ["1"]
    assert table_of(stage, "queries", head="meaning").column_labels == ["1", "2"]
    assert table_of(stage, "W_V", head="grammar").column_labels == ["1"]
    assert stage.read("queries", head="grammar", token="apple").shape == ()
    assert len(stage.numbers("queries", head="grammar", token="apple")) == 1
    joined = table_of(stage, "concatenated")
    assert joined.column_labels == ["meaning-1", "meaning-2", "grammar-1"]
    assert all(np.isfinite(mark.number.value) for mark in joined.marks)


def test_a_padded_entry_is_refused() -> None:
    stage = stage_of_model("two_heads")
    for ask in (lambda **c: stage.number("queries", **c), lambda **c: stage.read("queries", **c)):
        with pytest.raises(ProblemsFound) as error:
            ask(head="grammar", token="apple", d_head="2")
        assert str(error.value) == "head 'grammar' has no d_head '2' in 'queries'; it has 1 … 1"


# Products ------------------------------------------------------------------------------------------------------------

QUERIES = (Slice("embeddings"), Slice("W_Q", head="good"), Slice("queries", head="good"))
OUTPUTS = (Slice("weights", head="so-so"), Slice("values", head="so-so"), Slice("head_outputs", head="so-so"))
WHOLE = (Slice("concatenated"), Slice("W_O"), Slice("output"))


@pytest.mark.parametrize(
    ("parts", "names", "sign", "shapes"),
    [
        (QUERIES, ("X", "W_Q^1", "Q_1"), "=", "3 2 2 2 3 2"),
        (OUTPUTS, ("A_2", "V_2", "Z_2"), "≈", "3 3 3 2 3 2"),
        (WHOLE, ("Z", "W_O", "Y"), "≈", "3 6 6 2 3 2"),
    ],
)
def test_a_product_shows_three_tables_their_shapes_and_an_honest_sign(stage, parts, names, sign, shapes) -> None:
    product = product_of(stage, *parts, names=names)
    assert product.sign.source == {"=": "=", "≈": "approx"}[sign]
    assert [mark.number.text for under in product.shapes for mark in under.marks.values()] == shapes.split()
    stage.play(FadeIn(product))
    receipts = stage.end_shot()
    assert len(receipts) == sum(len(t.marks) for t in (product.left, product.right, product.result)) + 6
    assert faults(placed(stage.get_mobject_family_members())) == []
    left, bottom, right, top = rect_of(product)
    assert frame.PRODUCT.left - 0.05 <= left < right <= frame.PRODUCT.right + 0.05
    assert frame.PRODUCT.bottom - TOLERANCE <= bottom < top <= frame.PRODUCT.top + 0.05
    assert strays(stage.get_mobject_family_members()) == []


def test_every_entry_of_a_product_can_be_written_out(stage) -> None:
    product = product_of(stage, *OUTPUTS, names=("A", "V", "Z"))
    for row in product.result.row_labels:
        for column in product.result.column_labels:
            line = product.line(row, column)
            shown = [line.marks[f"a{k}"].number.shown * line.marks[f"b{k}"].number.shown for k in range(3)]
            assert sign_of(line) == relation(sum(shown), line.marks["result"].number)
            assert line.marks["result"].number is product.result.mark(row, column).number


def test_what_is_no_product_is_refused(stage) -> None:
    with pytest.raises(ProblemsFound, match=r"embeddings · values \(3×2 · 3×2\) cannot be queries \(3×2\)"):
        product_of(stage, QUERIES[0], OUTPUTS[1], QUERIES[2], names=("X", "V", "Q"))
    with pytest.raises(ProblemsFound, match="keys is not embeddings · W_Q"):
        product_of(stage, *QUERIES[:2], Slice("keys", head="so-so"), names=("X", "W_Q", "K"))
    with pytest.raises(ProblemsFound, match=r"^tables of 6 \+ 2 \+ 2 columns do not fit side by side"):
        product_of(stage, *WHOLE, Region(-5, -3, 5, 2), names=("Z", "W_O", "Y"))


@pytest.mark.parametrize(
    ("small", "what", "size"),
    [
        (
            Region.around((0, 0), 10, 5.5),
            "tables of 6 + 2 + 2 columns do not fit side by side: they need",
            "wide",
        ),
        (Region.around((0, 0), 13.3, 4.2), "a table of 6 rows does not fit with its heads, its name and its", "high"),
    ],
)
def test_a_region_without_room_for_a_product_is_told_the_size_it_needs(stage, small, what, size) -> None:
    with pytest.raises(ProblemsFound) as error:
        product_of(stage, *WHOLE, small, names=("Z", "W_O", "Y"))
    told = str(error.value)
    assert told.startswith(what)
    assert f"this one is {small.width if size == 'wide' else small.height:g}; give" in told
    (needed,) = re.findall(rf"a region about ([\d.]+) {size},", told)

    def as_large_as(least: float) -> Region:
        return Region.around((0, 0), *((least, small.height) if size == "wide" else (small.width, least)))

    assert product_of(stage, *WHOLE, as_large_as(float(needed)), names=("Z", "W_O", "Y"))
    with pytest.raises(ProblemsFound, match=f" {size}, and this one is"):
        product_of(stage, *WHOLE, as_large_as(float(needed) - 0.15), names=("Z", "W_O", "Y"))


def test_a_product_with_three_heads_and_its_line_fit_their_places(stage) -> None:
    product = product_of(stage, *WHOLE, frame.PRODUCT, names=("H", "W_O", "Y"))
    line = product.line("apple", "fruitness", width=12.6).seat(frame.LINE_UNDER_PRODUCT)
    marks = [VGroup(line.marks[f"a{k}"], line.marks[f"b{k}"]) for k in range(6)]
    for pair, head in zip(marks, product.left.column_heads, strict=True):
        pair.set_color(head.get_color())
    stage.play(FadeIn(product, line))
    assert faults(placed(stage.get_mobject_family_members())) == []
    assert stage.end_shot()
    assert rect_of(line)[3] < rect_of(product)[1]


def test_names_over_a_product_have_the_colours_of_their_tables(stage) -> None:
    colors = head_colors(stage)
    product = product_of(stage, *QUERIES, names=("X", "W_Q", "Q"))
    assert [name.get_color().to_hex().lower() for name in product.names] == [theme.INK, colors["good"], colors["good"]]
    assert [product.left.fills[0], product.result.fills[0]] == [None, colors["good"]]


def test_a_board_that_computes_with_what_is_shown_has_products_too() -> None:
    stage = stage_of_model("three_heads", carry="displayed")
    for parts in (QUERIES, OUTPUTS, WHOLE):
        assert isinstance(product_of(stage, *parts, names=("A", "B", "C")), Product)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-400, 400), st.integers(-400, 400)), min_size=1, max_size=4), st.integers(-9, 9))
def test_a_row_times_a_column_is_equal_only_where_the_digits_say_so(pairs, off) -> None:
    row, column = ([number(value / 100) for value in values] for values in zip(*pairs, strict=True))
    exact = sum(a * b for a, b in pairs) / 10_000
    result = number(exact + off / 100)
    line = written_product(row, column, result)
    assert sign_of(line) == ("=" if abs(exact - float(result.text)) < 1e-9 else "≈")
    assert set(line.marks) == {f"{side}{k}" for k in range(len(pairs)) for side in "ab"} | {"result"}
    for side, numbers in (("a", row), ("b", column)):
        for k, each in enumerate(numbers):
            in_brackets = f"({{{side}{k}}})" in line.source
            assert in_brackets == (each.text.startswith("-") and (side, k) != ("a", 0))


def test_the_line_of_the_lecture() -> None:
    line = written_product([number(0.43), number(0.57)], [number(2, 0), number(0, 0)], number(0.86))
    assert line.source == "{a0} dot {b0} + {a1} dot {b1} = {result}"
    assert sign_of(written_product([number(0.43), number(0.57)], [number(2), number(0)], number(0.8546))) == "≈"


def test_a_line_is_fitted_or_refused() -> None:
    long = [number(123.45)] * 4
    assert written_product(long, long, number(1), width=12.0).width <= 12.0 + TOLERANCE
    with pytest.raises(ProblemsFound, match="too long to be read in one line") as error:
        written_product(long, long, number(1), width=5.0)
    (least,) = re.findall(r"it needs a width of about ([\d.]+), and has width=5; give it more width", str(error.value))
    assert written_product(long, long, number(1), width=float(least)).width == pytest.approx(float(least))
    with pytest.raises(ProblemsFound, match=r"about [\d.]+; show fewer decimals, or choose fewer columns$"):
        written_product(long * 3, long * 3, number(1), width=13.0)


def test_a_matrix_has_its_name_before_it_and_an_honest_sign(stage) -> None:
    written = matrix_of(stage, "W_Q^1", Slice("W_Q", head="good"))
    assert [written.marks[f"m{i}_{j}"].number.text for i in range(2) for j in range(2)] == ["1", "-0.5", "-0.5", "0.5"]
    assert " = " in written.source
    assert " approx " in matrix("W_1", [[number(0.4983), number(1)]]).source
    with pytest.raises(ProblemsFound, match="is not a name"):
        matrix("2", [[number(1)]])
    stage.play(FadeIn(written))
    assert len(stage.end_shot()) == 4


# Joining, colours, and who owns what ---------------------------------------------------------------------------------


def three_tables(stage: Stage) -> list[Table]:
    regions = [Region(left, -2, left + 4, 2) for left in (-6.6, -2.2, 2.2)]
    return [table_of(stage, "head_outputs", r, head=h) for r, h in zip(regions, head_colors(stage), strict=True)]


def test_three_tables_slide_together_into_one(stage) -> None:
    tables = three_tables(stage)
    stage.play(*map(FadeIn, tables))
    whole = table_of(stage, "concatenated")
    stage.play(join(tables, whole), run_time=1)
    assert [m for m in stage.mobjects if isinstance(m, Table)] == [whole]
    family = stage.get_mobject_family_members()
    assert not any(part in family for table in tables for part in table.get_family())
    counts = [ColumnCount(stage, whole), ColumnCount(stage, whole, whole.column_labels[:2])]
    assert [count.count.marks["n"].number.text for count in counts] == ["6", "2"]
    stage.play(FadeIn(counts[0]))
    assert faults(placed(stage.get_mobject_family_members())) == []
    assert {r.array for r in stage.end_shot() if r.array} == {"head_outputs", "concatenated"}
    stage.play(whole.animate.shift(UP))
    stage.play(FadeOut(whole))
    assert not any(part in stage.get_mobject_family_members() for part in whole.get_family())


def test_heads_of_joined_tables_are_never_seen_on_top_of_each_other(stage) -> None:
    tables = three_tables(stage)
    stage.play(*map(FadeIn, tables))
    whole = table_of(stage, "concatenated")
    joining = join(tables, whole)
    joining.begin()
    for moment in np.linspace(0, 1, 41):
        joining.interpolate(moment)
        old, new = ([part for head in heads for part in head.family_members_with_points()] for heads in (
            [*(head for table in tables for head in table.column_heads)], [*whole.column_heads],
        ))  # fmt: skip
        shown = [max(part.get_fill_opacity() for part in parts) for parts in (old, new)]
        assert min(shown) < 0.01, moment


def test_column_heads_keep_clear_of_each_other(stage) -> None:
    table = table_of(stage, "concatenated", Region(-5.5, -2.6, 5.5, 2.2))
    assert not table.leaning
    assert all(rect_of(two)[0] - rect_of(one)[2] > 0.2 for one, two in pairwise(table.column_heads))


def test_tables_that_show_something_else_are_not_joined(stage) -> None:
    tables = three_tables(stage)
    for parts in (tables[::-1], tables[:2]):
        with pytest.raises(ProblemsFound, match="the tables do not show what the joined table shows"):
            join(parts, table_of(stage, "concatenated"))


@pytest.mark.parametrize(
    "piecewise",
    [
        lambda stage, table: stage.play(table.tint({"1": theme.FOCUS})),
        lambda stage, table: stage.play(table.change_to([mark.number for mark in table.marks])),
        lambda stage, table: (stage.play(*[m.animate.shift(0.1 * UP) for m in table.marks]), stage.own(table)),
    ],
)
def test_a_table_is_one_thing_again_after_its_parts_moved(stage, piecewise) -> None:
    table = table_of(stage, "values", head="good")
    stage.play(FadeIn(table.cells))
    stage.play(*[FadeIn(mark) for mark in table.marks], FadeIn(table.row_heads), FadeIn(table.column_heads))
    assert table not in stage.mobjects
    piecewise(stage, table)
    assert table in stage.mobjects
    other = table_of(stage, "keys", head="good")
    stage.play(ReplacementTransform(table, other))
    assert other in stage.mobjects


def test_what_is_kept_stays_whole_when_the_stage_is_cleared(stage) -> None:
    table = table_of(stage, "values", head="good")
    stage.play(FadeIn(table.cells), FadeIn(table.marks))
    stage.clear_stage(table)
    assert table in stage.mobjects


def test_a_table_that_became_another_one_is_gone(stage) -> None:
    old, new = table_of(stage, "values", head="good"), table_of(stage, "values", head="bad")
    stage.play(FadeIn(old))
    stage.play(morph(old, new))
    assert [m for m in stage.mobjects if isinstance(m, Table)] == [new]


def test_columns_have_frames_and_colours(stage) -> None:
    table = table_of(stage, "concatenated")
    column = table.column_frame("so-so-1", theme.FOCUS)
    cells = [table.cell(row, "so-so-1") for row in table.row_labels]
    for cell in cells:
        assert rect_of(column)[0] <= rect_of(cell)[0] <= rect_of(cell)[2] <= rect_of(column)[2]
    blocks = [table.columns_frame(table.column_labels[k : k + 2], theme.FOCUS) for k in (0, 2, 4)]
    assert all(rect_of(one)[2] < rect_of(two)[0] for one, two in pairwise(blocks))
    stage.play(FadeIn(table), *map(Create, blocks))
    stage.play(table.tint({"bad-1": theme.FOCUS, "apple": theme.WEIGHT}))
    assert table.fills[4] == theme.FOCUS
    assert table.fills[-1] == theme.WEIGHT
    assert table.column_heads[4].get_color().to_hex().lower() == theme.FOCUS
    assert len(table.column_numbers("bad-1")) == len(table.column_marks("bad-1")) == 3
