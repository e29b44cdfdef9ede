"""How a command ends when it is asked to: also where Python prints an interrupt instead of raising it."""

from __future__ import annotations

import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest

from attnviz.commands._ending import ENDINGS, ended_politely

MOMENT = 60  # seconds that anything may take on a busy machine


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Signals are heard, even if whoever runs the tests ignores them; afterwards all is as it was."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in ENDINGS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Thing:
    """Something that a weak reference can lead to."""


def asked_in_a_destructor(number: int) -> None:
    class Dying:
        def __del__(self) -> None:
            signal.raise_signal(number)

    Dying()


def asked_in_a_callback(number: int) -> None:
    thing = Thing()
    reference = weakref.ref(thing, lambda dead: signal.raise_signal(number))
    del thing
    assert reference() is None


def work_on(ask: Callable[[], None], clean: Callable[[int], None]) -> None:
    with ended_politely():
        try:
            ask()
            threading.Event().wait(MOMENT)
        finally:
            clean(1)


@pytest.mark.parametrize("number", ENDINGS)
@pytest.mark.parametrize("ask", [signal.raise_signal, asked_in_a_destructor, asked_in_a_callback])
def test_who_is_asked_to_end_ends(ask: Callable[[int], None], number: int) -> None:
    hook, alarm = sys.unraisablehook, signal.getsignal(signal.SIGALRM)
    cleaned: list[int] = []
    with pytest.raises(KeyboardInterrupt if number == signal.SIGINT else SystemExit) as ended:
        work_on(lambda: ask(number), cleaned.append)
    assert getattr(ended.value, "code", 128 + number) == 128 + number
    assert cleaned == [1]
    assert (sys.unraisablehook, signal.getsignal(signal.SIGALRM)) == (hook, alarm)
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_other_faults_in_destructors_are_told_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: told.append(lost.exc_type))

    class Faulty:
        def __del__(self) -> None:
            raise ValueError

    with ended_politely():
        Faulty()
    assert told == [ValueError]
