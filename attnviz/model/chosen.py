"""Checking what a view asks for, its layer, head, steps …, against what a model has. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound, did_you_mean, gathered
from attnviz.model.interface import ALL_HEADS, HEAD, PARTS

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.model.interface import Part, View


NO_MASK = "it has no mask: each of its words sees all others"
"""Why the mask of an encoder, or of a blackboard, cannot be taken out."""
NO_POSITIONS = "it has none: where a word stands makes no difference to it"
"""Why positions cannot be taken out of a model without any."""
NO_TRAINING = "leave `steps` out, or take a folder that `attnviz train` has left"
"""What to do where a model's training is asked for that is not known."""


def chosen_place(view: View, layers: int, heads: Sequence[str], model: str) -> tuple[str, str]:
    """Return the labels of a view's layer and head (or `all`); raises `ProblemsFound` with what is wrong with both."""
    problems: list[Problem] = []
    layer = head = ""
    with gathered(problems):
        layer = _chosen_layer(view, layers, model)
    with gathered(problems):
        head = _chosen_head(view, heads, model)
    if problems:
        raise ProblemsFound(problems)
    return layer, head


def chosen_steps(wanted: int | Sequence[int], kept: Sequence[int], model: str) -> list[int]:
    """Return which of the kept steps of a training are looked at: those that are named, or so many at most.

    These are the first, the last, and others evenly between them, by their rank. Raises `ProblemsFound` for steps that
    were not kept.
    """
    if isinstance(wanted, int):
        if wanted >= len(kept):
            return list(kept)
        apart = (len(kept) - 1) / max(1, wanted - 1)
        return [kept[round(k * apart)] for k in range(wanted)]
    lost = [f"{step:,}" for step in wanted if step not in kept]
    if lost:
        known = ", ".join(f"{step:,}" for step in kept)
        message = f"the training of '{model}' has not kept its parameters after {' and '.join(lost)} steps"
        raise ProblemsFound(Problem(message, hint=f"it has after: {known}"))
    return sorted(set(wanted))


def chosen_parts(
    without: Iterable[str], heads: Mapping[str, str], fixed: Mapping[str, str], model: str
) -> tuple[str, ...]:
    """Return what is taken out of a model, each once and in one order, heads by their full labels.

    `heads` has the full label of each head by all labels that it can be given; `fixed` says what the model cannot do
    without, and why. Raises `ProblemsFound`.
    """
    chosen, problems = set[str](), list[Problem]()
    for each in without:
        label = each.removeprefix(HEAD)
        if label != each and label in heads:
            chosen.add(f"{HEAD}{heads[label]}")
        elif label != each:
            problems.append(_no_head(label, list(heads), model))
        elif each in fixed:
            problems.append(not_without(each, fixed[each], model))
        elif each in PARTS:
            chosen.add(each)
        else:
            hint = did_you_mean(each, [*PARTS, f"{HEAD}{next(iter(heads))}"], "one of")
            problems.append(Problem(f"'{each}' is nothing that can be taken out of a model", hint=hint))
    if problems:
        raise ProblemsFound(problems)
    order = [*PARTS, *(f"{HEAD}{label}" for label in dict.fromkeys(heads.values()))]
    return tuple(sorted(chosen, key=order.index))


def labels_of_heads(layers: Sequence[str], heads: Sequence[str], near: str) -> dict[str, str]:
    """Return the full label of each head, `3.2` in layer 3, by what it can be called: in the layer `near` also `2`."""
    every = [f"{layer}.{head}" for layer in layers for head in heads]
    return {head: f"{near}.{head}" for head in heads} | {label: label for label in every}


def not_without(part: str, why: str, model: str) -> Problem:
    """Return what is told of a part that cannot be taken out of a model, and why."""
    return Problem(f"{PARTS[part]} cannot be taken out of the model '{model}'", hint=why)


def check_part(part: Part, labels: Mapping[str, Sequence[str]], model: str) -> None:
    """Raise `ProblemsFound` for a layer or a head that a trace with these labels does not have."""
    problems = []
    for dim, label in (("layer", part.layer), ("head", part.head)):
        known = labels.get(dim, ())
        if label is not None and label not in known:
            hint = f"its {dim}s: {', '.join(known)}" if known else f"leave --{dim} out"
            problems.append(Problem(f"the model {model!r} has no {dim} {label!r}", hint=hint))
    if problems:
        raise ProblemsFound(problems)


def narrowed(trace: xr.Dataset, part: Part, model: str) -> xr.Dataset:
    """Return the wanted part of a whole trace; raises `ProblemsFound` if it has no such layer or head."""
    check_part(part, {str(dim): [str(each) for each in trace[dim].values] for dim in trace.dims}, model)
    chosen = {dim: [label] for dim, label in (("layer", part.layer), ("head", part.head)) if label is not None}
    trace = trace.sel(chosen)
    return trace if part.arrays is None else trace[list(part.arrays)]


def one_head_only(heads: Sequence[str]) -> str:
    """Return what to do about an array that only one head can have, where all heads are looked at."""
    others = f" (or another of: {', '.join(heads)})" if len(heads) > 1 else ""
    return f"it is of one head: write `head: {heads[0]}`{others} instead of `head: {ALL_HEADS}`"


def _chosen_layer(view: View, layers: int, model: str) -> str:
    layer = view.layer or 1
    if not 1 <= layer <= layers:
        many = "one layer" if layers == 1 else f"{layers} layers"
        raise ProblemsFound(Problem(f"the model '{model}' has {many}, but layer {layer} is asked for"))
    return str(layer)


def _chosen_head(view: View, heads: Sequence[str], model: str) -> str:
    head = view.head or heads[0]
    if head not in (*heads, ALL_HEADS):
        raise ProblemsFound(_no_head(head, heads, model))
    return head


def _no_head(head: str, heads: Sequence[str], model: str) -> Problem:
    return Problem(f"the model '{model}' has no head '{head}'", hint=did_you_mean(head, heads, "one of"))
