"""The colours of the themes: one owner each, told apart by everybody who meets two of them on one screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from itertools import combinations, product

import numpy as np
import pytest
from coloraide import Color
from hypothesis import given
from hypothesis import strategies as st

from attnviz.input.theme_names import THEME_NAMES
from attnviz.stage import theme

NORMAL, BLIND = 15, 10
"""The smallest distances (CIEDE2000) of colours that meet, to normal sight and to people who lack a kind of cones."""
LABELLED = 11
"""The smallest distance of colours of which one always comes with a letter, a number or a word."""
SIGHTS: dict[str, Callable[[Color], Color]] = {
    "normal": lambda color: color,
    "protanopia": lambda color: color.filter("protan", method="machado", space="srgb-linear"),
    "deuteranopia": lambda color: color.filter("deutan", method="machado", space="srgb-linear"),
}

# Colours that meet on one screen: the words of a plane or a table with what is computed of them; the first three
# groups and heads, which is what lectures have. Every further group is a word's, every further head has its number.
WORDS = ("ink", "dim", "focus", "weight", "group 1", "group 2", "group 3")
PROJECTED = ("query", "key", "value")
HEADS = ("head 1", "head 2", "head 3")
MEETINGS = (
    (*WORDS, *PROJECTED, "output", "residual"),
    (*WORDS, *HEADS, "output"),
    ("ink", "focus", "group 1", "group 2", "group 3", "bent_grid"),
)
EXCEPTIONS = {
    ("ink", "weight"): "digits and words against fills, arcs and frames: they differ in shape",
    ("dim", "bent_grid"): "small type against lines",
}
"""Pairs that may be nearer than the rules say, and why."""


@pytest.fixture(params=THEME_NAMES, autouse=True, scope="module")
def colors(request) -> Iterator[theme.Theme]:
    """The theme in use: every test here is about each of them."""
    with theme.in_use(request.param):
        yield theme.THEMES[request.param]


def owners(colors: theme.Theme) -> dict[str, str]:
    """Return the colours that say what something is, by their owners."""
    names = ("ink", "dim", "focus", "query", "key", "value", "output", "residual", "weight", "bent_grid")
    return {
        **{name: getattr(colors, name) for name in names},
        **{f"group {number}": color for number, color in enumerate(colors.groups, 1)},
        **{f"head {number}": color for number, color in enumerate(colors.heads, 1)},
    }


def too_near(colors: theme.Theme, pairs: set[tuple[str, str]], sight: str, least: float) -> list[str]:
    seen = {name: SIGHTS[sight](Color(color)) for name, color in owners(colors).items()}
    found = {(a, b): seen[a].delta_e(seen[b], method="2000") for a, b in pairs}
    return [f"{a} / {b}: {far:.1f}" for (a, b), far in found.items() if far < least]


def meeting() -> set[tuple[str, str]]:
    pairs = {pair for screen in MEETINGS for pair in combinations(screen, 2)}
    return {(a, b) for a, b in pairs if not {(a, b), (b, a)} & set(EXCEPTIONS)}


def test_every_name_has_a_theme_and_no_theme_lacks_a_name() -> None:
    assert tuple(theme.THEMES) == THEME_NAMES


def test_every_colour_has_one_owner(colors) -> None:
    owned = [*owners(colors).values(), colors.ground, colors.surface, colors.panel, colors.grid, colors.axis]
    assert len({color.lower() for color in owned}) == len(owned)


@pytest.mark.parametrize(("sight", "least"), [("normal", NORMAL), ("protanopia", BLIND), ("deuteranopia", BLIND)])
def test_colours_that_meet_are_told_apart(colors, sight: str, least: float) -> None:
    assert too_near(colors, meeting(), sight, least) == []


def test_all_other_colours_are_different_to_normal_sight(colors) -> None:
    others = set(combinations(owners(colors), 2)) - {(b, a) for a, b in EXCEPTIONS} - set(EXCEPTIONS)
    others -= {("residual", "bent_grid")}  # a ribbon against lines
    assert too_near(colors, others, "normal", LABELLED) == []


def test_no_group_or_head_looks_like_another_of_its_kind_or_like_the_light_of_weights(colors) -> None:
    for kind, many in (("group", colors.groups), ("head", colors.heads)):
        names = [f"{kind} {number}" for number in range(1, len(many) + 1)]
        pairs = {*combinations(names, 2), *product(names, ("ink", "dim", "focus", "weight"))}
        assert too_near(colors, pairs, "normal", NORMAL) == []


def texts(colors: theme.Theme) -> list[str]:
    return [color for name, color in owners(colors).items() if name != "bent_grid"]


def test_text_of_every_colour_can_be_read_wherever_it_stands(colors) -> None:
    for color, ground in product(texts(colors), (colors.ground, colors.surface, colors.panel)):
        assert theme.contrast(color, ground) >= 4.5, (color, ground)


def test_furniture_stays_behind_and_a_bent_grid_that_is_the_subject_comes_forward(colors) -> None:
    assert theme.contrast(colors.grid, colors.ground) == pytest.approx(1.3, abs=0.05)
    assert theme.contrast(colors.bent_grid, colors.ground) >= 4.5
    ranks = [theme.contrast(getattr(colors, name), colors.ground) for name in ("grid", "bent_back", "bent_grid")]
    assert ranks == sorted(ranks)
    assert theme.contrast(colors.axis, colors.ground) >= 3


@given(st.floats(-1, 1))
def test_digits_can_be_read_on_every_cell(colors, share: float) -> None:
    for color in (None, *texts(colors)):
        fill = theme.cell_color(share, color)
        assert theme.contrast(theme.ink_on(fill), fill) >= 4.5, (color, fill)


@pytest.mark.parametrize("color", [None, "dim", "query", "focus"])
def test_a_larger_share_has_more_light_on_dark_grounds_and_more_ink_on_white_ones(colors, color) -> None:
    owner = None if color is None else getattr(colors, color)
    shades = [theme.luminance(theme.cell_color(share, owner)) for share in np.linspace(0, 1, 50)]
    dark = theme.luminance(colors.ground) < 0.5
    assert shades == sorted(shades, reverse=not dark)
    assert len(set(shades)) > 40


def test_the_scale_of_weights_goes_from_the_surface_to_the_weight() -> None:
    assert theme.cell_color(0).to_hex().lower() == theme.SURFACE
    assert theme.cell_color(1).to_hex().lower() == theme.WEIGHT


def test_words_of_the_first_groups_and_heads_differ_in_grey_on_paper(colors) -> None:
    if colors is not theme.THEMES["print"]:
        pytest.skip("only paper is grey")
    grey = {name: Color(color).convert("lab-d65")["l"] for name, color in owners(colors).items()}
    for family in (PROJECTED, ("group 1", "group 2"), HEADS):
        for a, b in combinations(family, 2):
            assert abs(grey[a] - grey[b]) >= 6, (a, b)


def test_groups_get_colours_in_the_models_order_and_small_words_are_quiet() -> None:
    colors = theme.group_colors(["fruit", "technology", "small", "fruit"])
    assert (colors["fruit"], colors["technology"], colors["small"]) == (*theme.GROUPS[:2], theme.DIM)


def test_a_theme_lasts_as_long_as_its_block() -> None:
    before = theme.INK
    for name in THEME_NAMES:
        with theme.in_use(name):
            assert theme.THEMES[name].ink == theme.INK
            with theme.in_use(None):
                assert theme.THEMES[name].ink == theme.INK
            with pytest.raises(ZeroDivisionError), theme.in_use("dark"):
                1 / 0  # noqa: B018
            assert all(
                getattr(theme, field.name.upper()) == getattr(theme.THEMES[name], field.name)
                for field in fields(theme.Theme)
            )
    assert before == theme.INK
