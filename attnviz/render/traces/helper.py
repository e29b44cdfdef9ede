"""The helper process of `process.py`: reads orders, and writes for each a list of datasets or a tuple of problems."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.answering import answer_orders, answers_of_this_process
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.surroundings import hush_libraries
from attnviz.model.interface import Steps
from attnviz.render.traces.process import Order, compute

if TYPE_CHECKING:
    import xarray as xr


_read: dict[tuple[str, Path, Steps], str] = {}  # the digests of the models that are open


def answer(order: Order) -> list[xr.Dataset] | tuple[Problem, ...]:
    """Return the traces that are wanted, or what is wrong; files of models may have changed since the last order."""
    from attnviz.model.door import opened_model

    if any(_read.get(model, digest) != digest for model, digest in order.models.items()):
        opened_model.cache_clear()
        _read.clear()
    _read.update(order.models)
    try:
        return compute(order)
    except ProblemsFound as found:
        return tuple(found.problems)


def main() -> None:
    """Answer orders; what takes long to import is imported before the first one is there."""
    orders, answers = answers_of_this_process()
    hush_libraries()
    sys.modules["dask.array"] = None  # type: ignore[assignment]  # xarray would import it, to see that nothing is of it
    import torch  # noqa: F401
    import xarray as xr  # noqa: F401

    from attnviz.model.malloc import keep_freed_memory

    keep_freed_memory()  # one pass comes after another
    answer_orders(answer, orders, answers)


if __name__ == "__main__":
    main()
