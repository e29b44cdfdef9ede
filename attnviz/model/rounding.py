"""Computing on with rounded numbers, as a person at a board does; and writing down every named result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.interface import Carry


class Writer:
    """Writes down every result that has a name; with `displayed`, what is read back is what is on screen.

    `write` returns the number to compute on with: rounded to `decimals` or not. Results of single heads
    are written with `head`, and stacked in the end.
    """

    def __init__(self, carry: Carry, decimals: int) -> None:
        self.carry = carry
        self.decimals = decimals
        self.arrays: dict[str, Tensor] = {}
        self.by_head: dict[str, list[Tensor]] = {}

    def write(self, name: str, result: Tensor) -> Tensor:
        """Write one array down."""
        self.arrays[name] = self.carried(result)
        return self.arrays[name]

    def write_head(self, name: str, result: Tensor) -> Tensor:
        """Write the next head's part of an array down."""
        self.by_head.setdefault(name, []).append(self.carried(result))
        return self.by_head[name][-1]

    def carried(self, result: Tensor) -> Tensor:
        """Return what the next step computes with."""
        return displayed(result, self.decimals) if self.carry == "displayed" else result

    def fresh(self) -> Writer:
        """Return a writer with the same rule and nothing written."""
        return Writer(self.carry, self.decimals)


def displayed(numbers: Tensor, decimals: int) -> Tensor:
    """Round as f"{number:.2f}" shows it (any shape): the exact binary value decides, and there is no −0.0."""
    shown = [float(f"{number:.{decimals}f}") + 0.0 for number in numbers.flatten().tolist()]
    return torch.tensor(shown, dtype=numbers.dtype, device=numbers.device).reshape(numbers.shape)
