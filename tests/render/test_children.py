"""Children that draw: what they tell, and what becomes of them when the work is broken off."""

import os
import signal
import threading

import pytest

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.render.shots.children import Children


def still(line):
    threading.Event().wait()


def reasons(work, **settings):
    with Children(1, **settings) as children:
        children.start("a shot", work)
        children.finish()
    return [(failure.label, failure.reason) for failure in children.failures]


def test_a_child_that_is_gone_already_does_not_stop_the_clean_up():
    with Children(3) as children:
        for _ in range(3):
            children.start("a shot", still)
        pids = [child.pid for child in children._running.values()]
        os.kill(pids[1], signal.SIGKILL)
        os.waitpid(pids[1], 0)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_child_leaves_ctrl_c_and_the_end_of_a_terminal_to_its_parent():
    def work(line):
        for number in (signal.SIGINT, signal.SIGHUP):
            os.kill(os.getpid(), number)

    assert reasons(work) == []


def test_a_child_that_fails_says_in_which_shot():
    assert reasons(lambda line: 1 / 0) == [("a shot", "ZeroDivisionError: division by zero")]


def test_what_a_person_can_mend_comes_back_as_it_was():
    def work(line):
        raise ProblemsFound(Problem("too far", hint="stay"))

    with Children(1) as children:
        children.start("a shot", work)
        children.finish()
    [failure] = children.failures
    assert failure.problems == (Problem("too far", hint="stay"),)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGTERM, "the process was ended by SIGTERM"),
        (signal.SIGKILL, "the process was ended by SIGKILL (out of memory? try fewer --jobs)"),
    ],
)
def test_a_child_that_dies_is_told(number, reason):
    assert reasons(lambda line: os.kill(os.getpid(), number)) == [("a shot", reason)]


def test_a_child_that_gives_no_sign_of_life_is_ended():
    assert reasons(still, patience=0.1) == [("a shot", "it stood still for 0 s")]


def test_signs_of_life_are_passed_on(monkeypatch):
    monkeypatch.setattr("attnviz.render.shots.children.BEAT", 0.0)
    beats, ended = [], []

    def work(line):
        for _ in range(3):
            line.beat()

    with Children(1, ended.append, lambda: beats.append(1)) as children:
        children.start("a shot", work)
        children.finish()
    assert (len(beats), ended, children.failures) == (3, ["a shot"], [])


def test_of_frames_drawn_in_no_time_only_some_are_signs_of_life():
    beats = []

    def work(line):
        for _ in range(1000):
            line.beat()

    with Children(1, on_beat=lambda: beats.append(1)) as children:
        children.start("a shot", work)
        children.finish()
    assert 1 <= len(beats) < 1000


def test_a_child_that_waits_has_all_the_time_in_the_world(tmp_path):
    def waiting(line):
        (tmp_path / "heard").write_text(line.hear())

    with Children(2, patience=2) as children:
        told = children.start("waiting", waiting, waits=True)
        children.start("still", still)
        while not children.failures:
            children._hear()
        children.tell(told, "go on")
        children.finish()
    assert [failure.label for failure in children.failures] == ["still"]
    assert (tmp_path / "heard").read_text() == "go on"


def test_orders_for_a_child_that_has_died_do_no_harm():
    with Children(1) as children:
        told = children.start("a shot", lambda line: os._exit(3), waits=True)
        [child] = children._running.values()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        children.tell(told, "go on")
        children.finish()
    assert [failure.reason for failure in children.failures] == ["the process ended with status 3"]


def test_never_more_children_than_jobs():
    with Children(2) as children:
        for _ in range(5):
            children.start("a shot", lambda line: None)
            assert len(children._running) <= 2
        children.finish()
    assert children.failures == []
