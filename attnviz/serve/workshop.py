"""The clips that are made, were made, or wait: a bounded queue before one process that makes one after the other."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING

from attnviz.input.answering import AnsweringProcess, ProcessEnded
from attnviz.render.cache.store import Store
from attnviz.serve.orders import ClipOrder, MadeClip, Unmade

if TYPE_CHECKING:
    from attnviz.clips.request import ClipRequest
    from attnviz.render.run import Wish

MAKER = "attnviz.serve.maker"
WAITING = 4  # clips, besides the one that is being made
KEPT = 20  # clips that can still be looked at
PATIENCE = 120.0  # seconds for one clip
MOST_BYTES = 1_000_000_000  # of all that is kept of earlier clips, to make the next ones faster


@dataclass
class Clip:
    """One clip: what was asked for, and once `done` is set, what became of it."""

    name: str  # 32 hexadecimal digits
    request: ClipRequest
    fields: Mapping[str, str]  # of the form, as they were sent
    folder: Path
    asked: float = field(default_factory=time.monotonic)
    done: threading.Event = field(default_factory=threading.Event)
    outcome: MadeClip | Unmade | None = None
    seconds_taken: float = 0.0  # from when it was asked for

    @property
    def film(self) -> Path:
        """The path of the film; captions and numbers stand beside it."""
        return self.folder / "clip.mp4"


class Workshop:
    """Makes clips in a process of its own, which is started again if it dies or takes too long.

    `ask` and `find` may be called by any thread; one thread runs `work`, until `close` is called. The first chapter of
    an `example` is made before anybody asks, so that all is loaded that a clip needs; what becomes of it is not told.
    """

    def __init__(
        self,
        folder: Path,
        wish: Wish,
        tell: Callable[[Clip], None] = lambda clip: None,
        example: ClipRequest | None = None,
    ) -> None:
        self._folder, self._tell, self._example = folder, tell, example
        self._wish = replace(wish, cache=folder / "cache")
        self._queue: Queue[Clip | None] = Queue(WAITING)
        self._clips: dict[str, Clip] = {}
        self._lock = threading.Lock()
        self._maker: AnsweringProcess | None = None
        self._closed = False

    def ask(self, request: ClipRequest, fields: Mapping[str, str]) -> Clip:
        """Have a clip made; raises `queue.Full` if too many wait."""
        name = secrets.token_hex(16)
        clip = Clip(name, request, fields, self._folder / name)
        self._queue.put_nowait(clip)
        with self._lock:
            self._clips[name] = clip
        return clip

    def find(self, name: str) -> Clip | None:
        """Return a clip by its name, if it is still kept."""
        with self._lock:
            return self._clips.get(name)

    def work(self) -> None:
        """Make one clip after the other, until the workshop is closed."""
        maker = self._maker = AnsweringProcess(MAKER)
        if self._closed:  # before there was a process that could be stopped
            maker.stop()
        if self._example is not None:
            with contextlib.suppress(ProcessEnded):
                first = replace(self._wish, only=("1",))
                maker.ask(ClipOrder(self._example, first, self._folder / "example" / "clip.mp4"), PATIENCE)
        while (clip := self._queue.get()) is not None and not self._closed:
            clip.outcome = self._made(clip, maker)
            clip.seconds_taken = time.monotonic() - clip.asked
            clip.done.set()
            with contextlib.suppress(OSError):  # a terminal or a folder that is gone keeps nobody from the next clip
                self._tell(clip)
                self._tidy()
        maker.end()

    def close(self) -> None:
        """Let `work` come to its end, whatever is being made; what waits is not made."""
        self._closed = True
        with contextlib.suppress(Empty):
            while True:
                self._queue.get_nowait()
        with contextlib.suppress(Full):  # who asked meanwhile wakes `work`, too
            self._queue.put_nowait(None)
        if self._maker is not None:
            self._maker.stop()

    def _made(self, clip: Clip, maker: AnsweringProcess) -> MadeClip | Unmade:
        try:
            clip.folder.mkdir()
            made = maker.ask(ClipOrder(clip.request, self._wish, clip.film), PATIENCE)
        except ProcessEnded as ended:
            why = f"the process that makes clips ended ({ended}), or took longer than {PATIENCE:.0f} s; try again"
            return Unmade((why,))
        except Exception as error:  # whatever it is, the next clip is to be made
            return Unmade((f"{type(error).__name__}: {error}",))
        assert isinstance(made, MadeClip | Unmade)
        return made

    def _tidy(self) -> None:
        """Delete the oldest clips, and what was not used for longest."""
        with self._lock:
            done = [clip for clip in self._clips.values() if clip.done.is_set()]
            old = done[: max(0, len(done) - KEPT)]
            for clip in old:
                del self._clips[clip.name]
        for clip in old:
            shutil.rmtree(clip.folder, ignore_errors=True)
        Store(self._wish.cache).prune(MOST_BYTES)
