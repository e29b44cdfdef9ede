"""The sound of a film: pieces of speech at their places, silence between them, encoded once to one track."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import langcodes
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from attnviz.voice.resampling import FILM_RATE, resampled

if TYPE_CHECKING:
    import av
    from av.container import OutputContainer

    from attnviz.voice.speech import Samples

SAMPLE_TIME = Fraction(1, FILM_RATE)
BLOCK = FILM_RATE  # samples that are encoded at a time


@dataclass(frozen=True)
class Piece:
    """Sound that is heard from `start` on, in seconds since the film began; `rate` in Hz."""

    start: Fraction
    samples: Samples
    rate: int


@dataclass(frozen=True)
class SoundCodec:
    """How sound is encoded: one channel, at 48 kHz."""

    name: str
    samples: str  # the format that the encoder takes
    bit_rate: int | None
    options: Mapping[str, str] = field(default_factory=dict)


# Of FFmpeg's two ways of coding AAC the fast one takes half the time, and at this rate is closer to what was spoken.
AAC = SoundCodec("aac", "fltp", 96_000, {"aac_coder": "fast"})
OPUS = SoundCodec("libopus", "flt", 64_000)
PCM = SoundCodec("pcm_s16le", "s16", None)  # what editors cut without decoding


class SoundTrack:
    """Encodes pieces as the film goes on; of them only those are held that are heard at that moment.

    They come in the order of their starts; where they overlap, both are heard.
    """

    def __init__(self, stream: AudioStream, pieces: Iterable[Piece]) -> None:
        self._stream = stream
        self._pieces = iter(pieces)
        self._next = next(self._pieces, None)
        self._done = 0  # samples that are encoded
        self._ahead = np.zeros(0, np.float32)  # what is known of those after them

    def until(self, seconds: Fraction) -> list[av.Packet[Any]]:
        """Return the packets of what is heard before a moment, up to a second less."""
        packets: list[av.Packet[Any]] = []
        while self._done + BLOCK <= seconds * FILM_RATE:
            packets += self._encode(BLOCK)
        return packets

    def finish(self, seconds: Fraction) -> list[av.Packet[Any]]:
        """Return the packets that are left of a film so long; what would be heard after its end is cut off."""
        left = round(seconds * FILM_RATE) - self._done
        return [*self.until(seconds), *(self._encode(left % BLOCK) if left % BLOCK else ()), *self._stream.encode(None)]

    def _encode(self, count: int) -> list[av.Packet[Any]]:
        sound = self._taken(count)
        if self._stream.codec_context.format.name == "s16":
            sound = np.rint(np.clip(sound, -1, 1) * 32767).astype(np.int16)
        frame = AudioFrame.from_ndarray(sound[None], format=self._stream.codec_context.format.name, layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = FILM_RATE, SAMPLE_TIME, self._done
        self._done += count
        return self._stream.encode(frame)

    def _taken(self, count: int) -> Any:
        """Take so many samples: of the pieces that begin there, of those before, and silence."""
        while self._next is not None and round(self._next.start * FILM_RATE) < self._done + count:
            self._add(self._next)
            self._next = next(self._pieces, None)
        short = count - len(self._ahead)
        taken = np.pad(self._ahead[:count], (0, max(0, short)))
        self._ahead = self._ahead[count:].copy()
        return taken

    def _add(self, piece: Piece) -> None:
        place = round(piece.start * FILM_RATE) - self._done
        if place < 0:
            raise ValueError(f"a piece of sound that begins at {float(piece.start)} s comes too late")
        sound = resampled(piece.samples, piece.rate)
        end = place + len(sound)
        if end > len(self._ahead):
            self._ahead = np.pad(self._ahead, (0, end - len(self._ahead)))
        self._ahead[place:end] += sound


def add_sound(film: OutputContainer, codec: SoundCodec, language: str = "en") -> AudioStream:
    """Add a track for speech in a language (BCP 47), which films name by three letters (ISO 639-2)."""
    stream = film.add_stream(codec.name, rate=FILM_RATE, options=dict(codec.options))
    assert isinstance(stream, AudioStream)
    stream.codec_context.layout = "mono"
    stream.codec_context.format = codec.samples
    stream.codec_context.time_base = SAMPLE_TIME
    stream.codec_context.thread_count = 1
    if codec.bit_rate is not None:
        stream.codec_context.bit_rate = codec.bit_rate
    stream.metadata["language"] = langcodes.Language.get(language).to_alpha3()
    return stream
