"""The helper process of `process.py`: reads orders, and writes for each a list of answers, or a tuple of problems."""

from __future__ import annotations

import sys

from attnviz.input.answering import answer_orders, answers_of_this_process
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.surroundings import hush_libraries
from attnviz.voice.engines import open_voice, voice_key
from attnviz.voice.process import Answer, Order
from attnviz.voice.speech import Voice

_opened: dict[tuple[tuple[str, str], ...], Voice] = {}  # by their keys; the last one only


def answer(order: Order) -> list[Answer] | tuple[Problem, ...]:
    """Return the texts as they were spoken, each or why it could not be; or why there is no voice."""
    try:
        voice = _voice(order)
    except ProblemsFound as found:
        return tuple(found.problems)
    return [_spoken(voice, text) for text in order.texts]


def _voice(order: Order) -> Voice:
    key = tuple(sorted(voice_key(order.settings, order.language, order.near).items()))
    if key not in _opened:
        _opened.clear()
        _opened[key] = open_voice(order.settings, order.language, order.near)
    return _opened[key]


def _spoken(voice: Voice, text: str) -> Answer:
    try:
        return voice.speak(text)
    except ProblemsFound as found:
        return tuple(found.problems)


def main() -> None:
    """Answer orders; what takes long to import is imported before the first one is there."""
    orders, answers = answers_of_this_process()
    hush_libraries()
    if sys.argv[2] == "hibari":
        import hibari.g2p  # noqa: F401
        import onnxruntime  # noqa: F401
    answer_orders(answer, orders, answers)


if __name__ == "__main__":
    main()
