"""Which device a forward pass runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from attnviz.input.problems import Problem, ProblemsFound

if TYPE_CHECKING:
    from attnviz.model.interface import Device


def device_of(wanted: Device) -> str:
    """Return `cpu` or `cuda`; raises `ProblemsFound` where a GPU is asked for and there is none."""
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise ProblemsFound(Problem("there is no CUDA device on this machine", hint="use 'cpu' or 'auto'"))
    return ("cuda" if available else "cpu") if wanted == "auto" else wanted
