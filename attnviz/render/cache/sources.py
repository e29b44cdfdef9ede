"""Which source code and which libraries a picture depends on: digests that change when the code does.

A scene depends on its own file and on what it imports, directly or not, from attnviz and from beside it. Comments and
the layout of the code don't count: what is digested is the syntax tree, without docstrings.
"""

from __future__ import annotations

import ast
import hashlib
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from attnviz.render.cache.store import Store

PACKAGE = Path(__file__).resolve().parents[2]
LIBRARIES = ("manim", "manimpango", "numpy", "pillow", "pycairo", "svgelements", "typst", "av")
# What draws and encodes; the rest of this room only decides what and when.
DRAWING = tuple(
    f"render/{name}.py"
    for name in (
        "shots/renderer",
        "film/encoder",
        "shots/manim_setup",
        "shots/player",
        "accelerate/__init__",
    )
)
_RECORD, _RULES = "sources", "runtime-imports, relative ones too"  # a new name when files are read in another way
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Sources:
    """Digests of source files, each parsed once; `store` remembers them from run to run."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, list[object]] = store.read(_RECORD, _RULES) or {}
        self._new = False
        self._files: dict[Path, tuple[str, tuple[str, ...]]] = {}
        self._needed: dict[Path, list[Path]] = {}

    def of_scene(self, file: Path) -> dict[str, str]:
        """Return the digest of every file that a scene's pictures depend on, by a readable name."""
        scenes = folder_of_scenes(file)
        return self._closure([file.resolve(), *(PACKAGE / name for name in DRAWING)], scenes)

    def beside_scene(self, file: Path) -> dict[str, bytes]:
        """Return the content of a scene's file and of the modules beside it that it imports, by path in its folder."""
        scenes = folder_of_scenes(file)
        own = [each for each in self._files_from([file.resolve()]) if each.is_relative_to(scenes)]
        return {str(each.relative_to(scenes)): each.read_bytes() for each in sorted(own)}

    def of_package(self, *names: str) -> dict[str, str]:
        """Return the digests of files of this package (`model/door.py`), and of what they import from it."""
        return self._closure([PACKAGE / name for name in names])

    def save(self) -> None:
        """Remember what was parsed."""
        if self._new:
            self._store.note(_RECORD, _RULES, self._known)
            self._new = False

    def _closure(self, roots: Sequence[Path], scenes: Path | None = None) -> dict[str, str]:
        found = {_name(file, scenes): digest for file, digest in self._files_from(roots).items()}
        return dict(sorted(found.items()))

    def _files_from(self, roots: Sequence[Path]) -> dict[Path, str]:
        """Return the digests of files and of all that they import, directly or not."""
        waiting, found = list(roots), dict[Path, str]()
        while waiting:
            file = waiting.pop()
            if file in found or not file.is_file():
                continue
            found[file] = self._file(file)[0]
            waiting += self._needed_by(file)
        return found

    def _needed_by(self, file: Path) -> list[Path]:
        """Return the files that a file imports, and those beside it that it reads; looked for once."""
        if file not in self._needed:
            imported = dict.fromkeys(each for name in self._file(file)[1] for each in self._files_of(name, file))
            self._needed[file] = [*imported, *_beside(file)]
        return self._needed[file]

    def _files_of(self, name: str, importer: Path) -> Iterator[Path]:
        """Yield the files that an imported name can mean: modules of this package, or beside the importer."""
        if name.startswith("."):
            yield from _relative(name, importer)
            return
        parts = name.split(".")
        if parts[0] != "attnviz":
            return
        folder = PACKAGE
        for place, part in enumerate(parts[1:], 1):
            if (folder / f"{part}.py").is_file():
                yield folder / f"{part}.py"
                return
            if not (folder / part / "__init__.py").is_file():
                yield from self._handed_on(folder / "__init__.py", parts[: place + 1])
                return
            folder /= part
        yield from sorted(folder.glob("*.py"))

    def _handed_on(self, package: Path, parts: Sequence[str]) -> Iterator[Path]:
        """Yield the module from which a package's `__init__` imports a name."""
        for name in self._file(package)[1]:
            if name.rpartition(".")[2] == parts[-1] and name != ".".join(parts):
                yield from self._files_of(name, package)

    def _file(self, file: Path) -> tuple[str, tuple[str, ...]]:
        """Return a file's digest and the names that it imports."""
        if file not in self._files:
            content = file.read_bytes()
            key = hashlib.sha256(content).hexdigest()
            if file.suffix != ".py":
                self._files[file] = (key, ())
                return self._files[file]
            if key not in self._known:
                self._known[key] = list(_parsed(content, key))
                self._new = True
            digest, *imports = self._known[key]
            self._files[file] = (str(digest), tuple(map(str, imports)))
        return self._files[file]


def libraries() -> dict[str, str]:
    """Return the versions of what draws and encodes."""
    import cairo

    from attnviz.render.accelerate import wanted

    versions = {"python": platform.python_version(), "cairo": cairo.cairo_version_string()}
    on = wanted()  # with these other bytes come out than without
    versions["colour conversion"] = "ours" if on.colours else "FFmpeg"
    versions["encoding"] = f"{'fast' if on.encoding else 'as manim'}, stills {'ready-made' if on.stills else 'encoded'}"
    return versions | versions_of(LIBRARIES)


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """Return which versions of packages are installed."""
    versions = {}
    for name in packages:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "none"
    return versions


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the names under which two mappings differ."""
    return [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]


@lru_cache(maxsize=1024)  # a process may open several stores, each with nothing known yet
def _parsed(content: bytes, key: str) -> tuple[str, ...]:
    """Return the digest of a source's syntax tree, then the dotted names that it imports."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):  # whoever runs it will be told
        return (key,)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node):
            node.body = node.body[1:]
    digest = hashlib.sha256(ast.dump(tree).encode()).hexdigest()
    return digest, *sorted(set(_imports(tree)))


def _imports(node: ast.AST) -> Iterator[str]:
    """Yield the dotted names that a piece of code imports when it runs."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (f"{node.module}." if node.module else "")
        yield from (f"{module}{alias.name}" for alias in node.names)
    types_only = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    for child in node.orelse if types_only and isinstance(node, ast.If) else ast.iter_child_nodes(node):
        yield from _imports(child)


def _beside(file: Path) -> list[Path]:
    """Return the data files of a module: the pictures or C sources that lie with it."""
    if file.name == "icons.py":
        return sorted((file.parent / "icons").glob("*.svg"))
    return sorted(file.parent.glob("*.c")) if file.parent.name == "accelerate" else []


def _relative(name: str, importer: Path) -> Iterator[Path]:
    """Yield the modules that a relative import such as `.shapes.Square` runs."""
    parts = name.lstrip(".").split(".")
    folder = importer.parents[len(name) - len(name.lstrip(".")) - 1]
    for part in parts:
        yield folder / f"{part}.py"
        folder /= part
        yield folder / "__init__.py"


def folder_of_scenes(file: Path) -> Path:
    """Return the folder that holds a scene: its file, or its folder."""
    return file.resolve().parents[1 if file.name == "__init__.py" else 0]


def _name(file: Path, scenes: Path | None) -> str:
    if scenes is not None and file.is_relative_to(scenes):
        return f"{scenes.name}/{file.relative_to(scenes)}"
    return f"attnviz/{file.relative_to(PACKAGE)}"
