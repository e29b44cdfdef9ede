"""What a trace holds of one attention: the arrays of a layer, and of some of its heads, as float64."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from attnviz.model.interface import HEAD
from attnviz.model.lint.comparing import Array, Causes, Rounding, Violation, cause_among, entry_of, farthest

if TYPE_CHECKING:
    import xarray as xr


def no_causes(place: tuple[int, ...]) -> tuple[()]:
    """Return no causes."""
    return ()


class Recorded:
    """The arrays of one attention of a trace, in one layer (None: there are no layers), of a range of its heads.

    `prefix` is that of the arrays' names (`encoder_`, `cross_` or none); names are asked for without it. Where heads
    differ in size, the padding of the smaller ones is 0 here, so that it adds nothing to any sum.
    """

    def __init__(self, trace: xr.Dataset, prefix: str, layer: int | None, heads: slice) -> None:
        self.trace, self.prefix, self.layer, self.heads = trace, prefix, layer, heads
        self._kept: dict[str, Array] = {}
        kind = np.dtype(str(trace.attrs.get("dtype", "float64")))
        shown = 0.5 * 10.0 ** -int(trace.attrs["decimals"]) if trace.attrs.get("carry") == "displayed" else 0.0
        self.rounding = Rounding(float(np.finfo(kind).eps) / 2, float(np.finfo(kind).tiny), shown)
        self._kind = kind

    def __contains__(self, name: str) -> bool:
        """Tell whether the trace has an array."""
        return self.prefix + name in self.trace

    def __getitem__(self, name: str) -> Array:
        """Return an array without its dimension `layer`, of the chosen heads."""
        if name not in self._kept:
            self._kept[name] = self._read(name)
        return self._kept[name]

    def fact(self, name: str) -> str:
        """Return an attribute of the trace ("" if there is none)."""
        return str(self.trace.attrs.get(name, ""))

    @property
    def without(self) -> list[str]:
        """What was taken out of the computation."""
        return self.fact("without").splitlines()

    def silent(self) -> list[int]:
        """Return which of the chosen heads were taken out, in self-attention (of the decoder, if there are two)."""
        before = "" if self.layer is None else f"{self.trace['layer'].values[self.layer]}."
        labels = [] if self.prefix else self.labels("head")
        return [place for place, head in enumerate(labels) if f"{HEAD}{before}{head}" in self.without]

    @property
    def is_board(self) -> bool:
        """Whether the trace is a blackboard's."""
        return not self.fact("architecture")

    def of_layer(self, name: str, fact: str) -> Any:
        """Return an attribute of an array that has one value for each layer of the model; None if there is none."""
        given = self.trace[self.prefix + name].attrs.get(fact)
        if given is None or self.layer is None:
            return None
        return given[int(str(self.trace["layer"].values[self.layer])) - 1]

    def labels(self, dim: str) -> list[str]:
        """Return the labels along a dimension, of the chosen heads."""
        labels = [str(label) for label in self.trace[dim].values]
        return labels[self.heads] if dim == "head" else labels

    def sizes(self, dim: str) -> Array:
        """Return how many coordinates each of the heads has along `d_head` or `d_value`."""
        if f"{dim}_size" in self.trace.coords:
            return np.asarray(self.trace[f"{dim}_size"].values[self.heads])
        return np.full(len(self.labels("head")), self.trace.sizes[dim])

    def columns(self) -> list[slice]:
        """Return, for each head, its columns of what is concatenated: those that are labelled by it, else all."""
        labels = [str(label).rpartition("-")[0] for label in self.trace["d_concat"].values]
        places = [[place for place, label in enumerate(labels) if label == head] for head in self.labels("head")]
        return [slice(place[0], place[-1] + 1) if place else slice(None) for place in places]

    def entering(self, name: str) -> Array | None:
        """Return what the attention's queries, keys or values are made of (token d_model), as far as it is known."""
        if self.is_board:
            return self["embeddings"] if "embeddings" in self else None  # noqa: SIM401 (it has no `get`)
        crossing = self.prefix == "cross_"
        if crossing and name != "queries":
            return self._encoded()
        stream = Recorded(self.trace, "", self.layer, self.heads) if crossing else self
        array, dim, place = "residual", "stage", "attention" if crossing else "input"
        if str(self.trace[self.prefix + name].attrs.get("formula", "")).startswith("normed"):
            array, dim, place = "normed", "part", "cross_attention" if crossing else "attention"
        if array not in stream:
            return None
        labels = self.labels(f"source_{dim}" if self.prefix == "encoder_" else dim)
        return np.asarray(stream[array][labels.index(place)]) if place in labels else None

    def _encoded(self) -> Array | None:
        """Return the encoder's output (source d_model): after its last norm or, without one, after its last layer."""
        if "encoder_final_normed" in self.trace:
            return np.asarray(self.trace["encoder_final_normed"].values, dtype=float)
        whole = self.trace.sizes.get("layer", 1) > 1  # of one layer alone nothing tells that it is the last
        if not whole or not {"cross_queries", "encoder_residual"} <= {*self.trace}:
            return None
        if not str(self.trace["cross_queries"].attrs.get("formula", "")).startswith("residual"):  # a norm comes last
            return None
        return np.asarray(self.trace["encoder_residual"].values[-1, -1], dtype=float)

    def mask(self) -> tuple[Array | None, bool]:
        """Return which entries are masked (query key), and whether these are all: without a mask there may be more."""
        words = self["weights" if "weights" in self else "scores"].shape[-2:]
        if "mask" in self and self.prefix != "cross_":
            return ~self["mask"], True
        causal = not self.prefix and self.fact("architecture") == "decoder" and "mask" not in self.without
        return (np.triu(np.ones(words, dtype=bool), 1) if causal else None), False

    def other_heads(self, found: Array, expected: Array, head: int) -> Iterator[tuple[str, Array, Array]]:
        """Yield, for each other head, that what is found is its own."""
        for place, label in enumerate(self.labels("head")):
            if place != head:
                yield f"they are those of head {label}", found, expected[place]

    def trimmed(self, values: Array, dim: str) -> Array:
        """Return values (head … dim) with 0 in place of the padding of smaller heads."""
        if f"{dim}_size" not in self.trace.coords:
            return values
        there = np.arange(values.shape[-1]) < self.sizes(dim).reshape(-1, *[1] * (values.ndim - 1))
        return np.where(there, values, 0.0)

    def check(
        self, name: str, expected: Array, terms: int, scale: Array | float, rule: str, causes: Causes = no_causes
    ) -> Violation | None:
        """Return what is wrong with an array, entry by entry (in its own shape here), if anything is."""
        found, allowed = self[name], self.rounding.allowed(terms, scale)
        with np.errstate(over="ignore"):
            expected = expected.astype(self._kind).astype(float)  # what overflows in the pass overflows here
        place = farthest(found, expected, allowed)
        if place is None:
            return None
        cause = cause_among(place, allowed, causes)
        return Violation(self.entry(name, place), float(found[place]), float(expected[place]), rule, cause)

    def entry(self, name: str, place: tuple[int, ...]) -> str:
        """Return the name of an entry at a place of an array, or of a row of it if dimensions are left out."""
        dims = [str(dim) for dim in self.trace[self.prefix + name].dims if dim != "layer"]
        labels = [self.labels(dim) for dim in dims]
        if self.layer is not None and "layer" in self.trace[self.prefix + name].dims:
            dims, labels = ["layer", *dims], [self.labels("layer"), *labels]
            place = (self.layer, *place)
        return entry_of(self.prefix + name, dims[: len(place)], labels, place)

    def _read(self, name: str) -> Array:
        array = self.trace[self.prefix + name]
        values, dims = array.values, list(map(str, array.dims))
        if dims[:1] == ["layer"]:
            values, dims = values[self.layer if self.layer is not None else 0], dims[1:]
        if dims[:1] == ["head"]:
            values = values[self.heads]
        if values.dtype.kind == "b":
            return values
        values = values.astype(float)
        if dims[0] == "head" and dims[-1] in ("d_head", "d_value"):
            return self.trimmed(values, dims[-1])
        return values


def head_ranges(trace: xr.Dataset, most: int) -> list[slice]:
    """Return ranges of heads whose tables of words by words have at most so many entries (or one head each)."""
    longest = max((trace.sizes.get(dim, 1) for dim in ("key", "query", "source_query", "source_key")), default=1)
    heads, at_once = trace.sizes.get("head", 1), max(1, most // longest**2)
    return [slice(first, min(first + at_once, heads)) for first in range(0, heads, at_once)]


def softmax(scores: Array) -> Array:
    """Return eˣ of each row (any shape, the last axis) divided by its sum, the row's greatest taken away first."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def swapped(table: Array) -> Array:
    """Return tables (… query key) with their last two axes swapped."""
    return np.swapaxes(table, -1, -2)


def root(sizes: Array) -> Array:
    """Return √size of each head, to divide its table (head query key) by."""
    return np.asarray([math.sqrt(size) for size in sizes]).reshape(-1, 1, 1)
