"""Follows the shots of a storyboard without drawing them, for worksheets and quizzes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attnviz.render.cache.products import Wanted
from attnviz.render.run import Wish, chosen_scenes, found_out, open_work
from attnviz.render.shots.claims import with_claims

if TYPE_CHECKING:
    from attnviz.render.shots.work import Work
    from attnviz.storyboard.types import Storyboard


def followed(storyboard: Storyboard, wish: Wish) -> Work:
    """Return the work of a storyboard with all of its wanted shots known, and its claims tried.

    What is not known yet is played undrawn. Raises `ProblemsFound` for what cannot be played, and for claims that do
    not hold, as the wish says.
    """
    wish = replace(wish, wanted=Wanted(film=False))
    work = with_claims(open_work(storyboard, wish, chosen_scenes(storyboard, wish)), wish.claims)
    return found_out(work)
