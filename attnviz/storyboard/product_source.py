"""Products of tables that a verb draws, read from its source: which parts of a trace `product_of` multiplies there.

Only what is written out is read: `Slice("embeddings")`, with or without `.T`, as an argument, or under a name given to
it in the same function. Of a verb, its own method counts, and what that calls in the same file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from attnviz.storyboard.stage_imports import stage_imports

Choice = Literal["one", "some", "unknown"]
"""What is chosen along a dimension: one label (the dimension is gone then), some labels, or what the source hides."""
_MULTIPLIED = ("product_of", "chain_of")


@dataclass(frozen=True)
class Factor:
    """A part of the trace that is multiplied: its array, what is chosen of its dimensions, and whether transposed."""

    array: str
    chosen: Mapping[str, Choice]
    transposed: bool


@dataclass(frozen=True)
class WrittenProduct:
    """A product in a scene's source: its factors, and its line."""

    factors: tuple[Factor, ...]
    line: int


class _Function(NamedTuple):
    """The names of what a function calls, and the products that it draws."""

    calls: set[str]
    products: tuple[WrittenProduct, ...]


class ProductReader:
    """Reads the products of verbs in one module."""

    def __init__(self, module: ast.Module) -> None:
        imported = stage_imports(module)
        self._calls = {own: name for own, name in imported.items() if name in _MULTIPLIED}
        self._slices = {own for own, name in imported.items() if name == "Slice"}
        bodies = [module.body, *(node.body for node in module.body if isinstance(node, ast.ClassDef))]
        self._functions = {node.name: node for body in bodies for node in body if isinstance(node, ast.FunctionDef)}
        self._read: dict[ast.AST, _Function] = {}

    def products(self, verb: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[WrittenProduct, ...]:
        """Return the products that a verb draws, in the order of the source."""
        found = [product for each in self._reached(verb) for product in each.products] if self._calls else []
        return tuple(sorted(found, key=lambda product: product.line))

    def _reached(self, verb: ast.AST) -> Iterator[_Function]:
        """Yield a verb's function, and those of its file that it calls."""
        reached, left = set[ast.AST](), [verb]
        while left:
            node = left.pop()
            if node not in reached:
                reached.add(node)
                yield (function := self._function(node))
                left += [self._functions[name] for name in function.calls if name in self._functions]

    def _function(self, node: ast.AST) -> _Function:
        """Return what a function calls and multiplies; it is read once, however many verbs call it."""
        if node not in self._read:
            inside = [*ast.walk(node)]
            calls = [each for each in inside if isinstance(each, ast.Call)]
            named = {
                each.targets[0].id: each.value
                for each in inside
                if isinstance(each, ast.Assign) and len(each.targets) == 1 and isinstance(each.targets[0], ast.Name)
            }
            self._read[node] = _Function({_called(call) for call in calls}, tuple(self._products(calls, named)))
        return self._read[node]

    def _products(self, calls: Iterable[ast.Call], named: Mapping[str, ast.expr]) -> Iterator[WrittenProduct]:
        for call in calls:
            if not (isinstance(call.func, ast.Name) and call.func.id in self._calls):
                continue
            parts = _spread(call.args[1:], named)
            if self._calls[call.func.id] == "chain_of":
                parts = _spread([ast.Starred(parts[0])], named) if parts else []
            else:
                parts = parts[:2]  # and then the result
            factors = [self._factor(part, named) for part in parts]
            if len(factors) > 1 and all(factors):
                yield WrittenProduct(tuple(each for each in factors if each), call.lineno)

    def _factor(self, node: ast.expr, named: Mapping[str, ast.expr]) -> Factor | None:
        """Return the part of the trace that an expression means; None if it is not written out."""
        node = named.get(node.id, node) if isinstance(node, ast.Name) else node
        turned = False
        while isinstance(node, ast.Attribute) and node.attr == "T":
            node, turned = node.value, not turned
            node = named.get(node.id, node) if isinstance(node, ast.Name) else node
        match node:
            case ast.Call(func=ast.Name(id=called), args=[ast.Constant(value=str(array)), *_]) if (
                called in self._slices
            ):
                if all(keyword.arg for keyword in node.keywords):
                    chosen = {str(keyword.arg): _choice(keyword) for keyword in node.keywords}
                    return Factor(array, chosen, turned)
        return None


def _called(call: ast.Call) -> str:
    """Return the name of a function, or of a method of the scene, that is called."""
    match call.func:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
    return ""


def _spread(nodes: list[ast.expr], named: Mapping[str, ast.expr]) -> list[ast.expr]:
    """Return arguments with those that are spread (`*parts`) in their place."""
    found: list[ast.expr] = []
    for node in nodes:
        inner = node.value if isinstance(node, ast.Starred) else None
        inner = named.get(inner.id, inner) if isinstance(inner, ast.Name) else inner
        found += inner.elts if isinstance(inner, ast.Tuple | ast.List) else [node]
    return found


def _choice(keyword: ast.keyword) -> Choice:
    if isinstance(keyword.value, ast.List | ast.ListComp | ast.Tuple):
        return "some"
    return "one" if isinstance(keyword.value, ast.Constant) or keyword.arg == "head" else "unknown"
