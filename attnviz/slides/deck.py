"""What a deck of slides is, and the files that show it: a page of its own, and what manim-slides reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.in_words import clock
from attnviz.input.web_pages import policy, templates

if TYPE_CHECKING:
    from attnviz.publish.captions import Caption

FOLDER = Path(__file__).with_name("static")
STATIC = ("slides.css", "slides.js")
"""Files of the page that are the same for every deck."""
POLICY = policy(script_src="'self'", style_src="'self'", img_src="'self'", media_src="'self'")


@dataclass(frozen=True)
class Slide:
    """A shot as a slide: its clip and the picture in which it ends, by their paths in the deck's folder.

    `said` is what is said in it; its captions are timed from its own beginning, as are its `seconds`.
    """

    name: str
    chapter: str
    clip: str
    still: str
    said: str
    seconds: float
    captions: tuple[Caption, ...]


@dataclass(frozen=True)
class Deck:
    """A lecture as slides; `size` is that of the picture in pixels, `ground` the colour around it, as #rrggbb."""

    title: str
    language: str
    size: tuple[int, int]
    ground: str
    heard: bool
    slides: tuple[Slide, ...]

    @property
    def is_light(self) -> bool:
        """Whether what stands on the ground has to be dark."""
        red, green, blue = bytes.fromhex(self.ground.removeprefix("#"))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 127

    @property
    def length(self) -> str:
        """How long the deck plays, as minutes and seconds."""
        return clock(sum(slide.seconds for slide in self.slides))

    @property
    def chapters(self) -> list[tuple[str, list[tuple[int, Slide]]]]:
        """The titles of the chapters, and the slides of each with their numbers, from 1."""
        numbered = enumerate(self.slides, 1)
        return [(title, list(slides)) for title, slides in groupby(numbered, key=lambda each: each[1].chapter)]


def page(deck: Deck) -> str:
    """Return the page that shows a deck, as HTML; everything else of it lies beside it."""
    return templates(FOLDER).get_template("index.html.jinja").render(deck=deck, policy=POLICY)


def data_script(deck: Deck) -> str:
    """Return what the page's script has to know, as a script: pages on disk may read nothing else."""
    data = {
        "ground": deck.ground,
        "size": deck.size,
        "language": deck.language,
        "slides": [
            {
                "clip": slide.clip,
                "chapter": slide.chapter,
                "captions": [[float(c.start), float(c.end), "\n".join(c.lines)] for c in slide.captions],
            }
            for slide in deck.slides
        ],
    }
    return f"window.deck = {json.dumps(data, ensure_ascii=True)};\n"


def manim_slides(deck: Deck) -> str:
    """Return a deck as manim-slides reads it from `slides/NAME.json`, with paths from the folder above.

    Clips are not there backwards: its key for that plays them forwards, as it does with `skip_reversing`.
    """
    slides = [
        {
            "file": slide.clip,
            "rev_file": slide.clip,
            "type": "video",
            "loop": False,
            "auto_next": False,
            "notes": slide.said,
            "dedent_notes": False,
        }
        for slide in deck.slides
    ]
    presentation = {"slides": slides, "resolution": deck.size, "background_color": deck.ground}
    return json.dumps(presentation, indent=2, ensure_ascii=False) + "\n"


def file_names(names: Sequence[str], suffix: str, still_suffix: str = ".webp") -> list[tuple[str, str]]:
    """Return for each shot, by its full name, the paths of its clip and of its still in the deck's folder."""
    places = max(2, len(str(len(names))))
    stems = [f"{number:0{places}}-{name.rpartition('/')[2]}" for number, name in enumerate(names, 1)]
    return [(f"clips/{stem}{suffix}", f"stills/{stem}{still_suffix}") for stem in stems]
