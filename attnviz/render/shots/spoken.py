"""Speech that is kept in the store: spoken once, in another process, while shots are drawn."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.scratch import ScratchFolder
from attnviz.render.cache.store import digest
from attnviz.render.shots.speeches import ReadAloud, Spoken
from attnviz.storyboard.reading import SpokenWord
from attnviz.storyboard.voices import NONE, VoiceSettings
from attnviz.voice.engines import voice_key
from attnviz.voice.process import Answer, Heard, Speakers, Text
from attnviz.voice.recorded import Recording

if TYPE_CHECKING:
    from attnviz.render.cache.store import Store
    from attnviz.storyboard.told import Told

_SPEECHES = "speeches"
BATCH, AHEAD = 8, 3  # texts that are spoken at a time, and how many such orders lie before the voice at most


class SpokenByVoice:
    """Texts as a voice speaks them, or as they were recorded (`own`, by shot); see `Speeches`.

    What nobody speaks is read and, unless it is to `speak`, so is what it did not speak before. Where it is to speak
    all `or_nothing`, nothing is spoken if there is a word that the voice cannot say; `silenced` then tells which.
    """

    def __init__(
        self,
        store: Store,
        settings: VoiceSettings,
        language: str,
        near: Path,
        own: Mapping[str, Path],
        read: ReadAloud,
        *,
        speak: bool,
        or_nothing: bool = False,
    ) -> None:
        self._store, self._settings, self._own, self._read, self._speaks = store, settings, own, read, speak
        self._language, self._near, self._or_nothing = language, near, or_nothing
        self._key = None if settings.engine == NONE else voice_key(settings, language, near)
        self._known: dict[str, Spoken] = {}
        self._refused: dict[str, tuple[Problem, ...]] = {}
        self._given = set[str]()
        self._wanted: dict[str, Text] = {}  # by key: what may have to be spoken, in order
        self._speaking: _Speaking | None = None
        self.silenced: Problem | None = None

    def expect(self, shots: Iterable[tuple[str, Told]]) -> None:
        """Be told which shots will be asked for, by their names, and what is said in them; in the order of the film."""
        for name, told in shots:
            if asked := self._asked(told, name):
                self._wanted[self._key_of(asked)] = asked
        if self._speaks and self._or_nothing:
            self._try_all()

    def spoken(self, told: Told, shot: str) -> Spoken:
        """Return how a text is said in a shot; raises `ProblemsFound` (without a place) if it cannot be said."""
        asked = self._asked(told, shot)
        if asked is None:
            return self._read.spoken(told, shot)
        key = self._key_of(asked)
        if key not in self._known:
            kept = self._store.read(_SPEECHES, key)
            if not kept and not self._speaks:
                return self._read.spoken(told, shot)
            self._known[key] = _spoken(kept) if kept else self._speak(key, asked)
        elif self._speaking is not None and key not in self._given:
            self._hear(self._speaking)  # so that the voice is soon done, and its memory free
        self._given.add(key)
        return self._known[key]

    def forget(self, told: Told, shot: str) -> None:
        """Let go of a speech whose sound is gone from the store: it has to be spoken again."""
        if asked := self._asked(told, shot):
            key = self._key_of(asked)
            self._known.pop(key, None)
            self._store.forget(_SPEECHES, key)

    def _asked(self, told: Told, shot: str) -> Text | None:
        """Return what is to be heard in a shot; None if nothing is, or by nobody."""
        own = self._own.get(shot)
        if not told.text.strip() or (own is None and self._key is None):
            return None
        return Text(told.text, None if own is None else Recording(own, told.marks))

    def _key_of(self, asked: Text) -> str:
        return digest(asked.text, self._key if asked.recording is None else asked.recording.key)

    def _try_all(self) -> None:
        """Speak all that is wanted now; if one of the texts cannot be spoken, let nobody speak."""
        for key, asked in self._wanted.items():
            try:
                if asked.recording is None and not self._is_there(key):
                    self._speak(key, asked)
            except ProblemsFound as found:
                if key not in self._refused:  # it is not because of the text
                    raise
                self.silenced, self._key = found.problems[0], None
                self._hush()
                return

    def _speak(self, key: str, asked: Text) -> Spoken:
        """Have a text spoken, and with it those that will be asked for next."""
        if self._speaking is None:
            missing = {each: text for each, text in self._wanted.items() if not self._is_there(each)}
            self._speaking = _Speaking(self._settings, self._language, self._near, missing)
        self._speaking.put_first(key, asked)
        while key not in self._known and key not in self._refused:
            self._hear(self._speaking)
        if key in self._refused:
            self._hush()
            raise ProblemsFound(self._refused[key])
        return self._known[key]

    def _hear(self, speaking: _Speaking) -> None:
        """Hear the next texts; when all are heard, the voice's process ends."""
        for each, answer in speaking.next():
            if isinstance(answer, Heard):
                self._known[each] = self._keep(each, answer)
            else:
                self._refused[each] = answer
        if speaking.done:
            self._hush()

    def _hush(self) -> None:
        if self._speaking is not None:
            self._speaking.end()
            self._speaking = None

    def _is_there(self, key: str) -> bool:
        return key in self._known or self._store.read(_SPEECHES, key) is not None

    def _keep(self, key: str, heard: Heard) -> Spoken:
        sound = self._store.put(heard.sound.read_bytes())
        heard.sound.unlink()
        words = [[word.start, word.end, word.begins, word.ends] for word in heard.words]
        record = {"seconds": heard.seconds, "words": words, "sound": sound, "rate": heard.rate}
        self._store.write(_SPEECHES, key, record)
        return _spoken(record)


class _Speaking:
    """A helper process that speaks some texts, in their order; a few are ordered ahead of those that are needed."""

    def __init__(self, settings: VoiceSettings, language: str, near: Path, texts: Mapping[str, Text]) -> None:
        self._folder = ScratchFolder("speech")
        self._speakers = Speakers(settings, language, near, Path(self._folder.name))
        self._left, self._ordered = dict(texts), deque[list[str]]()
        self._size = 1  # the first text is needed at once

    @property
    def done(self) -> bool:
        """Whether all texts were spoken."""
        return not self._left and not self._ordered

    def put_first(self, key: str, text: Text) -> None:
        """Have a text spoken next, unless it was ordered already."""
        if not any(key in batch for batch in self._ordered):
            self._left = {key: text} | {each: asked for each, asked in self._left.items() if each != key}

    def next(self) -> list[tuple[str, Answer]]:
        """Wait for the next texts, and return how each is heard, or why it cannot be."""
        while self._left and len(self._ordered) < AHEAD:
            batch = [*self._left][: self._size]
            self._speakers.order([self._left.pop(key) for key in batch])
            self._ordered.append(batch)
            self._size = min(BATCH, 2 * self._size)
        return list(zip(self._ordered.popleft(), self._speakers.hear(), strict=True))

    def end(self) -> None:
        """End the process."""
        self._speakers.end()
        self._folder.cleanup()


def _spoken(record: Mapping[str, Any]) -> Spoken:
    words = tuple(SpokenWord(*word) for word in record["words"])
    return Spoken(record["seconds"], words, record["sound"], record["rate"])
