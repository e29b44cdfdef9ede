"""A process that answers for tests: a number is doubled, and some words do what they say."""

import os
import time

from attnviz.input.answering import answer_orders, answers_of_this_process


def answer(order: object) -> object:
    match order:
        case "process":
            return os.getpid()
        case "print":
            print("something else")
        case "sleep":
            time.sleep(60)
        case "end":
            os._exit(7)
        case int():
            return 2 * order
    return None


if __name__ == "__main__":
    answer_orders(answer, *answers_of_this_process())
