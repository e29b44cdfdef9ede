"""Checks the axis names of every attention function on every call, and gives the tests their models."""

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path

import jaxtyping
import pytest
import torch
from beartype import beartype

from attnviz.model import attention
from attnviz.model.blackboard import Blackboard, load_blackboard
from attnviz.model.catalog import find_model


def _check_axis_names() -> None:
    vars(attention).update(Float=jaxtyping.Float, Tensor=torch.Tensor, Sequence=Sequence)
    for name, function in inspect.getmembers(attention, inspect.isfunction):
        if function.__module__ == attention.__name__ and not hasattr(function, "__wrapped__"):
            setattr(attention, name, jaxtyping.jaxtyped(function, typechecker=beartype))


_check_axis_names()


@pytest.fixture
def board() -> Callable[[str], Blackboard]:
    """Load a built-in model by name."""
    return lambda name: load_blackboard(find_model(name))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a blackboard file."""

    def write_file(text: str) -> Path:
        path = tmp_path / "board.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_file
