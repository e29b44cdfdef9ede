"""What a model has learnt, in a few lines for people. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

_TASKS = {"next_token": "next word", "masked_token": "masked word"}
_NAMES = {"clue": "clues"}


class Floor(NamedTuple):
    """The mean loss, in nats per word, below which nobody can fall, and what it is called."""

    nats: float
    name: str


def floor_of(report: dict[str, Any]) -> Floor | None:
    """Return the least possible loss of what a model was trained on, if that is known: of a grammar, it is."""
    best = report.get("limits", report.get("drawn", {}).get("best_possible"))
    if not best:
        return None
    one = "" if report["objective"] == "next_token" else ", one word masked"
    return Floor(float(best["nats"]), f"the best possible{one}")


def report_lines(report: dict[str, Any]) -> list[str]:
    """Return the main figures of a training's report, a line for each; nothing for an empty report."""
    if not report:
        return []
    return [*_guessing(report), *_meanings(report), *_heads(report)]


def _guessing(report: dict[str, Any]) -> Iterator[str]:
    """Yield how often the words of texts are guessed."""
    for name, where in (("unseen", "that it was not trained on"), ("drawn", "as the grammar gives them")):
        if found := report.get(name):
            own, best = found["model"], found.get("best_possible")
            accuracy, perplexity = _percent(own["accuracy"]), f"{own['perplexity']:.2f}"
            if best:
                accuracy += f" (the best possible: {_percent(best['accuracy'])})"
                perplexity += f" ({best['perplexity']:.2f})"
            task = _TASKS[report["objective"]]
            yield f"{task}, in {found['texts']:,} texts {where}: {accuracy} right, perplexity {perplexity}"


def _meanings(report: dict[str, Any]) -> Iterator[str]:
    """Yield what becomes of each ambiguous word from layer to layer; the first in full, the others in short."""
    words = list(report.get("ambiguous", {}).items())
    for word, found in words[:1]:
        layers = found["layers"]
        meanings, last = " and ".join(found["meanings"]), len(layers) - 1
        cosines = " ".join(_number(layer["cosine"]) for layer in layers)
        yield f"'{word}' for {meanings}, before the first layer and after each: cosine of the mean vectors {cosines}"
        probes = " ".join(_percent(layer["probe"]) for layer in layers)
        final = layers[last]
        sides = [("clue before it", final["clue_before"]), ("only after it", final["only_clue_after"])]
        told = ", ".join(f"{name} {_percent(share)}" for name, share in sides if share is not None)
        yield f"  a linear probe tells which in {probes} of unseen sentences" + (
            f" (at the end: {told})" if told else ""
        )
    rest = [f"{word} {_percent(found['layers'][-1]['probe'])}" for word, found in words[1:]]
    if rest:
        yield f"  other ambiguous words, at the end: {', '.join(rest)}"


def _heads(report: dict[str, Any]) -> Iterator[str]:
    """Yield what the heads of each layer look at most, and which looks most at clues."""
    heads = report["heads"]
    for layer in dict.fromkeys(head["layer"] for head in heads):
        own = [head for head in heads if head["layer"] == layer]
        shown = ", ".join(
            f"{head['head']} {_NAMES.get(head['most'], head['most'])} {_number(head[head['most']])}" for head in own
        )
        yield f"heads of layer {layer} look most at: {shown}"
    if heads and heads[0].get("clue") is not None:
        best = max(heads, key=lambda head: float(head["clue"]))
        yield (
            f"an ambiguous word looks at its clues most in head {best['head']} of layer {best['layer']}: "
            f"{_number(best['clue'])} (spread evenly: {_number(best['clue_evenly'])})"
        )


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}".replace("-", "−")


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.0f} %"
