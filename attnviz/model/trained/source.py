"""Traces of a model that `attnviz train` has written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, TooLong
from attnviz.model import transformer_arrays
from attnviz.model.chosen import NO_MASK, NO_POSITIONS
from attnviz.model.interface import WHOLE, Part
from attnviz.model.trace_source import Course, shape_line, with_pieces
from attnviz.model.trained.course import TABLE, check_course, kept_steps, read_losses, smoothed
from attnviz.model.trained.folder import TrainedSpec, digest_of, digest_of_files, read_trained
from attnviz.model.trained.report import floor_of, report_lines

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.model.arrays import ArrayInfo, LabelsByDim
    from attnviz.model.interface import Settings
    from attnviz.model.tokenizer import Piece
    from attnviz.model.transformer import Transformer


class TrainedSource:
    """A folder that `attnviz train` has written, perhaps with the parameters of an earlier step."""

    def __init__(self, folder: Path, earlier: Path | None = None) -> None:
        self.folder, self.name, self.earlier = folder, folder.resolve().name, earlier

    @cached_property
    def spec(self) -> TrainedSpec:
        """The model's shape and tokenizer."""
        return read_trained(self.folder)

    @property
    def vocabulary(self) -> Sequence[str]:
        """A readable name for every token of the vocabulary, in the order of their ids."""
        return self.spec.tokenizer.vocabulary

    def digest(self) -> str:
        """Return the digest of the folder's model."""
        return digest_of(self.folder)

    def course(self) -> Course:
        """Return how the model was trained; raises `ProblemsFound` if the folder does not tell, or not truly."""
        kept, losses = kept_steps(self.folder), read_losses(self.folder)
        check_course(kept, losses, self.folder)
        means = smoothed(losses)
        sources = {step: TrainedSource(self.folder, path) for step, path in kept.items()}
        # The loss of a step was measured before it was taken; after the last one, there is that of the last
        return Course(sources, [*means, means[-1]], floor_of(self.spec.report), self._digest_of_steps)

    def _digest_of_steps(self, steps: Sequence[int]) -> str:
        paths = [self.folder / TABLE, *[path for step, path in kept_steps(self.folder).items() if step in steps]]
        return f"{digest_of_files(paths)} {floor_of(self.spec.report)}"

    def about(self, architecture: str) -> list[str]:
        """Return the model's shape and what it has learnt."""
        config = self.spec.config
        line = shape_line(architecture, config.layers, config.heads, config.key_value_heads, config.d_model)
        changed = ", ".join(self.spec.changed)
        remark = [f"changed since it was trained and measured: {changed}"] if changed else []
        return [line, *remark, *report_lines(self.spec.report)]

    def pieces(self, text: str) -> list[Piece]:
        """Return the tokens of a text; raise `ProblemsFound` if they are too many."""
        pieces = self.spec.tokenizer.pieces(text)
        if len(pieces) > self.spec.config.context:
            hint = f"the model '{self.name}' reads at most {self.spec.config.context}"
            raise TooLong(Problem(f"the sentence has {len(pieces)} tokens", hint=hint))
        return pieces

    def alone(self, text: str) -> str:
        """Return the text itself."""
        return text

    def arrays(self) -> Mapping[str, ArrayInfo]:
        """Return every array of a trace."""
        return transformer_arrays.arrays_of(self.spec.config)

    def missing(self) -> Mapping[str, str]:
        """Return which arrays of other models a trace lacks, and why."""
        return transformer_arrays.missing_of(self.spec.config)

    def labels(self, pieces: Sequence[Piece]) -> LabelsByDim:
        """Return the labels along every dimension."""
        of_text = transformer_arrays.labels_of_text([piece.label for piece in pieces])
        return transformer_arrays.labels_of(self.spec.config, self.vocabulary) | of_text

    def fixed(self) -> Mapping[str, str]:
        """Return what cannot be taken out, as the model does not have it, and why."""
        mask = {"mask": NO_MASK} if self.spec.config.architecture == "encoder" else {}
        return mask | ({"positions": NO_POSITIONS} if self.spec.config.positions == "none" else {})

    def trace(
        self, texts: Sequence[str], settings: Settings, part: Part = WHOLE, without: tuple[str, ...] = ()
    ) -> list[xr.Dataset]:
        """Return the traces of texts."""
        from attnviz.model.device import device_of
        from attnviz.model.transformer_trace import trace_texts

        load = self._loaded if self.earlier is None else self._load  # earlier steps are many, and read once
        model, mark = load(device_of(settings.device), settings.dtype)
        pieces = [self.pieces(text) for text in texts]
        ids = [[piece.number for piece in each] for each in pieces]
        traces = trace_texts(model, ids, vocabulary=self.vocabulary, part=part, without=without)
        return [
            with_pieces(trace, each).assign_attrs(model=self.name, fingerprint=mark)
            for trace, each in zip(traces, pieces, strict=True)
        ]

    @cache  # noqa: B019 (as long as the source, of which there are few)
    def _loaded(self, device: str, dtype: str) -> tuple[Transformer, str]:
        return self._load(device, dtype)

    def _load(self, device: str, dtype: str) -> tuple[Transformer, str]:
        """Return the model where it is wanted, and its fingerprint."""
        import torch

        from attnviz.model.trained.folder import load_trained
        from attnviz.model.transformer_trace import fingerprint

        model = load_trained(self.folder, self.earlier)
        return model.to(device=device, dtype=getattr(torch, dtype)), fingerprint(model)
