"""A blackboard model as written in YAML: read, checked, every mistake at its line. Needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from attnviz.input.problems import ProblemsFound
from attnviz.input.yamlsource import read_yaml, validate
from attnviz.model.blackboard.checks import problems_between
from attnviz.model.tokens import Token, tokenise

LARGEST = 1_000_000


def _moderate(number: float) -> float:
    if abs(number) > LARGEST:
        raise ValueError(f"{number:g} is too large; expected at most {LARGEST:,} either side of 0")
    return number


Number = Annotated[float, Field(strict=True, allow_inf_nan=False), AfterValidator(_moderate)]
Row = Annotated[list[Number], Field(min_length=1, max_length=64)]
Matrix = Annotated[list[Row], Field(min_length=1, max_length=1024)]
Similarity = Literal["dot", "cosine", "scaled_dot"]
Weights = Literal["softmax", "normalised", "scores"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HeadSpec(_Strict):
    """One attention head: W_Q and W_K (d_model d_head), W_V (d_model d_value)."""

    name: str
    W_Q: Matrix
    W_K: Matrix
    W_V: Matrix


class BlackboardSpec(_Strict):
    """A model as a lecturer writes it on a board: words as coordinates, and perhaps matrices."""

    kind: Literal["blackboard"]
    title: str | None = None
    axes: Annotated[list[str], Field(min_length=2, max_length=3)]
    words: Annotated[dict[str, Row], Field(min_length=1, max_length=1000)]
    groups: dict[str, list[str]] = Field(default_factory=dict)
    similarity: Similarity = "cosine"
    weights: Weights = "softmax"
    heads: Annotated[list[HeadSpec], Field(max_length=16)] = Field(default_factory=list)
    W_O: Matrix | None = None
    maps: Annotated[dict[str, Matrix], Field(max_length=16)] = Field(default_factory=dict)

    def group_of(self, word: str) -> str:
        """Return the name of a word's group, or "" if it has none."""
        return next((group for group, members in self.groups.items() if word in members), "")


def read_blackboard(path: Path) -> BlackboardSpec:
    """Read a blackboard file; raise `ProblemsFound` with everything that is wrong with it."""
    source = read_yaml(path)
    between = problems_between(source)
    try:
        spec = validate(BlackboardSpec, source)
    except ProblemsFound as found:
        raise ProblemsFound(sorted([*found.problems, *between], key=lambda problem: problem.line or 0)) from None
    if between:
        raise ProblemsFound(between)
    return spec


def tokens_of(spec: BlackboardSpec, text: str | None, words: Sequence[str] | None = None) -> list[Token]:
    """Return the tokens of a sentence that this model sees; see `attnviz.model.tokens.tokenise`."""
    return tokenise(spec.words, text, words)
