"""The fonts that a storyboard chooses: one, several in order, or one for each script."""

from __future__ import annotations

from collections.abc import Iterator

from attnviz.input.fonts import Font, find_font
from attnviz.input.problems import ProblemsFound
from attnviz.input.validation import Place
from attnviz.storyboard.keys import FontNames
from attnviz.storyboard.problem_list import ProblemList

_KEY = "font"


def read_fonts(problems: ProblemList, names: FontNames) -> Iterator[Font]:
    """Yield the fonts, in order; report those that cannot be used."""
    if isinstance(names, dict):
        yield from _by_script(problems, names)
        return
    for name in [names] if isinstance(names, str) else names:
        yield from _font(problems, (_KEY,), name)


def _by_script(problems: ProblemList, names: dict[str, str]) -> Iterator[Font]:
    from attnviz.input.scripts import scripts_named

    chosen: dict[tuple[str, ...], str] = {}
    for script, name in names.items():
        try:
            scripts = scripts_named(script)
        except ProblemsFound as found:
            problems.add_all((_KEY, script), found)
            continue
        if scripts in chosen:
            message = f"'{script}' and '{chosen[scripts]}' are written with the same letters"
            problems.add((_KEY, script), message, "leave one of them out")
        chosen[scripts] = script
        yield from _font(problems, (_KEY, script), name, scripts)


def _font(problems: ProblemList, at: Place, name: str, scripts: tuple[str, ...] = ()) -> Iterator[Font]:
    try:
        yield find_font(name, problems.source.path.parent, scripts)
    except ProblemsFound as found:
        problems.add_all(at, found)
