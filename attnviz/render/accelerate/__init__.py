"""Accelerations of Manim: each one a module that can be switched off, and none of which changes a picture.

They know the insides of one version of Manim, and stand aside for any other. `docs/accelerations.md` says what each
does, why that is safe, and which test compares it with stock Manim.

This module imports neither Manim nor numpy; `accelerated` does.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from attnviz.input.problems import Problem, ProblemsFound

KNOWN_MANIM = "0.22."
SWITCH = "ATTNVIZ_PLAIN"  # an environment variable: "all", or which accelerations to leave out, with commas between


@dataclass(frozen=True)
class Accelerations:
    """Which accelerations are wanted; `layers` needs `drawing`, and is off without it.

    `encoding`, `stills` and `twos` are not about Manim: see `attnviz.render.film`.
    """

    copying: bool = True
    families: bool = True
    texts: bool = True
    prototypes: bool = True
    styles: bool = True
    interpolation: bool = True
    drawing: bool = True
    layers: bool = True
    colours: bool = True
    encoding: bool = True
    stills: bool = True
    twos: bool = True


NAMES = tuple(field.name for field in dataclasses.fields(Accelerations))
PLAIN = Accelerations(**dict.fromkeys(NAMES, False))


def wanted(environment: Mapping[str, str] = os.environ) -> Accelerations:
    """Return all accelerations but those that the environment variable ATTNVIZ_PLAIN switches off.

    Raises `ProblemsFound` where it names something else.
    """
    off = {name.strip() for name in environment.get(SWITCH, "").split(",")} - {""}
    if off == {"all"}:
        return PLAIN
    if unknown := sorted(off - set(NAMES)):
        hint = f"write 'all', or some of {', '.join(NAMES)}, with commas between"
        raise ProblemsFound([Problem(f"{SWITCH} names no acceleration: {', '.join(unknown)}", hint=hint)])
    return Accelerations(**{name: name not in off for name in NAMES})


def fits(manim_version: str) -> bool:
    """Tell whether this is a version of Manim whose insides the accelerations know."""
    return manim_version.startswith(KNOWN_MANIM)


@contextlib.contextmanager
def accelerated(accelerations: Accelerations) -> Iterator[None]:
    """Accelerate Manim for as long as the block lasts; with a version that is not known, colours only."""
    with contextlib.ExitStack() as stack:
        if accelerations.colours:
            from attnviz.render.accelerate import colours

            stack.enter_context(colours.own_conversion())
        if fits(_installed_manim()):
            _install(accelerations, stack)
        yield


def _install(accelerations: Accelerations, stack: contextlib.ExitStack) -> None:
    from attnviz.render.accelerate import copying, drawing, families, interpolation, layers, prototypes, styles, texts

    for name, install in (
        ("copying", copying.cheap_copies),
        ("families", families.walked_once),
        ("texts", texts.outlines_read_once),
        ("prototypes", prototypes.made_from_prototypes),
        ("styles", styles.made_directly),
        ("interpolation", interpolation.quiet_plays),
        ("drawing", drawing.drawn_in_c),
        ("layers", layers.kept_layers),
    ):
        if getattr(accelerations, name) and (name != "layers" or accelerations.drawing):
            stack.enter_context(install())


def _installed_manim() -> str:
    try:
        return version("manim")
    except PackageNotFoundError:
        return ""
