"""What every kind of model offers, and how a part of it is chosen: plain data for all rooms. No torch, no numpy."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.model.arrays import ArrayInfo, DimLabels
    from attnviz.model.tokens import Token

Carry = Literal["exact", "displayed"]
Device = Literal["auto", "cpu", "cuda"]
DType = Literal["float32", "float64"]
ALL_HEADS = "all"  # instead of a head's label
Classes = tuple[tuple[str, tuple[str, ...]], ...]  # lists of words by the names of their classes


class Settings(NamedTuple):
    """How a forward pass is computed, and to how many decimals its numbers will be shown."""

    device: Device = "auto"
    dtype: DType = "float64"
    carry: Carry = "exact"
    decimals: int = 2


class Part(NamedTuple):
    """What is wanted of a whole trace: arrays by name, and one layer and one head by their labels (None: all).

    Only that is kept during the forward pass; its values are those of the whole trace, bit for bit.
    """

    arrays: Collection[str] | None = None
    layer: str | None = None
    head: str | None = None


WHOLE = Part()


Steps = int | tuple[int, ...] | None
"""Of a training: after how many steps it is looked at, or how often at most; None: not at all."""
PARTS = {"sqrt_d": "√d", "mask": "the mask", "positions": "positions", "softmax": "softmax"}
"""What can be taken out of a model's computation, besides heads, and what it is called where people read it."""
HEAD = "head="
"""With the label of a head after it, this head is taken out: `head=2`, or of another layer `head=3.2`."""
ASK_FOR_STEPS = "write `steps: 12` into the scene's `model:`, of a folder that `attnviz train` has left"
"""What to do where a training is to be shown, and no steps of it are asked for."""


@dataclass(frozen=True)
class View:
    """Which part of a model a scene looks at.

    `layer` (counted from 1) and `head` are those whose scores and weights are shown (default: the first); with the
    head `all`, arrays keep the dimension `head`, and there are none that only one head can have. `plane` has lists of
    words by the names of their classes: the first two are the axes, all are colours; without lists it is the plane in
    which the vocabulary spreads most, or a model's own two dimensions, rotated within itself so that the words lie as
    near as possible to where they lie in that of the model `like`, if one is named. `steps` asks for the model's
    training, too: the steps after which its parameters were kept, or how many of them at most. `without` is what is
    taken out of the model's computation (see `PARTS` and `HEAD`), which then is done anew, without it.
    """

    layer: int | None = None
    head: str | None = None
    plane: Classes = ()
    like: str = ""
    steps: Steps = None
    without: tuple[str, ...] = ()

    def name_of(self, model: str) -> str:
        """Return what a model is called in this view: "small without the mask and head 2"."""
        return altered_name(model, self.without)


def altered_name(model: str, without: Sequence[str]) -> str:
    """Return what a model is called from whose computation something is taken out; its own name if nothing is."""
    return f"{model} without {parts_in_words(without)}" if without else model


def parts_in_words(without: Sequence[str]) -> str:
    """Return what is taken out of a model as people read it: "√d, the mask and head 3.2"."""
    words = [PARTS.get(each, each.replace(HEAD, "head ", 1)) for each in without]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


@dataclass(frozen=True)
class Contents:
    """What can be named of a model and a sentence: its tokens, the axes and maps of the plane, arrays, and labels.

    `arrays` maps every array of a trace to its dimensions, `labels` dimensions to their labels; `experiments` maps each
    experiment that a scene can ask for to its arrays, again with their dimensions. `head_labels` has, for a dimension
    that is longer in some heads than in others, the labels that each head has of it (in a trace the shorter ones are
    padded with NaN). `absent` says of arrays that are not there what to do about it. `exact_only`: the model cannot
    compute on with numbers as displayed.
    """

    axes: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    arrays: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, DimLabels] = field(default_factory=dict)
    head_labels: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    exact_only: bool = False
    tokens: tuple[str, ...] = ()
    experiments: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


class Model(Protocol):
    """A model of any kind. Everything raises `ProblemsFound` for what the model cannot read; only `run` needs torch."""

    @property
    def name(self) -> str:
        """What the model is called."""

    @property
    def without(self) -> tuple[str, ...]:
        """What is taken out of its computation: each part once, in one order, and heads with their layer."""

    def digest(self, steps: Steps = None) -> str:
        """Return a text that changes whenever the model's numbers, or its way of reading a sentence, do.

        With steps of its training, it changes with what they were, too; raises `ProblemsFound` if it has no such steps.
        """

    def about(self, trace: xr.Dataset) -> list[str]:
        """Return what is worth knowing about the model that a trace is of, in a few lines."""

    def arrays(self) -> Mapping[str, ArrayInfo]:
        """Return every array of a whole trace."""

    def missing(self) -> Mapping[str, str]:
        """Return the arrays that traces of other models have and those of this one lack, and why."""

    def altered(self, without: Sequence[str], layer: int | None = None) -> Model:
        """Return the model with something taken out of its computation (see `View.without`).

        A head without a layer is of the given one (counted from 1; default: the first). Raises `ProblemsFound` for what
        the model does not have, or cannot do without.
        """

    def tokens(self, text: str | None, words: Sequence[str] | None = None) -> list[Token]:
        """Return the tokens of a sentence, or only those in `words`."""

    def contents(self, tokens: Sequence[Token] | None, view: View) -> Contents:
        """Return what a scene can name (without tokens: only the axes and maps)."""

    def run(
        self,
        text: str | None,
        words: Sequence[str] | None,
        settings: Settings,
        view: View | None = None,
        part: Part = WHOLE,
    ) -> xr.Dataset:
        """Return the trace of a sentence: with a view what a scene sees, else all of it or the part that is wanted."""
