"""What the trace of a model holds, known before it is computed: its arrays, and the labels along them. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from attnviz.model.arrays import ARRAYS, CORNERS, EXPERIMENT_ARRAYS, MAP_ARRAYS, STEPS, DimLabels
from attnviz.model.blackboard.file import BlackboardSpec
from attnviz.model.tokens import Token
from attnviz.model.without import OF_SOFTMAX

Dims = tuple[str, ...]


class _Lack(NamedTuple):
    """Arrays that some blackboards lack: which do, and why."""

    names: tuple[str, ...]
    lacks: Callable[[BlackboardSpec], bool]
    why: str


# The first that is true of a model is the reason.
LACKS = (
    _Lack(("W_Q", "W_K", "W_V", "bilinear", "bilinear_queries"), lambda spec: not spec.heads, "it has no heads"),
    _Lack(("W_O", "head_contributions", "contribution_norm"), lambda spec: spec.W_O is None, "its file has no W_O"),
    _Lack(OF_SOFTMAX, lambda spec: spec.weights == "scores", "its weights are the scores themselves"),
    _Lack(tuple(MAP_ARRAYS), lambda spec: not spec.maps, "its file has no maps"),
    _Lack(
        ("repeated", "mapped_output"),
        lambda spec: not shares_space(spec),
        "its output does not lie in the space of its embeddings",
    ),
)


def missing_of(spec: BlackboardSpec) -> dict[str, str]:
    """Return which arrays a trace of this model lacks, and why."""
    return {name: lack.why for lack in reversed(LACKS) if lack.lacks(spec) for name in lack.names}


def arrays_of(spec: BlackboardSpec) -> dict[str, Dims]:
    """Return the arrays that a trace of this model has, without experiments, and their dimensions."""
    missing = {*missing_of(spec), *EXPERIMENT_ARRAYS}
    return {name: info.dims for name, info in ARRAYS.items() if name not in missing}


def labels_of(spec: BlackboardSpec, tokens: Sequence[Token], head: str = "") -> dict[str, DimLabels]:
    """Return the labels along every dimension of this model's trace of a sentence, or of one head's part of it."""
    axes, heads = tuple(spec.axes), spec.heads
    labels: dict[str, DimLabels] = dict.fromkeys(("token", "query", "key"), tuple(token.label for token in tokens))
    labels |= dict.fromkeys(("d_model", "d_model_key"), axes) | dict.fromkeys(("plane", "plane_in"), axes[:2])
    labels |= {"corner": CORNERS, "map": tuple(spec.maps), "step": tuple(range(STEPS + 1))}
    labels["head"] = (head,) if head else heads_of(spec)
    if heads:
        sizes = _sizes(spec)
        labels |= {dim: _numbered(each[head] if head else max(each.values())) for dim, each in sizes.items()}
        widths = sizes["d_value"].items()
        labels["d_concat"] = tuple(f"{name}-{column}" for name, width in widths for column in range(1, width + 1))
    else:
        labels |= dict.fromkeys(("d_head", "d_value", "d_concat"), axes)
    if shares_space(spec):
        labels["d_output"] = axes
    else:
        labels["d_output"] = labels["d_concat"] if spec.W_O is None else _numbered(len(spec.W_O[0]))
    used = {dim for dims in arrays_of(spec).values() for dim in dims}
    return {dim: each for dim, each in labels.items() if dim in used}


def heads_of(spec: BlackboardSpec) -> tuple[str, ...]:
    """Return the labels of the heads; a model without heads has one, called `1`."""
    return tuple(head.name for head in spec.heads) or ("1",)


def uneven_sizes(spec: BlackboardSpec) -> dict[str, dict[str, int]]:
    """Return, for `d_head` and `d_value`, the size of each head by its label, where the heads differ in it."""
    return {dim: sizes for dim, sizes in _sizes(spec).items() if len(set(sizes.values())) > 1}


def head_labels_of(spec: BlackboardSpec) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return, for a dimension in which the heads differ in size, the labels that each head has of it."""
    uneven = uneven_sizes(spec).items()
    return {dim: {head: _numbered(size) for head, size in sizes.items()} for dim, sizes in uneven}


def shares_space(spec: BlackboardSpec) -> bool:
    """Say whether the layer's output lies in the space of the embeddings, so that it can be applied again.

    It does with a W_O that leads back to the axes, or when one head's values have as many coordinates as
    there are axes; several heads side by side are another space.
    """
    if spec.W_O is not None:
        return len(spec.W_O[0]) == len(spec.axes)
    return not spec.heads or (len(spec.heads) == 1 and len(spec.heads[0].W_V[0]) == len(spec.axes))


def as_text(labels: Mapping[str, DimLabels]) -> dict[str, tuple[str, ...]]:
    """Return labels as a storyboard writes them."""
    return {dim: tuple(map(str, each)) for dim, each in labels.items()}


def _numbered(size: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, size + 1))


def _sizes(spec: BlackboardSpec) -> dict[str, dict[str, int]]:
    """Return how many coordinates the queries (and keys) and the values of each head have, by its label."""
    return {
        "d_head": {head.name: len(head.W_Q[0]) for head in spec.heads},
        "d_value": {head.name: len(head.W_V[0]) for head in spec.heads},
    }
