"""Whether a film keeps step with what is said: for every shot its speech, motion and rests, and what is off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnviz.render.shots.schedule import out_of_step

if TYPE_CHECKING:
    from attnviz.publish.shown import ShownShot

Span = tuple[float, float]
LONGEST_REST = 2.0  # seconds for which nothing may move, or be pointed at, while somebody speaks


@dataclass(frozen=True)
class StepReport:
    """How a shot keeps step, in seconds.

    `speech` is heard, something moves for `motion` and is pointed at for `pointed`, and nothing does for `still`; the
    `longest` stillness is that while somebody speaks. `off` are the numbers that come too late (or, below zero, too
    early) for their word.
    """

    shot: str
    seconds: float
    speech: float
    motion: float
    pointed: float
    still: float
    longest: float
    off: tuple[tuple[str, float], ...]


def report_of(shot: ShownShot, fps: int) -> StepReport:
    """Return how a shot keeps step with what is said in it."""
    walked, timing, beats = shot.shot, shot.shot.timing, shot.shot.step.beats
    seconds = shot.frames / fps
    moving = _moving(shot)
    pointed = list(shot.report.pointed)
    gaps = list(_gaps([*moving, *pointed], seconds))
    speech = walked.said.seconds if walked.said.words else 0.0
    motion = sum(end - start for start, end in moving)
    shown = sum(end - start for start, end in pointed)
    longest = max((min(end, speech) - start for start, end in gaps if start < speech), default=0.0)
    off = tuple(out_of_step(walked.said, beats, timing.starts, timing.paces))
    return StepReport(walked.name, seconds, speech, motion, shown, seconds - motion - shown, longest, off)


def _moving(shot: ShownShot) -> list[Span]:
    """Return from when to when the plays of a shot move, and what comes before the first of them."""
    timing, beats = shot.shot.timing, shot.shot.step.beats
    if not timing.starts:
        return [(0.0, shot.shot.step.moved)]
    before = (0.0, beats[0].begins)  # what stood on the board gives way
    plays = zip(timing.starts, timing.paces, beats, strict=True)
    moving = [(start, start + pace * beat.seconds) for start, pace, beat in plays]
    return [before, *moving] if before[1] else moving


def _gaps(spans: Sequence[Span], seconds: float) -> Iterable[Span]:
    """Yield the stretches of a shot in which nothing moves, and nothing is pointed at."""
    now = 0.0
    for start, end in sorted(spans):
        if start > now:
            yield now, start
        now = max(now, end)
    if seconds > now:
        yield now, seconds


def report_lines(shots: Sequence[ShownShot], fps: int) -> list[str]:
    """Return the report of a film as lines of text: a table, and what is wrong below it."""
    reports = [report_of(shot, fps) for shot in shots]
    names = max([len(report.shot) for report in reports] + [len("all")])
    lines = [
        f"{'shot':<{names}}  {'seconds':>7}  {'speech':>6}  {'motion':>6}  {'pointed':>7}  {'still':>5}  {'longest':>7}"
    ]
    for report in [*reports, _whole(reports)]:
        figures = (report.seconds, report.speech, report.motion, report.pointed, report.still, report.longest)
        cells = (f"{value:>{width}.1f}" for value, width in zip(figures, (7, 6, 6, 7, 5, 7), strict=True))
        lines.append(f"{report.shot:<{names}}  " + "  ".join(cells))
    for report in reports:
        if report.longest > LONGEST_REST:
            lines.append(f"{report.shot}: nothing moves, or is pointed at, for {report.longest:.1f} s of what is said")
        lines += [f"{report.shot}: {told_off(source, seconds)}" for source, seconds in report.off]
    return lines


def told_off(source: str, seconds: float) -> str:
    """Say of a number that it comes too late, or too early."""
    return f"{source} comes {abs(seconds):.1f} s {'after' if seconds > 0 else 'before'} it is said"


def _whole(reports: Sequence[StepReport]) -> StepReport:
    sums = (
        sum(getattr(each, name) for each in reports) for name in ("seconds", "speech", "motion", "pointed", "still")
    )
    seconds, speech, motion, pointed, still = sums
    longest = max((each.longest for each in reports), default=0.0)
    return StepReport("all", seconds, speech, motion, pointed, still, longest, ())
