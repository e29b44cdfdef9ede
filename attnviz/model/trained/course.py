"""How a model was trained: the parameters that were kept along the way, and the loss of every step. Needs no torch."""

from __future__ import annotations

import csv
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from attnviz.input.problems import Problem, ProblemsFound

STEPS, TABLE = "steps", "loss.csv"
_STEP = re.compile(r"(\d{6,})\.safetensors")


def step_file(folder: Path, step: int) -> Path:
    """Return where the parameters after so many steps are kept."""
    return folder / STEPS / f"{step:06}.safetensors"


def kept_steps(folder: Path) -> dict[int, Path]:
    """Return the parameters that a training has kept along the way, by the number of steps done, which rises."""
    found = [(_STEP.fullmatch(path.name), path) for path in (folder / STEPS).glob("*.safetensors")]
    return dict(sorted((int(match[1]), path) for match, path in found if match))


def read_losses(folder: Path) -> list[float]:
    """Return the loss of every step of a training, in nats, from its table; raises `ProblemsFound` if that is bad."""
    path = folder / TABLE
    hint = "it is what `attnviz train` has left there; copy it again, or train again"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [(int(row["step"]), float(row["loss"])) for row in csv.DictReader(file)]
    except FileNotFoundError:
        raise ProblemsFound(Problem("the losses of the training are not there", path, hint=hint)) from None
    except OSError as error:
        raise ProblemsFound(Problem(f"the losses cannot be read: {error.strerror or error}", path)) from None
    except (KeyError, TypeError, ValueError, csv.Error):
        raise ProblemsFound(Problem("this is not a table of losses", path, hint=hint)) from None
    if not all(math.isfinite(loss) for _, loss in rows):
        raise ProblemsFound(Problem("a loss is no finite number", path, hint=hint))
    if not rows or [step for step, _ in rows] != list(range(1, len(rows) + 1)):
        raise ProblemsFound(Problem("the table of losses has not a line for every step, from 1 on", path, hint=hint))
    return [loss for _, loss in rows]


def smoothed(losses: Sequence[float]) -> list[float]:
    """Return running means, over few steps while the loss falls fast and over 2 % of all later on."""
    sums = [0.0, *itertools.accumulate(losses)]
    means = []
    for step in range(len(losses)):
        half = min(len(losses) // 100, step // 8, len(losses) - 1 - step)
        means.append((sums[step + half + 1] - sums[step - half]) / (2 * half + 1))
    return means


def check_course(kept: Mapping[int, Path], losses: Sequence[float], folder: Path) -> None:
    """Raise `ProblemsFound` unless parameters were kept, and none of a later step than the losses tell of."""
    if not kept:
        hint = f"`attnviz train` keeps them in the folder's {STEPS}/: train the model again, and use that folder"
        message = f"the training of the model '{folder.resolve().name}' has left no steps to play"
        raise ProblemsFound(Problem(message, folder / STEPS, hint=hint))
    if (last := max(kept)) > len(losses):
        message = f"these are the parameters after {last:,} steps, but {TABLE} tells of {len(losses):,}"
        raise ProblemsFound(Problem(message, kept[last], hint="do both belong to one training?"))
