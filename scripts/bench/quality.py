"""How much of the pictures a film has kept: PSNR and SSIM of luma, against the frames as they were drawn.

Each film is compared with the luma that its own matrix gives (BT.709, or BT.601 where a film names none), rounded to
eight bits: what is measured is encoding, not a choice of colours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Colorspace

from attnviz.input.problems import Problem, ProblemsFound
from bench.spool import Pixels, Spool

Luma = npt.NDArray[np.float64]

# What red, green and blue weigh in luma of limited range
_WEIGHTS = {
    Colorspace.ITU709: np.array([0.2126, 0.7152, 0.0722]) * 219 / 255,
    Colorspace.ITU601: np.array([0.299, 0.587, 0.114]) * 219 / 255,
}
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # of Wang et al. 2004


@dataclass(frozen=True)
class Quality:
    """PSNR in dB, of the mean squared error of all frames compared, and the mean of their SSIM."""

    psnr: float
    ssim: float
    compared: int
    frames: int


def quality_of(films: Sequence[Path], spool: Spool, every: int) -> Quality:
    """Compare every so manieth frame of a film (in one file or several); raises `ProblemsFound` if one is missing."""
    decoded = _frames(films)
    errors, likenesses, seen = [], [], 0
    for pixels in _drawn(spool):
        frame = next(decoded, None)
        if frame is None:
            raise ProblemsFound(Problem(f"{films[-1]} ends too soon, after {seen} frames"))
        if seen % every == 0:
            source, shown = _drawn_luma(pixels, frame), _shown_luma(frame)
            errors.append(float(np.mean((source - shown) ** 2)))
            likenesses.append(ssim(source, shown))
        seen += 1
    if next(decoded, None) is not None:
        raise ProblemsFound(Problem(f"{films[-1]} goes on after {seen} frames"))
    return Quality(psnr(float(np.mean(errors))), float(np.mean(likenesses)), len(errors), seen)


def psnr(error: float) -> float:
    """Return the peak signal-to-noise ratio of eight bits for a mean squared error."""
    return 10 * math.log10(255**2 / error) if error else math.inf


def ssim(first: Luma, second: Luma) -> float:
    """Return the structural similarity of two pictures (Wang et al. 2004).

    Like FFmpeg and x264 it looks at windows of 8 × 8 pixels, of equal weight, in steps of four.
    """
    x, y = _means(first), _means(second)
    xx, yy, xy = _means(first * first) - x * x, _means(second * second) - y * y, _means(first * second) - x * y
    xx, yy, xy = (each * (64 / 63) for each in (xx, yy, xy))  # estimates from a sample, as in the paper
    likeness = (2 * x * y + _C1) * (2 * xy + _C2) / ((x * x + y * y + _C1) * (xx + yy + _C2))
    return float(np.mean(likeness))


def _means(values: Luma) -> Luma:
    """Return the mean of each window."""
    height, width = (size // 4 for size in values.shape)
    blocks = values[: 4 * height, : 4 * width].reshape(height, 4, width, 4).sum(axis=(1, 3))
    windows: Luma = (blocks[:-1, :-1] + blocks[1:, :-1] + blocks[:-1, 1:] + blocks[1:, 1:]) / 64
    return windows


def _drawn(spool: Spool) -> Iterator[Pixels]:
    for play in spool.plays:
        for pixels, frames in spool.pictures(play):
            for _ in range(frames):
                yield pixels


def _frames(films: Sequence[Path]) -> Iterator[av.VideoFrame]:
    for film in films:
        with av.open(str(film)) as opened:
            opened.streams.video[0].thread_type = "AUTO"
            yield from opened.decode(video=0)


def _drawn_luma(pixels: Pixels, frame: av.VideoFrame) -> Luma:
    matrix = Colorspace.ITU709 if frame.colorspace == Colorspace.ITU709 else Colorspace.ITU601
    luma: Luma = np.rint(pixels[..., :3] @ _WEIGHTS[matrix] + 16)
    return luma


def _shown_luma(frame: av.VideoFrame) -> Luma:
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width].astype(np.float64)
