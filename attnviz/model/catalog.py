"""Where models are found by name: beside the storyboard, then among the built-in ones. No torch."""

from __future__ import annotations

from pathlib import Path

from attnviz.content_paths import builtin_storyboards
from attnviz.problems import Problem, ProblemsFound, did_you_mean


def find_model(name: str, near: Path | None = None) -> Path:
    """Return the file of a model.

    `name` is either a plain name (NAME.yaml in `near`/models, in `near`, then among the built-in models)
    or a path that ends in .yaml, relative to `near` if it is not absolute.
    """
    if name.endswith(".yaml"):
        path = (near or Path()) / Path(name).expanduser()
        if not _is_file(path):
            raise ProblemsFound(Problem(f"there is no model file {str(path)!r}"))
        return path
    if not name.strip() or Path(name).name != name or "\\" in name or not name.isprintable():
        raise ProblemsFound(Problem(f"{name!r} is not a model's name", hint="a name, or a path that ends in .yaml"))
    for folder in _folders(near):
        if _is_file(folder / f"{name}.yaml"):
            return folder / f"{name}.yaml"
    raise ProblemsFound(Problem(f"unknown model {name!r}", hint=did_you_mean(name, known_models(near))))


def known_models(near: Path | None = None) -> list[str]:
    """Return the names of the models beside a storyboard (in `near`/models) and of the built-in ones."""
    folders = [folder for folder in _folders(near) if folder != near]
    return sorted({path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.yaml")})


def _folders(near: Path | None) -> list[Path]:
    beside = [] if near is None else [near / "models", near]
    return [*beside, builtin_storyboards() / "models"]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long for the file system, or with a null character
        return False
