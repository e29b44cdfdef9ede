"""The helper process: one for many orders where it is kept, and never answers from a model as it was before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.file import read_blackboard
from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.render.traces import process
from attnviz.render.traces.helper import answer
from attnviz.render.traces.process import ForwardPass, Order, TraceProcess, helper_kept

BOARD = "kind: blackboard\naxes: [x, y]\nwords: {{apple: [1, {y}], orange: [0, 1]}}\n"


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """One forward pass of a small model beside a storyboard."""
    (tmp_path / "board.yaml").write_text(BOARD.format(y=0))
    wanted = ForwardPass("./board.yaml", tmp_path, "apple orange", None, Settings(), View())
    return Order(tmp_path / "lecture.yaml", ((wanted, 3),))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The helper processes that were started, in their order; they answer nothing."""
    found: list[Any] = []

    class Recorded:
        def __init__(self, module: str, environment: object) -> None:
            found.append(self)
            self.ended, self.unanswered = False, 0

        def ask(self, order: Order) -> list[object]:
            assert not self.ended
            return []

        def end(self) -> None:
            self.ended = True

    monkeypatch.setattr(process, "AnsweringProcess", Recorded)
    yield found
    assert all(each.ended for each in found)


def test_each_order_has_a_helper_of_its_own(order: Order, started: list[Any]) -> None:
    for _ in range(2):
        with TraceProcess(order) as helper:
            helper.answer()
    assert len(started) == 2


def test_a_helper_that_is_kept_is_the_only_one(order: Order, started: list[Any]) -> None:
    with helper_kept():
        assert len(started) == 1  # before there is an order
        for _ in range(2):
            with helper_kept(), TraceProcess(order) as helper:
                helper.answer()
            assert not started[0].ended
    assert len(started) == 1
    with TraceProcess(order):
        assert len(started) == 2


def test_a_forked_child_does_not_talk_to_its_parents_helper(order: Order, started: list[Any]) -> None:
    with helper_kept():
        pid = os.fork()
        if pid == 0:
            with TraceProcess(order):
                os._exit(0 if len(started) == 2 else 1)
        assert os.waitpid(pid, 0)[1] == 0


def test_a_model_is_read_again_if_it_was_changed_and_only_then(
    order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def count(path: Path) -> Any:
        read.append(path)
        return read_blackboard(path)

    monkeypatch.setattr("attnviz.model.blackboard.model.read_blackboard", count)
    for y in (0, 0, 5, 5):
        (tmp_path / "board.yaml").write_text(BOARD.format(y=y))
        answered = answer(told(order))
        assert isinstance(answered, list)
        assert answered[0]["embeddings"].sel(token="apple").values.tolist() == [1, y]
    assert len(read) == 2


def told(order: Order) -> Order:
    """Return the order with the digests of its models, as who gives it reads them now."""
    models = {model for wanted, _ in order.wanted if isinstance(wanted, ForwardPass) for model in wanted.models}
    return replace(
        order, models={(name, near, steps): open_model(name, near).digest(steps) for name, near, steps in models}
    )


def test_what_is_wrong_comes_back_as_data(order: Order, tmp_path: Path) -> None:
    (tmp_path / "board.yaml").write_text("kind: blackboard\naxes: [x]\n")
    answered = answer(told(order))
    assert isinstance(answered, tuple)
    assert answered[0].file == tmp_path / "board.yaml"


@pytest.mark.slow
def test_a_kept_helper_answers_as_this_process_would(order: Order) -> None:
    [expected] = process.compute(order)
    with helper_kept():
        for _ in range(2):
            with TraceProcess(order) as helper:
                [dataset] = helper.answer()
            assert dataset.attrs == expected.attrs
            assert all(np.array_equal(dataset[name], expected[name]) for name in expected.variables)
        with (
            pytest.raises(ProblemsFound, match=r"lecture\.yaml:3: "),
            TraceProcess(
                Order(order.storyboard, ((ForwardPass("no-such", Path(), "a", None, Settings(), View()), 3),))
            ) as helper,
        ):
            helper.answer()
