"""A small picture of a clip, there long before its film: the tokens, and where the word looks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.publish.lecture import LectureFiles, make_lecture
from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.selection import select

if TYPE_CHECKING:
    from attnviz.render.run import Wish
    from attnviz.storyboard.types import Storyboard

PLACE = 1
"""The shot whose last frame it is, counted from 0: by then there are tokens and arcs. A shorter clip's last one."""


def first_look(storyboard: Storyboard, wish: Wish, path: Path) -> Path:
    """Draw one picture of a clip, 854 × 480 pixels, and return its path; raises `ProblemsFound` as the film would."""
    shots = [shot.name for scene in select(storyboard, wish.only) for shot in scene.shots if shot.wanted]
    shot = shots[min(PLACE, len(shots) - 1)]
    files = LectureFiles(last_frame=path)
    small = FilmFormat(854, 480, 15, theme=wish.format.theme)
    make_lecture(storyboard, replace(wish, format=small, only=(shot,), wanted=files.wanted, cluster=None), files)
    return path
