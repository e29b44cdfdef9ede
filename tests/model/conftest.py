"""Checks the axis names of every function of attention, and of the transformer, on every call, and gives the tests their models."""

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path

import jaxtyping
import pytest
import torch
from beartype import beartype

from attnviz.model import attention, transformer
from attnviz.model.blackboard.tensors import Blackboard, load_blackboard
from attnviz.model.catalog import find_model


def _check_axis_names() -> None:
    names = {"Bool": jaxtyping.Bool, "Float": jaxtyping.Float, "Int": jaxtyping.Int, "Tensor": torch.Tensor}
    for module in (attention, transformer):
        vars(module).update(names, Sequence=Sequence)
        own = [each for _, each in inspect.getmembers(module) if getattr(each, "__module__", "") == module.__name__]
        for each in own:
            holder, name = (each, "forward") if inspect.isclass(each) else (module, each.__name__)
            function = vars(holder)[name]
            if not hasattr(function, "__wrapped__"):
                setattr(holder, name, jaxtyping.jaxtyped(function, typechecker=beartype))


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
