"""The rooms: who may import whom, how large things may be, and that scenes hold no data of their own."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "model": {"input"},
    "storyboard": {"input"},
    "stage": {"input", "storyboard"},
    "voice": {"input", "storyboard"},
    "render": {"input"} | {"voice", "stage", "storyboard", "model"},
    "publish": {"input"} | {"render", "voice", "storyboard", "stage"},
    "worksheet": {"input"} | {"render", "storyboard"},
    "slides": {"input"} | {"publish", "render", "stage", "storyboard"},
    "page": {"input"} | {"publish", "render", "storyboard", "stage", "model"},
    "clips": {"input"} | {"page", "publish", "render", "storyboard", "model"},
    "serve": {"input"} | {"clips", "page", "publish", "render", "voice"},
    "notebook": {"input", "cli"},
}
# Plain data that other rooms name in their own: which part of a model is looked at, and how it is computed.
OPEN_TO = {"storyboard": {"attnviz.model.interface"}, "publish": {"attnviz.model.interface"}}
# Within a room, from the lowest floor up: a folder imports only what is on its floor or below.
FLOORS = {
    "model": [{"lint"}, {"blackboard", "trained"}, {"views", "published", "training"}],
    "stage": [{"planes", "tables"}, {"arithmetic", "maps"}, {"arrows"}],
    "render": [{"accelerate"}, {"film"}, {"cache", "traces", "shots"}, {"cluster"}],
}
SOURCES = sorted((ROOT / "attnviz").rglob("*.py")) + sorted((ROOT / "scenes").rglob("*.py"))
SCENES = sorted((ROOT / "scenes").rglob("*.py"))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    for path in (ROOT / "attnviz" / room).rglob("*.py"):
        modules = {module for module in imports_of(path) if module.startswith("attnviz.")} - OPEN_TO.get(room, set())
        ours = {module.split(".")[1] for module in modules}
        assert ours - MAY_IMPORT[room] - {room} == set(), name(path)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_folders_of_a_room_import_only_what_is_below(room: str) -> None:
    base = ROOT / "attnviz" / room
    level = {folder: number for number, floor in enumerate(FLOORS.get(room, [])) for folder in floor}
    assert set(level) == {path.parent.name for path in base.glob("*/__init__.py")}
    climbing = [
        (name(path), module)
        for folder in level
        for path in sorted((base / folder).rglob("*.py"))
        for module in imports_of(path)
        if module.startswith(f"attnviz.{room}.") and level.get(module.split(".")[2], -1) > level[folder]
    ]
    assert climbing == []


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported_when_running(path: Path, modules: set[str]) -> set[str]:
    """Return the modules of ours that a file imports, at once or late, but not for its annotations alone."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    named = {(node.module, f"{node.module}.{alias.name}") for node in imports for alias in node.names}
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return ({full if full in modules else module for module, full in named} | plain) & modules - {module_of(path)}


def test_no_import_leads_in_a_circle() -> None:
    files = {module_of(path): path for path in (ROOT / "attnviz").rglob("*.py")}
    graph = {module: imported_when_running(path, set(files)) for module, path in files.items()}
    assert graph["attnviz.stage.scene"]
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        pytest.fail(" → ".join(found.args[1]))


def test_only_what_verbs_declare_and_what_is_said_leads_from_the_stage_to_the_storyboard() -> None:
    for path in (ROOT / "attnviz" / "stage").rglob("*.py"):
        for module in imports_of(path):
            if module.startswith("attnviz.storyboard"):
                assert (path.name, module) in {
                    ("arguments.py", "attnviz.storyboard.argument_types"),
                    ("order.py", "attnviz.storyboard.order"),
                    *((name, "attnviz.storyboard.cues") for name in ("performed.py", "pointing.py", "resting.py")),
                }


@pytest.mark.parametrize("path", SCENES, ids=name)
def test_a_scene_imports_the_stage_manim_and_numpy_only(path: Path) -> None:
    for module in imports_of(path):
        assert module.split(".")[0] in {"manim", "numpy", *sys.stdlib_module_names} or module.startswith(
            "attnviz.stage"
        ), module


@pytest.mark.parametrize("path", SCENES, ids=name)
def test_a_scene_has_no_random_numbers(path: Path) -> None:
    source = path.read_text()
    assert [
        w for w in ("import random", "from random", ".random", "default_rng", "open(", "load(") if w in source
    ] == []
    texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    assert [text for text in texts if isinstance(text, str) and "http" in text] == []


MOST_NUMBERS = 2  # in one display or constructor: a pair of bounds, a place
MOST_CONSTANTS = 6  # numbers that a module of a scene gives names to


def literal_numbers(node: ast.AST) -> list[float]:
    """Return the numbers that stand in a display or a constructor as such, also in displays inside it.

    0, 1 and -1 are no data: they are origins, units and directions. What is computed is none either: `x + 0.2` moves
    something by a little, `run_time=0.8` is a fact about one moment.
    """
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return [value] if abs(value) not in (0, 1) else []
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return literal_numbers(operand)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return [number for part in parts for number in literal_numbers(part)]
        case ast.Dict(keys=keys, values=values):
            return [number for part in (*keys, *values) if part is not None for number in literal_numbers(part)]
        case ast.Call(args=args, keywords=keywords) if makes_plain_data(node):
            parts = [*args, *(keyword.value for keyword in keywords)]
            return [number for part in parts for number in literal_numbers(part)]
    return []


def makes_plain_data(call: ast.Call) -> bool:
    """Tell whether a call only puts its arguments together: `dict(…)`, `np.array(…)`, `Region(…)`."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return called in {"dict", "list", "tuple", "set", "array", "asarray", "zip", "namedtuple"} or called in PLAIN_TYPES


def plain_types() -> set[str]:
    """Return the names of the stage's and the scenes' own classes that hold data: named tuples and dataclasses."""
    classes = [
        node
        for path in [*SCENES, *(ROOT / "attnviz" / "stage").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    ]
    marks = {each.name: {*map(ast.unparse, (*each.bases, *each.decorator_list))} for each in classes}
    return {name for name, found in marks.items() if any("NamedTuple" in m or "dataclass" in m for m in found)}


PLAIN_TYPES = plain_types()


def tables_in(tree: ast.AST) -> list[str]:
    """Return the displays and constructors that hold more than a pair of numbers, but for unpacked assignments."""
    unpacked = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple)
    }
    held = [node for node in ast.walk(tree) if isinstance(node, ast.expr) and id(node) not in unpacked]
    return [f"line {n.lineno}: {ast.unparse(n)}" for n in held if len(literal_numbers(n)) > MOST_NUMBERS]


def constants_in(tree: ast.Module) -> list[float]:
    """Return the numbers that a module or its classes give names to, also one by one."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    statements = [each for body in (tree.body, *(node.body for node in classes)) for each in body]
    values = [each.value for each in statements if isinstance(each, ast.Assign | ast.AnnAssign) and each.value]
    return [number for value in values for number in literal_numbers(value)]


@pytest.mark.parametrize("path", SCENES, ids=name)
def test_a_scene_holds_no_data(path: Path) -> None:
    """Numbers come from the model, the regions of the frame and the sizes of things from the stage."""
    tree = ast.parse(path.read_text())
    assert tables_in(tree) == []
    assert len(constants_in(tree)) <= MOST_CONSTANTS


@pytest.mark.parametrize(
    ("code", "is_data"),
    [
        ("POINTS = {'apple': (2, 2.5), 'orange': (0.3, 3)}", True),
        ("place = dict(left=-6.5, right=2.5, top=3.0)", True),
        ("SIDES = Region(-6.5, 2.5, -3.0, 3.0)", True),
        ("rows = np.array([[0.5, 2], [3, 4]])", True),
        ("WIDTH, HEIGHT, GAP = 8, 4.5, 0.2", False),
        ("SQUARE = ((0, 0), (1, 0), (1, 1), (0, 1))", False),
        ("AROUND = (1.97, 1.7)", False),
        ("self.play(FadeIn(line), run_time=0.8, lag_ratio=0.2, rate=2)", False),
        ("line.move_to([x + 0.2, y - 0.3, 0])", False),
    ],
)
def test_data_is_seen_in_whatever_form(code: str, is_data: bool) -> None:
    assert bool(tables_in(ast.parse(code))) is is_data


def test_many_constants_are_data() -> None:
    assert len(constants_in(ast.parse("A, B = 2, 3.5\nC = -4\nclass D:\n    e: float = 0.3\n    f = 1"))) == 4


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_files_and_functions_are_small(path: Path) -> None:
    source = path.read_text()
    assert path in SCENES or len(source.splitlines()) <= 300  # a scene reads from top to bottom in one place
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < 50, f"{name(path)}: {node.name}"


def test_importing_the_command_line_imports_neither_torch_nor_manim() -> None:
    import subprocess

    code = "import attnviz.cli, attnviz.commands.check, sys; "
    code += "print(sorted({'torch', 'manim', 'xarray', 'jinja2'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


COLOURS = {"GROUND", "SURFACE", "PANEL", "GRID", "AXIS", "BENT_BACK", "BENT_GRID", "INK", "DIM", "INVERSE_INK", "FOCUS"} | {
    *("QUERY", "KEY", "VALUE", "OUTPUT", "RESIDUAL", "WEIGHT", "HEADS", "GROUPS", "BASIS", "NAME"),
}  # fmt: skip
OF_A_THEME = COLOURS | {"array_color", "group_colors", "ink_on", "cell_color"}  # and what follows from its colours


def run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is run when a module is imported: not the bodies of functions, but the defaults of their parameters."""
    yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
        inside: Iterator[ast.AST | None] = iter([*node.args.defaults, *node.args.kw_defaults, *decorators])
    else:
        inside = ast.iter_child_nodes(node)
    for each in inside:
        if each is not None:
            yield from run_at_import(each)


def kept_colours(tree: ast.Module) -> list[str]:
    """Return where a module takes a colour for good: as it is imported, or as a name of its own."""
    taken = [
        node
        for node in run_at_import(tree)
        if isinstance(node, ast.Attribute) and node.attr in OF_A_THEME and ast.unparse(node.value).endswith("theme")
    ]
    named = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").endswith("theme")
        and OF_A_THEME & {alias.name for alias in node.names}
    ]
    defaults = [  # of functions within functions, too: they may be made once, and called in another theme
        attribute
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for default in [*node.args.defaults, *node.args.kw_defaults]
        if default is not None
        for attribute in ast.walk(default)
        if isinstance(attribute, ast.Attribute) and attribute.attr in OF_A_THEME
    ]
    found = {node.lineno: ast.unparse(node) for node in (*taken, *named, *defaults)}
    return [f"line {line}: {code}" for line, code in sorted(found.items())]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_colour_outlasts_its_theme(path: Path) -> None:
    assert kept_colours(ast.parse(path.read_text())) == []


def test_the_colours_of_a_theme_are_all_known_here() -> None:
    tree = ast.parse((ROOT / "attnviz" / "stage" / "theme.py").read_text())
    [theme] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Theme"]
    fields = {node.target.id.upper() for node in theme.body if isinstance(node, ast.AnnAssign)}  # type: ignore[union-attr]
    assert fields | {"BASIS", "NAME"} == COLOURS


@pytest.mark.parametrize(
    ("code", "outlasts"),
    [
        ("LINE = theme.INK", True),
        ("LINE = Line(color=theme.blend(theme.INK, theme.DIM, 0.5))", True),
        ("class Plane:\n    color = theme.DIM", True),
        ("class Plane:\n    def draw(self, color=theme.DIM): pass", True),
        ("def draw(*, colors=(theme.INK,) * 3): pass", True),
        ("def outer():\n    def draw(color=theme.INK): pass", True),
        ("pick = lambda color=theme.INK: color", True),
        ("from attnviz.stage.theme import INK", True),
        ("FILLS = [stage.theme.cell_color(k) for k in (0, 1)]", True),
        ("SIZE = theme.NOTE", False),
        ("def draw(size=theme.NOTE): return theme.INK", False),
        ("pick = lambda: theme.INK", False),
    ],
)
def test_a_colour_that_outlasts_its_theme_is_seen(code: str, outlasts: bool) -> None:
    assert bool(kept_colours(ast.parse(code))) is outlasts
