"""The figures of a shot: which of its moments are wanted as pictures on paper, and how their files are called."""

from __future__ import annotations

from collections.abc import Mapping

from attnviz.input.validation import Place
from attnviz.storyboard.problem_list import ProblemList
from attnviz.storyboard.types import Figure


def read_figures(
    problems: ProblemList, at: Place, given: str | Mapping[str, int], taken: dict[str, Place]
) -> tuple[Figure, ...]:
    """Return the figures of the shot at a place, in the order of their moments.

    `taken` holds the names of the storyboard's figures so far, and gets these; a name used twice is noted.
    """
    if isinstance(given, str):
        figures = {(*at, "figure"): Figure(given, None)}
    else:
        figures = {(*at, "figure", name): Figure(name, after) for name, after in given.items()}
    for place, figure in figures.items():
        # Where capitals do not count in the names of files, one figure would replace the other.
        first = taken.setdefault(figure.name.casefold(), place)
        if first != place:
            line = problems.source.line_of(first)
            problems.add(place, f"there is already a figure '{figure.name}'", f"the first is in line {line}")
    return tuple(sorted(figures.values(), key=lambda figure: figure.after or 0))
