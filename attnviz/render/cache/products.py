"""What is made from shots and kept in the store: films, last frames, figures, and reports of what was on screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from attnviz.render.cache.store import Store, digest
from attnviz.render.film.segment import Segment

if TYPE_CHECKING:
    from attnviz.render.shots.player import Performance
    from attnviz.render.shots.walk import WalkedShot
    from attnviz.stage.scene import Stage
    from attnviz.storyboard.types import Figure

_FILMS, _PICTURES, _REPORTS, _FIGURES = "films", "pictures", "reports", "figures"


@dataclass(frozen=True)
class Wanted:
    """Which products of a shot are wanted."""

    film: bool = True
    picture: bool = False
    figures: FigureMaker | None = None


class FigureMaker(Protocol):
    """Makes figures of a stage in its current state; `key` changes with everything else that the figures depend on."""

    key: str

    def __call__(self, stage: Stage, shot: WalkedShot) -> Mapping[str, bytes]:
        """Return the figure, as the bytes of a file for each suffix."""


def figures_of(shot: WalkedShot) -> tuple[Figure, ...]:
    """Return the figures that a shot's storyboard names; the end of the shot if it names none."""
    from attnviz.storyboard.types import Figure

    return shot.planned.shot.figures or (Figure("", None),)


@dataclass(frozen=True)
class Report:
    """What a shot has shown: its number of frames, its receipts (as plain data), and faults in its layout.

    `pointed` tells from when to when something was pointed at, in seconds since the shot began.
    """

    frames: int
    receipts: tuple[Mapping[str, Any], ...]
    faults: tuple[str, ...]
    pointed: tuple[tuple[float, float], ...] = ()


class Products:
    """The products in a store, by shot."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def missing(self, shot: WalkedShot, wanted: Wanted) -> list[str]:
        """Return the names of the products that a shot still lacks; a damaged one counts as lacking."""
        lacks = []
        if self.report(shot) is None:
            lacks.append("report")
        if wanted.film and not self._is_there(_FILMS, shot.key):
            lacks.append("film")
        if wanted.picture and not self._is_there(_PICTURES, shot.picture_key):
            lacks.append("picture")
        if wanted.figures and not all(self._has_figure(shot, each, wanted.figures) for each in figures_of(shot)):
            lacks.append("figure")
        return lacks

    def report(self, shot: WalkedShot) -> Report | None:
        """Return the report of a shot."""
        record = self._store.read(_REPORTS, shot.key)
        if not record:
            return None
        pointed = tuple((begins, ends) for begins, ends in record["pointed"])
        return Report(record["frames"], tuple(record["receipts"]), tuple(record["faults"]), pointed)

    def film_address(self, shot: WalkedShot) -> str | None:
        """Return where in the store a shot's film is."""
        address = self._store.read(_FILMS, shot.key)
        return None if address is None else str(address)

    def film(self, shot: WalkedShot) -> Segment | None:
        """Return a shot's film."""
        data = self._content(_FILMS, shot.key)
        return None if data is None else Segment.from_bytes(data)

    def picture(self, shot: WalkedShot) -> bytes | None:
        """Return a shot's last picture, as a PNG."""
        return self._content(_PICTURES, shot.picture_key)

    def add_film(self, shot: WalkedShot, film: Segment) -> None:
        """Keep a shot's film."""
        self._store.write(_FILMS, shot.key, self._store.put(film.to_bytes()))

    def add_picture(self, shot: WalkedShot, png: bytes) -> None:
        """Keep a shot's last picture."""
        self._store.write(_PICTURES, shot.picture_key, self._store.put(png))

    def figure(self, shot: WalkedShot, figure: Figure, maker: FigureMaker) -> dict[str, bytes] | None:
        """Return the files of a figure, by suffix."""
        addresses = self._store.read(_FIGURES, self.figure_key(shot, figure, maker))
        files = {suffix: self._store.get(address) for suffix, address in (addresses or {}).items()}
        return {suffix: data for suffix, data in files.items() if data is not None} or None

    def add_figure(self, shot: WalkedShot, figure: Figure, maker: FigureMaker, files: Mapping[str, bytes]) -> None:
        """Keep a figure."""
        addresses = {suffix: self._store.put(data) for suffix, data in files.items()}
        self._store.write(_FIGURES, self.figure_key(shot, figure, maker), addresses)

    @staticmethod
    def figure_key(shot: WalkedShot, figure: Figure, maker: FigureMaker) -> str:
        """Return the key of a figure; it changes whenever the figure does."""
        moment = shot.picture_key if figure.after is None else [shot.start, shot.answers, figure.after]
        played = shot.planned.shot
        described = [played.verb, dict(played.arguments), played.seen]
        return digest("figure", maker.key, shot.name, described, moment)

    def _has_figure(self, shot: WalkedShot, figure: Figure, maker: FigureMaker) -> bool:
        addresses = self._store.read(_FIGURES, self.figure_key(shot, figure, maker))
        return bool(addresses) and all(map(self._store.holds, addresses.values()))

    def add_report(self, shot: WalkedShot, performance: Performance) -> None:
        """Keep the report of a shot."""
        receipts = [asdict(receipt) for receipt in performance.receipts]
        record = {
            "frames": performance.frames,
            "receipts": receipts,
            "faults": performance.faults,
            "pointed": performance.pointed,
        }
        self._store.write(_REPORTS, shot.key, record)

    def forget(self, shot: WalkedShot) -> None:
        """Delete the records of everything made from a shot."""
        for kind, key in ((_REPORTS, shot.key), (_FILMS, shot.key), (_PICTURES, shot.picture_key)):
            self._store.forget(kind, key)

    def _is_there(self, kind: str, key: str) -> bool:
        address = self._store.read(kind, key)
        return address is not None and self._store.holds(address)

    def _content(self, kind: str, key: str) -> bytes | None:
        address = self._store.read(kind, key)
        return None if address is None else self._store.get(address)
