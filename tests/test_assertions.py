"""The tests themselves: every one asserts something, and no assertion is of a kind that cannot fail."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TESTS = sorted((ROOT / "tests").rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef
CHECKS = {"raises", "fail", "warns"}  # of pytest
LAZY = {"map", "filter", "zip", "iter", "reversed", "enumerate"}  # true, whatever is in it


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def called(node: ast.AST) -> str:
    """Return the name of what a call calls, without what it belongs to; of anything else nothing."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def yields(function: Function) -> bool:
    """Tell whether a function is a generator (one inside it counts, too: no harm is done)."""
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(function))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def helpers() -> dict[str, list[Function]]:
    """Return the functions of the tests by name."""
    found = defaultdict(list)
    for path in TESTS:
        for function in functions(tree_of(path)):
            found[function.name].append(function)
    return found


@cache
def generators() -> set[str]:
    """Return the names of the generators of the project and of its tests."""
    own = [function for path in (ROOT / "attnviz").rglob("*.py") for function in functions(ast.parse(path.read_text()))]
    return {each.name for each in [*own, *chain.from_iterable(helpers().values())] if yields(each)}


def fault_of(test: ast.expr) -> str | None:
    """Return why a condition is the same whatever the program does, if it is."""
    match test:
        case ast.GeneratorExp() | ast.Lambda() | ast.JoinedStr() | ast.Constant():
            return "it is always true"
        case ast.Tuple(elts=[_, *_]) | ast.List(elts=[_, *_]) | ast.Set(elts=[_, *_]) | ast.Dict(keys=[_, *_]):
            return "a display with something in it is always true"
        case ast.Call() if called(test) in LAZY | generators():
            return f"what {called(test)}() returns is always true"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return fault_of(operand)
        case ast.BoolOp(values=values):
            return next(filter(None, map(fault_of, values)), None)
        case ast.Compare(left=left, comparators=others):
            sides = [left, *others]
            if any(isinstance(side, ast.GeneratorExp) for side in sides):
                return "a generator equals nothing else"
            plain = [ast.dump(side) for side in sides if not any(called(node) for node in ast.walk(side))]
            return "a thing is compared with itself" if len(set(plain)) < len(plain) else None
    return None


def checks(function: Function, seen: frozenset[str] = frozenset()) -> bool:
    """Tell whether a function asserts something, itself or by a function of the tests that it calls."""
    for node in ast.walk(function):
        name = called(node)
        if isinstance(node, ast.Assert) or name in CHECKS or name.startswith("assert"):  # numpy's and torch's own
            return True
        if name not in seen and any(checks(each, seen | {name}) for each in helpers().get(name, ())):
            return True
    return False


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TESTS, ids=name)
def test_no_assertion_is_of_a_kind_that_cannot_fail(path: Path) -> None:
    asserted = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Assert)]
    assert [f"line {node.lineno}: {fault}" for node in asserted if (fault := fault_of(node.test))] == []


@pytest.mark.parametrize("path", TESTS, ids=name)
def test_every_test_asserts_something(path: Path) -> None:
    tests = [function for function in functions(tree_of(path)) if function.name.startswith("test_")]
    assert [function.name for function in tests if not checks(function)] == []


@pytest.mark.parametrize(
    ("assertion", "fails"),
    [
        ("assert (x for x in y)", False),
        ("assert storyboard.shots()", False),
        ("assert not storyboard.shots()", False),
        ("assert (x, 'message')", False),
        ("assert x or True", False),
        ("assert x.value == x.value", False),
        ("assert [x] == (x for x in y)", False),
        ("assert map(f, y)", False),
        ("assert list(storyboard.shots())", True),
        ("assert made() == made()", True),
        ("assert x or y", True),
        ("assert 0 < x < 1", True),
        ("assert all(x for x in y)", True),
    ],
)
def test_such_assertions_are_seen(assertion: str, fails: bool) -> None:
    [node] = ast.parse(assertion).body
    assert isinstance(node, ast.Assert)
    assert (fault_of(node.test) is None) is fails
