"""A verb's declared order, read from its source: decorators with texts, or with names of texts in the module."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import get_args

from attnviz.storyboard.order import BLANK, Clause, Kind, Order
from attnviz.storyboard.stage_imports import stage_imports


class OrderReader:
    """Reads declarations in one module; decorators of these names that are not the stage's declare nothing."""

    def __init__(self, module: ast.Module) -> None:
        self._kinds: dict[str, Kind] = {
            own: kind for own, name in stage_imports(module).items() for kind in get_args(Kind) if name == kind
        }
        self._texts = {
            target.id: node.value.value
            for node in module.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name) and isinstance(node.value.value, str)
        }

    def order(self, verb: ast.FunctionDef | ast.AsyncFunctionDef, parameters: Collection[str]) -> Order:
        """Return what a verb declares; raise `ValueError` if that is not in texts, or names what is no parameter."""
        calls = [node for node in verb.decorator_list if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        return tuple(self._clause(call, parameters) for call in calls if ast.unparse(call.func) in self._kinds)

    def _clause(self, call: ast.Call, parameters: Collection[str]) -> Clause:
        name = ast.unparse(call.func)
        facts = tuple(self._text(name, node) for node in call.args)
        wanted = ["say"] if self._kinds[name] in ("needs", "unless") else []
        if [keyword.arg for keyword in call.keywords] != wanted:
            raise ValueError(f"@{name} is written @{name}({', '.join(['…', *(f'{each}=…' for each in wanted)])})")
        say = "".join(self._text(name, keyword.value) for keyword in call.keywords)
        unknown = [blank for fact in facts for blank in BLANK.findall(fact) if blank not in parameters]
        if unknown:
            raise ValueError(f"@{name} names '{unknown[0]}', which is no parameter")
        return Clause(self._kinds[name], facts, say)

    def _text(self, name: str, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id=known) if known in self._texts:
                return self._texts[known]
        raise ValueError(f"@{name} must be given texts, or names of texts in this file")
