"""What each kind of layered model brings to `LayeredModel`: its tokens, arrays, labels and traces. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from attnviz.model.interface import WHOLE, Part

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.model.arrays import ArrayInfo, LabelsByDim
    from attnviz.model.interface import Settings
    from attnviz.model.tokenizer import Piece
    from attnviz.model.trained.report import Floor


class TraceSource(Protocol):
    """Where a layered model's traces come from."""

    @property
    def name(self) -> str:
        """What the model is called."""

    @property
    def vocabulary(self) -> Sequence[str]:
        """A readable name for every token of the vocabulary, in the order of their ids."""

    def digest(self) -> str:
        """Return a text that changes whenever the model's numbers, or its tokenizer, do."""

    def course(self) -> Course:
        """Return how the model was trained; raises `ProblemsFound` if that is not known."""

    def about(self, architecture: str) -> list[str]:
        """Return what is worth knowing about the model, in a few lines; its traces tell the architecture."""

    def pieces(self, text: str) -> list[Piece]:
        """Return the tokens of a text; raises `ProblemsFound` for what the model cannot read."""

    def alone(self, text: str) -> str:
        """Return what the model is given so that it reads this text with nothing around it (the planes need that)."""

    def arrays(self) -> Mapping[str, ArrayInfo]:
        """Return every array of a trace."""

    def missing(self) -> Mapping[str, str]:
        """Return the arrays that traces of other models have and those of this one lack, and why."""

    def labels(self, pieces: Sequence[Piece]) -> LabelsByDim:
        """Return the labels along every dimension of the trace of a text."""

    def fixed(self) -> Mapping[str, str]:
        """Return what cannot be taken out of the model's computation, as far as it is known, and why."""

    def trace(
        self, texts: Sequence[str], settings: Settings, part: Part = WHOLE, without: tuple[str, ...] = ()
    ) -> list[xr.Dataset]:
        """Return the traces of texts, computed in one padded pass that keeps only the part that is wanted.

        `without` is what is taken out of the computation: see `attnviz.model.without`.
        """


class Course(NamedTuple):
    """How a model was trained.

    `kept` has the model as it was after so many steps; `losses` are running means of the loss, in nats, after 0, 1, …
    steps, and `floor` is what nobody can fall below, if that is known. `digest` changes with any of these, or with the
    parameters after some steps.
    """

    kept: Mapping[int, TraceSource]
    losses: Sequence[float]
    floor: Floor | None
    digest: Callable[[Sequence[int]], str]


def shape_line(architecture: str, layers: int, heads: int, key_value_heads: int, d_model: int) -> str:
    """Return a model's shape in words."""
    what = {"encoder_decoder": "encoder–decoder"}.get(architecture, architecture)
    shared = "" if key_value_heads == heads else f" ({key_value_heads} for keys and values)"
    return f"{what}, {layers} layers × {heads} heads{shared}, d_model {d_model}"


def with_pieces(trace: xr.Dataset, pieces: Sequence[Piece]) -> xr.Dataset:
    """Return a trace whose tokens, queries and keys are labelled by the pieces of its text, with their words."""
    labels = [piece.label for piece in pieces]
    renamed: dict[str, Any] = {dim: labels for dim in ("token", "query", "key") if dim in trace.dims}
    if "token" in renamed:
        renamed["word"] = ("token", [piece.word for piece in pieces])
    return trace.assign_coords(renamed)
