"""The one door through which numbers reach a scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import xarray as xr

from attnviz.problems import Problem, ProblemsFound, did_you_mean
from attnviz.stage.numbers import Number, Style, numbers_of, round_significant

Label = str | int | float
Labels = Label | Sequence[Label]


@dataclass(frozen=True)
class Read:
    """One look at the trace: which entries a shot asked for. What decides whether it must be drawn again."""

    sentence: str
    array: str
    coords: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass
class Door:
    """Reads entries of traces by label, rounds them for drawing, and records what was read.

    `traces` maps sentence names to datasets; the first is the one meant when no name is given.
    """

    traces: Mapping[str, xr.Dataset]
    reads: list[Read] = field(default_factory=list)

    def trace(self, sentence: str | None = None) -> xr.Dataset:
        """Return the dataset of a sentence (the first one by default); raises `ProblemsFound`."""
        if sentence is None:
            if not self.traces:
                raise refusal("the scene has no sentence to read from", "give it a `sentence` or `words`")
            return next(iter(self.traces.values()))
        if sentence not in self.traces:
            raise refusal(
                f"there is no sentence called '{sentence}'", did_you_mean(sentence, self.traces, "the sentences")
            )
        return self.traces[sentence]

    def entries(self, array: str, sentence: str | None, coords: Mapping[str, Labels]) -> xr.DataArray:
        """Return the chosen entries at full precision, every dimension kept, in the array's own order of dimensions."""
        trace = self.trace(sentence)
        if array not in trace:
            raise refusal(
                f"the model's trace has no array '{array}'",
                did_you_mean(array, map(str, trace.data_vars), "the arrays"),
            )
        chosen = trace[array]
        for dim, labels in coords.items():
            chosen = _take(chosen, dim, [labels] if isinstance(labels, Label) else list(labels))
        self._record(sentence, chosen)
        return chosen

    def read(self, array: str, sentence: str | None = None, **coords: Labels) -> xr.DataArray:
        """Return entries for drawing, rounded to 6 significant digits; dimensions chosen by one label are dropped."""
        chosen = self.entries(array, sentence, coords)
        single = [d for d in chosen.dims if chosen.sizes[d] == 1 and not isinstance(coords.get(str(d)), (list, tuple))]
        rounded = chosen.copy(data=round_significant(chosen.values))
        return rounded.squeeze(single, drop=True)

    def numbers(
        self,
        array: str,
        sentence: str | None,
        style: Style,
        decimals: int | None,
        coords: Mapping[str, Labels],
    ) -> list[Number]:
        """Return entries as numbers with receipts, in row-major order."""
        chosen = self.entries(array, sentence, coords)
        unnamed = [d for d in chosen.dims if chosen.sizes[d] == 1 and str(d) not in coords]
        attrs = self.trace(sentence).attrs
        places = int(attrs.get("decimals", 2)) if decimals is None else decimals
        return numbers_of(chosen.squeeze(unnamed, drop=True), style, places, str(attrs.get("carry", "exact")))

    def _record(self, sentence: str | None, chosen: xr.DataArray) -> None:
        name = next(iter(self.traces)) if sentence is None else sentence
        labels = tuple((str(d), tuple(str(v) for v in chosen[d].values)) for d in chosen.dims)
        self.reads.append(Read(name, str(chosen.name), labels))


def _take(array: xr.DataArray, dim: str, labels: list[Label]) -> xr.DataArray:
    if dim not in array.dims:
        raise refusal(
            f"'{array.name}' has no dimension '{dim}'",
            f"its dimensions are {', '.join(map(str, array.dims))}",
        )
    known = {str(value): i for i, value in enumerate(array[dim].values)}
    for label in labels:
        if str(label) not in known:
            raise refusal(
                f"'{array.name}' has no {dim} '{label}'", did_you_mean(str(label), known, f"the labels of {dim}")
            )
    return array.isel({dim: [known[str(label)] for label in labels]})


def refusal(message: str, hint: str | None = None) -> ProblemsFound:
    """Make the error by which a verb refuses bad input; the performance adds the storyboard's file and line."""
    return ProblemsFound(Problem(message, hint=hint))
