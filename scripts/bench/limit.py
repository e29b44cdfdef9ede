"""The encode-only limit: how long a film takes when its frames cost nothing.

The frames come from a spool, and go through an encoder in as many processes as there are jobs. Reading them is measured
by itself, in the same way, and taken off.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from manim._config.output import OutputFormat, OutputSpec
from manim._config.video_encoder import resolve_video_encoder
from manim.scene.video_segment_encoder import VideoSegmentEncoder

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.render.accelerate.colours import own_conversion
from attnviz.render.film.encoder import SegmentEncoder, StillPackets, still_packets
from attnviz.render.shots.children import Children
from bench.measured import Measured
from bench.spool import Pixels, Spool, SpooledPlay

Encode = Callable[[Iterable[tuple[Pixels, int]], Path], None]


def limit(spool: Spool, encode: Encode, jobs: int) -> Measured:
    """Return what encoding a whole film takes, in so many processes."""
    reading = _pass(spool, _read_only, jobs)
    both = _pass(spool, encode, jobs)
    return Measured(both.wall - reading.wall, both.cpu - reading.cpu)


def as_manim(spool: Spool) -> Encode:
    """Encode as Manim does: its own encoder, every frame of a still."""
    film = spool.format
    output = OutputSpec(OutputFormat.MP4, transparent=False, save_sections=False, fallback_to_still=False)
    spec = resolve_video_encoder(output, width=film.width, height=film.height, frame_rate=film.fps)

    def encode(pictures: Iterable[tuple[Pixels, int]], target: Path) -> None:
        encoder = VideoSegmentEncoder(target=target, spec=spec)
        for pixels, frames in pictures:
            encoder.write_frame(pixels, repeat=frames)
        encoder.finish()

    return encode


def as_attnviz(spool: Spool, *, ready_made: bool) -> Encode:
    """Encode as attnviz does, with ready-made packets for stills, or every frame of them."""
    packets = still_packets(spool.format) if ready_made else None

    def encode(pictures: Iterable[tuple[Pixels, int]], target: Path) -> None:
        target.write_bytes(_segment(spool, pictures, packets))

    return encode


def _segment(spool: Spool, pictures: Iterable[tuple[Pixels, int]], packets: StillPackets | None) -> bytes:
    encoder = SegmentEncoder(spool.format, packets)
    for pixels, frames in pictures:
        if frames == 1:
            encoder.add(pixels)
        else:  # a still is the only picture of its play
            encoder.hold(pixels, frames)
    return encoder.finish().to_bytes()


def _read_only(pictures: Iterable[tuple[Pixels, int]], target: Path) -> None:
    for _ in pictures:
        pass


def _pass(spool: Spool, encode: Encode, jobs: int) -> Measured:
    """Send the whole film through an encoder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with TemporaryDirectory(prefix="attnviz-bench-") as folder, own_conversion(), Children(jobs) as children:
        start = time.perf_counter()
        for number, plays in enumerate(_shares(spool.plays, jobs)):
            children.start(f"{number}", _worker(spool, plays, encode, Path(folder)))
        children.finish()
        wall = time.perf_counter() - start
        failures = [failure.reason for failure in children.failures]
    if failures:
        raise ProblemsFound(Problem(f"encoding failed: {failures[0]}"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Measured(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _worker(spool: Spool, plays: Sequence[SpooledPlay], encode: Encode, folder: Path) -> Callable[..., None]:
    def work(line: object) -> None:
        for play in plays:
            encode(spool.pictures(play), folder / f"{play.offset}.mp4")

    return work


def _shares(plays: Sequence[SpooledPlay], jobs: int) -> list[list[SpooledPlay]]:
    """Share plays out so that every process has about as many frames to encode."""
    shares: list[list[SpooledPlay]] = [[] for _ in range(jobs)]
    for play in sorted(plays, key=lambda play: play.frames, reverse=True):
        min(shares, key=lambda share: sum(each.frames for each in share)).append(play)
    return shares
