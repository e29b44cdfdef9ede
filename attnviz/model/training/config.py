"""What is to be trained, on what and how, as written in YAML: every mistake at its line. Needs no torch."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from attnviz.input.content_paths import expanded
from attnviz.input.problems import Problem, ProblemsFound, placed
from attnviz.input.yamlsource import Source, read_yaml, validate
from attnviz.model.training.grammar import Grammar
from attnviz.model.training.grammar_file import find_grammar, read_grammar
from attnviz.model.transformer_config import TransformerConfig

Objective = Literal["next_token", "masked_token"]
LARGEST_TEXT = 500_000_000  # bytes
_ARCHITECTURES = {"next_token": "decoder", "masked_token": "encoder"}

Whole = Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
Kept = Annotated[list[Annotated[int, Field(strict=True, ge=0)]], Field(min_length=1, max_length=1000)]
Share = Annotated[float, Field(ge=0, le=1)]


class TrainingSpec(BaseModel):
    """How a model is trained; `steps` counts updates, `batch` the texts of each.

    `keep`: after how many steps parameters are kept (default: every `save_every`); those of the last are, always.
    `vocabulary`: how many tokens are learnt from a text (a grammar has its own words). `masked`: the share of tokens
    that an encoder has to guess. `learning_rate` rises for `warmup` steps, then falls to a tenth as half a cosine.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["training"] = "training"
    title: str | None = None
    model: dict[str, Any]
    grammar: str | None = None
    text: str | None = None
    vocabulary: Annotated[int, Field(strict=True, ge=300, le=100_000)] = 2000
    objective: Objective = "next_token"
    steps: Whole = 2000
    batch: Annotated[int, Field(strict=True, ge=1, le=65_536)] = 64
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 3e-3
    warmup: Annotated[int, Field(strict=True, ge=0)] = 100
    schedule: Literal["cosine", "constant"] = "cosine"
    weight_decay: Share = 0.1
    clip: Annotated[float, Field(gt=0)] = 1.0  # the longest gradient
    masked: Annotated[float, Field(gt=0, lt=1)] = 0.2
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**63)] = 0
    save_every: Whole = 500
    keep: Kept | None = None

    def keeps(self, done: int) -> bool:
        """Tell whether the parameters after so many steps are kept."""
        chosen = done % self.save_every == 0 if self.keep is None else done in self.keep
        return chosen or done == self.steps

    def rate(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        if self.schedule == "constant":
            return self.learning_rate
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.learning_rate * (0.55 + 0.45 * math.cos(math.pi * done))


class TrainingFile(NamedTuple):
    """A checked training file: one of `grammar` and `text` is there."""

    path: Path
    spec: TrainingSpec
    model: dict[str, Any]
    grammar: Grammar | None
    text: Path | None
    source: Source

    def shape(self, vocabulary: int) -> TransformerConfig:
        """Return the shape of the model with a vocabulary of so many tokens; raise `ProblemsFound` at its lines."""
        model = self.model | {"vocabulary": vocabulary} | ({"title": self.spec.title} if self.spec.title else {})
        return validate(TransformerConfig, Source(self.path, {"model": model}, self.source.lines), ("model",))


def read_training(path: Path, steps: int | None = None) -> TrainingFile:
    """Read a training file, perhaps with another number of steps; raise `ProblemsFound` with all that is wrong."""
    source = read_yaml(path)
    spec = validate(TrainingSpec, source)
    problems = [*_choices(spec, source)]
    spec = spec if steps is None else spec.model_copy(update={"steps": steps})
    grammar = None
    text = None if spec.text is None else path.parent / expanded(spec.text)
    try:
        if spec.grammar is not None:
            grammar = read_grammar(find_grammar(spec.grammar, path.parent))
    except ProblemsFound as found:
        problems += [placed(problem, path, source.line_of(("grammar",))) for problem in found.problems]
    if text is not None and not text.is_file():
        problems.append(Problem(f"there is no text file '{text}'", path, source.line_of(("text",))))
    file = TrainingFile(path, spec, spec.model, grammar, text, source)
    try:
        shape = file.shape(len(grammar.vocabulary) + 1 if grammar else spec.vocabulary)
        problems += _fit(spec, shape, grammar, source)
    except ProblemsFound as found:
        problems += found.problems
    if problems:
        raise ProblemsFound(sorted(problems, key=lambda problem: problem.line or 0))
    return file


def _choices(spec: TrainingSpec, source: Source) -> list[Problem]:
    """Return what is wrong with the choice of data."""
    problems = []
    if (spec.grammar is None) == (spec.text is None):
        line, both = source.line_of(("text",) if spec.text else ()), spec.text is not None
        message = "there are both a text and a grammar" if both else "there is nothing to learn from"
        problems.append(Problem(message, source.path, line, "write either `text: FILE` or `grammar: NAME`"))
    for place, step in enumerate(spec.keep or ()):
        if step > spec.steps:
            message = f"keep: there are {spec.steps:,} steps, and no step {step:,}"
            problems.append(Problem(message, source.path, source.line_of(("keep", place))))
    if "vocabulary" in spec.model:
        line = source.line_of(("model", "vocabulary"))
        hint = "leave it out; beside `text`, `vocabulary` says how many tokens there are to be"
        problems.append(Problem("model.vocabulary: it follows from the text", source.path, line, hint))
    return problems


def _fit(spec: TrainingSpec, shape: TransformerConfig, grammar: Grammar | None, source: Source) -> list[Problem]:
    """Return what is wrong between a model and what it is to learn."""
    problems = []
    wanted = _ARCHITECTURES[spec.objective]
    if shape.architecture != wanted:
        message = f"model.architecture: a model that learns '{spec.objective}' must be '{wanted}'"
        problems.append(Problem(message, source.path, source.line_of(("model", "architecture"))))
    if grammar and grammar.longest > shape.context:
        message = f"model.context: the grammar's longest sentence has {grammar.longest} words"
        hint = f"expected {grammar.longest} or more"
        problems.append(Problem(message, source.path, source.line_of(("model", "context")), hint))
    return problems
