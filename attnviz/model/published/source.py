"""Traces of a published model."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.model.chosen import NO_TRAINING
from attnviz.model.interface import WHOLE, Part
from attnviz.model.published import arrays as pretrained_arrays
from attnviz.model.published.spec import PretrainedSpec, fingerprint, read_pretrained
from attnviz.model.trace_source import shape_line

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.model.arrays import ArrayInfo, LabelsByDim
    from attnviz.model.interface import Settings
    from attnviz.model.tokenizer import Piece
    from attnviz.model.trace_source import Course


class PublishedSource:
    """A model by its ready name, or `hf:` and a folder or a name on the Hugging Face hub.

    To an encoder–decoder a sentence is what its decoder has written so far, after `=>`; the encoder reads what stands
    before it.
    """

    def __init__(self, name: str, near: Path | None) -> None:
        self.name, self._near = name, near

    @cached_property
    def spec(self) -> PretrainedSpec:
        """The model's shape and tokenizer."""
        return read_pretrained(self.name, self._near, Path(os.environ.get("ATTNVIZ_CACHE", ".attnviz")))

    @property
    def vocabulary(self) -> Sequence[str]:
        """A readable name for every token of the vocabulary, in the order of their ids."""
        return self.spec.words

    def digest(self) -> str:
        """Return the digest of the model's files."""
        return fingerprint(self.spec)

    def course(self) -> Course:
        """Refuse: how a published model was trained is not published with it."""
        raise ProblemsFound(Problem(f"of the training of '{self.name}' nothing is known", hint=NO_TRAINING))

    def about(self, architecture: str) -> list[str]:
        """Return the model's shape, and whether it was rounded on the way here."""
        spec = self.spec
        line = shape_line(architecture, spec.layers, spec.heads, spec.key_value_heads, spec.d_model)
        return [line + (f"; quantised ({spec.quantised}): its numbers were rounded" if spec.quantised else "")]

    def pieces(self, text: str) -> list[Piece]:
        """Return the tokens of a text; of an encoder–decoder, those that its decoder reads."""
        if not self._two_texts:
            return self.spec.pieces(text)
        source, target = self._parts(text)
        self.spec.pieces(source)  # refuse what the encoder cannot read
        return self.spec.target_pieces(target)

    def alone(self, text: str) -> str:
        """Return the text; to an encoder–decoder it is what the encoder reads and what the decoder has written."""
        return f"{text} => {text}" if self._two_texts else text

    def arrays(self) -> Mapping[str, ArrayInfo]:
        """Return every array of a trace."""
        return pretrained_arrays.arrays_of(self.spec)

    def missing(self) -> Mapping[str, str]:
        """Return which arrays of other models a trace lacks, and why."""
        return pretrained_arrays.missing_of(self.spec)

    def labels(self, pieces: Sequence[Piece]) -> LabelsByDim:
        """Return the labels along every dimension; those of what an encoder–decoder's encoder reads are not known."""
        if not self._two_texts:
            return pretrained_arrays.labels_of(self.spec, pieces)
        labels = pretrained_arrays.labels_of(self.spec, targets=pieces)
        return {dim: each for dim, each in labels.items() if dim not in ("source", "source_query", "source_key")}

    def fixed(self) -> Mapping[str, str]:
        """Return what cannot be taken out: positions. Of masks and factors only the loaded model tells."""
        return {"positions": "each published model has a way of its own with them, outside of its attention"}

    def trace(
        self, texts: Sequence[str], settings: Settings, part: Part = WHOLE, without: tuple[str, ...] = ()
    ) -> list[xr.Dataset]:
        """Return the traces of texts."""
        from attnviz.model.device import device_of
        from attnviz.model.published.traces import trace_pretrained

        run = partial(
            trace_pretrained,
            self.spec,
            part=part,
            device=device_of(settings.device),
            dtype=settings.dtype,
            without=without,
        )
        parts = [self._parts(text) for text in texts]
        if not self._two_texts:
            return run(texts)
        targets = [target for _, target in parts]
        given = [target or "" for target in targets] if any(targets) else None
        sources = [source for source, _ in parts]
        return run(sources, targets=given)

    @property
    def _two_texts(self) -> bool:
        return self.spec.both

    def _parts(self, text: str) -> tuple[str, str | None]:
        """Return what the encoder reads and what the decoder has written."""
        source, arrow, target = text.partition("=>")
        return source.strip(), target.strip() or None if arrow else None
