"""Whether a model tells the meanings of an ambiguous word apart: how far apart its vectors lie, layer by layer."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from attnviz.model.recording import ForwardOptions, Recording
from attnviz.model.training.data import GrammarData, is_held_out
from attnviz.model.transformer_trace import padded

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.training.grammar import Word
    from attnviz.model.transformer import Transformer

DRAWN = 200_000
MOST = 200  # sentences of each meaning
RIDGE = 0.01  # how much the probe prefers small coefficients


class Example(NamedTuple):
    """An ambiguous word in a sentence: its place, its meaning, and on which sides of it there are clues."""

    words: tuple[Word, ...]
    place: int
    meaning: str
    before: bool
    after: bool

    @property
    def held_out(self) -> bool:
        """Whether the model was not trained on this sentence."""
        return is_held_out(list(self.words))


def senses(model: Transformer, data: GrammarData) -> dict[str, Any]:
    """Return, for every ambiguous word that is met in two meanings, what `_measured` says of it."""
    found = {word: each for word, each in examples(data).items() if len({example.meaning for example in each}) > 1}
    return {word: _measured(model, data, each) for word, each in found.items()}


def examples(data: GrammarData) -> dict[str, list[Example]]:
    """Return different sentences with each ambiguous word, at most so many of each meaning, held out or not."""
    source = random.Random(f"{data.seed} meanings")  # noqa: S311
    found: dict[str, list[Example]] = {word: [] for word in data.grammar.ambiguous}
    counts: dict[tuple[str, str, bool], int] = {}
    for words in dict.fromkeys(tuple(data.grammar.draw(source)) for _ in range(DRAWN)):
        for place, word in enumerate(words):
            if word.text not in found:
                continue
            clues = clues_of(words, place)
            sides = any(each < place for each in clues), any(each > place for each in clues)
            example = Example(words, place, word.topic, *sides)
            key = word.text, word.topic, example.held_out
            if counts.setdefault(key, 0) < MOST:
                counts[key] += 1
                found[word.text].append(example)
    return found


def clues_of(words: tuple[Word, ...] | list[Word], place: int) -> list[int]:
    """Return the places of the words that have the same topic as the word at a place."""
    topic = words[place].topic
    return [each for each, word in enumerate(words) if each != place and topic and word.topic == topic]


def _measured(model: Transformer, data: GrammarData, found: list[Example]) -> dict[str, Any]:
    """Return cosines between the meanings' mean vectors, and how often a linear probe is right, for every layer.

    Layer 0 is the stream before the first layer. Vectors are centred on their common mean. The probe is fitted on
    sentences that were trained on, and tested on those held out; its figure is the mean over the meanings, so that
    one who always says the same gets 1 / meanings. `clue_before` and `only_clue_after` are parts of the test.
    """
    streams, centres = _streams(model, data, found)
    meanings = sorted({example.meaning for example in found})
    labels = torch.tensor([meanings.index(example.meaning) for example in found])
    unseen = torch.tensor([example.held_out for example in found])
    before = torch.tensor([example.before for example in found])
    after = torch.tensor([example.after for example in found]) & ~before
    layers = []
    for stream, centre in zip(streams, centres, strict=True):
        guesses = _probe(stream[~unseen], labels[~unseen], len(meanings))(stream)
        means = [stream[unseen & (labels == each)].mean(dim=0) - centre for each in range(len(meanings))]
        layers.append(
            {
                "cosine": float(torch.cosine_similarity(means[0], means[1], dim=0)),
                "probe": _fairness(guesses, labels, unseen, len(meanings)),
                "clue_before": _fairness(guesses, labels, unseen & before, len(meanings)),
                "only_clue_after": _fairness(guesses, labels, unseen & after, len(meanings)),
            }
        )
    counts = {each: int((unseen & (labels == index)).sum()) for index, each in enumerate(meanings)}
    return {"meanings": meanings, "held_out": counts, "layers": layers}


def _streams(model: Transformer, data: GrammarData, found: list[Example]) -> tuple[list[Tensor], list[Tensor]]:
    """Return the words' vectors (example d_model) before the first layer and after each, and the mean of all words'."""
    rows = [data.row(list(example.words)) for example in found]
    lengths = torch.tensor([len(row) for row in rows])
    recording = Recording({"residual"})
    model(padded(rows), lengths=lengths if model.encoder else None, options=ForwardOptions(recording))
    residual = recording.tensors["residual"]
    wanted = [residual[0], *residual[2::3]]  # of each layer: as it enters, after attention, after the feed-forward part
    places = torch.tensor([example.place for example in found])
    real = torch.arange(int(lengths.max())) < lengths.unsqueeze(1)
    each = torch.arange(len(found))
    return [stream[each, places] for stream in wanted], [stream[real].mean(dim=0) for stream in wanted]


def _probe(vectors: Tensor, labels: Tensor, classes: int) -> Callable[[Tensor], Tensor]:
    """Return a linear map from vectors to labels: ridge regression in which every meaning weighs the same."""
    mean, spread = vectors.mean(dim=0), vectors.std(dim=0) + 1e-6

    def widened(each: Tensor) -> Tensor:
        return torch.cat(((each - mean) / spread, torch.ones(len(each), 1)), dim=1).double()

    known, wanted = widened(vectors), torch.nn.functional.one_hot(labels, classes).double()
    weighed = known / torch.bincount(labels, minlength=classes)[labels].unsqueeze(1)
    ridge = RIDGE * torch.eye(known.shape[1], dtype=torch.double)
    solution = torch.linalg.solve(weighed.T @ known + ridge, weighed.T @ wanted)
    return lambda each: (widened(each) @ solution).argmax(dim=1)


def _fairness(guesses: Tensor, labels: Tensor, chosen: Tensor, classes: int) -> float | None:
    """Return how often guesses are right, as the mean over the meanings; None if one of them does not occur."""
    shares = [(guesses == labels)[chosen & (labels == each)].double() for each in range(classes)]
    if not all(len(share) for share in shares):
        return None
    return float(torch.stack([share.mean() for share in shares]).mean())
