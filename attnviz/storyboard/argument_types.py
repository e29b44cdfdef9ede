"""The types that a verb's parameters can have: Python annotations, each with validation and a description.

A scene writes `def pull(self, word: Word, toward: Word, part: Fraction = 1)`; the annotations are read from the
source and resolved with this vocabulary, so that no scene needs to be imported or run.
"""

from __future__ import annotations

import ast
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import GenericAlias
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, TypeAdapter
from pydantic_core import PydanticCustomError, core_schema

from attnviz.input.problems import Problem, ProblemsFound, closest, did_you_mean
from attnviz.input.validation import branches_of

__all__ = ["Axis", "Count", "Degrees", "Fraction", "Head", "MapName", "SentenceName", "Steps", "Word"]


@dataclass(frozen=True)
class Known:
    """Marks text that must name something of the sentence or model (the `owner`); `what` is the noun for it.

    With `nearest`, a message about an unknown name suggests the closest ones, if there are any, and lists no others.
    """

    what: str
    owner: str
    nearest: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Validate against the names in the validation context; without any there, all text is accepted."""
        return core_schema.with_info_after_validator_function(self.check, handler(source))

    def check(self, value: str, info: core_schema.ValidationInfo[Any]) -> str:
        """Return the name in its known spelling, ignoring case; raise `PydanticCustomError` if it matches none."""
        known = (info.context or {}).get(self.what)
        if known is None or value in known:
            return value
        same = [name for name in known if name.casefold() == value.casefold()]
        if len(same) == 1:
            return str(same[0])
        near = closest(value, known)
        ordered = near + [name for name in known if name not in near]
        names = ", ".join(ordered[:20]) + (", …" if len(ordered) > 20 else "")
        hint = f"expected {article(self.what)} of the {self.owner} (one of: {names})"
        if not known:
            hint = f"the {self.owner} has none"
        elif self.nearest and near:
            hint = did_you_mean(value, known)
        elif self.what == "word" and (other := (info.context or {}).get("elsewhere", {}) or {}).get(value):
            hint += f"; the sentence '{other[value]}' has it: write `sentence: {other[value]}`"
        message = f"unknown {self.what} '{value[:60]}'"
        raise PydanticCustomError("attnviz", "{message}", {"message": message, "hint": hint})


def _text_of_number(value: Any) -> Any:
    """Return a whole number as text, and anything else as it is: heads are called 1, 2, … in many models."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


MAX_TEXT = 300  # characters
MAX_ENTRIES = 200

Text = Annotated[str, Field(max_length=MAX_TEXT)]
Word = Annotated[str, Known("word", "sentence")]
SentenceName = Annotated[str, Known("sentence", "scene")]
Axis = Annotated[str, Known("axis", "model")]
MapName = Annotated[str, Known("map", "model")]
Head = Annotated[
    str, Known("head", "model", nearest=True), BeforeValidator(_text_of_number, json_schema_input_type=str | int)
]
Count = Annotated[int, Field(ge=1, le=1000)]
Steps = Annotated[int, Field(ge=1, le=12)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Degrees = Annotated[float, Field(ge=-360, le=360)]

VOCABULARY: Mapping[str, Any] = {
    "str": Text,
    "int": int,
    "float": float,
    "bool": bool,
    "Word": Word,
    "SentenceName": SentenceName,
    "Axis": Axis,
    "MapName": MapName,
    "Head": Head,
    "Count": Count,
    "Steps": Steps,
    "Fraction": Fraction,
    "Degrees": Degrees,
}

# A description for messages, and an example for the documentation.
WORDS: Mapping[str, tuple[str, str]] = {
    "str": ("text", "some text"),
    "int": ("a whole number", "3"),
    "float": ("a number", "0.5"),
    "bool": ("true or false", "true"),
    "Word": ("a word of the sentence", "apple"),
    "SentenceName": ("the name of a sentence of the scene", "tech"),
    "Axis": ("an axis of the model", "fruitness"),
    "MapName": ("a map of the model", "rotation"),
    "Head": ("a head of the model", "1"),
    "Count": ("a whole number from 1 to 1000", "3"),
    "Steps": ("a whole number from 1 to 12", "3"),
    "Fraction": ("a number from 0 to 1", "0.5"),
    "Degrees": ("an angle in degrees, from -360 to 360", "90"),
}


@dataclass(frozen=True)
class ArgumentType:
    """A resolved annotation: its source text, the type for pydantic, a description (`words`), and an example."""

    source: str
    annotation: Any
    words: str
    example: str

    @property
    def adapter(self) -> TypeAdapter[Any]:
        """The pydantic validator (strict; neither NaN nor infinity), cached for each annotation."""
        return _adapter(self.source)

    @property
    def takes_mapping(self) -> bool:
        """Whether a mapping can be a value of this type."""
        return any(typing.get_origin(branch) is dict for branch in branches_of(self.annotation))

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of a value of this type, with its description."""
        return {**self.adapter.json_schema(), "description": self.words}


@cache
def _adapter(source: str) -> TypeAdapter[Any]:
    return TypeAdapter(resolve(source).annotation, config=ConfigDict(strict=True, allow_inf_nan=False))


@cache
def resolve(source: str) -> ArgumentType:
    """Resolve an annotation as written in a scene; raise `ProblemsFound` (without a place) if it is not supported."""
    try:
        return ArgumentType(source, *_resolved(ast.parse(source, mode="eval").body))
    except (SyntaxError, ValueError):
        raise ProblemsFound(Problem(f"the type '{source}' cannot be read")) from None


def _resolved(node: ast.expr) -> tuple[Any, str, str]:
    """Return the annotation for pydantic, its description, and an example."""
    match node:
        case ast.Constant(value=None):
            return None, "nothing", "null"
        case ast.Constant(value=str(quoted)):
            return _resolved(ast.parse(quoted, mode="eval").body)
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in VOCABULARY:
            return VOCABULARY[name], *WORDS[name]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            one, other = _resolved(left), _resolved(right)
            return typing.Union[one[0], other[0]], f"{one[1]}, or {other[1]}", one[2]  # noqa: UP007
        case ast.Subscript(value=ast.Name(id="list"), slice=item):
            annotation, words, example = _resolved(item)
            return _limited(GenericAlias(list, (annotation,))), f"a list, each {words}", f"[{example}, …]"
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[key, value])):
            name_type, value_type = _resolved(key), _resolved(value)
            words = f"a mapping, from {name_type[1]} to {value_type[1]}"
            mapping = _limited(GenericAlias(dict, (name_type[0], value_type[0])))
            return mapping, words, f"{{{name_type[2]}: {value_type[2]}}}"
        case ast.Subscript(value=ast.Name(id="Literal") | ast.Attribute(attr="Literal"), slice=choice):
            elements = choice.elts if isinstance(choice, ast.Tuple) else [choice]
            values = tuple(ast.literal_eval(element) for element in elements)
            return Literal[values], "one of " + ", ".join(map(str, values)), str(values[0])
    known = [*VOCABULARY, "list[...]", "dict[str, ...]", "Literal[...]"]
    raise ProblemsFound(Problem(f"unknown type '{ast.unparse(node)}'", hint=did_you_mean(ast.unparse(node), known)))


def _limited(collection: Any) -> Any:
    return Annotated[collection, Field(max_length=MAX_ENTRIES)]


def article(noun: str) -> str:
    """Return a noun with its indefinite article, such as "a map" or "an axis"."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun
