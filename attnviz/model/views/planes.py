"""The planes of a deep model: one before its first layer and one after each, from words that are read alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import torch

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.model.interface import Part
from attnviz.model.views.arrays import OWN_AXES, meant, places_meant
from attnviz.model.views.projection import Projection, aligned_with, named_plane, own_plane, pca_plane
from attnviz.model.views.view import vectors_at

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.interface import Classes, Settings
    from attnviz.model.trace_source import TraceSource

Vectors = Callable[[Sequence[str]], "Tensor"]  # words → their vectors (depth word d_model)

# Words of no class, so that two classes are seen from a place that is not the middle between them.
NEUTRAL = ("the", "a", "of", "and", "to", "in", "is", "it", "was", "for", "on", "with", "as", "at", "by", "from")
MOST_WORDS = 256  # of the vocabulary, evenly taken
AT_ONCE = 64


def vectors_of(source: TraceSource, settings: Settings) -> Vectors:
    """Return the function that has a model read words, and returns their vectors at every depth.

    A word is read alone, or in its sentence, if it is written as `she peeled an *orange*`. What was read last is
    remembered: the planes of another layer are laid through the same words.
    """

    @lru_cache(maxsize=4)
    def read(words: tuple[str, ...]) -> Tensor:
        found = []
        for start in range(0, len(words), AT_ONCE):
            some = words[start : start + AT_ONCE]
            texts = [source.alone(meant(word)[0]) for word in some]
            traces = source.trace(texts, settings, Part(arrays=("residual",)))
            for word, text, trace in zip(some, texts, traces, strict=True):
                found.append(vectors_at(trace)[:, places_meant(word, source.pieces(text))].mean(dim=1))
        return torch.stack(found, dim=1)

    return lambda words: read(tuple(words))


def of_classes(classes: Classes, vectors: Vectors, readable: Callable[[str], object]) -> list[Projection]:
    """Return the plane of two classes of words at every depth; a third one, or neutral words, give the centre."""
    neutral = [] if len(classes) > 2 else [word for word in NEUTRAL if _can(readable, word)]
    every = vectors([word for _, words in classes for word in words] + neutral)
    groups: dict[str, Tensor] = {}
    start = 0
    for name, words in classes:
        groups[name] = every[:, start : start + len(words)]
        start += len(words)
    rest = every[:, start:] if neutral else None
    return [
        named_plane({name: group[depth] for name, group in groups.items()}, None if rest is None else rest[depth])
        for depth in range(len(every))
    ]


def of_vocabulary(vocabulary: Sequence[str], vectors: Vectors, depth: int) -> list[Projection]:
    """Return the plane in which the vocabulary's words spread most at one depth, for every depth."""
    words = _some(vocabulary)
    if not words:
        hint = "choose two classes of words: `plane`"
        raise ProblemsFound(Problem("the model's vocabulary has no whole words to make a plane of", hint=hint))
    every = vectors(words)
    plane = pca_plane(every[depth])
    return [plane.laid_through(words) for words in every]


def aligned(
    planes: Sequence[Projection],
    vectors: Vectors,
    older: Projection,
    older_vectors: Vectors,
    shared: Sequence[str],
    depth: int,
) -> list[Projection]:
    """Return the planes, turned so that words lie as near as can be to where an older model's plane shows them."""
    words = _some(shared)
    if len(words) < 2:
        raise ProblemsFound(Problem("the two models have no words in common", hint="leave `like` out"))
    turned = aligned_with(planes[0], vectors(words)[depth], older.points(older_vectors(words)[depth]))
    return [replace(turned, variance_shown=plane.variance_shown) for plane in planes]


def _some(vocabulary: Sequence[str]) -> list[str]:
    """Return whole words, evenly taken from a vocabulary."""
    words = [word for word in vocabulary if word.isalpha() and len(word) > 1]
    return words[:: -(-len(words) // MOST_WORDS)] if words else []


def own(layers: int) -> list[Projection]:
    """Return the plane of a model of two dimensions, for every depth."""
    return [own_plane(OWN_AXES)] * (layers + 1)


def _can(readable: Callable[[str], object], word: str) -> bool:
    try:
        readable(word)
    except ProblemsFound:
        return False
    return True
