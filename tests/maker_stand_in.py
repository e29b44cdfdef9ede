"""A process that makes no clips, in place of the one that does: the sentence says what becomes of the order."""

import os
import time

from attnviz.input.answering import answer_orders, answers_of_this_process
from attnviz.serve.orders import ClipOrder, MadeClip, Unmade

FILM, PROBLEM = bytes(range(256)) * 4, 'there is no word "<b>x</b>" in it; try &amp;'


def answer(order: ClipOrder) -> MadeClip | Unmade:
    sentence, go = order.request.sentence, order.film.parent.parent / "go"
    if sentence == "die":
        os._exit(3)
    if sentence == "refuse":
        return Unmade((PROBLEM,))
    while sentence.startswith("wait") and not go.exists():
        time.sleep(0.01)
    order.film.write_bytes(FILM)
    order.film.with_suffix(".vtt").write_text("WEBVTT\n")
    order.film.with_suffix(".descriptions.vtt").write_text("WEBVTT\n")
    order.film.with_suffix(".numbers.json").write_text("{}")
    silent = "silent: the voice cannot say '<b>'" if sentence == "hush" else ""
    return MadeClip(2.4, (f"{sentence} is said",), "a head of <small>", silent)


if __name__ == "__main__":
    answer_orders(answer, *answers_of_this_process())
