"""The figures of a shot: which of its moments are exported as figures for print, and under which names."""

from __future__ import annotations

from collections.abc import Mapping

from attnviz.input.validation import Place
from attnviz.storyboard.problem_list import ProblemList
from attnviz.storyboard.types import Figure


def read_figures(
    problems: ProblemList, at: Place, given: str | Mapping[str, int], taken: dict[str, Place]
) -> tuple[Figure, ...]:
    """Return the figures of the shot at `at`, in the order of their moments.

    `taken` maps the (case-folded) names of the storyboard's figures so far to their places, and is updated; names that
    are already taken are added to `problems`.
    """
    if isinstance(given, str):
        figures = {(*at, "figure"): Figure(given, None)}
    else:
        figures = {(*at, "figure", name): Figure(name, after) for name, after in given.items()}
    for place, figure in figures.items():
        # On a case-insensitive file system, one figure would overwrite the other.
        first = taken.setdefault(figure.name.casefold(), place)
        if first != place:
            line = problems.source.line_of(first)
            problems.add(place, f"there is already a figure '{figure.name}'", f"the first is in line {line}")
    return tuple(sorted(figures.values(), key=lambda figure: figure.after or 0))
