"""A word's new place written out in one line: its weights times the words, and the coordinates that this gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attnviz.stage import (
    OTHERS,
    Array,
    Number,
    Stage,
    Writing,
    as_shown,
    bracketed,
    formula,
    frame,
    relation,
    set_sign,
    shortened,
    theme,
    told_apart,
)


def weighted_sum(
    stage: Stage,
    word: str,
    weights: Mapping[str, Number],
    values: Array,
    result: Sequence[Number],
    sentence: str | None,
) -> Writing:
    """Return the line: `word`' = weight · word + … = (x, y), with the marks `w0`, `w1` …, `r0` and `r1`.

    `weights` are those of all words of the sentence, whose values have the shape (token, 2). Where they do not all fit
    into the frame, the smallest weights go to a term "others". The second sign is = only if the shown weights give
    exactly the shown result.
    """
    shown = sum(weight.shown * value for weight, value in zip(weights.values(), values, strict=True))
    exact = all(relation(float(x), number) == "=" for x, number in zip(shown, result, strict=True))
    ranked = sorted(weights, key=lambda token: -abs(weights[token].value))
    for count in range(len(ranked), 0, -1):
        line = _line(stage, word, weights, ranked[:count], result, exact, sentence)
        if line.width <= frame.CONTENT.width * line.type_size / theme.SMALLEST:
            break
    if line.width > frame.CONTENT.width:
        line.scale_to_fit_width(frame.CONTENT.width)
    line.set_x(frame.CONTENT.center[0])
    return line.seat(frame.LOWEST_LINE)


def _line(
    stage: Stage, word: str, weights: Mapping[str, Number], kept: Sequence[str], result: Sequence[Number],
    exact: bool, sentence: str | None,
) -> Writing:  # fmt: skip
    names = dict(zip(weights, told_apart([*weights]), strict=True))
    terms = [(names[token], stage.word_color(token), weight) for token, weight in weights.items() if token in kept]
    if len(kept) < len(weights):
        rest = stage.rest_of([weight for _, _, weight in terms], sentence=sentence)
        terms.append((OTHERS, theme.DIM, rest))
    words = {"o": shortened(names[word])} | {f"x{k}": shortened(n) for k, (n, _, _) in enumerate(terms)}
    colors = {"o": stage.word_color(word)} | {f"x{k}": color for k, (_, color, _) in enumerate(terms)}
    numbers = {f"w{k}": weight for k, (_, _, weight) in enumerate(terms)}
    written = [f"{bracketed(f'w{k}', weight, first=not k)} dot {{x{k}}}" for k, (_, _, weight) in enumerate(terms)]
    first = set_sign(as_shown(numbers.values()))
    template = f"{{o}}' {first} {' + '.join(written)} {set_sign(exact)} ({{r0}}, {{r1}})"
    found = {f"r{k}": number for k, number in enumerate(result)}
    return formula(template, size=theme.BODY, words=words, colors=colors, numbers=numbers | found)
