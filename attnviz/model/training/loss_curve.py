"""How the loss fell: as a table, and as a picture in the colours of the films, drawn by matplotlib. Needs no torch."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from attnviz.model.trained.course import smoothed

GROUND, GRID, AXIS, INK, DIM = "#0e1116", "#222c38", "#5f6d80", "#e8eef5", "#93a0b1"
RAW, LINE, BEST = "#33475f", "#6cb6ff", "#ffd166"
SIZE, DPI = (9.6, 5.4), 100  # inches, and pixels per inch
INSTALL = "pip install 'attnviz[train]'"


def write_table(path: Path, losses: Sequence[float], rates: Sequence[float]) -> None:
    """Write a line for each step: its number, its loss in nats, its learning rate."""
    rows = (f"{step},{loss:.6f},{rate:.6g}\n" for step, (loss, rate) in enumerate(zip(losses, rates, strict=True), 1))
    path.write_text("step,loss,learning_rate\n" + "".join(rows), encoding="utf-8")


def can_draw() -> bool:
    """Say whether matplotlib is installed (the extra `train`)."""
    return importlib.util.find_spec("matplotlib") is not None


def draw_curve(path: Path, losses: Sequence[float], title: str, best: float | None, best_label: str) -> None:
    """Draw the losses (nats) over the steps as a PNG; `best` is what nobody can fall below, a dashed line."""
    from matplotlib.figure import Figure

    figure = Figure(SIZE, DPI, facecolor=GROUND, layout="constrained")
    axes = figure.add_subplot(facecolor=GROUND)
    steps = range(1, len(losses) + 1)
    axes.plot(steps, losses, color=RAW, linewidth=1)
    axes.plot(steps, smoothed(losses), color=LINE, linewidth=2.5)
    if best is not None:
        axes.axhline(best, color=BEST, linewidth=2, linestyle="--", label=best_label)
        axes.legend(loc="upper right", frameon=False, labelcolor=BEST)
    axes.set_title(title, loc="left", color=INK, parse_math=False)
    axes.set_title("loss, nats per word", loc="right", color=LINE, fontsize="medium")
    axes.set_xlabel("steps", color=INK)
    axes.xaxis.set_major_formatter(lambda step, _: f"{step:,g}".replace(",", " "))
    axes.grid(axis="y", color=GRID)
    axes.tick_params(colors=DIM)
    axes.spines[:].set_visible(False)
    axes.spines["bottom"].set(visible=True, color=AXIS)
    axes.set_xlim(0, max(2, len(losses)))
    figure.savefig(path, format="png", metadata={"Software": None})
