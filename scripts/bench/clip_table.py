"""Where the time of a clip went, as a table in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from bench.clip_contest import FIRST, MANIM, SECOND, ClipContest, ClipMade, ClipRound
from bench.counters import IMPORTS, REST, TORCH
from bench.profile import UNSEEN

# What is told of a clip, and the parts of it that are counted (a prefix of their names).
TOLD = {
    "start: imports": (IMPORTS,),
    "trace: waiting for the helper": ("waiting for traces", TORCH),
    "plan: facts, template, what is known": ("filling", "reading", "the plan", "the store", "digests"),
    "play": ("playing", "setting", "beginning", "receipts"),
    "draw": ("drawing", "moving", "colours", "forking", "waiting for what is drawn"),
    "encode": ("encoding", "the packets"),
    "join": ("writing",),
    "all else": (REST,),
}
ALL = "all"
COLUMNS = ("", f"{FIRST}: s", "CPU s", f"{SECOND}: s", "CPU s")


def clip_table(contest: ClipContest, rounds: Sequence[ClipRound]) -> str:
    """Return the medians over all rounds; the seconds that pass are those of the process that plays."""
    score, film = contest.plain.score, contest.format
    told = f"{contest.model}, {film.width}x{film.height} at {film.fps} fps, {contest.jobs} jobs, {len(rounds)} rounds; "
    told += f"the first film has {score.frames} frames ({score.frames / film.fps:.0f} s), {score.moving} of them move"
    clips = {name: [_told(each.clips[name]) for each in rounds] for name in (FIRST, SECOND)}
    rows = [[name, *(cell for each in clips.values() for cell in _cells(each, name))] for name in clips[FIRST][0]]
    manim = [{ALL: (each.manim.wall, each.manim.cpu)} for each in rounds]
    rows.append([MANIM, *_cells(manim, ALL), "", ""])
    ratio = median(each.manim.wall / each.clips[FIRST].measured.wall for each in rounds)
    lines = [f"| {' | '.join(row)} |" for row in (COLUMNS, ["---"] * len(COLUMNS), *rows)]
    return "\n".join([told, "", *lines, "", f"manim ÷ first sentence: {ratio:.2f}", *_each_round(rounds)])


def _told(clip: ClipMade) -> dict[str, tuple[float, float]]:
    """Return the seconds that passed, and those of processors, by what is told; all of it at last."""
    counted = {name: (_sum(clip.wall, parts), _sum(clip.cpu, parts)) for name, parts in TOLD.items()}
    measured = clip.measured
    walls, cpus = zip(*counted.values(), strict=True)
    unseen = {UNSEEN: (measured.wall - sum(walls), measured.cpu - sum(cpus))}
    return counted | unseen | {ALL: (measured.wall, measured.cpu)}


def _sum(seconds: Mapping[str, float], parts: Sequence[str]) -> float:
    return sum(each for part, each in seconds.items() if part.startswith(tuple(parts)))


def _cells(clips: Sequence[Mapping[str, tuple[float, float]]], name: str) -> list[str]:
    return [f"{median(values):.2f}" for values in zip(*(each[name] for each in clips), strict=True)]


def _each_round(rounds: Sequence[ClipRound]) -> Iterator[str]:
    for name in (FIRST, SECOND):
        yield f"{name}, round by round: " + " ".join(f"{each.clips[name].measured.wall:.2f}" for each in rounds)
    others = [clip.measured.others / clip.measured.wall for each in rounds for clip in each.clips.values()]
    yield f"processors that other programs kept busy meanwhile: {median(others):.2f}"
