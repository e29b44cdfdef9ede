"""A small lecture with a scene and a model of its own, planned and rendered as a person does it."""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from child_signals import HEARS
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, settings

from tests.processes import ForkedProcess

# The suite gives one verdict for one state of the code, and a red property is told at once: to shrink an example of
# forward passes takes minutes. `--hypothesis-profile=default` goes looking for new examples, and shrinks them.
settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
)
settings.load_profile("steady")

gc.disable()  # until all modules are there, of which nothing becomes garbage

os.environ["ATTNVIZ_VOICE"] = "none"  # films are silent, but for those of tests about speech

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
if IS_WORKER:  # there is one for every core: more threads would only wait for each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_finish() -> None:
    """Let no search for garbage go through the modules and tests that are there from now on, as they stay."""
    gc.freeze()
    gc.set_threshold(10_000)
    gc.enable()


STORYBOARD = """\
title: A small lecture
model: fruit
words_per_minute: 300
chapters:
  - title: Words
    scenes:
      - scene: small
        sentence: apple orange
        shots:
          - show: apple
            say: The apple stands here.
          - move:
          - wipe:
          - show: orange
            id: orange
  - title: Heads
    scenes:
      - scene: small
        sentence: apple orange
        shots:
          - weigh: {head: meaning, query: apple, key: orange}
            id: meaning
          - wipe:
          - weigh: {head: grammar, query: apple, key: orange}
            id: grammar
"""
MODEL = """\
kind: blackboard
axes: [technology, fruitness, size]
words: {apple: [2, 2, 1], orange: [0, 3, 2]}
similarity: dot
weights: softmax
heads:
  - {name: meaning, W_Q: [[1], [0], [0]], W_K: [[0], [0], [1]], W_V: [[1], [0], [0]]}
  - {name: grammar, W_Q: [[0], [0], [1]], W_K: [[1], [0], [0]], W_V: [[0], [0], [1]]}
"""
SCENE = '''\
"""A small scene."""

from manim import UP, Write

from attnviz.stage import Stage
from attnviz.stage.arguments import Word


class Small(Stage):
    """Numbers, one at a time."""

    def show(self, word: Word) -> None:
        """Show a number of a word."""
        self._write(self.number("embeddings", token=word, d_model="fruitness"))

    def weigh(self, head: str, query: Word, key: Word) -> None:
        """Show what a head gives."""
        self._write(self.number("weights", head=head, query=query, key=key))

    def move(self) -> None:
        """Move the number."""
        self.play(self.line.animate.shift(UP), run_time=0.4)

    def wipe(self) -> None:
        """Clear the stage."""
        self.clear_stage(run_time=0.2)
        self.line = None

    def _write(self, number) -> None:
        self.line = self.formula("f = {f}", f=number)
        self.play(Write(self.line), run_time=0.4)
'''
SHOTS = (
    "words/small/show",
    "words/small/move",
    "words/small/wipe",
    "words/small/orange",
    "heads/small/meaning",
    "heads/small/wipe",
    "heads/small/grammar",
)
ROOT = Path(__file__).parent.parent
MISSING = "minilm-that-is-not-there"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let the tests of a module run on one worker, as `--dist=loadscope` does, but share out lectures one by one."""
    if config.getvalue("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Sharing(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            module, _, test = nodeid.partition("::")
            if module.endswith("test_lectures.py"):
                return "lecture " + re.split(r"[]-]", test.partition("[")[2])[0]
            return super()._split_scope(nodeid)

    return Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let workers begin with the modules that have the most slow tests: at the end, many small ones fill the gaps."""
    if IS_WORKER:
        slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
        items.sort(key=lambda item: -slow[item.path])


class Lecture:
    """A folder with a storyboard, a model, a scene and a cache; commands run in this process or in one of their own."""

    shots = SHOTS

    def __init__(self, folder: Path, storyboard: str = STORYBOARD, scene: str = SCENE, model: str = MODEL) -> None:
        self.folder, self.cache, self.film = folder, folder / "cache", folder / "out" / "lecture.mp4"
        self.storyboard = folder / "board.yaml"
        self.model, self.scene = folder / "models" / "fruit.yaml", folder / "scenes" / "small.py"
        for path, text in ((self.storyboard, storyboard), (self.model, model), (self.scene, scene)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (folder / "tmp").mkdir(exist_ok=True)

    def change(self, path: Path, old: str, new: str) -> None:
        """Edit a file, in one place."""
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def arguments(self, command: str, *options: object) -> list[str]:
        """Return the command line."""
        if command == "cache":
            return [*map(str, (command, "--cache", self.cache, *options))]
        where = ["-o", self.film] if command == "render" else []
        size = ["-r", "320,180", "--fps", 10, "--cache", self.cache]
        return [*map(str, (command, self.storyboard, *size, *where, *options))]

    def run(self, command: str, *options: object) -> str:
        """Run a command in this process and return what it prints; raises `ProblemsFound`."""
        from attnviz.cli import app
        from attnviz.render.shots.scene_files import load_stage

        load_stage.cache_clear()  # the files may have changed, as they do between two commands
        result = CliRunner().invoke(app, self.arguments(command, *options))
        if result.exception is not None:
            raise result.exception
        return result.stdout

    def plan(self, *options: object) -> dict[str, str]:
        """Return why each stale shot is to be drawn."""
        return stale(self.run("plan", *options))

    def render(self, *options: object) -> int:
        """Render, and return how many shots were drawn."""
        return drawn(self.run("render", "--jobs", 2, *options))

    def start(self, command: str, *options: object, before: str = "") -> ForkedProcess:
        """Run a command in a process of its own, with code before it."""
        environment = os.environ | {"TMPDIR": str(self.folder / "tmp"), "PYTHONPATH": str(ROOT)}
        line = ["attnviz", *self.arguments(command, *options)]
        return ForkedProcess(line, cwd=Path.cwd(), environment=environment, before=f"{HEARS}{before}")

    def finish(self, process: ForkedProcess) -> tuple[int | None, str, str]:
        """Wait for a process: return its exit status and what it printed."""
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def files(self) -> dict[str, bytes]:
        """Return all that was published."""
        return {path.name: path.read_bytes() for path in sorted(self.film.parent.iterdir())}

    def numbers(self) -> list[dict[str, Any]]:
        """Return the numbers on screen."""
        found: list[dict[str, Any]] = json.loads(self.film.with_suffix(".numbers.json").read_text())["numbers"]
        return found


def stale(plan: str) -> dict[str, str]:
    """Return why each stale shot of a printed plan is to be drawn."""
    return dict(re.findall(r"^(\S+) +stale: (.*)$", plan, re.MULTILINE))


def drawn(summary: str) -> int:
    """Return how many shots were drawn."""
    found = re.search(r"(\d+) drawn", summary)
    assert found, summary
    return int(found[1])


@pytest.fixture(scope="session")
def rendered_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A lecture that was rendered, and an untouched copy of its folder."""
    folder = tmp_path_factory.mktemp("lecture") / "a"
    assert Lecture(folder).render() == len(SHOTS)
    return folder, Path(shutil.copytree(folder, folder.with_name("b")))


@pytest.fixture
def traces_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run models in this process, which is quicker."""
    monkeypatch.setattr("attnviz.render.traces.library.TraceProcess", Here)


@pytest.fixture
def without_minilm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `minilm` be a package that nobody has installed."""
    from attnviz.model.published.names import READY

    monkeypatch.setitem(READY, "minilm", READY["minilm"]._replace(package=MISSING))


@pytest.fixture
def lecture(rendered_once: tuple[Path, Path], traces_made_here: None) -> Lecture:
    """The lecture as it was when it had just been rendered; other models are run in this process."""
    folder, untouched = rendered_once
    shutil.rmtree(folder)
    shutil.copytree(untouched, folder)
    made = Lecture.__new__(Lecture)
    made.__dict__.update(vars(Lecture(folder)))
    return made


@pytest.fixture
def read_only() -> Iterator[Callable[[Path], None]]:
    """Make a folder read only; for the superuser that takes a mount."""
    mounted: list[tuple[Path, str | None]] = []

    def make(folder: Path) -> None:
        if os.getuid():
            for path in (folder, *folder.rglob("*")):
                path.chmod(path.stat().st_mode & ~0o222)
            mounted.append((folder, None))
            return
        calls = ["--bind", folder, folder], ["-o", "remount,ro,bind", folder]
        for call in calls:
            if shutil.which("mount") is None or subprocess.run(["mount", *call], check=False).returncode:
                pytest.skip("the superuser may not mount here")
            mounted.append((folder, "mount"))

    yield make
    for folder, how in mounted[:1]:
        if how is None:
            for path in (folder, *folder.rglob("*")):
                path.chmod(path.stat().st_mode | 0o200)
        else:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[str]]:
    """What keeps somebody from using a page, by axe-core: `axe(page) == []`."""
    from tests.browsers import barriers

    return barriers


@pytest.fixture
def new_lecture(tmp_path: Path) -> Iterator[Lecture]:
    """A lecture that was never rendered."""
    return Lecture(tmp_path / "new")


class Here:
    """Runs models in this process."""

    def __init__(self, order: Any) -> None:
        self.order = order

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *failure: object) -> None:
        """Nothing is left."""

    def answer(self) -> Any:
        """Return what was asked for."""
        from attnviz.render.traces.process import compute

        return compute(self.order)
