"""For tests of scenes: scenes played without drawing, exactly as they will be on film.

A verb is tested on a stage that reads a model:

    with undrawn():
        sentence = {"text": "an apple and an orange", "words": ["orange", "apple"]}
        traces = traces_of("fruit_and_tech", {"fruit": sentence})
        stage = open_stage("embedding_plane", traces, focus="apple")
        play(stage, "show_plane", side="left")
        play(stage, "show_words", words=["apple", "orange"])
        shot = play(stage, "show_weights", word="apple")
    assert shot.texts("weights") == ["0.43", "0.57"]
    assert shot.faults == []

A whole storyboard, with its narration and timing, is played by `rehearse`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnviz.input.scratch import ScratchFolder
from attnviz.model.door import open_model
from attnviz.model.interface import Settings
from attnviz.publish.descriptions import described
from attnviz.render.cache.products import Wanted
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import Store
from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.manim_setup import manim_setup
from attnviz.render.shots.player import Player, Watch, seen_at_rest
from attnviz.render.shots.renderer import StageRenderer
from attnviz.render.shots.scene_files import load_stage
from attnviz.render.shots.selection import select
from attnviz.render.shots.walk import Walk
from attnviz.render.shots.work import SceneWork, Work, work_on
from attnviz.render.traces.library import TraceLibrary
from attnviz.stage.layout import Placed
from attnviz.stage.receipts import Receipt
from attnviz.storyboard.find_scene import find_scene, scene_folders
from attnviz.storyboard.length import PAUSE
from attnviz.storyboard.verbs import read_scene

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.input.fonts import Font
    from attnviz.stage import Stage
    from attnviz.storyboard.types import Storyboard

REHEARSAL_FORMAT = FilmFormat(1920, 1080, 60)


@dataclass(frozen=True)
class PlayedShot:
    """A verb that was played: the stage after it, the shot's length, its receipts and the text at rest.

    `faults` are what a picky viewer would object to, at the end and in the middle of plays: text cut off, covered or
    too small, labels far from what they belong to. The receipts' times are in seconds since the shot began; boxes are
    in fractions of the frame, from its top left.
    """

    stage: Stage
    seconds: float
    receipts: tuple[Receipt, ...]
    layout: tuple[Placed, ...]
    faults: list[str]
    beats: tuple[str, ...] = ()  # the names of its plays; "" for one without

    @property
    def at_rest(self) -> list[Receipt]:
        """The receipts of the numbers that stand on screen when the shot ends."""
        return [receipt for receipt in self.receipts if receipt.end == self.seconds]

    def texts(self, array: str) -> list[str]:
        """Return the digits on screen at the end of the shot that were read from an array, as their receipts follow."""
        return [receipt.text for receipt in self.at_rest if receipt.array == array]


def undrawn(fonts: Sequence[Font] = ()) -> AbstractContextManager[None]:
    """Set Manim up as a film of 1080p60 does; stages are made and played inside the `with` block."""
    return manim_setup(REHEARSAL_FORMAT, fonts)


def traces_of(
    model: str | Path | Mapping[str, Any],
    sentences: Mapping[str, str | Mapping[str, Any]],
    near: Path | None = None,
    settings: Settings = Settings(),  # noqa: B008 (a tuple)
) -> dict[str, xr.Dataset]:
    """Run a model on sentences, and return what a scene reads of each, by the sentence's name.

    `model` is a name (looked up near a folder), a file, or the content of a blackboard's file. A sentence is written as
    in a storyboard: its text, or `{text: …, words: […]}`. Raises `ProblemsFound`.
    """
    with ScratchFolder("model") as folder:
        if isinstance(model, Mapping):
            path = Path(folder) / "board.yaml"
            path.write_text(json.dumps(model), encoding="utf-8")  # JSON is YAML
            model = path
        opened = open_model(str(model), near)
        asked = {name: each if isinstance(each, Mapping) else {"text": each} for name, each in sentences.items()}
        return {name: opened.run(each.get("text"), each.get("words"), settings) for name, each in asked.items()}


def open_stage(
    scene: str | Path,
    traces: Mapping[str, xr.Dataset] | None = None,
    *,
    title: str = "A title",
    focus: str | None = None,
) -> Stage:
    """Make the stage of a scene: its name, as a storyboard writes it, or the path of its file. Call it in `undrawn`.

    A name is looked up in `scenes/` of the current folder, then among the built-in ones. `traces` are what the scene
    can read, by the sentence's name, the default first. Raises `ProblemsFound` if there is no such scene.
    """
    file = scene if isinstance(scene, Path) else find_scene(scene, scene_folders(Path.cwd() / "storyboard.yaml"))
    stage_class = load_stage(file, read_scene(file).class_name)
    return stage_class(title=title, traces=traces or {}, focus=focus, renderer=StageRenderer(REHEARSAL_FORMAT))


def play(stage: Stage, verb: str, /, **arguments: Any) -> PlayedShot:
    """Play a verb as a shot of its own, and the pause with which a shot ends.

    Raises what the verb raises, and `ProblemsFound` for digits without a receipt.
    """
    stage.renderer.restart_clock()
    with Watch(stage.renderer) as watch:
        stage.begin_shot(verb)
        stage.perform(verb, arguments)
        beats = tuple(stage.beats)
        stage.hold(PAUSE)
        seconds, receipts = stage.renderer.time, tuple(stage.end_shot())
    layout, found = seen_at_rest(stage)
    return PlayedShot(stage, seconds, receipts, layout, [*found, *watch.faults], beats)


@dataclass(frozen=True)
class RehearsedShot:
    """A shot of a storyboard that was played. Frames are counted since the film began, times since the shot began."""

    name: str
    chapter: str
    narration: str
    film_start: int
    frames: int
    receipts: tuple[Receipt, ...]
    layout: tuple[Placed, ...]
    faults: list[str]
    scene: str = ""
    verb: str = ""
    beats: tuple[str, ...] = ()  # the names of its plays; "" for one without
    seen: tuple[str, ...] = ()  # what is to be seen, for those who cannot see it, sentence by sentence
    alt: str = ""  # the same of the picture in which it ends


def rehearse(storyboard: Storyboard, only: Sequence[str] = (), cache: Path | None = None) -> list[RehearsedShot]:
    """Play a storyboard's shots (or `only` some) with their timing; computes the traces in this process.

    Traces that are in the `cache` are taken from there, and the others put there, if one is given. Raises
    `ProblemsFound`.
    """
    scenes = select(storyboard, only)
    with ScratchFolder("rehearsal") as folder:
        store = Store(cache or Path(folder))
        sources = Sources(store)
        traces = TraceLibrary(storyboard, [scene.spec for scene in scenes], store, sources).scenes()
        work = work_on(storyboard, scenes, traces, REHEARSAL_FORMAT, store, sources, Wanted(film=False))
        rehearsed: list[RehearsedShot] = []
        with manim_setup(work.format, storyboard.fonts):
            players = dict[str, Player]()
            for scene in work.scenes:
                players[scene.name] = Player(work, scene, players.get(scene.after))
                _rehearse_scene(work, scene, players[scene.name], rehearsed)
        return rehearsed


def _rehearse_scene(work: Work, scene: SceneWork, player: Player, rehearsed: list[RehearsedShot]) -> None:
    """Play every shot of a scene."""
    walk = Walk(work, scene)
    for planned in scene.shots:
        performance = player.rehearse(planned, walk.said(planned), walk.timing(planned))
        if planned.wanted:
            receipts = [asdict(receipt) for receipt in performance.receipts]
            stays = (performance.frames - 1.5) / REHEARSAL_FORMAT.fps
            seen, alt = described(planned.shot, scene.traces.load(), scene.spec.focus, receipts, stays)
            rehearsed.append(
                RehearsedShot(
                    planned.name,
                    scene.chapter.title,
                    walk.told(planned).text,
                    sum(each.frames for each in rehearsed),
                    performance.frames,
                    performance.receipts,
                    performance.layout,
                    list(performance.faults),
                    scene.spec.scene,
                    planned.shot.verb,
                    tuple(player.stage.beats),
                    seen,
                    alt,
                )
            )
