"""The ready-made packets of stills, kept from run to run: making them takes as long as half a minute of film."""

from __future__ import annotations

from attnviz.render.accelerate import wanted
from attnviz.render.cache.store import Store, digest
from attnviz.render.film.codecs import settings_of
from attnviz.render.film.encoder import still_packets
from attnviz.render.film.format import FilmFormat
from attnviz.render.film.segment import StillPackets

_RECORD = "stills"


def stills_of(store: Store, film_format: FilmFormat) -> StillPackets | None:
    """Return the packets of stills in a format; None if it has none, or they are switched off."""
    if not wanted().stills:
        return None
    key = digest(settings_of(film_format))
    record = store.read(_RECORD, key)
    data = store.get(record["object"]) if record and record["object"] else None
    if data is not None:
        return StillPackets.from_bytes(data)
    if record and record["object"] is None:
        return None
    made = still_packets(film_format)
    store.write(_RECORD, key, {"object": None if made is None else store.put(made.to_bytes())})
    return made
