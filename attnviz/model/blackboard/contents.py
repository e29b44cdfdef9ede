"""What the trace of a model holds, known before it is computed: its arrays, and the labels along them. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attnviz.model.arrays import ARRAYS, CORNERS, EXPERIMENTS, MAP_ARRAYS, STEPS, DimLabels
from attnviz.model.blackboard.file import BlackboardSpec
from attnviz.model.tokens import Token

Dims = tuple[str, ...]
_WITH_OUTPUT_MATRIX = {"W_O", "head_contributions", "contribution_norm"}
_WITH_HEADS = {"W_Q", "W_K", "W_V", "bilinear"}
_IN_ONE_SPACE = {"repeated", "mapped_output"}


def arrays_of(spec: BlackboardSpec) -> dict[str, Dims]:
    """Return the arrays that a trace of this model has, without experiments, and their dimensions."""
    missing: set[str] = {name for names in EXPERIMENTS.values() for name in names}
    if spec.W_O is None:
        missing |= _WITH_OUTPUT_MATRIX
    if not spec.heads:
        missing |= _WITH_HEADS
    if not spec.maps:
        missing |= set(MAP_ARRAYS)
    if not shares_space(spec):
        missing |= _IN_ONE_SPACE
    return {name: info.dims for name, info in ARRAYS.items() if name not in missing}


def labels_of(spec: BlackboardSpec, tokens: Sequence[Token]) -> dict[str, DimLabels]:
    """Return the labels along every dimension of this model's trace of a sentence."""
    axes, heads = tuple(spec.axes), spec.heads
    labels: dict[str, DimLabels] = dict.fromkeys(("token", "query", "key"), tuple(token.label for token in tokens))
    labels |= dict.fromkeys(("d_model", "d_model_key"), axes) | dict.fromkeys(("plane", "plane_in"), axes[:2])
    labels |= {"corner": CORNERS, "map": tuple(spec.maps), "step": tuple(range(STEPS + 1))}
    labels["head"] = tuple(head.name for head in heads) or ("1",)
    if heads:
        widths = [(head.name, len(head.W_V[0])) for head in heads]
        labels["d_head"] = _numbered(max(len(head.W_Q[0]) for head in heads))
        labels["d_value"] = _numbered(max(width for _, width in widths))
        labels["d_concat"] = tuple(f"{name}-{column}" for name, width in widths for column in range(1, width + 1))
    else:
        labels |= dict.fromkeys(("d_head", "d_value", "d_concat"), axes)
    if shares_space(spec):
        labels["d_output"] = axes
    else:
        labels["d_output"] = labels["d_concat"] if spec.W_O is None else _numbered(len(spec.W_O[0]))
    used = {dim for dims in arrays_of(spec).values() for dim in dims}
    return {dim: each for dim, each in labels.items() if dim in used}


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
