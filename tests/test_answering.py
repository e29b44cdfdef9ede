"""Processes that answer order after order: in turn, again after they ended, and never longer than their owner."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from attnviz.input.answering import AnsweringProcess, ProcessEnded, answer_orders

ROOT = Path(__file__).parent.parent
STAND_IN = "tests.answering_stand_in"


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[AnsweringProcess]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    started = AnsweringProcess(STAND_IN)
    yield started
    started.end()


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_one_process_answers_order_after_order_whatever_it_prints(process: AnsweringProcess) -> None:
    first = process.ask("process")
    assert [process.ask(21), process.ask("print"), process.ask(4)] == [42, None, 8]
    assert process.ask("process") == first != os.getpid()


def test_one_that_ended_tells_its_status_and_is_started_again(process: AnsweringProcess) -> None:
    first = process.ask("process")
    with pytest.raises(ProcessEnded, match="exit status 7"):
        process.ask("end")
    assert process.ask(21) == 42
    assert process.ask("process") != first


def test_patience_ends(process: AnsweringProcess) -> None:
    process.ask(1)  # it is there
    with pytest.raises(ProcessEnded, match=f"exit status -{int(signal.SIGKILL)}"):
        process.ask("sleep", patience=0.2)
    assert process.ask(21, patience=120) == 42


def test_one_that_was_stopped_is_not_started_again(process: AnsweringProcess) -> None:
    process.ask(1)
    process.stop()
    for _ in range(2):
        with pytest.raises(ProcessEnded, match=f"exit status -{int(signal.SIGKILL)}"):
            process.ask(21)


def test_another_thread_can_end_the_wait(process: AnsweringProcess) -> None:
    process.ask(1)
    timer = threading.Timer(0.2, process.kill)
    timer.start()
    with pytest.raises(ProcessEnded):
        process.ask("sleep")
    timer.join()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has ended")
def test_it_ends_with_its_owner_whatever_it_does() -> None:
    code = (
        f"from attnviz.input.answering import AnsweringProcess\nowned = AnsweringProcess({STAND_IN!r})\n"
        "print(owned.ask('process'), flush=True)\nowned.ask('sleep')"
    )
    owner = subprocess.Popen(
        [sys.executable, "-P", "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert owner.stdout is not None
    with owner, owner.stdout:
        pid = int(owner.stdout.readline())
        assert is_running(pid)
        owner.kill()
    until = time.monotonic() + 60
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_running(pid)


@pytest.mark.parametrize("sent", [b"", b"\x80\x04\x95\xff\x00\x00"], ids=["nothing", "a part of an order"])
def test_one_whose_owner_ended_says_nothing(sent: bytes) -> None:
    answers = BytesIO()
    whole = pickle.dumps(21)
    answer_orders(lambda order: 2 * order, BytesIO(whole + sent), answers)
    assert answers.getvalue() == pickle.dumps(42)
