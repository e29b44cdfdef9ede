"""The folder of a training: what is left there, and whether it may be written there. Needs no torch."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.model.trained.course import TABLE
from attnviz.model.trained.folder import CONFIG, MODEL, REPORT, TOKENIZER
from attnviz.model.training.config import TrainingFile, TrainingSpec

CHECKPOINT = "unfinished.safetensors"
TRAINING = "training.yaml"  # a copy of what was asked for
PICTURE = "loss.png"
FILES = (CONFIG, TOKENIZER, REPORT, TABLE, PICTURE, TRAINING, MODEL)


def check_folder(out: Path, file: TrainingFile) -> None:
    """Raise `ProblemsFound` if a training would replace what it did not write.

    Where one was interrupted, `Training.resume` tells whether it was this one: all else there is its own.
    """
    there = [name for name in FILES if os.path.lexists(out / name)]
    if MODEL in there:
        hint = "choose another folder, or delete this one"
        raise ProblemsFound(Problem(f"there is a trained model in '{out}' already", hint=hint))
    if (out / CHECKPOINT).exists():
        return
    foreign = [name for name in there if name != TRAINING or not _holds(out / TRAINING, asked(file))]
    if foreign:
        message = f"there is {', '.join(foreign)} in '{out}' already, not of this training, which would replace it"
        raise ProblemsFound(Problem(message, hint="choose another folder, or move away what is there"))


def asked(file: TrainingFile) -> str:
    """Return the training file's text, with a remark if it was told to take another number of steps."""
    text = file.path.read_text(encoding="utf-8")
    written = yaml.safe_load(text).get("steps", TrainingSpec.model_fields["steps"].default)
    remark = f"# Trained with --steps {file.spec.steps}, whatever is written below.\n"
    return text if written == file.spec.steps else remark + text


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False
