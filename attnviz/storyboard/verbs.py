"""A scene's verbs, read from its source with `ast`: checking a storyboard never imports or runs a scene."""

from __future__ import annotations

import ast
import inspect
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.storyboard.argument_types import ArgumentType, resolve
from attnviz.storyboard.find_scene import name_of
from attnviz.storyboard.order import Order
from attnviz.storyboard.order_source import OrderReader
from attnviz.storyboard.plays import plays_in
from attnviz.storyboard.product_source import ProductReader, WrittenProduct
from attnviz.storyboard.reserved import SHOT_KEYS, taken_by
from attnviz.storyboard.seen import check_seen, seen_in

MAX_SOURCE = 1_000_000
_NOT_VERBS = {"construct", "setup", "tear_down"}


@dataclass(frozen=True)
class Parameter:
    """A verb's parameter: its type, and its default as source text (None if it is required)."""

    name: str
    type: ArgumentType
    default: str | None

    def __str__(self) -> str:
        """Return the parameter as written in a signature."""
        return f"{self.name}: {self.type.source}" + ("" if self.default is None else f" = {self.default}")


@dataclass(frozen=True)
class Verb:
    """A method of a scene that storyboards can call."""

    name: str
    parameters: Mapping[str, Parameter]
    doc: str
    line: int
    order: Order = ()
    products: tuple[WrittenProduct, ...] = ()
    plays: tuple[str, ...] = ()  # the names by which a narration can start what it plays, in their order
    seen: str = ""  # the template of what is to be seen, for those who cannot see it

    def __str__(self) -> str:
        """Return the verb's signature."""
        return f"{self.name}({', '.join(map(str, self.parameters.values()))})"


@dataclass(frozen=True)
class SceneSource:
    """What a scene's source declares: its class, documentation, verbs, and what it needs."""

    name: str
    path: Path
    class_name: str
    doc: str
    verbs: Mapping[str, Verb]
    experiments: tuple[str, ...]
    needs_sentence: bool
    needs_steps: bool = False  # it plays how a model was trained
    writes_sentence: tuple[str, ...] = ()  # verbs that write all of a sentence
    writes_words: tuple[str, ...] = ()  # verbs that write those of its words that stand on the board
    needs_arrays: tuple[str, ...] = ()  # of the trace, without which it shows nothing


def read_scene(path: Path) -> SceneSource:
    """Parse a scene's file; raise `ProblemsFound`, with lines, if it is not a valid scene."""
    try:
        status = path.stat()
    except OSError as error:
        raise ProblemsFound(Problem(f"the scene cannot be read: {error.strerror}", path)) from None
    return _read_scene(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _read_scene(path: Path, changed: int, size: int) -> SceneSource:
    module = _parsed(path, size)
    classes, orders, products = _classes(module), OrderReader(module), ProductReader(module)
    public = [node for node in classes if not node.name.startswith("_")]
    if len(public) != 1:
        found = ", ".join(node.name for node in public) or "none"
        hint = "names that start with '_' do not count"
        raise ProblemsFound(Problem(f"a scene's file has one class, but here is: {found}", path, 1, hint))
    if not _has_stage(classes):
        raise ProblemsFound(
            Problem("no class of this file is a Stage", path, 1, f"write class {public[0].name}(Stage)")
        )
    body = public[0]
    problems: list[Problem] = []
    verbs: dict[str, Verb] = {}
    for node in body.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_verb(node):
            try:
                verbs[node.name] = replace(_verb(node, path, orders), products=products.products(node))
            except ProblemsFound as bad:
                problems += bad.problems
    if problems:
        raise ProblemsFound(problems)
    return SceneSource(
        name=name_of(path),
        path=path,
        class_name=body.name,
        doc=_doc(body),
        verbs=verbs,
        experiments=_names(body, "experiments", path, "dot_growth"),
        needs_sentence=_attribute(body, "needs_sentence", path, True) is not False,
        needs_steps=_attribute(body, "needs_steps", path, False) is True,
        writes_sentence=_names(body, "writes_sentence", path, "show_sentence"),
        writes_words=_names(body, "writes_words", path, "show_table"),
        needs_arrays=_names(body, "needs_arrays", path, "W_Q"),
    )


def is_stage(path: Path) -> bool:
    """Return whether a file has a class derived from `Stage`; raise `ProblemsFound` if it cannot be parsed."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ProblemsFound(Problem(f"the scene cannot be read: {error.strerror}", path)) from None
    return _has_stage(_classes(_parsed(path, size)))


def _classes(module: ast.Module) -> list[ast.ClassDef]:
    return [node for node in module.body if isinstance(node, ast.ClassDef)]


def _has_stage(classes: Iterable[ast.ClassDef]) -> bool:
    """Return whether one of the classes names `Stage` as a base, which is all that the source tells."""
    return any(ast.unparse(base).split(".")[-1] == "Stage" for node in classes for base in node.bases)


def _parsed(path: Path, size: int) -> ast.Module:
    """Parse a source file; raise `ProblemsFound` if it cannot be read or is not valid Python."""
    if size > MAX_SOURCE:
        raise ProblemsFound(Problem(f"the scene's file is larger than {MAX_SOURCE:,} bytes", path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a scene's code, of no concern to a storyboard's author
            return ast.parse(path.read_bytes())
    except SyntaxError as error:
        raise ProblemsFound(Problem(f"the scene is not valid Python: {error.msg}", path, error.lineno or 1)) from None
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        raise ProblemsFound(Problem(f"the scene cannot be read: {error}", path, 1)) from None


def _is_verb(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a method can be called from a storyboard."""
    decorators = {each.id for each in node.decorator_list if isinstance(each, ast.Name)}
    helper = decorators & {"property", "staticmethod", "classmethod", "cached_property"}
    return not node.name.startswith("_") and node.name not in _NOT_VERBS and not helper


def _verb(node: ast.FunctionDef | ast.AsyncFunctionDef, path: Path, orders: OrderReader) -> Verb:
    """Read a verb from its method; raise `ProblemsFound` with everything that is wrong with its signature."""
    problems = []
    order: Order = ()

    def wrong(message: str, line: int, hint: str | None = None) -> None:
        problems.append(Problem(f"verb '{node.name}': {message}", path, line, hint))

    arguments = node.args
    if node.name in SHOT_KEYS:
        wrong("this name is a key of every shot", node.lineno, "choose another name")
    elif taken := taken_by(node.name):
        problems.append(Problem(taken, path, node.lineno, "choose another name, or let it start with '_'"))
    if isinstance(node, ast.AsyncFunctionDef):
        wrong("a verb cannot be async", node.lineno)
    if arguments.vararg or arguments.kwarg or len(arguments.posonlyargs) > 1:
        wrong("a verb takes only named parameters", node.lineno, "no *args, **kwargs or '/'")
    parameters = {}
    for argument, default in _parameters(arguments):
        if argument.annotation is None:
            wrong(f"parameter '{argument.arg}' has no type", argument.lineno, f"write {argument.arg}: Word, or another")
            continue
        try:
            kind = resolve(ast.unparse(argument.annotation))
        except ProblemsFound as bad:
            for problem in bad.problems:
                wrong(f"parameter '{argument.arg}': {problem.message}", argument.lineno, problem.hint)
            continue
        parameters[argument.arg] = Parameter(argument.arg, kind, None if default is None else ast.unparse(default))
    try:
        order = orders.order(node, [argument.arg for argument, _ in _parameters(arguments)])
    except ValueError as bad:
        wrong(str(bad), node.lineno)
    doc, plays, seen = _doc(node), tuple[str, ...](), ""
    try:
        plays = plays_in(doc)
    except ValueError as bad:
        wrong(str(bad), node.lineno, "end the docstring with a paragraph such as `Plays: plane, words.`")
    try:
        doc, seen = seen_in(doc)
        check_seen(seen, parameters)
    except ValueError as bad:
        message, _, hint = str(bad).partition("; ")
        wrong(message, node.lineno, hint or None)
    if problems:
        raise ProblemsFound(problems)
    return Verb(node.name, parameters, doc, node.lineno, order, plays=plays, seen=seen)


def _parameters(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """Yield each parameter after `self`, with its default."""
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    yield from list(zip(positional, defaults, strict=True))[1:]
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _names(body: ast.ClassDef, attribute: str, path: Path, example: str) -> tuple[str, ...]:
    """Return the names that a class attribute lists, such as the experiments that a scene asks for."""
    names = _attribute(body, attribute, path, ())
    if not isinstance(names, tuple | list) or not all(isinstance(name, str) for name in names):
        raise ProblemsFound(Problem(f"'{attribute}' must be names, like (\"{example}\",)", path, body.lineno))
    return tuple(names)


def _attribute(body: ast.ClassDef, name: str, path: Path, default: object) -> object:
    """Return the value of a class attribute, which must be a literal, or the default if it is not set."""
    for node in body.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if value is not None and any(isinstance(target, ast.Name) and target.id == name for target in targets):
            try:
                return ast.literal_eval(value)
            except ValueError:
                raise ProblemsFound(Problem(f"'{name}' must be written out", path, node.lineno)) from None
    return default


def _doc(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return inspect.cleandoc(ast.get_docstring(node) or "")
