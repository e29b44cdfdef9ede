"""Draw docs/pictures/rooms.svg: the rooms (top-level packages) of attnviz, and which of them imports which.

usage: python scripts/rooms.py [--check]      (scripts/docs runs this; --check: only report whether it is up to date)

A room is above all those that it imports. A line at the side leads into each room, with a dot for every room that
imports from it. Imports for type checking count, as do those inside functions.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "pictures" / "rooms.svg"
SCENES = "scenes"
DOORS = {"cli": "commands"}  # modules beside the rooms by which one is entered
ABOUT = {
    "notebook": "what the commands do, for programs and notebooks",
    "commands": "the command line, a module for each command",
    "serve": "a page on this machine: a sentence in, a clip out",
    "clips": "a sentence becomes a storyboard, and so a film",
    "slides": "every shot as a slide that plays and speaks",
    "page": "the page of a lecture: every number has its card",
    "worksheet": "a film's numbers as exercises, and as questions",
    "publish": "from clips to what people use",
    "render": "what is wanted and not there yet is played, drawn and encoded",
    SCENES: "content: a file or a folder for each scene",
    "voice": "what is said becomes sound, and when each word is heard",
    "stage": "what scenes are written with; Manim",
    "storyboard": "a storyboard, read and checked",
    "model": "a sentence becomes labelled arrays; torch",
    "input": "YAML with its lines, checks, problems in words",
}
WIDTH, FLOOR, BOX, GAP = 560, 84, 70, 24  # width of a room, from floor to floor, height of a box, margin
LANE = 30  # from line to line
INK, QUIET, PAPER, ROOM = "#1f2328", "#59636e", "#ffffff", "#eef3f8"
STROKE = f'fill="none" stroke="{QUIET}" stroke-width="1.3"'


def rooms() -> dict[str, list[Path]]:
    """Return the files of every room, by its name."""
    folders = [path.parent for path in sorted((ROOT / "attnviz").glob("*/__init__.py"))]
    files = {folder.name: sorted(folder.rglob("*.py")) for folder in folders}
    return files | {SCENES: sorted((ROOT / SCENES).rglob("*.py"))}


def folders_of(room: str) -> list[str]:
    """Return the folders inside a room."""
    return [path.parent.name for path in sorted((ROOT / "attnviz" / room).glob("*/__init__.py"))]


def imported_rooms(path: Path, known: set[str]) -> Iterator[str]:
    """Yield the rooms that a file imports from."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            first, _, rest = name.partition(".")
            room = DOORS.get(rest.split(".")[0], rest.split(".")[0])
            if first == "attnviz" and room in known:
                yield room


def imports() -> dict[str, set[str]]:
    """Return, for every room, the rooms that it imports from."""
    files = rooms()
    return {
        room: {other for path in paths for other in imported_rooms(path, set(files))} - {room}
        for room, paths in files.items()
    }


def floors(graph: dict[str, set[str]]) -> list[str]:
    """Return the rooms from top to bottom, in topological order; the scenes are right above the stage."""
    upwards = [room for room in TopologicalSorter(graph).static_order() if room != SCENES]
    upwards.insert(upwards.index("stage") + 1, SCENES)
    return upwards[::-1]


def picture() -> str:
    """Return the picture as SVG."""
    graph = imports()
    order = floors(graph)
    entered = [room for room in order if any(room in others for others in graph.values())]
    width, height = 2 * GAP + WIDTH + LANE * (len(entered) + 1), 2 * GAP + FLOOR * len(order)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        "<title>The rooms of attnviz: each imports only what is below it</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{QUIET}"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        *(part for lane, room in enumerate(entered) for part in way_into(room, graph, order, lane)),
        *(part for number, room in enumerate(order) for part in box(room, GAP + number * FLOOR)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def way_into(room: str, graph: dict[str, set[str]], order: list[str], lane: int) -> Iterator[str]:
    """Yield the line into a room, joined from every room that imports it; a room's lines leave it one below another."""
    x, target = GAP + WIDTH + LANE * (lane + 1), GAP + order.index(room) * FLOOR + 6
    starts = [GAP + order.index(other) * FLOOR + 16 + 8 * lane for other in order if room in graph[other]]
    yield f'<path d="M{x} {starts[0]}V{target}H{GAP + WIDTH + 2}" {STROKE} marker-end="url(#tip)"/>'
    for start in starts:
        yield f'<path d="M{GAP + WIDTH} {start}H{x}" {STROKE}/><circle cx="{x}" cy="{start}" r="3.5" fill="{INK}"/>'


def box(room: str, top: float) -> Iterator[str]:
    """Yield the box of a room: its name, what it is for, and its folders."""
    title = f"{room}/" if room == SCENES else f"attnviz.{room}"
    yield f'<rect x="{GAP}" y="{top}" width="{WIDTH}" height="{BOX}" rx="7" fill="{ROOM}" stroke="{QUIET}"/>'
    yield text(title, top + 23, 15, INK, bold=True)
    yield text(ABOUT[room], top + 41, 12, QUIET)
    yield text("  ·  ".join(folders_of(room)), top + 59, 12, INK)


def text(content: str, y: float, size: float, color: str, bold: bool = False) -> str:
    """Return a line of text."""
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{GAP + 14}" y="{y}" font-size="{size}" fill="{color}"{weight}>{escape(content)}</text>'


def main(check: bool) -> int:
    """Write the picture or, with `check`, report that it is out of date (exit status 1)."""
    current = PICTURE.is_file() and PICTURE.read_text(encoding="utf-8") == picture()
    if not current and check:
        print(f"{PICTURE.relative_to(ROOT)} is out of date: run scripts/docs", file=sys.stderr)
    elif not current:
        PICTURE.write_text(picture(), encoding="utf-8")
        print(f"wrote {PICTURE.relative_to(ROOT)}")
    return 1 if check and not current else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
