"""The one door through which numbers reach a scene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import xarray as xr

from attnviz.input.questions import (
    Answer,
    Read,
    ask,
    entries_of,
    fact_of,
    group_of,
    labels_of,
    refusal,
    round_significant,
    visible_word,
)
from attnviz.stage.numbers import Number, Style, numbers_of

__all__ = ["Answer", "Door", "Label", "Labels", "Read", "refusal", "visible_word"]

Label = str | int | float
Labels = Label | Sequence[Label]


@dataclass
class Door:
    """Reads entries of traces by label, rounds them for drawing, and records every question with its answer.

    `traces` maps sentence names to datasets; the first is the one meant when no name is given. The answers decide
    whether a shot must be drawn again when the traces change: what is not asked here cannot be on screen.
    """

    traces: Mapping[str, xr.Dataset]
    answers: dict[Read, Answer] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    _depth: int = 0
    _given: set[tuple[object, ...]] = field(default_factory=set)
    _said: list[str] | None = None

    def entries(self, array: str, sentence: str | None, coords: Mapping[str, Labels]) -> xr.DataArray:
        """Return the chosen entries at full precision, every dimension kept, in the array's own order of dimensions."""
        chosen = tuple((dim, _listed(labels)) for dim, labels in coords.items())
        return entries_of(self.traces, self._noted(Read("entries", sentence or "", array, chosen)))

    def read(self, array: str, sentence: str | None = None, **coords: Labels) -> xr.DataArray:
        """Return entries for drawing, rounded to 6 significant digits; dimensions chosen by one label are dropped."""
        chosen = self.entries(array, sentence, coords)
        single = [d for d in chosen.dims if chosen.sizes[d] == 1 and not isinstance(coords.get(str(d)), (list, tuple))]
        rounded = chosen.copy(data=round_significant(chosen.values))
        return rounded.squeeze(single, drop=True)

    def table(self, array: str, sentence: str | None, coords: Mapping[str, Labels]) -> xr.DataArray:
        """Return entries as `read` does, but with two dimensions, also where there is but one row or column."""
        chosen = self.entries(array, sentence, coords)
        dropped = [d for d in chosen.dims if isinstance(coords.get(str(d)), Label)]
        spare = [d for d in chosen.dims if chosen.sizes[d] == 1 and str(d) not in coords]
        dropped += spare[: max(0, len(chosen.dims) - len(dropped) - 2)]
        found = chosen.copy(data=round_significant(chosen.values)).squeeze(dropped, drop=True)
        if len(found.dims) != 2:
            left = f"'{array}' has {len(found.dims)} there: {', '.join(map(str, found.dims)) or 'none'}"
            raise refusal(
                f"a table has two dimensions, and {left}", "choose one label of each other one, as in head='1'"
            )
        return found

    def numbers(
        self,
        array: str,
        sentence: str | None,
        style: Style,
        decimals: int | None,
        coords: Mapping[str, Labels],
    ) -> list[Number]:
        """Return entries as numbers with receipts, in row-major order."""
        chosen = self.entries(array, sentence, coords)
        unnamed = [d for d in chosen.dims if chosen.sizes[d] == 1 and str(d) not in coords]
        entries = chosen.squeeze(unnamed, drop=True)
        found = numbers_of(entries, style, self.places(decimals, sentence), self.carry(sentence), sentence or "")
        self._given.update(map(_origin, found))
        return found

    def gave(self, number: Number) -> bool:
        """Tell whether a number was read here, and from where it says."""
        return _origin(number) in self._given

    @contextmanager
    def listening(self, *arguments: object) -> Iterator[bool]:
        """Note what a verb is told by the storyboard, and yield whether it is: verbs tell each other what they like."""
        if not self._depth:
            self.told += _texts_in(arguments)
        self._depth += 1
        try:
            yield self._depth == 1
        finally:
            self._depth -= 1

    def hear(self, texts: Sequence[str]) -> None:
        """Note what was told elsewhere, such as on the stage before on a board."""
        self.told = list(dict.fromkeys([*self.told, *texts]))

    def known_texts(self) -> list[str]:
        """Return what the storyboard and the model say: names with numbers in them must come from there."""
        if self._said is None:
            said = [text for trace in self.traces.values() for text in _texts_of(trace)]
            self._said = list(dict.fromkeys(said + list(self.traces)))
        return self.told + self._said

    def labels(self, dim: str | None, array: str = "", sentence: str | None = None, **coords: Labels) -> list[str]:
        """Return the labels along a dimension of an array (by default its last), or of the whole trace."""
        others = tuple((other, _listed(labels)) for other, labels in coords.items())
        if others and dim is None:
            raise refusal("say along which dimension the labels are wanted", "name it: dim=…")
        read = Read("labels", sentence or "", array, () if dim is None else ((dim, ()), *others))
        return labels_of(self.traces, self._noted(read))

    def words(self) -> list[str]:
        """Return the words that stand on the board, in any sentence, as they are read; none where there is no model."""
        asked = [self._noted(Read("labels", name, "", (("token", ()),))) for name in self.sentences()]
        tokens = [token for read in asked if self.answers[read] is not None for token in labels_of(self.traces, read)]
        return list(dict.fromkeys(map(visible_word, tokens)))

    def has(self, array: str, sentence: str | None = None) -> bool:
        """Tell whether a trace has an array."""
        return self.answers[self._noted(Read("labels", sentence or "", array))] is not None

    def fact(self, name: str, sentence: str | None = None) -> str:
        """Return an attribute of a trace in words ("" if there is none); raises `ProblemsFound` without a trace."""
        return fact_of(self.traces, self._noted(Read("fact", sentence or "", name)))

    def places(self, decimals: int | None, sentence: str | None) -> int:
        """Return how many decimals are shown: those asked for, else the storyboard's."""
        return int(self.fact("decimals", sentence) or 2) if decimals is None else decimals

    def carry(self, sentence: str | None) -> str:
        """Return whether shown digits are carried on, or exact values."""
        return self.fact("carry", sentence) or "exact"

    def sentences(self) -> list[str]:
        """Return the names of the sentences, the default first."""
        self._noted(Read("sentences"))
        return list(self.traces)

    def group(self, word: str) -> tuple[list[str], str]:
        """Return all groups of words in their order, and the group that a word is in ("" if in none)."""
        return group_of(self.traces, self._noted(Read("group", name=word)))

    def _noted(self, read: Read) -> Read:
        """Record a question with its answer, also where the answer is that there is nothing of the kind."""
        if read not in self.answers:
            self.answers[read] = ask(self.traces, read)
        return read


def _origin(number: Number) -> tuple[object, ...]:
    return number.sentence, number.array, *number.coords.items(), repr(number.value)


def _texts_of(trace: xr.Dataset) -> list[str]:
    """Return the labels and attributes of a trace, and the names of its arrays."""
    labels = [str(label) for coordinate in trace.coords.values() for label in coordinate.values.ravel()]
    return [*labels, *map(str, trace.attrs.values()), *map(str, trace.data_vars), *map(str, trace.dims)]


def _texts_in(value: object) -> list[str]:
    """Return all texts in the arguments of a verb."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for pair in value.items() for text in _texts_in(pair)]
    return [text for each in value for text in _texts_in(each)] if isinstance(value, (list, tuple)) else []


def _listed(labels: Labels) -> tuple[str, ...]:
    return (str(labels),) if isinstance(labels, Label) else tuple(map(str, labels))
