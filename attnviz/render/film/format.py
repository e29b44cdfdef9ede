"""What a film is to be: its size, its rate, the kind of file, and its colours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from attnviz.input.problems import Problem, ProblemsFound

if TYPE_CHECKING:
    from attnviz.input.theme_names import ThemeName

Kind = Literal["mp4", "webm", "mov", "gif", "png"]
KINDS: tuple[Kind, ...] = get_args(Kind)
PLAYED: tuple[Kind, ...] = ("mp4", "webm")
"""The kinds that browsers play, with their sound."""

FASTEST_GIF = 50  # browsers slow down what is shown for less than two hundredths of a second
USUAL_GIF = 25  # a whole number of hundredths again, and half the bytes


@dataclass(frozen=True)
class FilmFormat:
    """The size of the picture in pixels (both even), the frames per second, the kind of file, and the theme.

    Without a theme it has the storyboard's (`in_theme`). Raises `ProblemsFound` for a rate that the kind of file does
    not have.
    """

    width: int
    height: int
    fps: int
    kind: Kind = "mp4"
    theme: ThemeName | None = None

    def __post_init__(self) -> None:
        if self.kind == "gif" and self.fps > FASTEST_GIF:
            raise ProblemsFound(
                Problem(
                    f"a GIF cannot show {self.fps} frames per second",
                    hint=f"choose at most {FASTEST_GIF}, or another format",
                )
            )

    def in_theme(self, usual: ThemeName) -> FilmFormat:
        """Return the format with its own theme or, if none was asked for, the usual one."""
        return replace(self, theme=self.theme or usual)

    @property
    def frame_time(self) -> Fraction:
        """Return the duration of one frame in seconds."""
        return Fraction(1, self.fps)

    @property
    def transparent(self) -> bool:
        """Tell whether the picture is drawn on nothing, to be laid over something else."""
        return self.kind == "mov"


def path_of(film: Path, kind: Kind) -> Path:
    """Return where a film of this kind goes: a file with its suffix, or for PNG a folder of that name."""
    return film.with_suffix(".frames" if kind == "png" else f".{kind}")


def usual_fps(kind: Kind, fps: int) -> int:
    """Return the default rate for a kind of file; `fps` is that of a film in this quality."""
    return min(fps, USUAL_GIF) if kind == "gif" else fps
