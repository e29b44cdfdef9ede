"""Pydantic's errors as readable problems: file, line, dotted path, what was expected, and a suggestion."""

from __future__ import annotations

import types
import typing
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from attnviz.input.problems import Problem, closest, did_you_mean

Place = tuple[str | int, ...]

# What was expected, by pydantic's error type; {…} are filled in from the error's context.
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping (key: value)",
    "mapping_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "dataclass_type": "a mapping (key: value)",
    "none_required": "nothing",
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "string_too_short": "at least {min_length} character(s)",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} item(s)",
    "too_long": "at most {max_length} items",
    "literal_error": "{expected}",
}


class _Source(Protocol):
    """The part of `yamlsource.Source` that is used here (that module imports this one)."""

    @property
    def path(self) -> Path: ...
    @property
    def data(self) -> Any: ...
    def line_of(self, at: Place) -> int: ...


def value_at(data: Any, at: Place) -> Any:
    """Return the value at a place (keys and indices from the root), which must exist."""
    for step in at:
        data = data[step]
    return data


def dotted(at: Place) -> str:
    """Return a place in dotted form, such as `chapters.0.title`."""
    return ".".join(str(step) for step in at)


def shown(value: Any) -> str:
    """Return a short description of a value, for an error message."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a mapping (key: value)"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…{text[-1]}"


def problems_of(
    error: ValidationError, annotation: Any, source: _Source, at: Place = (), told: Collection[Place] = ()
) -> list[Problem]:
    """Return one problem for each place where pydantic rejected the value at `at` as an `annotation`.

    Places in `told`, which have been reported already, are skipped.
    """
    places: dict[Place, list[Any]] = {}
    for found in error.errors():
        place = at + _steps_in_data(found, value_at(source.data, at))
        places.setdefault(place, []).append(found)
    # Of the branches of a union, only the one that matched deepest is worth reporting.
    deepest = [p for p in places if not any(q[: len(p)] == p and len(q) > len(p) for q in places)]
    deepest = [place for place in deepest if place not in told]
    return [_problem(place, places[place], annotation, source, len(at)) for place in deepest]


def _steps_in_data(found: Any, data: Any) -> Place:
    """Return an error's place in the data: pydantic's location without the names of union branches."""
    steps: list[str | int] = []
    last = len(found["loc"]) - 1
    for index, step in enumerate(found["loc"]):
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            if index == last and found["type"] == "missing":
                steps.append(step)
            continue
        steps.append(step)
    return tuple(steps)


def _problem(place: Place, found: list[Any], annotation: Any, source: _Source, skip: int) -> Problem:
    """Return one problem that sums up the errors at one place."""
    first = found[0]
    where = f"{dotted(place)}: " if place else ""

    def say(message: str, hint: str | None = None) -> Problem:
        return Problem(where + message, source.path, source.line_of(place), hint)

    if first["type"] == "missing":
        return say("missing")
    if first["type"] == "extra_forbidden":
        known = _keys_at(annotation, place[skip:-1])
        return say("unknown key", did_you_mean(str(place[-1]), known, "one of"))
    if first["type"] in ("value_error", "assertion_error"):
        return say(str(first["ctx"]["error"]))
    if first["type"] == "attnviz":  # our own types bring their own message
        return say(first["msg"], first.get("ctx", {}).get("hint"))
    kinds = dict.fromkeys(_expectation(each) for each in found)
    value = first["input"]
    hint = None
    if first["type"] == "literal_error" and isinstance(value, str):
        near = closest(value, str(first["ctx"]["expected"]).replace("'", "").replace(" or ", ", ").split(", "))
        hint = f"did you mean '{near[0]}'?" if near else None
    elif "text" in kinds and isinstance(value, dict | list):
        hint = "text that starts with '{' or '[' must be put in quotes"
    elif "text" in kinds and isinstance(value, bool | int | float):
        hint = "put it in quotes"
    actual = (
        f"{len(value)}"
        if first["type"] in ("string_too_long", "string_too_short", "too_long", "too_short")
        else shown(value)
    )
    return say(f"expected {' or '.join(kinds)}, not {actual}", hint)


def _expectation(found: Any) -> str:
    """Return what was expected of a value, in words."""
    details = {
        name: f"{detail:g}" if isinstance(detail, int | float) else detail
        for name, detail in found.get("ctx", {}).items()
    }
    return str(_EXPECTED.get(found["type"], found["msg"])).format(**details)


def _keys_at(annotation: Any, place: Place) -> list[str]:
    """Return the keys that an annotation allows at a place."""
    for step in place:
        annotation = typing.Union[tuple(_inside(annotation, step)) or (Any,)]  # noqa: UP007
    keys = (key for model in branches_of(annotation) if _is_model(model) for key in _fields(model))
    return list(dict.fromkeys(keys))


def branches_of(annotation: Any) -> Iterable[Any]:
    """Yield the members of a union (or else the annotation itself), without `Annotated`."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from branches_of(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for each in typing.get_args(annotation):
            yield from branches_of(each)
    else:
        yield annotation


def _inside(annotation: Any, step: str | int) -> Iterable[Any]:
    """Yield the possible annotations of what a key or index leads to."""
    for branch in branches_of(annotation):
        arguments = typing.get_args(branch)
        if _is_model(branch):
            if step in _fields(branch):
                yield _fields(branch)[str(step)]
        elif typing.get_origin(branch) is dict:
            yield arguments[1]
        elif arguments and isinstance(step, int):
            yield arguments[0]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _fields(model: Any) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}
