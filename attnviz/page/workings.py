"""How an entry of an array is worked out from entries of others: calculations that a person can redo.

An array's own formula says from what it is computed. A page writes it out with numbers only where these give the
entry, to the digits that are carried on.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

    Array = np.ndarray[Any, Any]

Index = tuple[int, ...]
ALONG = "*"
"""Instead of a dimension of the result: the operand has all its entries along this one of its own."""
SLACK = 1e-4
"""What 32-bit arithmetic may lose, as a share of the largest number on the way."""


@dataclass(frozen=True)
class Operand:
    """Entries of an array; for each of its dimensions the one of the result whose label it shares, or `ALONG`."""

    array: str
    dims: tuple[str, ...]


@dataclass(frozen=True)
class Working:
    """A kind of calculation (a name in `KINDS`) and what it is done with."""

    kind: str
    operands: tuple[Operand, ...]


KINDS: Mapping[str, Callable[..., float]] = {
    "is": lambda a: float(a[0]),
    "exp": lambda a: math.exp(a[0]),
    "sum": lambda a: float(a.sum()),
    "max": lambda a: float(a.max()),
    "norm": lambda a: math.sqrt(float(a @ a)),
    "ratio": lambda a, b: float(a[0] / b[0]),
    "difference": lambda a, b: float(a[0] - b[0]),
    "product": lambda a, b: float(a[0] * b[0]),
    "dot": lambda a, b: float(a @ b),
    "scaled": lambda a, b: float(a @ b) / math.sqrt(len(a)),
    "over both": lambda a, b, c: float(a[0] / (b[0] * c[0])),
    "cosine": lambda a, b: float(a @ b) / math.sqrt(float(a @ a) * float(b @ b)),
    "arccos": lambda a: math.degrees(math.acos(min(1.0, max(-1.0, float(a[0]))))),
    "angle": lambda a, b: math.degrees(
        math.acos(min(1.0, max(-1.0, float(a @ b) / math.sqrt(float(a @ a * (b @ b))))))
    ),
    "determinant": lambda a: float(a[0] * a[3] - a[1] * a[2]),
    "softmax": lambda one, row: math.exp(one[0] - row.max()) / float(np.exp(row - row.max()).sum()),
}
_QUERY_KEY = "queries token=query", "keys token=key"
# By formula, in which way it can be meant: a kind, then arrays. A dimension of an array has the label that the result
# has along its own of the same name, or along another (`token=query`), or else is gone along (`key=*`, which can be
# left out where the result has no such dimension).
_MEANT: Mapping[str, Sequence[tuple[str, ...]]] = {
    "√(x · x)": [("norm", "X")],
    "x / norm": [("ratio", "X", "norm")],
    "xᵢ yᵢ": [("product", "X token=query", "X token=key")],
    "x · y": [("dot", "X token=query", "X token=key")],
    "x · y / √d": [("scaled", "X token=query", "X token=key")],
    "x · y / (norm(x) norm(y))": [("over both", "dot", "norm token=query", "norm token=key")],
    "arccos(cosine)": [("arccos", "cosine"), ("angle", "X token=query", "X token=key")],
    "sum(similarity)": [("sum", "similarity")],
    "similarity / similarity_sum": [("ratio", "similarity", "similarity_sum")],
    "exp(similarity)": [("exp", "similarity")],
    "sum(exponentials)": [("sum", "exponentials")],
    "exponentials / exponential_sum": [("ratio", "exponentials", "exponential_sum")],
    "max(similarity)": [("max", "similarity")],
    "similarity − similarity_max": [("difference", "similarity", "similarity_max")],
    "exp(shifted)": [("exp", "shifted")],
    "sum(shifted_exponentials)": [("sum", "shifted_exponentials")],
    "scores": [("is", "scores")],
    "embeddings": [("is", "embeddings d_model=d_head"), ("is", "embeddings d_model=d_value")],
    "embeddings · W_Q": [("dot", "embeddings", "W_Q")],
    "embeddings · W_K": [("dot", "embeddings", "W_K")],
    "embeddings · W_V": [("dot", "embeddings", "W_V")],
    "query · key": [("dot", *_QUERY_KEY)],
    "q · k": [("dot", *_QUERY_KEY)],
    "q · k / √d": [("scaled", *_QUERY_KEY)],
    "q · k / (norm(q) norm(k))": [("cosine", *_QUERY_KEY)],
    "query · key / √d_head": [("scaled", *_QUERY_KEY)],
    "query · key / √d_head, −∞ where the mask hides the key": [("scaled", *_QUERY_KEY)],
    "exp(scores)": [("exp", "scores")],
    "sum(score_exponentials)": [("sum", "score_exponentials")],
    "sum(scores)": [("sum", "scores")],
    "scores / score_sum": [("ratio", "scores", "score_sum")],
    "softmax(scores)": [("softmax", "scores", "scores key=*")],
    "weights · values": [("dot", "weights query=token", "values token=*")],
    "weights · embeddings": [("dot", "weights query=token", "embeddings token=* d_model=d_output")],
    "weights · points": [("dot", "weights query=token", "points token=*")],
    "concatenated": [("is", "concatenated d_concat=d_output")],
    "concatenated · W_O": [("dot", "concatenated", "W_O")],
    "norm(head_contributions)": [("norm", "head_contributions")],
    "W_Q · W_Kᵀ": [("dot", "W_Q", "W_K d_model=d_model_key")],
    "embeddings · bilinear": [("dot", "embeddings", "bilinear")],
    "ad − bc": [("determinant", "maps")],
    "x · M": [("dot", "X", "maps")],
    "output · M": [("dot", "output", "maps")],
    "softmax(mapped_scores)": [("softmax", "mapped_scores", "mapped_scores key=*")],
    "mapped_weights · mapped": [("dot", "mapped_weights query=token", "mapped token=*")],
}
_VECTORS = ("embeddings", "points")  # what a formula may mean by x


def workings_of(trace: xr.Dataset, name: str) -> Iterator[Working]:
    """Yield how the entries of an array may be worked out, by its formula, from arrays that the trace has."""
    result = tuple(map(str, trace[name].dims))
    for kind, *operands in _MEANT.get(str(trace[name].attrs.get("formula", "")), ()):
        for vectors in _VECTORS if any(each.split()[0] == "X" for each in operands) else ("",):
            found = [_operand(trace, each, vectors, result) for each in operands]
            if all(found):
                yield Working(kind, tuple(each for each in found if each))


def _operand(trace: xr.Dataset, written: str, vectors: str, result: Sequence[str]) -> Operand | None:
    """Return what is written of an operand; None if the trace, or the result, has no such thing."""
    name, *others = written.split()
    array = vectors if name == "X" else name
    if array not in trace:
        return None
    meant = {dim: meant for dim, _, meant in (each.partition("=") for each in others)}
    dims = tuple(map(str, trace[array].dims))
    if not meant.keys() <= {*dims} or not {*meant.values()} <= {ALONG, *result}:
        return None
    return Operand(array, tuple(meant.get(dim, dim if dim in result else ALONG) for dim in dims))


def taken(trace: xr.Dataset, operand: Operand, labels: Mapping[str, str]) -> list[Index]:
    """Return the places of an operand's entries, for the labels of a result by dimension; none if it lacks one."""
    array = trace[operand.array]
    places: list[Sequence[int]] = []
    for dim, meant in zip(map(str, array.dims), operand.dims, strict=True):
        if meant == ALONG:
            places.append(range(array.sizes[dim]))
            continue
        found = [place for place, label in enumerate(array[dim].values) if str(label) == labels[meant]]
        places.append(found[:1])
    return list(itertools.product(*places))


def holds(trace: xr.Dataset, working: Working, labels: Mapping[str, str], value: float) -> bool:
    """Tell whether a calculation gives a value, to the digits with which the model computes on.

    Of what is infinite (a score that the mask hides) or undefined nothing is said.
    """
    if not math.isfinite(value):
        return True
    operands = []
    for operand in working.operands:
        entries = trace[operand.array].values.astype(float)
        found = np.array([entries[place] for place in taken(trace, operand, labels)])
        operands.append(found[~np.isnan(found)])  # smaller heads are padded
    try:
        with np.errstate(all="ignore"):
            result = KINDS[working.kind](*operands)
    except (ValueError, ZeroDivisionError, OverflowError, IndexError):
        return False
    finite = [float(each) for operand in operands for each in operand if math.isfinite(each)]
    rounding = 0.5 * 10.0 ** -int(trace.attrs.get("decimals", 2)) if trace.attrs.get("carry") == "displayed" else 0.0
    return abs(result - value) <= rounding + SLACK * max(map(abs, [value, *finite]))
