"""Lines of text about attention: which head it is, what a word takes in it, and how unusual that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from typing import TYPE_CHECKING

from attnviz.input.questions import told_apart
from attnviz.stage import frame, theme
from attnviz.stage.numbers import Number, Style, relation
from attnviz.stage.tables.head_words import cut_short
from attnviz.stage.typesetting import Writing

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

NAMED, MUCH = 2, 0.1
"""So many words are named in what is said of a row, and how much all but the first have at least."""
LONGEST = 20
"""So many letters of a word are written."""
AND, COMMA, ITSELF = ' "and" ', '"," med ', '"itself"'


def named_head(stage: Stage, layer: str, head: str) -> str:
    """Return of which model, layer and head something is, in words: "minilm, layer 4 of 6, head 2 of 12"."""
    parts = [stage.trace_fact("model")]
    for what, label in (("layer", layer), ("head", head)):
        if label:
            every = stage.labels("all_weights", f"each_{what}") if stage.has("all_weights") else []
            parts.append(f"{what} {label}" + (f" of {every[-1]}" if every else ""))
    return ", ".join(parts)


def sinks_of(stage: Stage) -> list[str]:
    """Return the sinks that stand on the board: tokens that the model adds, or the first one of a causal model."""
    if not stage.has("sinks"):
        added = stage.trace_fact("added").split()
        return [token for token in stage.tokens() if token in added]
    tokens = stage.tokens()
    return list(compress(tokens, stage.read("sinks", key=tokens).values))


def share_style(weights: Iterable[Number]) -> Style:
    """Return how the weights of a word are written: as percentages, unless they are no shares of 1."""
    return "percent" if all(0 <= weight.value <= 1 for weight in weights) else "fixed"


def written_words_of(stage: Stage, **tokens: str) -> dict[str, str]:
    """Return words as they are written on the board, by their places in a template; of long ones, the beginning."""
    words = [cut_short(word, LONGEST) for word in told_apart([*tokens.values()], stage.tokens())]
    return dict(zip(tokens, words, strict=True))


def all_of(places: Iterable[str]) -> str:
    """Return the template that names several words, one after another."""
    return AND.join(f"{{{place}}}" for place in places)


def row_line(
    stage: Stage, of: str, weights: Mapping[str, Number], on_sinks: Number | None, *, named: int = NAMED,
    least: float = MUCH, size: float = theme.BODY,
) -> Writing:  # fmt: skip
    """Return the line that says what a word takes: the words that give most, and all sinks together.

    `weights` are those of all words on the board; `on_sinks` is what the sinks have of them (None if there are none).
    As many words are `named` as have room, of those that have at least so much; one in any case, unless sinks are.
    """
    sinks = sinks_of(stage) if on_sinks is not None else []
    style = share_style(weights.values())
    weights = {token: weight.styled(style) for token, weight in weights.items()}
    on_sinks = None if on_sinks is None else on_sinks.styled(style)
    about = on_sinks is not None and relation(sum(weights[token].shown for token in sinks), on_sinks) == "≈"
    ranked = sorted((token for token in weights if token not in sinks), key=lambda token: -weights[token].value)
    alone = on_sinks is None or on_sinks.value < least  # then some word must be named
    chosen = [t for k, t in enumerate(ranked[:named]) if weights[t].value >= least or (k == 0 and alone)]
    while True:
        line = _row_line(stage, of, {token: weights[token] for token in chosen}, on_sinks, sinks, least, size, about)
        if line.width <= frame.CONTENT.width:
            return line
        if len(chosen) < 2:
            smallest = size <= theme.SMALLEST
            return line if smallest else row_line(stage, of, weights, on_sinks, named=1, size=theme.SMALLEST)
        chosen.pop()


def _row_line(
    stage: Stage, of: str, chosen: Mapping[str, Number], on_sinks: Number | None, sinks: Sequence[str], least: float,
    size: float, about: bool,
) -> Writing:  # fmt: skip
    others = {f"w{k}": token for k, token in enumerate(chosen) if token != of}
    words = written_words_of(stage, of=of, **others)
    numbers = {f"p{k}": number for k, number in enumerate(chosen.values())}
    parts = [
        f'{{p{k}}} "on" ' + (ITSELF if token == of else f"{{w{k}}}") for k, token in enumerate(chosen)
    ]  # fmt: skip
    first = next(iter(chosen.values()), None)
    if on_sinks is not None and (on_sinks.value >= least or first is None):
        numbers["s"] = on_sinks
        places = {f"s{k}": token for k, token in enumerate(sinks) if sinks != [of]}
        words |= written_words_of(stage, **places)
        place = 0 if first is not None and on_sinks.value > first.value else len(parts)
        parts.insert(place, ("≈ " if about else "") + '{s} "on" ' + (ITSELF if sinks == [of] else all_of(places)))
    colors = {place: stage.word_color(token) for place, token in {"of": of, **others}.items()}
    template = f'{{of}}":" quad {COMMA.join(parts)}'
    return stage.formula(template, size=size, words=words, colors=colors, numbers=numbers)


HALF_OF = '"in" {k} "of" {n} "heads," {a} "takes more than half from" {b}'
HALF_BRIEFLY = '"more than half from" {b}":" {k} "of" {n} "heads"'


def over_half_line(stage: Stage, word: str, toward: str, *, brief: bool = False, note: bool = False) -> Writing:
    """Return the line that says how many of all heads give more than half of a word's attention to another.

    It is in fewer words where it is `brief`, and small and dim as a `note`.
    """
    tokens = {"b": toward} if brief else {"a": word, "b": toward}
    numbers = {
        "k": stage.number("heads_over_half", style="whole", query=word, key=toward),
        "n": stage.number("number_of_heads", style="whole"),
    }
    size, ink = (theme.NOTE, theme.DIM) if note else (theme.BODY, theme.INK)
    template = HALF_BRIEFLY if brief else HALF_OF
    if toward == word:
        tokens.pop("b")
        template = template.replace("{b}", ITSELF)
    words = written_words_of(stage, **tokens)
    colors = {place: stage.word_color(token) for place, token in tokens.items()}
    return stage.formula(template, size=size, color=ink, words=words, colors=colors, numbers=numbers)
