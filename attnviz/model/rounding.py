"""Rounding results on the way, as a person at a board does, and writing down every result that has a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.interface import Carry


class StepWriter:
    """Writes down every result that has a name, and returns the number to compute on with.

    With `carry="displayed"` that number is rounded to `decimals`, as it is shown on screen; with "exact" it is the
    result itself. Results of single heads are written with `write_head`, and stacked in the end.
    """

    def __init__(self, carry: Carry, decimals: int) -> None:
        self.carry = carry
        self.decimals = decimals
        self.arrays: dict[str, Tensor] = {}
        self.by_head: dict[str, list[Tensor]] = {}

    def write(self, name: str, result: Tensor) -> Tensor:
        """Write an array down; return it as the next step computes with it."""
        self.arrays[name] = self.rounded(result)
        return self.arrays[name]

    def write_head(self, name: str, result: Tensor) -> Tensor:
        """Write the next head's part of an array down; return it as the next step computes with it."""
        self.by_head.setdefault(name, []).append(self.rounded(result))
        return self.by_head[name][-1]

    def rounded(self, result: Tensor) -> Tensor:
        """Return what the next step computes with, without writing it down."""
        return round_as_displayed(result, self.decimals) if self.carry == "displayed" else result

    def blank(self) -> StepWriter:
        """Return a writer that rounds in the same way and has nothing written."""
        return StepWriter(self.carry, self.decimals)


def round_as_displayed(numbers: Tensor, decimals: int) -> Tensor:
    """Round as f"{number:.2f}" shows it (any shape): the exact binary value decides, and there is no −0.0."""
    shown = [float(f"{number:.{decimals}f}") + 0.0 for number in numbers.flatten().tolist()]
    return torch.tensor(shown, dtype=numbers.dtype, device=numbers.device).reshape(numbers.shape)
