"""The types with which verbs describe their arguments; a storyboard is checked against them."""

from attnviz.storyboard.argument_types import (
    Axis,
    Count,
    Degrees,
    Fraction,
    Head,
    MapName,
    SentenceName,
    Steps,
    Word,
)

__all__ = ["Axis", "Count", "Degrees", "Fraction", "Head", "MapName", "SentenceName", "Steps", "Word"]
