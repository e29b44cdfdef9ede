"""Training data: sentences of a grammar, or pieces of a text, chosen by the seed and the number of the step.

A batch depends on the seed and the number of its step only, so that a training that was interrupted goes on with the
very same batches. What is held out is never trained on.
"""

from __future__ import annotations

import random
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import torch

from attnviz.input.problems import Problem, ProblemsFound, placed
from attnviz.input.stand_ins import HEAD, check_is_itself
from attnviz.model.tokenizer import Tokenizer
from attnviz.model.training.config import LARGEST_TEXT, TrainingFile, TrainingSpec
from attnviz.model.training.grammar import Grammar, Word
from attnviz.model.training.words import MASK, word_tokenizer
from attnviz.model.transformer_trace import padded

if TYPE_CHECKING:
    from torch import Tensor

HELD_OUT = 20  # every 20th sentence, and the last 20th of a text
DRAWN, ENOUGH = 2000, 100  # sentences that are looked at; of so many different ones, some nearly always are held out
IGNORED = -100  # the target where nothing is predicted, as in F.cross_entropy


class Batch(NamedTuple):
    """Inputs and targets (batch token; targets are IGNORED where nothing is predicted), and the length of each text."""

    inputs: Tensor
    targets: Tensor
    lengths: Tensor | None

    def to(self, device: str) -> Batch:
        """Copy the batch to a device, asynchronously where that is possible."""
        there = [None if each is None else each.to(device, non_blocking=True) for each in self]
        return Batch(*there)  # type: ignore[arg-type]


class Data(Protocol):
    """Texts to learn from."""

    tokenizer: Tokenizer

    def rows(self, step: int, count: int) -> list[list[int]]:
        """Return the texts of a step as token ids."""

    def held_out(self, count: int) -> list[list[int]]:
        """Return at most `count` texts that are never trained on."""


class GrammarData:
    """Sentences drawn from a grammar; one in 20, chosen by its words, is held out."""

    def __init__(self, grammar: Grammar, seed: int) -> None:
        self.grammar, self.seed = grammar, seed
        self.tokenizer = word_tokenizer(grammar.vocabulary)
        self.numbers = {word: number for number, word in enumerate(grammar.vocabulary)}
        self._check_size()

    def _check_size(self) -> None:
        """Raise `ProblemsFound` unless there are sentences to train on, and others that are held out."""
        source = random.Random(self.seed)  # noqa: S311
        drawn = [self.grammar.draw(source) for _ in range(DRAWN)]
        held_out = {is_held_out(words) for words in drawn}
        if len(held_out) == 2:
            return
        found = len({tuple(word.text for word in words) for words in drawn})
        message = f"the grammar has too few sentences (different ones in {DRAWN:,} draws: {found:,})"
        hint = f"about {ENOUGH} are needed, as one in {HELD_OUT}, chosen by its words, is held out of the training"
        raise ProblemsFound(
            Problem(f"{message}, of which {'all are' if held_out == {True} else 'none is'} held out", hint=hint)
        )

    def rows(self, step: int, count: int) -> list[list[int]]:
        """Return random sentences that are not held out."""
        source, rows = random.Random(f"{self.seed} {step}"), list[list[int]]()  # noqa: S311
        while len(rows) < count:
            words = self.grammar.draw(source)
            if not is_held_out(words):
                rows.append(self.row(words))
        return rows

    def held_out(self, count: int) -> list[list[int]]:
        """Return random sentences that are held out (fewer, if they are rare)."""
        return [self.row(words) for words in self.held_out_sentences(count)]

    def drawn(self, count: int) -> list[list[int]]:
        """Return random sentences, held out or not."""
        source = random.Random(f"{self.seed} drawn")  # noqa: S311
        return [self.row(self.grammar.draw(source)) for _ in range(count)]

    def held_out_sentences(self, count: int) -> list[list[Word]]:
        """Return the same with their topics."""
        source = random.Random(f"{self.seed} held out")  # noqa: S311
        drawn = (self.grammar.draw(source) for _ in range(200 * count))
        found = (words for words in drawn if is_held_out(words))
        return [words for words, _ in zip(found, range(count), strict=False)]

    def row(self, words: list[Word]) -> list[int]:
        """Return the token ids of words."""
        return [self.numbers[word.text] for word in words]


class TextData:
    """Random pieces of a text, cut into tokens that are learnt from it; its last 20th is held out."""

    def __init__(self, path: Path, spec: TrainingSpec, context: int) -> None:
        text = read_text(path)
        self.seed, self.width = spec.seed, context + (spec.objective == "next_token")
        self.tokenizer = learnt_tokenizer(text, spec.vocabulary)
        ids = [number for each in self.tokenizer.inner.encode_batch_fast(text) for number in each.ids]
        cut = len(ids) - len(ids) // HELD_OUT
        self.learnt, self.unseen = torch.tensor(ids[:cut]), torch.tensor(ids[cut:])
        if len(self.unseen) < self.width:
            hint = f"it needs {self.width * HELD_OUT:,}, or a smaller model.context"
            raise ProblemsFound(Problem(f"the text has only {len(ids):,} tokens", path, hint=hint))

    def rows(self, step: int, count: int) -> list[list[int]]:
        """Return random pieces of what is not held out."""
        source = random.Random(f"{self.seed} {step}")  # noqa: S311
        starts = [source.randrange(len(self.learnt) - self.width + 1) for _ in range(count)]
        return [self.learnt[start : start + self.width].tolist() for start in starts]

    def held_out(self, count: int) -> list[list[int]]:
        """Return the first pieces of what is held out."""
        return [piece.tolist() for piece in self.unseen.unfold(0, self.width, self.width)[:count]]


def data_of(file: TrainingFile) -> GrammarData | TextData:
    """Return what a training file says is to be learnt from."""
    if file.grammar is not None:
        try:
            if file.spec.objective == "next_token":
                assert file.grammar.limits  # what cannot be counted is told now, not when the training is done
            return GrammarData(file.grammar, file.spec.seed)
        except ProblemsFound as found:
            line = file.source.line_of(("grammar",))
            raise ProblemsFound(placed(each, file.path, line) for each in found.problems) from None
    assert file.text is not None
    return TextData(file.text, file.spec, file.shape(file.spec.vocabulary).context)


def is_held_out(words: list[Word]) -> bool:
    """Say whether a sentence is never trained on."""
    return zlib.crc32(" ".join(word.text for word in words).encode()) % HELD_OUT == 0


def next_tokens(rows: list[list[int]]) -> Batch:
    """Return a batch for next-token prediction: each token but the first is predicted from those before it."""
    tokens, (real, _) = padded(rows), _extent(rows)
    return Batch(tokens[:, :-1], torch.where(real, tokens, IGNORED)[:, 1:], None)


def masked_tokens(rows: list[list[int]], mask: int, share: float, step: int) -> Batch:
    """Return a batch for masked-token prediction (Devlin et al., "BERT", 2019).

    Of the chosen tokens, 80 % are masked, 10 % replaced by another token, and 10 % left as they are.
    """
    source = torch.Generator().manual_seed(step)
    tokens, (real, lengths) = padded(rows), _extent(rows)
    draws = torch.rand(tokens.shape, generator=source).masked_fill(~real, 2.0)
    chosen = (draws < share) | (draws == draws.min(dim=1, keepdim=True).values)  # at least one in each text
    how = torch.rand(tokens.shape, generator=source)
    others = torch.randint(mask, tokens.shape, generator=source)  # the mask is the last token
    inputs = torch.where(chosen & (how < 0.8), mask, torch.where(chosen & (how >= 0.9), others, tokens))
    return Batch(inputs, torch.where(chosen, tokens, IGNORED), lengths)


def _extent(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Return where there are tokens, not padding (batch token), and how many there are in each text."""
    lengths = torch.tensor([len(row) for row in rows])
    return torch.arange(int(lengths.max())) < lengths.unsqueeze(1), lengths


def learnt_tokenizer(text: list[str], size: int) -> Tokenizer:
    """Return a tokenizer made for a text: its commonest pieces of words (byte-pair encoding) and, last, the mask."""
    from tokenizers import Tokenizer as Inner
    from tokenizers import decoders, models, pre_tokenizers, trainers

    inner = Inner(models.BPE())
    inner.pre_tokenizer, inner.decoder = pre_tokenizers.ByteLevel(add_prefix_space=True), decoders.ByteLevel()
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size - 1, initial_alphabet=letters, show_progress=False)
    inner.train_from_iterator(text, trainer)
    inner.add_special_tokens([MASK])
    return Tokenizer(inner)


def read_text(path: Path) -> list[str]:
    """Return the lines of a text; raise `ProblemsFound` if it cannot be read."""
    try:
        if path.stat().st_size > LARGEST_TEXT:
            raise ProblemsFound(Problem(f"the text is larger than {LARGEST_TEXT:,} bytes", path))
        with path.open("rb") as file:
            check_is_itself(path, file.read(HEAD), text=True)
        text = path.read_text(encoding="utf-8").replace("\ufeff", "")  # byte order marks: also of files put together
        return text.splitlines(keepends=True)
    except UnicodeDecodeError:
        raise ProblemsFound(Problem("the text is not UTF-8", path, hint="save it as UTF-8")) from None
    except OSError as error:
        raise ProblemsFound(Problem(f"the text cannot be read: {error.strerror}", path)) from None
