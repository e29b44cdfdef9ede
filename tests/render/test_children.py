"""Children that draw: what becomes of them when the work is broken off."""

import os
import signal
import time

import pytest

from attnviz.render.children import ChildError, Children


def test_a_child_that_is_gone_already_does_not_stop_the_clean_up():
    with Children(3) as children:
        for _ in range(3):
            children.start("a shot", lambda: time.sleep(60))
        pids = [pid for pid, _ in children._running.values()]
        os.kill(pids[1], signal.SIGKILL)
        os.waitpid(pids[1], 0)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_child_leaves_ctrl_c_and_the_end_of_a_terminal_to_its_parent():
    def work():
        for number in (signal.SIGINT, signal.SIGHUP):
            os.kill(os.getpid(), number)

    with Children(1) as children:
        children.start("a shot", work)
        children.finish()


def test_a_child_that_fails_says_in_which_shot():
    with Children(1) as children:
        children.start("a shot", lambda: 1 / 0)
        with pytest.raises(ChildError, match="drawing a shot failed: ZeroDivisionError: division by zero"):
            children.finish()
