"""Where the processor time of a cold render goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench import counters
from bench.contest import Contest
from bench.table import described, machine

if TYPE_CHECKING:
    from attnviz.render.film.format import FilmFormat
    from bench.samples import Sample

UNSEEN = "seen by no clock: starting and ending processes"


def profile_of(sample: Sample, film_format: FilmFormat, jobs: int, folder: Path) -> str:
    """Render a sample once, cold, with clocks in all processes, and return what they show as a table."""
    contest = Contest(sample, film_format, jobs, folder)
    clocks = folder / "clocks"
    measured = contest.cold(["-P", "-m", "bench.counters", str(clocks)])
    parts = counters.read(clocks)
    parts[UNSEEN] = measured.cpu - sum(parts.values())
    moving = contest.score.moving
    rows = [
        f"| {part} | {seconds:.2f} | {seconds / measured.cpu:.1%} | {1000 * seconds / moving:.2f} |"
        for part, seconds in sorted(parts.items(), key=lambda each: each[1], reverse=True)
    ]
    total = f"| all | {measured.cpu:.2f} | 100% | {1000 * measured.cpu / moving:.2f} |"
    head = "| part | CPU s | share | ms per moving frame |\n|---|---|---|---|"
    used, others = (seconds / measured.wall for seconds in (measured.cpu, measured.others))
    wall = f"{measured.wall:.2f} s of wall time; {used:.2f} processors busy, and {others:.2f} with other programs"
    return "\n".join([machine(), "", described(contest), wall, "", head, *rows, total, ""])
