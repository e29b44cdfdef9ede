"""What a person asks a clip for: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from attnviz.render.cache.store import digest
from attnviz.render.shots.selection import slug

BEST, USUAL = "best", "pull"
"""What stands for a head that is to be chosen; and the template of a clip that does not name one."""
LONGEST_NAME = 40  # letters of a sentence in the name of its folder


@dataclass(frozen=True)
class ClipRequest:
    """A clip: a sentence, and what of it is shown.

    `word`, `layer` and `head` are chosen by measures (see `facts`) where they are None (a head also where it is
    `best`); with the head `all` the template `heads` shows all of a layer. A `template` that is None follows from what
    else is asked for (`USUAL` without that). `other` is a second sentence, for templates that compare; `without` is
    what is taken out of the computation, for those that say what if. Names of models and templates are looked up in
    the folder `near`; `parameters` are those that a template has itself. `fonts` are families or files, for letters
    that the built-in ones lack.
    """

    sentence: str
    model: str = "small"
    word: str | None = None
    layer: int | None = None
    head: str | None = None
    template: str | None = None
    other: str | None = None
    without: tuple[str, ...] = ()
    near: Path = field(default_factory=Path.cwd)
    parameters: Mapping[str, str] = field(default_factory=dict)
    fonts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name for a folder: the sentence's first words, and a digest of all that is asked for."""
        template = self.template or USUAL
        asked = [self.sentence, self.model, self.word, self.layer, self.head, template, self.other, self.without]
        words, own = slug(self.sentence[:LONGEST_NAME]), sorted(self.parameters.items())
        return f"clip-{words}-{digest(asked, own, self.fonts)[:6]}"
