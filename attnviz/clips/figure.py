"""Figures of a sentence for papers and slides: a template of one picture, filled as a clip's is, and exported."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.clips.make import filled
from attnviz.input.content_paths import builtin_storyboards
from attnviz.input.problems import Problem, ProblemsFound, placeless
from attnviz.input.scratch import ScratchFolder
from attnviz.publish.paper_figure import SMALLEST_TYPE, PaperFigure, make_paper_figure
from attnviz.render.opening import open_storyboard
from attnviz.render.run import SILENT, Progress, Wish

if TYPE_CHECKING:
    from attnviz.clips.request import ClipRequest


def make_figure(request: ClipRequest, of: str, width: float, wish: Wish, progress: Progress = SILENT) -> PaperFigure:
    """Make the figure of a kind (a template in `storyboards/figures/`) of a request's sentence, `width` mm wide.

    Raises `ProblemsFound`; for a figure that could not be read at this width with the width that would do.
    """
    template = builtin_storyboards() / "figures" / f"{of}.yaml"
    with ScratchFolder("figure") as folder:
        path = Path(folder) / f"{of}.yaml"
        with placeless(path):
            filled(replace(request, template=str(template)), path, wish)
            figure = make_paper_figure(open_storyboard(path), wish, width, progress)
    if figure.least_width > width:
        message = f"at a width of {width:g} mm, the smallest type would be under {SMALLEST_TYPE:g} points"
        hint = f"take {math.ceil(figure.least_width)} mm or more (--width-mm), or a shorter sentence"
        raise ProblemsFound(Problem(message, hint=hint))
    return figure
