"""The colours of tables, as a style sheet: a cell on a page is as bright as it is in a film, in either theme."""

from __future__ import annotations

from collections.abc import Callable

from attnviz.input.theme_names import ThemeName
from attnviz.stage import theme
from attnviz.stage.numbers import Number
from attnviz.stage.tables.fills import AT_ONE, look

HEAT = "heat.css"
LEVELS = 25
THEMES: tuple[ThemeName, ThemeName] = ("light", "dark")


def heat_css() -> str:
    """Return rules for the classes `weight-0` … `weight-25`, parts of a weight, and `size-0` … for other numbers.

    Each sets the fill of a cell and the ink of its digits, on a light ground and on a dark one.
    """
    rules = []
    kinds: tuple[tuple[str, str, Callable[[float], float]], ...] = (
        ("weight", "weights", float),
        ("size", "scores", _of_brightness),
    )
    for kind, array, value in kinds:
        for level in range(LEVELS + 1):
            number = Number(value(level / LEVELS), "1", array)
            (fill, ink), (dark_fill, dark_ink) = (_looks(number, name) for name in THEMES)
            colours = f"background:light-dark({fill},{dark_fill});color:light-dark({ink},{dark_ink})"
            rules.append(f".{kind}-{level}{{{colours}}}")
    return "\n".join(rules) + "\n"


def _of_brightness(share: float) -> float:
    """Return the size of a number that is no weight whose cell is so bright (see `fills.brightness`)."""
    return share / AT_ONE if share <= AT_ONE else (1 - AT_ONE) / max(1 - share, 1e-9)


def _looks(number: Number, name: ThemeName) -> tuple[str, str]:
    with theme.in_use(name):
        found = look(number)
        return found.fill.to_hex().lower(), found.ink
