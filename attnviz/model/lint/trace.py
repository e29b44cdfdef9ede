"""Holding a trace, or the part of it that is there, to all rules, before anybody sees a number of it. No torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.model.lint import output_rules, rules
from attnviz.model.lint.recorded import Recorded, head_ranges

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

    from attnviz.model.arrays import ArrayInfo
    from attnviz.model.lint.comparing import Violation

AT_ONCE = 500_000  # entries of tables that are looked at together


class _Rule(NamedTuple):
    """A rule, and the arrays without which it says nothing."""

    holds: Callable[[Recorded], Violation | None]
    needs: tuple[str, ...]


# In the order of the pass, so that the first one broken is nearest to the cause.
_OF_HEADS = (
    _Rule(output_rules.projected, ()),
    _Rule(rules.query_key_dot, ("query_key_dot", "queries", "keys")),
    _Rule(rules.rows, ("weights",)),
    _Rule(rules.masked, ()),
    _Rule(rules.scores, ("scores", "query_key_dot", "queries", "keys")),
    _Rule(rules.exponentials, ("score_exponentials", "scores")),
    _Rule(rules.sums, ("score_sum", "score_exponentials", "scores")),
    _Rule(rules.weights, ("weights", "scores")),
    _Rule(output_rules.head_outputs, ("head_outputs", "weights", "values")),
    _Rule(output_rules.concatenated, ("concatenated", "head_outputs")),
    _Rule(output_rules.head_contributions, ("head_contributions", "head_outputs", "W_O", "concatenated")),
    _Rule(output_rules.contribution_norm, ("contribution_norm", "head_contributions")),
)
_OF_ALL_HEADS = (
    _Rule(output_rules.output, ("output", "concatenated")),
    _Rule(output_rules.output_of_heads, ("output", "concatenated", "head_contributions")),
)


def check_trace(trace: xr.Dataset, arrays: Mapping[str, ArrayInfo], model: str) -> xr.Dataset:
    """Return the trace of a model, all words of its text still there; raise `ProblemsFound` if it contradicts itself.

    `arrays` are those of the model's whole trace, with their dimensions. What is not there cannot be held to anything.
    """
    broken = next(_misshapen(trace, arrays), None)
    hint = "the numbers would be drawn under the wrong words"
    if broken is None:
        found = next(_violations(trace), None)
        broken, hint = (str(found), found.cause) if found else (None, "")
    if broken is not None:
        raise ProblemsFound(
            Problem(f"the trace of the model '{model}' contradicts itself: {broken}", hint=hint or None)
        )
    return trace


def _misshapen(trace: xr.Dataset, arrays: Mapping[str, ArrayInfo]) -> Iterator[str]:
    """Yield which arrays have other dimensions than they should, and which words label the same place differently."""
    for name, array in trace.data_vars.items():
        info = arrays.get(str(name))
        if info is not None and array.dims != info.dims:
            yield f"{name} has the dimensions {' '.join(map(str, array.dims))}, not {' '.join(info.dims)}"
    for dims in (("token", "query", "key"), ("source", "source_query", "source_key")):
        labels = {dim: tuple(map(str, trace[dim].values)) for dim in dims if dim in trace.coords}
        for dim, each in labels.items():
            if each != (first := next(iter(labels.values()))):
                yield f"along {dim} stand the words {', '.join(each)}, along {next(iter(labels))} {', '.join(first)}"


def _violations(trace: xr.Dataset) -> Iterator[Violation]:
    """Yield the entries that break a rule, of one attention after another."""
    layers = range(trace.sizes["layer"]) if "layer" in trace.sizes else [None]
    for prefix in ("encoder_", "", "cross_"):
        if not any(f"{prefix}{name}" in trace for rule in (*_OF_HEADS, *_OF_ALL_HEADS) for name in rule.needs):
            continue
        for layer in layers:
            for heads in head_ranges(trace, AT_ONCE):
                yield from _broken(Recorded(trace, prefix, layer, heads), _OF_HEADS)
            yield from _broken(Recorded(trace, prefix, layer, slice(None)), _OF_ALL_HEADS)


def _broken(recorded: Recorded, held: tuple[_Rule, ...]) -> Iterator[Violation]:
    for rule in held:
        if all(name in recorded for name in rule.needs):
            found = rule.holds(recorded)
            if found is not None:
                yield found
