"""What a trained model has learnt, measured on texts that it was not trained on; a grammar knows what is possible."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import torch

from attnviz.model.training.config import TrainingFile
from attnviz.model.training.data import IGNORED, Batch, GrammarData, TextData, next_tokens
from attnviz.model.training.evaluation_heads import looks
from attnviz.model.training.evaluation_senses import senses
from attnviz.model.training.words import MASK

if TYPE_CHECKING:
    from attnviz.model.transformer import Transformer

SENTENCES = 1000  # for next words, and for what heads look at
MASKED_SENTENCES = 300  # of which every word is masked in turn
AT_ONCE = 256

Guess = tuple[float, bool]  # the predicted probability of the right word, and whether it was the likeliest


@torch.no_grad()  # type: ignore[untyped-decorator,unused-ignore]
def measure(model: Transformer, data: GrammarData | TextData, file: TrainingFile) -> dict[str, Any]:
    """Return a report: plain data in which every figure is rounded to four digits; None where there was nothing to see.

    `unseen` are texts that were held out of the training, `drawn` sentences as they come from the grammar; `limits` are
    exact averages over all sentences of the grammar.
    """
    masked = file.spec.objective == "masked_token"
    count = MASKED_SENTENCES if masked else SENTENCES
    report: dict[str, Any] = {
        "title": file.spec.title or "",
        "objective": file.spec.objective,
        "learnt_from": file.spec.grammar or file.spec.text,
        "steps": file.spec.steps,
        "unseen": _guessing(model, data.held_out(count), data, masked=masked),
    }
    if isinstance(data, GrammarData):
        report["drawn"] = _guessing(model, data.drawn(count), data, masked=masked)
        if not masked:
            limits = data.grammar.limits
            report["limits"] = {"accuracy": limits.accuracy, "nats": limits.nats / limits.words}
            report["limits"]["perplexity"] = limits.perplexity
        report["ambiguous"] = senses(model, data)
    report["heads"] = looks(model, data, SENTENCES)
    rounded: dict[str, Any] = _rounded(report)
    return rounded


def _guessing(
    model: Transformer, rows: list[list[int]], data: GrammarData | TextData, *, masked: bool
) -> dict[str, Any]:
    """Return how well the model guesses the words of some texts, and how well they can be guessed."""
    guesses = _masked_guesses(model, rows, data) if masked else _next_guesses(model, rows)
    found = {"texts": len(rows), "guessed": len(guesses), "model": _summary(guesses)}
    if isinstance(data, GrammarData):
        words = [[data.grammar.vocabulary[number] for number in row] for row in rows]
        found["best_possible"] = _summary(_best_masked(words, data) if masked else _best_next(words, data))
    return found


def _next_guesses(model: Transformer, rows: Sequence[list[int]]) -> list[Guess]:
    """Return the model's guess of every word but the first, from those before it."""
    return [guess for some in _some(rows) for guess in _guesses(model, next_tokens(some))]


def _masked_guesses(model: Transformer, rows: Sequence[list[int]], data: GrammarData | TextData) -> list[Guess]:
    """Return the model's guess of every word when it alone is masked."""
    mask = data.tokenizer.number(MASK)
    assert mask is not None
    guesses: list[Guess] = []
    for row in rows:
        tokens, hidden = torch.tensor([row] * len(row)), torch.eye(len(row), dtype=torch.bool)
        batch = Batch(tokens.masked_fill(hidden, mask), tokens.masked_fill(~hidden, IGNORED), None)
        guesses += _guesses(model, batch)
    return guesses


def _guesses(model: Transformer, batch: Batch) -> Iterator[Guess]:
    """Yield the model's guess of every target, text by text."""
    shares = model(batch.inputs, lengths=batch.lengths).softmax(dim=-1)
    wanted = batch.targets != IGNORED
    right = shares[wanted].gather(1, batch.targets[wanted].unsqueeze(1)).squeeze(1)
    hits = shares[wanted].argmax(dim=1) == batch.targets[wanted]
    yield from zip(right.tolist(), hits.tolist(), strict=True)


def _best_next(sentences: list[list[str]], data: GrammarData) -> list[Guess]:
    """Return the best possible guess (by the grammar) of every word but the first."""
    return [
        _guess(shares, word)
        for words in sentences
        for shares, word in list(zip(data.grammar.along(words), words, strict=True))[1:]
    ]


def _best_masked(sentences: list[list[str]], data: GrammarData) -> list[Guess]:
    """Return the best possible guess (by the grammar) of every masked word."""
    return [
        _guess(data.grammar.fillers(words, place), words[place]) for words in sentences for place in range(len(words))
    ]


def _guess(shares: dict[str, float], word: str) -> Guess:
    return shares[word], max(shares, key=lambda each: shares[each]) == word


def _summary(guesses: list[Guess]) -> dict[str, float]:
    """Return accuracy, mean cross-entropy in nats, and perplexity."""
    surprise = -sum(math.log(max(share, 1e-30)) for share, _ in guesses) / len(guesses)
    right = sum(hit for _, hit in guesses) / len(guesses)
    return {"accuracy": right, "nats": surprise, "perplexity": math.exp(surprise)}


def _some(rows: Sequence[list[int]]) -> Iterator[list[list[int]]]:
    """Yield the rows in batches that fit into memory."""
    for start in range(0, len(rows), AT_ONCE):
        yield list(rows[start : start + AT_ONCE])


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.4g}") if math.isfinite(value) else None
    return value
