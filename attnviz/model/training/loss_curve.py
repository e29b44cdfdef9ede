"""How the loss fell: as a table, and as a picture in the colours of the films. Needs no torch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

GROUND, GRID, AXIS, INK, DIM = "#0e1116", "#222c38", "#5f6d80", "#e8eef5", "#93a0b1"
RAW, LINE, BEST = "#33475f", "#6cb6ff", "#ffd166"
SIZE, OVERSAMPLING = (960, 540), 3
LEFT, RIGHT, TOP, BOTTOM = 84, 930, 64, 466  # of the plot, in pixels
LEAST_SPAN = 0.1  # nats, between the lowest line and the highest

Point = tuple[float, float]


def write_table(path: Path, losses: Sequence[float], rates: Sequence[float]) -> None:
    """Write a line for each step: its number, its loss in nats, its learning rate."""
    rows = (f"{step},{loss:.6f},{rate:.6g}\n" for step, (loss, rate) in enumerate(zip(losses, rates, strict=True), 1))
    path.write_text("step,loss,learning_rate\n" + "".join(rows), encoding="utf-8")


def draw_curve(path: Path, losses: Sequence[float], title: str, best: float | None, best_label: str) -> None:
    """Draw the losses (nats) over the steps as a PNG; `best` is what nobody can fall below, a dashed line."""
    low, high, ticks = _scale(losses, best)
    canvas = Image.new("RGB", (SIZE[0] * OVERSAMPLING, SIZE[1] * OVERSAMPLING), GROUND)
    pen = _Pen(canvas)

    def at(step: float, loss: float) -> Point:
        across = step / max(1, len(losses))
        return LEFT + across * (RIGHT - LEFT), BOTTOM - (min(loss, high) - low) / (high - low) * (BOTTOM - TOP)

    for loss in ticks:
        pen.line([at(0, loss), at(len(losses), loss)], GRID, 1)
        pen.text((LEFT - 10, at(0, loss)[1]), f"{loss:g}", DIM, 15, "rm")
    for step in _ticks(0, len(losses), 6):
        pen.line([at(step, low), (at(step, low)[0], BOTTOM + 5)], AXIS, 1)
        pen.text((at(step, low)[0], BOTTOM + 12), f"{step:,g}".replace(",", " "), DIM, 15, "mt")
    pen.line([at(0, low), at(len(losses), low)], AXIS, 1.5)
    pen.line([at(step + 1, loss) for step, loss in _thinned(losses)], RAW, 1)
    pen.line([at(step + 1, loss) for step, loss in _thinned(_smoothed(losses))], LINE, 2.5)
    if best is not None:
        pen.dashes(at(0, best), at(len(losses), best), BEST)
        pen.text((RIGHT, at(0, best)[1] + 8), best_label, BEST, 15, "rt")
    pen.text((LEFT, 24), title, INK, 20, "lt")
    pen.text(((LEFT + RIGHT) / 2, SIZE[1] - 16), "steps", INK, 16, "mb")
    pen.text((RIGHT, 28), "loss, nats per word", LINE, 16, "rt")
    canvas.resize(SIZE, Image.Resampling.LANCZOS).quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


class _Pen:
    """Draws on a canvas that is larger than the picture; everything here counts in the picture's pixels."""

    def __init__(self, canvas: Image.Image) -> None:
        self.draw = ImageDraw.Draw(canvas)

    def line(self, points: Sequence[Point], color: str, width: float) -> None:
        """Draw a line through points."""
        larger = [(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points]
        self.draw.line(larger, color, round(width * OVERSAMPLING), joint="curve")

    def dashes(self, start: Point, end: Point, color: str) -> None:
        """Draw a level dashed line."""
        for x in range(round(start[0]), round(end[0]), 12):
            self.line([(x, start[1]), (min(x + 7, end[0]), start[1])], color, 2)

    def text(self, place: Point, text: str, color: str, size: int, anchor: str) -> None:
        """Write a text; `anchor` says which of its points stands at the place, as in Pillow."""
        font = ImageFont.load_default(size * OVERSAMPLING)
        larger = place[0] * OVERSAMPLING, place[1] * OVERSAMPLING
        clear = 4 * OVERSAMPLING  # around the letters, so that no line runs through them
        self.draw.text(larger, text, color, font, anchor, stroke_width=clear, stroke_fill=GROUND)
        self.draw.text(larger, text, color, font, anchor)


def _scale(losses: Sequence[float], best: float | None) -> tuple[float, float, list[float]]:
    """Return the lowest and the highest loss to show, and where lines are drawn between them."""
    low = min(min(losses), best if best is not None else math.inf)
    ticks = _ticks(low, max(*losses, low + LEAST_SPAN), 6)
    step = ticks[1] - ticks[0]
    return ticks[0] - step / 2 if ticks[0] > 0 else 0.0, max(ticks[-1] + step / 4, max(losses)), ticks


def _ticks(low: float, high: float, about: int) -> list[float]:
    """Return about so many round numbers from one to the other."""
    span = max(high - low, 1e-6)
    power = 10 ** math.floor(math.log10(span / about))
    step = next(each * power for each in (1, 2, 5, 10) if each * power * about >= span)
    return [round(index * step, 9) for index in range(math.floor(low / step), math.floor(high / step + 1e-9) + 1)] or [
        0
    ]


def _smoothed(losses: Sequence[float]) -> list[float]:
    """Return running means, over few steps while the loss falls fast and over 2 % of all later on."""
    sums = [0.0, *itertools.accumulate(losses)]
    means = []
    for step in range(len(losses)):
        half = min(len(losses) // 100, step // 8, len(losses) - 1 - step)
        means.append((sums[step + half + 1] - sums[step - half]) / (2 * half + 1))
    return means


def _thinned(losses: Sequence[float]) -> list[tuple[int, float]]:
    """Return at most some thousand of the losses with their steps; a picture shows no more."""
    every = max(1, len(losses) // 1600)
    return list(enumerate(losses))[::every]
