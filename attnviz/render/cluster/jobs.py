"""Shot jobs: parts of a run as plain data, which any worker can do, here or on another machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.content_paths import builtin_scenes
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.scratch import ScratchFolder
from attnviz.render.cache.products import Wanted
from attnviz.render.cache.sources import Sources, changes, folder_of_scenes
from attnviz.render.cache.store import Store
from attnviz.render.shots.selection import PlannedScene, PlannedShot
from attnviz.render.shots.speeches import SpokenBefore
from attnviz.render.shots.walk import Surroundings, drawn_with, narration_code, spoken_in, surroundings_of
from attnviz.render.shots.work import SceneWork, Work
from attnviz.render.traces.library import SceneTraces, from_bytes, to_bytes

if TYPE_CHECKING:
    from attnviz.render.film.format import FilmFormat
    from attnviz.storyboard.types import Storyboard

CHUNKS_A_WORKER = 3  # so that one that is late does not keep all others waiting
_MARKS = "marks"


@dataclass(frozen=True)
class SceneFile:
    """A scene's source, for workers that do not have it; they do have `builtin` scenes.

    `path` is that of its file in `folder`, the folder of scenes; `contents` are that file's and those of the modules
    beside it that it imports, by path.
    """

    path: str
    folder: str
    contents: Mapping[str, bytes]
    builtin: bool


@dataclass(frozen=True)
class SceneJob:
    """A scene with all that is needed to play it."""

    scene: PlannedScene
    surroundings: Surroundings
    traces_key: str
    traces: Mapping[str, bytes]
    file: SceneFile


@dataclass(frozen=True)
class Job:
    """Some shots of one scene that are to be made, with all that is needed for it.

    It is the last of the `scenes`; those before it are played, since it goes on from what stands on their board. `mark`
    is the name of a record in the sender's store: where it is found, the store is shared, and nothing has to be sent
    back.
    """

    storyboard: Storyboard
    format: FilmFormat
    wanted: Wanted
    speeches: SpokenBefore
    scenes: tuple[SceneJob, ...]
    store: Path
    mark: str

    @property
    def shots(self) -> list[str]:
        """The names of the shots to be made."""
        return [shot.name for shot in self.scenes[-1].scene.shots if shot.wanted]


@dataclass(frozen=True)
class Result:
    """What a worker sends back: the entries of its own store (none, if it is shared)."""

    entries: tuple[tuple[str, str, bytes], ...] = ()
    problems: tuple[Problem, ...] = ()


def jobs_of(work: Work, unmade: Sequence[str], workers: int) -> list[Job]:
    """Split what is not made yet into jobs: runs of shots of one scene, some for every worker."""
    longest = max(1, len(unmade) // (CHUNKS_A_WORKER * max(1, workers)))
    mark = work.store.mark(_MARKS)
    return [
        _job(work, scene, part, mark)
        for scene in work.scenes
        for part in _parts([shot.name for shot in scene.shots if shot.name in unmade], longest)
    ]


def do_job(job: Job, jobs: int) -> Result:
    """Do a job in this process (which must be able to fork)."""
    from attnviz.render.shots.drawing import draw

    try:
        with _store_of(job) as (store, shared), ExitStack() as files:
            sources = Sources(store)
            scenes = tuple(_scene_work(job, each, sources, files) for each in job.scenes)
            code = narration_code(sources)
            work = Work(job.storyboard, job.format, store, job.wanted, scenes, job.speeches, code).followed()
            draw(work, work.unmade(), jobs)
            return Result(() if shared else tuple(store.exported()))
    except ProblemsFound as found:
        return Result(problems=tuple(found.problems))


def _scene_work(job: Job, part: SceneJob, sources: Sources, files: ExitStack) -> SceneWork:
    """Return a scene as this machine can play it."""
    file = files.enter_context(_scene_file(part))
    scene = replace(part.scene, spec=replace(part.scene.spec, file=file))
    _check_same(part, surroundings_of(scene, job.format, sources, drawn_with(job.storyboard.fonts)))
    traces = SceneTraces(part.traces_key, lambda: {name: from_bytes(data) for name, data in part.traces.items()})
    return SceneWork(**vars(scene), traces=traces, surroundings=part.surroundings)


def _job(work: Work, scene: SceneWork, names: Sequence[str], mark: str) -> Job:
    last = max(place for place, shot in enumerate(scene.shots) if shot.name in names)
    shots = tuple(replace(shot, wanted=shot.name in names) for shot in scene.shots[: last + 1])
    by_name = {each.name: each for each in work.scenes}
    parts = [_scene_job(work, scene, shots)]
    while scene.after:
        scene = by_name[scene.after]
        parts.insert(0, _scene_job(work, scene, tuple(replace(shot, wanted=False) for shot in scene.shots)))
    store = work.store.folder.resolve()
    speeches = SpokenBefore({name: each for part in parts for name, each in spoken_in(work, by_name[part.scene.name])})
    return Job(work.storyboard, work.format, work.wanted, speeches, tuple(parts), store, mark)


def _scene_job(work: Work, scene: SceneWork, shots: tuple[PlannedShot, ...]) -> SceneJob:
    spec = scene.spec
    traces = {name: to_bytes(dataset) for name, dataset in scene.traces.load().items()}
    builtin, scenes = spec.file.resolve().is_relative_to(builtin_scenes()), folder_of_scenes(spec.file)
    contents = {} if builtin else Sources(work.store).beside_scene(spec.file)
    file = SceneFile(str(spec.file.resolve().relative_to(scenes)), scenes.name, contents, builtin)
    planned = PlannedScene(scene.name, scene.chapter, spec, shots, scene.after, scene.resumes)
    return SceneJob(planned, scene.surroundings, scene.traces.key, traces, file)


def _parts(names: Sequence[str], longest: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), longest):
        yield names[start : start + longest]


@contextmanager
def _store_of(job: Job) -> Iterator[tuple[Store, bool]]:
    """Yield the sender's store and True if it can be reached, else one that lasts as long as the job and False."""
    store = Store(job.store)
    if store.read(_MARKS, job.mark) is not None:
        yield store, True
        return
    with ScratchFolder("job") as folder:
        yield Store(Path(folder)), False


@contextmanager
def _scene_file(job: SceneJob) -> Iterator[Path]:
    """Give the scene's source as a file on this machine."""
    if job.file.builtin:
        yield builtin_scenes() / job.file.path
        return
    with ScratchFolder("scene") as folder:
        scenes = Path(folder) / job.file.folder
        for path, content in job.file.contents.items():
            (scenes / path).parent.mkdir(parents=True, exist_ok=True)
            (scenes / path).write_bytes(content)
        yield scenes / job.file.path


def _check_same(job: SceneJob, here: Surroundings) -> None:
    """Refuse to draw with other code or libraries than the sender has: the pictures could differ."""
    if here == job.surroundings:
        return
    code = changes(job.surroundings.code, here.code)
    libraries = changes(job.surroundings.libraries, here.libraries)
    what = ", ".join([*libraries, *code][:5])
    hint = "install the same version of attnviz and of its libraries on every worker"
    raise ProblemsFound(Problem(f"a worker differs from this machine in {what}", hint=hint))
