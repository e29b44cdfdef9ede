"""Sound files of any kind, read as one channel."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from attnviz.input.in_words import duration
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.whole_files import disk_says
from attnviz.voice.resampling import FILM_RATE
from attnviz.voice.speech import Samples


def read_sound(path: Path, most: float) -> Samples:
    """Return the sound of a file as one channel at 48 kHz.

    Raises `ProblemsFound` (without a place) for a file that is empty, holds no sound, is damaged, or is longer than
    `most` seconds, of which no more is read.
    """
    import av
    from av.audio.resampler import AudioResampler
    from av.error import FFmpegError

    resampler = AudioResampler("flt", "mono", FILM_RATE)
    parts: list[Samples] = []
    length = 0
    try:
        if not path.stat().st_size:
            raise ProblemsFound(Problem(f"the recording '{path}' is empty", hint="record it again"))
        with av.open(str(path), "r") as file:
            if not file.streams.audio:
                raise ProblemsFound(_no_sound(path))
            for frame in file.decode(file.streams.audio[0]):
                frame.pts = None  # some recorders leave gaps between their times; the sound has none
                new = [each.to_ndarray()[0] for each in resampler.resample(frame)]
                parts += new
                length += sum(map(len, new))
                if length > most * FILM_RATE:
                    raise ProblemsFound(_too_long(path, _told_length(file.duration, length), most))
            parts += [each.to_ndarray()[0] for each in resampler.resample(None)] if parts else []
    except FFmpegError as error:
        raise ProblemsFound(_no_sound(path)) from error
    except OSError as error:
        raise ProblemsFound(Problem(f"the recording '{path}' cannot be read: {disk_says(error)}")) from error
    if not parts:
        raise ProblemsFound(Problem(f"the recording '{path}' is empty", hint="record it again"))
    return np.nan_to_num(np.concatenate(parts), nan=0.0, posinf=0.0, neginf=0.0)


def _told_length(microseconds: int | None, read: int) -> float:
    """Return how long a file says that it is, in seconds, or else how much of it was read."""
    return max((microseconds or 0) / 1e6, read / FILM_RATE)


def _no_sound(path: Path) -> Problem:
    return Problem(
        f"the recording '{path}' is no sound that can be read", hint="save it as WAV, FLAC, MP3, M4A, OGG or Opus"
    )


def _too_long(path: Path, seconds: float, most: float) -> Problem:
    message = (
        f"the recording '{path}' is {duration(seconds)} long, far more than the {most:.0f} s that its text could take"
    )
    return Problem(message, hint="cut it to what is said in this shot: one file for each")
