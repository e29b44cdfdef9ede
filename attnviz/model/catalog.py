"""Where models are found by name: beside the storyboard, then among the built-in ones. No torch."""

from __future__ import annotations

import re
from pathlib import Path

from attnviz.input.content_paths import builtin_storyboards, expanded
from attnviz.input.encodable import is_encodable
from attnviz.input.problems import Problem, ProblemsFound, did_you_mean
from attnviz.model.published.names import READY

TRAINED = "config.yaml"  # what a folder must hold to be a trained model
_TRAINING, _STORYBOARD = "a training configuration", "a storyboard"
# What else a YAML file can be, by a word at the beginning of a line; reading it as YAML would take longer.
_OTHERS = {b"training": _TRAINING, b"grammar": "a grammar", b"transformer": "a transformer's shape"}
_OTHERS |= {b"chapters": _STORYBOARD}
_SAYS = re.compile(rb"^(?:kind: *[\"']?(training|grammar|transformer)\b|(chapters):)", re.MULTILINE)
_ENOUGH = 1_000_000  # bytes: a YAML file that is longer is not read


def find_model(name: str, near: Path | None = None) -> Path:
    """Return where a model lies: the file of a blackboard, or the folder of a trained model.

    `name` is either a plain name (NAME.yaml, or the folder NAME, in `near`/models, in `near`, then among the built-in
    models) or a path, relative to `near` if it is not absolute: one that ends in .yaml, or that of a folder.
    """
    if name.endswith(".yaml") or "/" in name:
        path = (near or Path()) / expanded(name)
        if name.endswith(".yaml") and _is_file(path):
            if path.name != TRAINED and _other(path):
                raise _no_model(path)
            return path.parent if path.name == TRAINED else path
        if not name.endswith(".yaml") and _is_file(path / TRAINED):
            return path
        trained = f"folder of a trained model (with a {TRAINED}) at"
        what = "model file" if name.endswith(".yaml") else trained
        raise ProblemsFound(Problem(f"there is no {what} {str(path)!r}"))
    if not name.strip() or Path(name).name != name or "\\" in name or not name.isprintable():
        hint = "a name, a path that ends in .yaml, or a folder's path with a '/' in it"
        raise ProblemsFound(Problem(f"{name!r} is not a model's name", hint=hint))
    others = []
    for folder in _folders(near):
        path = folder / f"{name}.yaml"
        if _is_file(path) and not _other(path):
            return path
        if _is_file(folder / name / TRAINED):
            return folder / name
        others += [path] if _is_file(path) else []
    if others:
        raise _no_model(others[0])
    raise ProblemsFound(Problem(f"unknown model {name!r}", hint=did_you_mean(name, [*known_models(near), *READY])))


def known_models(near: Path | None = None) -> list[str]:
    """Return the names of the models beside a storyboard (in `near`/models) and of the built-in ones."""
    folders = [folder for folder in _folders(near) if folder != near and folder.is_dir()]
    blackboards = {path.stem for folder in folders for path in folder.glob("*.yaml") if not _other(path)}
    trained = {path.parent.name for folder in folders for path in folder.glob(f"*/{TRAINED}")}
    return sorted(filter(is_encodable, blackboards | trained))


def _folders(near: Path | None) -> list[Path]:
    beside = [] if near is None else [near / "models", near]
    return [*beside, builtin_storyboards() / "models"]


def _other(path: Path) -> str:
    """Return what a YAML file says that it is, if that is not a model; what cannot be read says nothing."""
    try:
        with path.open("rb") as file:
            found = _SAYS.search(file.read(_ENOUGH))
    except OSError:
        return ""
    return _OTHERS[found[1] or found[2]] if found else ""


def _no_model(path: Path) -> ProblemsFound:
    """Say what a file is instead of a model, and where the model may be."""
    what, hint = _other(path), "a model's file begins with `kind: blackboard`"
    trained = next((each for each in (path.with_suffix(""), path.parent) if _is_file(each / TRAINED)), None)
    if trained and what != _STORYBOARD:
        hint = f"the trained model is in the folder '{trained}/'"
    elif what == _TRAINING:
        hint = f"`attnviz train {path} --out FOLDER` makes one"
    return ProblemsFound(Problem(f"this is {what}, not a model", path, hint=hint))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except PermissionError:
        hint = "ask for the right to enter the folder, or copy the model"
        raise ProblemsFound(Problem("the model cannot be read: permission denied", path, hint=hint)) from None
    except (OSError, ValueError):  # a name too long for the file system, or with a null character
        return False
