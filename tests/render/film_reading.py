"""Reads films back with the decoder of FFmpeg."""

import tempfile
from pathlib import Path

import av

from attnviz.publish.film import write_film


def frames_of(segments, film_format):
    """Return the decoded frames of segments joined to a film, as RGB arrays."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        write_film(path, film_format, segments, title="A title", chapters=[], captions=[])
        return decode(path)


def decode(path):
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
