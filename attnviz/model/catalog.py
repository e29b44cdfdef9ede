"""Where models are found by name: beside the storyboard, then among the built-in ones. No torch."""

from __future__ import annotations

from pathlib import Path

from attnviz.content_paths import builtin_storyboards, expanded
from attnviz.model.pretrained_names import READY
from attnviz.problems import Problem, ProblemsFound, did_you_mean

TRAINED = "config.yaml"  # what a folder must hold to be a trained model


def find_model(name: str, near: Path | None = None) -> Path:
    """Return where a model lies: the file of a blackboard, or the folder of a trained model.

    `name` is either a plain name (NAME.yaml, or the folder NAME, in `near`/models, in `near`, then among the built-in
    models) or a path, relative to `near` if it is not absolute: one that ends in .yaml, or that of a folder.
    """
    if name.endswith(".yaml") or "/" in name:
        path = (near or Path()) / expanded(name)
        if name.endswith(".yaml") and _is_file(path):
            return path.parent if path.name == TRAINED else path
        if not name.endswith(".yaml") and _is_file(path / TRAINED):
            return path
        trained = f"folder of a trained model (with a {TRAINED}) at"
        what = "model file" if name.endswith(".yaml") else trained
        raise ProblemsFound(Problem(f"there is no {what} {str(path)!r}"))
    if not name.strip() or Path(name).name != name or "\\" in name or not name.isprintable():
        hint = "a name, a path that ends in .yaml, or a folder's path with a '/' in it"
        raise ProblemsFound(Problem(f"{name!r} is not a model's name", hint=hint))
    for folder in _folders(near):
        if _is_file(folder / f"{name}.yaml"):
            return folder / f"{name}.yaml"
        if _is_file(folder / name / TRAINED):
            return folder / name
    raise ProblemsFound(Problem(f"unknown model {name!r}", hint=did_you_mean(name, [*known_models(near), *READY])))


def known_models(near: Path | None = None) -> list[str]:
    """Return the names of the models beside a storyboard (in `near`/models) and of the built-in ones."""
    folders = [folder for folder in _folders(near) if folder != near and folder.is_dir()]
    blackboards = {path.stem for folder in folders for path in folder.glob("*.yaml")}
    return sorted(blackboards | {path.parent.name for folder in folders for path in folder.glob(f"*/{TRAINED}")})


def _folders(near: Path | None) -> list[Path]:
    beside = [] if near is None else [near / "models", near]
    return [*beside, builtin_storyboards() / "models"]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long for the file system, or with a null character
        return False
