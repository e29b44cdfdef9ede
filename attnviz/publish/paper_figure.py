"""A figure of a given width on paper: what is drawn on a stage, cut out of the frame, and how small its type is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnviz.publish.descriptions import description_of_stage
from attnviz.publish.figures import DESCRIBING, content_of, figures_in, open_figures
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import Store, digest
from attnviz.render.run import SILENT, Progress, Wish, draw_missing
from attnviz.render.shots.claims import with_claims
from attnviz.stage import frame
from attnviz.stage.layout import Placed, placed

if TYPE_CHECKING:
    from attnviz.render.shots.walk import WalkedShot
    from attnviz.stage.scene import Stage
    from attnviz.storyboard.types import Storyboard

DPI = 300
MM_PER_INCH, POINTS_PER_INCH = 25.4, 72.0
SMALLEST_TYPE = 6.0
"""Nothing that is read is smaller in print, in points: what journals ask for."""
EM = 1.40625
"""How high an em is at a font size of 1 (Manim's), in pixels at 1080p."""
DIGIT = 0.62
"""How high digits are, in ems."""


@dataclass(frozen=True)
class PaperFigure:
    """A figure's files by their suffix, its narration, and the least width (mm) at which all of it can be read."""

    files: Mapping[str, bytes]
    caption: str
    least_width: float
    height: float  # mm, at the width that it has


class OnPaper:
    """Makes a figure of a width (mm) as SVG, PDF and PNG, and measures how small its smallest type is."""

    def __init__(self, sources: Sources, width: float, title: str) -> None:
        self.width, self.title = width, title
        self.key = digest(sources.of_package("publish/paper_figure.py", *DESCRIBING), width, title)

    def __call__(self, stage: Stage, shot: WalkedShot) -> Mapping[str, bytes]:
        """Return the figure by suffix; of the PDF the Typst code, and in `json` its measures (mm)."""
        from attnviz.publish.vector_crop import cropped
        from attnviz.publish.vector_letters import with_letters
        from attnviz.publish.vector_page import page_of
        from attnviz.publish.vector_pdf import png_of
        from attnviz.publish.vector_svg import svg_of
        from attnviz.publish.vector_typst import typst_of

        text = description_of_stage(stage, shot.planned.shot)
        whole = page_of(stage, title=self.title, description=text, without=[stage.title_written])
        page = cropped(whole, self.width / MM_PER_INCH * POINTS_PER_INCH)
        title = {id(part) for part in stage.title_written.get_family()}
        texts = placed(part for part in stage.get_mobject_family_members() if id(part) not in title)
        points = smallest_em(texts) * page.points_per_unit
        measures = {
            "height": self.width * page.height / page.width,
            "least_width": self.width * SMALLEST_TYPE / points if math.isfinite(points) else 0.0,
        }
        return {
            "svg": svg_of(with_letters(page, nameless=False)).encode(),
            "typ": typst_of(page).encode(),
            "png": png_of(page, DPI),
            "json": json.dumps(measures).encode(),
        }


def smallest_em(texts: Sequence[Placed]) -> float:
    """Return the em of the smallest type among some texts, in pixels at 1080p; infinite if there is none."""
    ems = [text.size * EM for text in texts if text.size is not None]
    digits = [text.digits for text in texts]
    digits += [text.box[3] - text.box[1] for text in texts if text.size is None and any(map(str.isdigit, text.text))]
    return min([*ems, *(height * frame.PIXELS / DIGIT for height in digits)], default=math.inf)


def make_paper_figure(storyboard: Storyboard, wish: Wish, width: float, progress: Progress = SILENT) -> PaperFigure:
    """Make the (only, or last) figure of a storyboard, `width` mm wide. Raises `ProblemsFound`."""
    from attnviz.publish.vector_typst import pdf_of_typst

    maker = OnPaper(Sources(Store(wish.cache)), width, storyboard.title)
    work = with_claims(open_figures(storyboard, wish, maker), wish.claims)
    work, _ = draw_missing(work, wish, progress)
    *_, (shot, figure) = figures_in(work)
    content = content_of(work, shot, figure, maker)
    measures = json.loads(content["json"])
    files = {suffix: content[suffix] for suffix in ("svg", "png")} | {"pdf": pdf_of_typst(content["typ"].decode())}
    return PaperFigure(files, shot.narration, measures["least_width"], measures["height"])
