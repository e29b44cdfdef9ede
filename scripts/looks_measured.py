"""Measure how films of storyboards look, and print a table (see docs/looks.md for what its columns mean)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from attnviz.render.opening import open_storyboard
from attnviz.stage import frame, prose
from attnviz.testing import RehearsedShot, rehearse, undrawn

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "looks.md"
BEGIN, END = "<!-- looks -->", "<!-- /looks -->"
PER_SECOND = 6
ROWS, COLUMNS = 18, 32
"""Tiles of 60 pixels at 1080p."""
USED = 1.15
"""The contrast to the ground from which on a pixel counts: that of the faintest line."""
BLANK = 0.05
"""With fewer tiles in use a frame counts as blank: a title has two or three in a hundred."""
WHILE = 0.5
"""For less than so many seconds the eye does not take a frame for blank."""
STILL = 50
"""Up to so many pixels (at 1080p) may change between two frames that count as the same."""
SHARES = np.arange(256) / 255
LINEAR = np.where(SHARES <= 0.04045, SHARES / 12.92, ((SHARES + 0.055) / 1.055) ** 2.4).astype(np.float32)
WEIGHTS = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
HEADS = (
    "storyboard", "tiles in use", "nothing moves", "blank resets", "smallest letters", "smallest digits",
    "labels off", "other faults",
)  # fmt: skip


@dataclass(frozen=True)
class Film:
    """What is seen in a film: per frame the share of tiles in use, and whether nothing has moved since the last one."""

    used: NDArray[np.float64]
    still: NDArray[np.bool_]

    @property
    def longest(self) -> float:
        """For how long nothing moves at a stretch, in seconds."""
        runs = [len(list(frames)) for still, frames in groupby(self.still) if still]
        return max(runs, default=0) / PER_SECOND

    @property
    def resets(self) -> int:
        """How often the picture becomes blank, and stays so for a while, after something stood there."""
        runs = [(blank, len(list(frames))) for blank, frames in groupby(self.used < BLANK)]
        return sum(blank and length >= WHILE * PER_SECOND for blank, length in runs[1:])


def seen(path: Path) -> Film:
    """Look at the frames of a film, six in a second."""
    used, still = [], []
    before: NDArray[np.int16] | None = None
    for image in frames_of(path):
        used.append(tiles_used(image))
        most = STILL * image.shape[0] * image.shape[1] / (frame.PIXELS * frame.PIXELS * 16 / 9)
        same = before is not None and np.sum(np.abs(image - before).max(-1) > 24) <= most
        still.append(bool(same))
        before = image.astype(np.int16)
    return Film(np.array(used), np.array(still))


def frames_of(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Yield six frames a second of a film, however many it has."""
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert stream.average_rate is not None
        step, wanted = stream.average_rate / PER_SECOND, Fraction(0)
        for number, picture in enumerate(film.decode(stream)):
            if number >= wanted:
                wanted += step
                yield picture.to_ndarray(format="rgb24")


def tiles_used(image: NDArray[np.uint8]) -> float:
    """Return the share of tiles with something on them; the ground is the most frequent colour."""
    light = LINEAR[image] @ WEIGHTS  # the relative luminance, as WCAG defines it
    levels, counts = np.unique(light[::8, ::8], return_counts=True)
    ground = levels[counts.argmax()] + 0.05
    rows = np.array_split((light + 0.05 >= USED * ground) | (light + 0.05 <= ground / USED), ROWS, axis=0)
    tiles = [part.any() for row in rows for part in np.array_split(row, COLUMNS, axis=1)]
    return float(np.mean(tiles))


def smallest(shots: list[RehearsedShot]) -> tuple[float, float]:
    """Return the lowest x-height of letters, and the lowest digits, in pixels at 1080p."""
    with undrawn():
        em = float(prose("x", size=100).height) * frame.PIXELS / frame.HEIGHT / 100
    letters = [text.size * em for shot in shots for text in shot.layout if text.size is not None and text.lettered]
    digits = [r.box[3] - r.box[1] for shot in shots for r in shot.receipts if any(c.isdigit() for c in r.text)]
    return min(letters), min(digits) * frame.PIXELS


def measured(storyboard: Path) -> list[str]:
    """Return a row of the table."""
    shots = rehearse(open_storyboard(storyboard))
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        command = [
            sys.executable,
            "-m",
            "attnviz",
            "render",
            str(storyboard),
            "-q",
            "h",
            "--fps",
            str(PER_SECOND),
            "-o",
            str(film),
        ]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own program)
        looks = seen(film)
    letters, digits = smallest(shots)
    faults = [fault for shot in shots for fault in shot.faults]
    off = sum("px from its anchor" in fault for fault in faults)
    return [
        storyboard.stem, f"{looks.used.mean():.0%}", f"{looks.still.mean():.0%}", str(looks.resets),
        f"{letters:.0f} px", f"{digits:.0f} px", str(off), str(len(faults) - off),
    ]  # fmt: skip


def of_film(path: Path) -> list[str]:
    """Return a row of the table of films that are there already."""
    looks = seen(path)
    return [
        str(path),
        f"{looks.used.mean():.0%}",
        f"{looks.still.mean():.1%}",
        f"{looks.longest:.1f} s",
        str(looks.resets),
    ]


def main(arguments: list[str]) -> None:
    """Measure storyboards, print the table, and put it into the page if asked to; or measure films."""
    write = "--write" in arguments
    chosen = [Path(each) for each in arguments if each != "--write"]
    if films := [path for path in chosen if path.suffix in (".mp4", ".webm", ".mov")]:
        rows = [["film", *HEADS[1:3], "longest", HEADS[3]], ["---"] * 5, *map(of_film, films)]
        print("\n".join(f"| {' | '.join(row)} |" for row in rows))
        return
    rows = [list(HEADS), ["---"] * len(HEADS)]
    rows += [measured(path) for path in chosen or sorted((ROOT / "storyboards").glob("*.yaml"))]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    print(table)
    if write:
        page = PAGE.read_text(encoding="utf-8")
        head, rest = page.split(BEGIN)
        PAGE.write_text(f"{head}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
