"""What was measured, as a table in Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.contest import CHANGED, COLD, LIMIT, LIMIT_STILLS, LIMIT_STOCK, STOCK, UNCHANGED, Contest, Made, Round

PROGRAMS = (STOCK, COLD, CHANGED, UNCHANGED)
ROWS = (*PROGRAMS, LIMIT_STOCK, LIMIT, LIMIT_STILLS)
LIBRARIES = ("attnviz", "manim", "av", "numpy", "pycairo")
COLUMNS = ("", "wall s", "manim ÷ this", "CPU s", "PSS MB", "sum of RSS MB", "file MB", "PSNR-Y dB", "SSIM-Y", "frames")
HEAD = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|"


def machine() -> str:
    """Say what this machine is, and how busy it was before."""
    processors = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.split(":")[1].strip() for line in processors if line.startswith("model name")), platform.machine()
    )
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{len(os.sched_getaffinity(0))} cores ({model}), {memory:.0f} GB; load before: {os.getloadavg()[0]:.1f}\n"
        f"Python {platform.python_version()}, {libraries}"
    )


def described(contest: Contest) -> str:
    """Say what is rendered."""
    score, film = contest.score, contest.format
    still = 1 - score.moving / score.frames
    parts = " ".join(contest.sample.only) or "everything"
    silent = ", without narration" if contest.sample.silent else ""
    return (
        f"{contest.sample.title}: {contest.sample.storyboard.name}, {parts}{silent}\n"
        f"{film.width}x{film.height} at {film.fps} fps, {score.frames} frames ({score.frames / film.fps:.0f} s), "
        f"{still:.0%} of them still, {sum(1 for _ in score.shots())} shots, {contest.jobs} jobs"
    )


def table(contest: Contest, rounds: Sequence[Round], made: dict[str, Made]) -> str:
    """Return the medians of all rounds, and below them the ratios that matter."""
    rows = [_row(name, rounds, made.get(name)) for name in ROWS]
    return "\n".join([HEAD, *rows, "", *_ratios(contest, rounds, made), "", *_walls(rounds)])


def _row(name: str, rounds: Sequence[Round], made: Made | None) -> str:
    memory = [_median(rounds, lambda each: each[name].pss), _median(rounds, lambda each: each[name].rss)]
    cells = [
        f"{_median(rounds, lambda each: each[name].wall):.2f}",
        f"{_ratio(rounds, STOCK, name):.2f}",
        f"{_median(rounds, lambda each: each[name].cpu):.2f}",
        *(f"{amount / 1e6:.0f}" if amount else "" for amount in memory),
        f"{made.bytes / 1e6:.2f}" if made else "",
        f"{made.quality.psnr:.2f}" if made else "",
        f"{made.quality.ssim:.5f}" if made else "",
        f"{made.quality.frames}" if made else "",
    ]
    return f"| {name} | {' | '.join(cells)} |"


def _ratios(contest: Contest, rounds: Sequence[Round], made: dict[str, Made]) -> Iterator[str]:
    changed = contest.score.typical
    length = f"{changed.frames / contest.format.fps:.1f} s, {changed.moving} of {changed.frames} frames move"
    yield f"- cold: {_ratio(rounds, STOCK, COLD):.2f} × as fast as manim"
    yield (
        f"- cold ÷ encode only: {_ratio(rounds, COLD, LIMIT):.2f} (every frame encoded), "
        f"{_ratio(rounds, COLD, LIMIT_STILLS):.2f} (stills ready-made)"
    )
    cold, stock = made[COLD], made[STOCK]
    yield f"- file: {cold.bytes / stock.bytes:.2f} × as large as manim's"
    yield f"- SSIM-Y: {cold.quality.ssim - stock.quality.ssim:+.5f}, {cold.quality.compared} frames compared"
    yield f"- the shot that was changed: {changed.name} ({length} before)"


def _walls(rounds: Sequence[Round]) -> Iterator[str]:
    yield "Wall time in s, round by round: " + "; ".join(
        f"{name}: {' '.join(f'{each[name].wall:.2f}' for each in rounds)}" for name in ROWS
    )
    yield "Processors that other programs kept busy meanwhile: " + "; ".join(
        f"{name}: {' '.join(f'{each[name].others / each[name].wall:.2f}' for each in rounds)}" for name in PROGRAMS
    )


def _ratio(rounds: Sequence[Round], above: str, below: str) -> float:
    """Return the median of the ratios of wall times within one round, between which the machine changes least."""
    return _median(rounds, lambda each: each[above].wall / each[below].wall)


def _median(rounds: Sequence[Round], value: Callable[[Round], float]) -> float:
    return median(map(value, rounds))
