"""Scene files, loaded by path as `manim` itself does; what goes wrong in them is told without a traceback."""

from __future__ import annotations

import contextlib
import errno
import functools
import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from attnviz.input.content_paths import builtin_scenes
from attnviz.input.problems import Problem, ProblemsFound, placed
from attnviz.input.whole_files import disk_says
from attnviz.stage.scene import Stage
from attnviz.storyboard.find_scene import name_of

SCENE_MODULE = "attnviz_scene_"
DEBUG = "ATTNVIZ_DEBUG"  # an environment variable: set it to see the traceback of a scene's exception


@functools.cache
def load_stage(file: Path, class_name: str) -> type[Stage]:
    """Run a scene's file and return its class.

    The file is run as a package whose modules are those beside it: `from .helper import shape` reads `helper.py` in the
    same folder, whether the scene is `scenes/NAME.py` or `scenes/NAME/__init__.py`.
    """
    name = _module_name(file)
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=[str(file.parent)])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # relative imports and dataclasses look their module up
    with _from_source():
        spec.loader.exec_module(module)
    stage_class = getattr(module, class_name, None)
    if not (isinstance(stage_class, type) and issubclass(stage_class, Stage)):
        hint = "write `class NAME(Stage)`, with `from attnviz.stage import Stage`"
        raise ProblemsFound(Problem(f"{class_name} is not a Stage", file, hint=hint))
    return stage_class


def _module_name(file: Path) -> str:
    """Return a name that is the same in every process, and free: two folders may hold scenes of one name."""
    name = f"{SCENE_MODULE}{name_of(file)}"
    while name in sys.modules:
        name += "_"
    return name


@contextlib.contextmanager
def scene_failures_told(scene_file: Path, name: str, storyboard: Path, line: int) -> Iterator[None]:
    """Tell what goes wrong while a scene is made or a shot is played.

    A refusal gets the storyboard's line, unless it has a place, and says where a person's own scene made it; an
    exception becomes a problem of the scene file, and so does `sys.exit`: how the program ends is not a scene's
    business. A person's request to end is KeyboardInterrupt.
    """
    try:
        yield
    except ProblemsFound as found:
        problems = [problem if problem.file else _told_whence(problem, found, scene_file) for problem in found.problems]
        raise ProblemsFound([placed(problem, storyboard, line) for problem in problems]) from found
    except (Exception, SystemExit) as error:
        if os.environ.get(DEBUG):
            raise
        raise ProblemsFound(_problem(error, scene_file, name, f"{storyboard}:{line}")) from error


def _told_whence(problem: Problem, found: ProblemsFound, scene_file: Path) -> Problem:
    """Return a refusal that says where in a person's own scene it was made; built-in ones speak to lecturers only."""
    file, line = _place_in_scene(found, scene_file)
    if line is None or scene_file.resolve().is_relative_to(builtin_scenes().resolve()):
        return problem
    whence = f"(at {file}:{line})"
    if problem.hint:
        return replace(problem, hint=f"{problem.hint} {whence}")
    return replace(problem, message=f"{problem.message} {whence}")


def _problem(error: BaseException, scene_file: Path, name: str, place: str) -> Problem:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return Problem(f"{disk_says(error)}, while playing {name} ({place})", hint="make room in the temporary folder")
    file, line = _place_in_scene(error, scene_file)
    text = f"{type(error).__name__}: {error}".splitlines()[0]
    message = f"{text}, while playing {name} ({place})"
    if isinstance(error, ModuleNotFoundError) and _is_beside(error.name, scene_file):
        return Problem(message, file, line, f"for a module beside the scene, write `from .{error.name} import …`")
    return Problem(message, file, line, f"an error in the scene; {DEBUG}=1 shows its traceback")


def _place_in_scene(error: BaseException, scene_file: Path) -> tuple[Path, int | None]:
    """Return the innermost place of an exception in the scene's file or in a module beside it."""
    places = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        places.append((Path(error.filename or ""), error.lineno))
    folder = scene_file.resolve().parent
    own = [(file, line) for file, line in places if file.resolve().parent.is_relative_to(folder)]
    if not own:
        return scene_file, None
    file, line = own[-1]
    return (scene_file if file.resolve() == scene_file.resolve() else file), line


def _is_beside(module: str | None, scene_file: Path) -> bool:
    return bool(module) and scene_file.with_name(f"{module}.py").is_file()


@contextlib.contextmanager
def _from_source() -> Iterator[None]:
    """Have Python neither read nor leave a `__pycache__` in a person's folder of scenes.

    What it has compiled before passes for the source if that has the same size and time, and time is in whole seconds:
    the picture would be of other code than its key says.
    """
    before = sys.dont_write_bytecode, sys.pycache_prefix
    sys.dont_write_bytecode, sys.pycache_prefix = True, os.devnull
    try:
        yield
    finally:
        sys.dont_write_bytecode, sys.pycache_prefix = before
