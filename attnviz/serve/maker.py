"""The process that makes the clips: Manim is imported in it and torch is not, so that it can fork.

The forward passes are computed in a helper process that stays, too.
"""

from __future__ import annotations

from attnviz.input.answering import answer_orders, answers_of_this_process
from attnviz.input.odd_characters import explained
from attnviz.input.problems import ProblemsFound, refused_by_system
from attnviz.input.surroundings import hush_libraries
from attnviz.render.traces.process import helper_kept
from attnviz.serve.orders import ClipOrder, MadeClip, Unmade
from attnviz.voice.process import speakers_kept


def answer(order: ClipOrder) -> MadeClip | Unmade:
    """Make a clip, or tell what is wrong."""
    from attnviz.clips.make import make_clip
    from attnviz.publish.lecture import LectureFiles
    from attnviz.render.run import SILENT

    try:
        made = make_clip(order.request, order.wish, LectureFiles(film=order.film), SILENT)
    except ProblemsFound as found:
        return Unmade(tuple(str(explained(problem)) for problem in found.problems))
    except OSError as error:  # a disk that is full, say
        return Unmade((refused_by_system(error),))
    said = tuple(shot.shot.narration for shot in made.shots)
    return MadeClip(made.seconds, said, made.about, made.silent)


def main() -> None:
    """Answer orders; what takes long to import is imported before the first one is there."""
    orders, answers = answers_of_this_process()
    hush_libraries()
    with helper_kept(), speakers_kept():
        import attnviz.clips.make
        import attnviz.publish.film_kinds
        import attnviz.render.shots.drawing  # noqa: F401

        answer_orders(answer, orders, answers)


if __name__ == "__main__":
    main()
