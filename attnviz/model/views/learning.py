"""How a model has learnt, as a scene can show it: embeddings in a plane, a head's weights, the loss, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.model.arrays import ArrayInfo, LabelsByDim
from attnviz.model.interface import ASK_FOR_STEPS
from attnviz.model.views.arrays import meant, places_meant

if TYPE_CHECKING:
    import xarray as xr
    from torch import Tensor

    from attnviz.model.trace_source import Course, TraceSource
    from attnviz.model.views.planes import Vectors
    from attnviz.model.views.projection import Projection

MOST_LOSSES = 400
"""So many entries of the loss are kept at most, evenly taken, besides those of the steps that are shown."""
RECORDED = ("W_E", "weights", "scores", "mask")
"""What is recorded of every step: the last two so that the weights can be checked."""
_FLOOR = "loss_floor"
LEARNING_ARRAYS = {
    "step_points": ArrayInfo(
        ("training_step", "vocabulary", "axis"),
        "the words' embeddings after some steps of the training, each divided by its norm, in a plane: in the same one "
        "for all steps, which follows from the trained model",
        "(W_E / norm − centre) · axis",
    ),
    "step_weights": ArrayInfo(
        ("training_step", "layer", "head", "query", "key"),
        "how much each word attended to each after some steps of the training",
        "softmax(scores)",
    ),
    "loss": ArrayInfo(
        ("update",),
        "the loss after so many steps of the training, in nats per word: a running mean, over few steps at the "
        "beginning and 2 % of all later on; after the last step, that of the last",
        "mean of loss.csv",
    ),
    _FLOOR: ArrayInfo(("limit",), "the least loss that is possible, if it is known", "given by report.json"),
}


def learning_arrays(course: Course) -> dict[str, ArrayInfo]:
    """Return the arrays that a view of a training adds to those of the model."""
    return {name: info for name, info in LEARNING_ARRAYS.items() if name != _FLOOR or course.floor is not None}


def learning_labels(steps: Sequence[int], course: Course) -> LabelsByDim:
    """Return the labels along the dimensions that a view of a training adds."""
    of_steps: LabelsByDim = {"training_step": _texts(steps), "update": _texts(_updates(steps, course))}
    return of_steps | ({} if course.floor is None else {"limit": (course.floor.name,)})


def why_no_learning() -> dict[str, str]:
    """Return what to do about the arrays of a training where none is looked at."""
    return dict.fromkeys(LEARNING_ARRAYS, f"they are of a training: {ASK_FOR_STEPS}")


def embeddings_of(trace: xr.Dataset, source: TraceSource) -> Vectors:
    """Return the function that gives words' embeddings divided by their norms, of shape (1, word, d_model).

    `trace` has the model's `W_E`. A word is one of the vocabulary, or marked in a text as `she peeled an *orange*`,
    whose other words have no part in it; of a word that is read in pieces it is the mean of these.
    """
    import torch

    table = _directions(trace)

    def of_words(words: Sequence[str]) -> Tensor:
        found = []
        for word in words:
            pieces = source.pieces(meant(word)[0])
            numbers = [pieces[place].number for place in places_meant(word, pieces)]
            found.append(table[numbers].mean(dim=0))
        return torch.stack(found).unsqueeze(0)

    return of_words


def learnt(
    course: Course,
    steps: Sequence[int],
    of_step: Callable[[TraceSource], xr.Dataset],
    own: xr.Dataset,
    plane: Projection,
) -> xr.Dataset:
    """Return the arrays of a training: of each step, what the model computes with the parameters that it had then.

    `of_step` gives the trace of the model after a step, with `W_E` and the wanted part of `weights`; `own` is that of
    the trained model. Raises `ProblemsFound` if the files of the steps are damaged, or of another model.
    """
    import numpy as np
    import torch
    import xarray as xr

    points, weights = [], []
    for step in steps:
        trace = of_step(course.kept[step])
        points.append(plane.points(_directions(trace)))
        weights.append(trace["weights"].values)
        if step == len(course.losses) - 1:
            _check_last(step, trace, own)
    updates = _updates(steps, course)
    found = {
        "step_points": torch.stack(points).numpy(),
        "step_weights": np.stack(weights),
        "loss": np.array([course.losses[update] for update in updates]),
        _FLOOR: np.array([course.floor.nats if course.floor else np.nan]),
    }
    arrays = {
        name: (info.dims, found[name], {"description": info.meaning, "formula": info.formula})
        for name, info in learning_arrays(course).items()
    }
    labels = {dim: list(each) for dim, each in learning_labels(steps, course).items()}
    labels |= {dim: list(trace[dim].values) for dim in ("vocabulary", "layer", "head", "query", "key")}
    return xr.Dataset(arrays, coords=labels | {"axis": list(plane.axes)})


def _check_last(step: int, trace: xr.Dataset, own: xr.Dataset) -> None:
    """Raise `ProblemsFound` unless the parameters after the last step are those of the trained model."""
    if trace.attrs["fingerprint"] != own.attrs["fingerprint"]:
        message = (
            f"the parameters that '{own.attrs['model']}' had after its last step, {step:,}, are not those it has now"
        )
        raise ProblemsFound(Problem(message, hint="the steps are of another training: copy the whole folder again"))


def _directions(trace: xr.Dataset) -> Tensor:
    """Return the embeddings of all words of the vocabulary, each divided by its norm (vocabulary d_model)."""
    import torch

    return torch.nn.functional.normalize(torch.from_numpy(trace["W_E"].values).double(), dim=-1)


def _updates(steps: Sequence[int], course: Course) -> list[int]:
    """Return after how many steps the loss is kept."""
    last = len(course.losses) - 1
    apart = max(1, -(-last // MOST_LOSSES))
    return sorted({*range(0, last + 1, apart), *steps})


def _texts(numbers: Sequence[int]) -> tuple[str, ...]:
    return tuple(map(str, numbers))
