"""Loading a storyboard: its YAML file → a checked `Storyboard`, or all the problems in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attnviz.input.content_paths import expanded
from attnviz.input.odd_characters import unreadable
from attnviz.input.problems import ProblemsFound, did_you_mean
from attnviz.input.validation import Place, value_at
from attnviz.input.yamlsource import read_yaml
from attnviz.model.interface import ASK_FOR_STEPS, Carry, Contents, View
from attnviz.storyboard.chosen_fonts import read_fonts
from attnviz.storyboard.chosen_model import Chosen, choose
from attnviz.storyboard.find_scene import find_scene, scene_folders
from attnviz.storyboard.keys import UNKNOWN, ChapterKeys, SceneKeys, StoryboardKeys
from attnviz.storyboard.letters import report_undrawable
from attnviz.storyboard.problem_list import ProblemList
from attnviz.storyboard.sentences import ONLY, Boards, read_sentences
from attnviz.storyboard.shots import SceneContext, read_focus, read_shots, report_order
from attnviz.storyboard.shown_sentences import shown_of_sentences
from attnviz.storyboard.types import Chapter, SceneSpec, SentenceSpec, Storyboard, Vocabulary
from attnviz.storyboard.verbs import SceneSource, read_scene
from attnviz.storyboard.voice_keys import VoiceKeys
from attnviz.storyboard.voices import VoiceSettings, voice_named

MAX_SHOTS = 500


def load(path: Path, *, vocabulary: Vocabulary, folders: Sequence[Path] | None = None) -> Storyboard:
    """Read and check a storyboard; raise `ProblemsFound` with all its problems, in file order.

    `vocabulary` tells what can be named for a model and a sentence; `folders` are searched for scenes
    (default: `scenes/` beside the storyboard, then the built-in ones).
    """
    source = read_yaml(path)
    problems = ProblemList(source)
    for at, text in _texts(source.data, ()):
        if odd := unreadable(text):
            problems.add(at, f"the text contains {odd}", "remove it")
            problems.told.add(at)
    loader = _Loader(scene_folders(path) if folders is None else folders, problems, Boards(vocabulary, problems))
    storyboard = loader.storyboard()
    report_undrawable(problems, storyboard.fonts, loader.written)
    problems.finish()
    return storyboard


def _texts(data: Any, at: Place) -> Iterator[tuple[Place, str]]:
    """Yield every text in the data, keys included, with its place."""
    if isinstance(data, str):
        yield at, data
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _texts(item, (*at, index))
    elif isinstance(data, dict):
        for key, item in data.items():
            yield (*at, key), key
            yield from _texts(item, (*at, key))


@dataclass
class _Loader:
    """Checks a storyboard level by level; a fault on one level does not keep what is inside it from being checked."""

    folders: Sequence[Path]
    problems: ProblemList
    boards: Boards
    chosen: Chosen = field(default_factory=lambda: Chosen(UNKNOWN, View(), ("model",)))
    carry: Carry = "exact"
    figures: dict[str, Place] = field(default_factory=dict)
    written: list[tuple[Place, str]] = field(default_factory=list)  # what scenes are known to write of their sentences
    scenes: list[SceneSpec] = field(default_factory=list)  # that have been read

    def storyboard(self) -> Storyboard:
        """Read the whole storyboard."""
        keys = self.problems.keys(StoryboardKeys, ())
        self.chosen = choose(self.boards, keys.model, ("model",))
        self.carry = keys.carry
        chapters = [self.chapter(at) for at in self.problems.list_at((), "chapters")]
        self._unique_titles()
        storyboard = Storyboard(
            path=self.problems.source.path,
            title=keys.title,
            model=self.chosen.name,
            carry=keys.carry,
            decimals=keys.decimals,
            language=keys.language,
            words_per_minute=keys.words_per_minute,
            chapters=tuple(chapters),
            fonts=tuple(read_fonts(self.problems, keys.font)),
            theme=keys.theme,
            convention=keys.convention,
            about=keys.about,
            voice=self._voice(keys.voice),
        )
        count = sum(1 for _ in storyboard.shots())
        if count > MAX_SHOTS:
            self.problems.add(("chapters",), f"{count} shots are too many", f"at most {MAX_SHOTS}")
        return storyboard

    def _voice(self, chosen: str | VoiceKeys) -> VoiceSettings:
        """Return who speaks; whether that voice is installed matters only where it is heard."""
        near = self.problems.source.path.parent
        if isinstance(chosen, str):
            try:
                return voice_named(chosen, near, VoiceSettings())
            except ProblemsFound as found:
                for problem in found.problems:
                    self.problems.add(("voice",), problem.message, problem.hint)
                return VoiceSettings()
        model, recordings = (near / expanded(path) if path else None for path in (chosen.model, chosen.recordings))
        return VoiceSettings(chosen.engine, model, chosen.speed, chosen.pronunciations, recordings)

    def _unique_titles(self) -> None:
        """Report chapters that share a title: viewers could not tell them apart."""
        first: dict[str, Place] = {}
        for at in self.problems.list_at((), "chapters"):
            data = value_at(self.problems.source.data, at)
            title = data.get("title") if isinstance(data, dict) else None
            if isinstance(title, str) and _line(title) in first:
                line = self.problems.source.line_of(first[_line(title)])
                message = f"there is already a chapter '{_line(title)[:60]}'"
                self.problems.add((*at, "title"), message, f"the first is in line {line}")
            elif isinstance(title, str):
                first[_line(title)] = (*at, "title")

    def chapter(self, at: Place) -> Chapter:
        """Read one chapter."""
        keys = self.problems.keys(ChapterKeys, at)
        scenes = [self.scene(place, keys.title) for place in self.problems.list_at(at, "scenes")]
        whole = tuple(scene for scene in scenes if scene is not None)
        return Chapter(keys.title, whole, self.problems.source.line_of(at))

    def scene(self, at: Place, chapter_title: str) -> SceneSpec | None:
        """Read one scene: its file, its sentences, then its shots; None if its file cannot be used."""
        keys = self.problems.keys(SceneKeys, at)
        source = self._source(at)
        sentences = read_sentences(self.problems, at, keys)
        chosen = self.chosen if keys.model is None else choose(self.boards, keys.model, (*at, "model"))
        boards = self._boards(at, chosen, sentences)
        if (keys.carry or self.carry) == "displayed" and any(board and board.exact_only for board in boards.values()):
            place = ("carry",) if keys.carry is None else (*at, "carry")
            hint = "write `carry: exact` in the scenes of this model"
            self.problems.add(place, f"the model '{chosen.name}' cannot compute on with the numbers as displayed", hint)
        if source is None:
            return None
        self._experiments(at, source, boards)
        self._arrays(at, source, boards, chosen.view.name_of(chosen.name))
        context = SceneContext(source, boards, self.problems, self.figures)
        found_before = len(self.problems.problems)
        shots = read_shots(context, self.problems.list_at(at, "shots"))
        misread = len(self.problems.problems) > found_before  # those after a shot that was misread would miss it
        self._needs(at, source, chosen.view)
        for name, text in shown_of_sentences(source, sentences, shots).items():
            self.written.append((_place_of_sentence(value_at(self.problems.source.data, at), at, name), text))
        spec = SceneSpec(
            scene=source.name,
            file=source.path,
            class_name=source.class_name,
            title=keys.title or chapter_title,
            model=chosen.name,
            view=chosen.view,
            carry=keys.carry or self.carry,
            sentences=sentences,
            focus=None if keys.focus is None else read_focus(context, (*at, "focus"), keys.focus),
            shots=shots,
            experiments=source.experiments,
            line=self.problems.source.line_of(at),
            board=keys.board,
            choice=chosen.choice,
        )
        if not misread:
            report_order(context, shots, [shot for each in self._stages(spec) for shot in each.shots])
        self.scenes.append(spec)
        return spec

    def _stages(self, spec: SceneSpec) -> list[SceneSpec]:
        """Return the earlier scenes that are played on the stage on which a scene goes on."""
        return [each for each in self.scenes if spec.goes_on_from(each)]

    def _source(self, at: Place) -> SceneSource | None:
        """Find and read the scene's file; None after reporting why it cannot be used."""
        data = value_at(self.problems.source.data, at)
        name = data.get("scene") if isinstance(data, dict) else None
        if not isinstance(name, str):
            return None
        try:
            return read_scene(find_scene(name, self.folders))
        except ProblemsFound as found:
            self.problems.add_all((*at, "scene"), found)
            return None

    def _experiments(self, at: Place, source: SceneSource, boards: Mapping[str, Contents | None]) -> None:
        """Report experiments that the scene asks for but the model does not offer."""
        known = {name for board in boards.values() if board is not None for name in board.experiments}
        for name in source.experiments if boards and None not in boards.values() else ():
            if name not in known:
                message = f"the scene '{source.name}' asks for the unknown experiment '{name[:60]}'"
                self.problems.add((*at, "scene"), message, did_you_mean(name, sorted(known), "the experiments"))

    def _needs(self, at: Place, source: SceneSource, view: View) -> None:
        """Report that a scene lacks a sentence, or the steps of a training."""
        if source.needs_sentence and not _given(value_at(self.problems.source.data, at)):
            hint = "write `sentence: …`, `sentences: …` or `words: […]`"
            self.problems.add(at, f"the scene '{source.name}' needs a sentence", hint)
        if source.needs_steps and view.steps is None:
            message = f"the scene '{source.name}' plays how a model was trained, and none of its steps are asked for"
            self.problems.add((*at, "scene"), message, ASK_FOR_STEPS)

    def _arrays(self, at: Place, source: SceneSource, boards: Mapping[str, Contents | None], model: str) -> None:
        """Report arrays that the scene shows but the model does not have."""
        board = next(iter(boards.values()), None)
        if board is None or not board.arrays:
            return
        name = next((each for each in source.needs_arrays if each not in board.arrays), None)
        if name is not None:
            why = f" ({board.absent[name]})" if name in board.absent else ""
            message = f"the scene '{source.name}' shows {name}, which the model '{model}' does not have{why}"
            self.problems.add((*at, "scene"), message, "take a model that has it, such as three_heads")

    def _boards(self, at: Place, chosen: Chosen, sentences: Sequence[SentenceSpec]) -> dict[str, Contents | None]:
        """Return what can be named for each sentence (or, in a scene without any, for the model alone)."""
        data = value_at(self.problems.source.data, at)
        alone = None if chosen.name == UNKNOWN else self.boards.ask(chosen.name, None, chosen.view, chosen.at)
        given = _given(data)
        if not given:
            return {"": alone}
        several = data.get("sentences", {ONLY: None})
        boards: dict[str, Contents | None] = dict.fromkeys(several if isinstance(several, dict) else [""])
        for each in sentences if alone is not None else ():
            place = _place_of_sentence(data, at, each.name)
            boards[each.name] = self.boards.ask(chosen.name, each, chosen.view, place)
        return boards


def _given(scene: Any) -> list[str]:
    """Return those of a scene's keys that give it a sentence."""
    return [key for key in ("sentence", "sentences", "words") if isinstance(scene, dict) and key in scene]


def _place_of_sentence(scene: Any, at: Place, name: str) -> Place:
    """Return the place of a sentence of the scene at a place."""
    return (*at, "sentences", name) if "sentences" in scene else (*at, _given(scene)[0])


def _line(text: str) -> str:
    """Return a title with its whitespace collapsed."""
    return " ".join(text.split())
