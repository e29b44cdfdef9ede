"""What verbs need on stage and leave there: which of them can follow each other is known without playing any.

A verb declares it in facts, texts that a scene chooses, such as `plane`. `{name}` in one is replaced by the verb's
argument of that name, so that `word {words}` is a fact for each of the words; `word *` stands for all of that kind.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Kind = Literal["needs", "unless", "ends", "leaves"]
Arguments = Mapping[str, Any]
VerbT = TypeVar("VerbT", bound=Callable[..., Any])

DECLARED = "declared_order"
BLANK = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Clause:
    """One declaration of a verb: facts, and what is said, as "message; hint", where it is refused for them."""

    kind: Kind
    facts: tuple[str, ...]
    say: str = ""


Order = tuple[Clause, ...]


def needs(*facts: str, say: str) -> Callable[[VerbT], VerbT]:
    """Declare that a verb is refused unless all these facts hold; `{}` in what is said is what a missing one names."""
    return _declaring(Clause("needs", facts, say))


def unless(*facts: str, say: str) -> Callable[[VerbT], VerbT]:
    """Declare that a verb is refused if all these facts hold already; `{}` in what is said is what the first names."""
    return _declaring(Clause("unless", facts, say))


def ends(*facts: str) -> Callable[[VerbT], VerbT]:
    """Declare facts that no longer hold after a verb (unless it also leaves them)."""
    return _declaring(Clause("ends", facts))


def leaves(*facts: str) -> Callable[[VerbT], VerbT]:
    """Declare facts that hold after a verb."""
    return _declaring(Clause("leaves", facts))


def order_of(verb: Callable[..., Any]) -> Order:
    """Return what a verb declares, from the top."""
    return getattr(verb, DECLARED, ())


def obstacle(order: Order, there: frozenset[str], arguments: Arguments) -> tuple[str, str | None] | None:
    """Return why a verb cannot be played where some facts hold, and what to do; None if it can.

    Facts about an argument that is None are passed over.
    """
    for clause in order:
        filled = [fact for template in clause.facts for fact in _filled(template, there, arguments)]
        missing = [about for fact, about in filled if fact not in there]
        if clause.kind == "needs" and missing:
            return _said(clause, missing[0])
        if clause.kind == "unless" and filled and not missing:
            return _said(clause, filled[0][1])
    return None


def after(order: Order, there: frozenset[str], arguments: Arguments) -> frozenset[str]:
    """Return the facts that hold after a verb."""
    ended = _facts(order, "ends", there, arguments)
    return there - ended | _facts(order, "leaves", there, arguments)


def as_needed(order: Order, there: frozenset[str], arguments: Arguments) -> frozenset[str]:
    """Return the facts that would hold if all were there that a verb needs."""
    return there | _facts(order, "needs", there, arguments)


def with_sentence(arguments: Arguments, first: str | None) -> Arguments:
    """Return a verb's arguments in which a sentence that is not named is the scene's first."""
    return {**arguments, "sentence": first} if arguments.get("sentence", "") is None else arguments


def _declaring(clause: Clause) -> Callable[[VerbT], VerbT]:
    def declared(verb: VerbT) -> VerbT:
        setattr(verb, DECLARED, (clause, *order_of(verb)))  # decorators are applied from the lowest up
        return verb

    return declared


def _facts(order: Order, kind: Kind, there: frozenset[str], arguments: Arguments) -> frozenset[str]:
    templates = [template for clause in order if clause.kind == kind for template in clause.facts]
    return frozenset(fact for template in templates for fact, _ in _filled(template, there, arguments))


def _filled(template: str, there: frozenset[str], arguments: Arguments) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the facts that a template means, each with the arguments that it names."""
    if template.endswith("*"):
        kind = template.removesuffix("*")
        # Of a kind of which nothing is there, the kind itself is missing
        yield from [(fact, ()) for fact in sorted(there) if fact.startswith(kind)] or [(template, ())]
        return
    names = BLANK.findall(template)
    for values in itertools.product(*[_listed(arguments.get(name)) for name in names]):
        left = iter(values)
        yield BLANK.sub(lambda _, left=left: next(left), template), values  # type: ignore[misc]


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def _said(clause: Clause, about: tuple[str, ...]) -> tuple[str, str | None]:
    message, _, hint = clause.say.partition("; ")
    for each in about:
        message = message.replace("{}", each, 1)
    return message, hint or None
