"""Shot jobs on a Dask cluster: a real scheduler and real workers on this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.lecture_folders import keep_traces, written
from tests.processes import ForkedProcess

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

STORYBOARD = """\
title: A small lecture
model: fruit
chapters:
  - title: First
    scenes:
      - scene: small
        words: [apple, orange]
        shots: [{show: apple}, {show: orange}, {show: apple}, {show: orange}]
      - scene: small
        words: [apple, orange]
        shots: [{show: orange}, {show: apple}]
"""
MODEL = """\
kind: blackboard
axes: [technology, fruitness]
words: {apple: [2, 2], orange: [0, 3], and: [0, 1], an: [1, 0]}
similarity: cosine
weights: softmax
"""
SCENE = '''\
"""A small scene."""

from manim import Write

from attnviz.stage import Stage
from attnviz.stage.arguments import Word


class Small(Stage):
    """One number."""

    def show(self, word: Word) -> None:
        """Show a number of a word."""
        self.clear_stage()
        self.play(Write(self.formula("f = {f}", f=self.number("embeddings", token=word, d_model="fruitness"))), run_time=1)
'''
SIZE = ["-r", "320,180", "--fps", "10"]
# What others put in the store cannot be seen: as on another machine, all comes back over the wire.
ELSEWHERE = "from attnviz.render.cache.store import Store; Store.mark = lambda self, kind: '0' * 32; "
IMPATIENT = "import attnviz.render.cluster.cluster as c; c.PATIENCE = {}; "


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("board")
    board = written(folder, {"board.yaml": STORYBOARD, "models/fruit.yaml": MODEL, "scenes/small.py": SCENE})
    keep_traces(board, folder / "traced")
    return board


@pytest.fixture
def long_board(board: Path) -> Path:
    """Return a storyboard that is not finished before something can happen to it."""
    shots = ", ".join(["{show: apple}, {show: orange}"] * 20)
    longer = board.with_name("longer.yaml")
    longer.write_text(STORYBOARD.replace("{show: orange}, {show: apple}", shots))
    return longer


@pytest.fixture(scope="module")
def undisturbed(board: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the film as it is made here."""
    folder = tmp_path_factory.mktemp("here")
    assert render(board, folder)[0] == 0
    return (folder / "lecture.mp4").read_bytes()


class Cluster:
    """A scheduler and workers, each a process of its own; what has ended is started anew when it is wanted again."""

    scheduler: ForkedProcess | None = None
    workers: tuple[ForkedProcess, ...] = ()

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def of(self, workers: int) -> Cluster:
        """See to it that it has at least so many workers."""
        if self.scheduler is None or self.scheduler.poll() is not None:
            self.kill_workers()
            self._start_scheduler()
        living = [worker for worker in self.workers if worker.poll() is None]
        options = (self.address, "--nthreads", 1, "--no-nanny", "--no-dashboard")
        started = [self._start("worker", *options) for _ in range(workers - len(living))]
        self.workers = (*living, *started)
        return self

    def answering(self) -> Cluster:
        """Wait until the scheduler listens."""
        host, port = self.address.removeprefix("tcp://").split(":")
        with socket.socket() as caller:
            while caller.connect_ex((host, int(port))):
                assert self.scheduler.poll() is None
                time.sleep(0.05)
        return self

    def kill_workers(self) -> None:
        """End all workers by `kill -9`."""
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def _start_scheduler(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")

    def _start(self, *arguments: object) -> ForkedProcess:
        process = ForkedProcess(["dask", *arguments], cwd=Path.cwd(), environment=os.environ)
        self._stack.callback(process.communicate)
        self._stack.callback(process.kill)
        return process


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Give a cluster that the tests share: a worker that has drawn before need not import Manim again."""
    with ExitStack() as stack:
        yield Cluster(stack)


def arguments(board: Path, folder: Path, *options: str) -> list[str]:
    shutil.copytree(board.with_name("traced"), folder / "cache", dirs_exist_ok=True)
    return ["attnviz", "render", str(board), *SIZE, "--cache", str(folder / "cache"), "-o", str(folder), *options]


def start(board: Path, folder: Path, *options: str, before: str = "") -> ForkedProcess:
    return ForkedProcess(arguments(board, folder, *options), cwd=Path.cwd(), environment=os.environ, before=before)


def finish(run: ForkedProcess) -> tuple[int | None, str, str]:
    out, err = run.communicate(timeout=120)
    return run.returncode, out, err


def render(board: Path, folder: Path, *options: str, before: str = "") -> tuple[int | None, str, str]:
    return finish(start(board, folder, *options, before=before))


@pytest.mark.parametrize("before", ["", ELSEWHERE], ids=["shared store", "over the wire"])
def test_a_cluster_makes_the_same_film(board, tmp_path, cluster, undisturbed, before):
    status, out, err = render(board, tmp_path, "--cluster", cluster.of(2).address, before=before)
    assert (status, err) == (0, "")
    assert "6 drawn" in out
    assert (tmp_path / "lecture.mp4").read_bytes() == undisturbed


def test_a_shot_that_cannot_be_drawn_is_told(board, tmp_path, cluster):
    broken = board.parent / "broken.yaml"
    broken.write_text(STORYBOARD.replace("scene: small", "scene: broken"))
    source = SCENE.replace("class Small", "class Broken").replace("self.clear_stage()", "1 / 0")
    (board.parent / "scenes" / "broken.py").write_text(source)
    status, _, err = render(broken, tmp_path, "--cluster", cluster.of(1).address)
    assert status == 2
    assert "ZeroDivisionError: division by zero" in err
    assert not (tmp_path / "lecture.mp4").exists()


def test_workers_draw_each_film_in_its_theme(board, tmp_path, cluster, undisturbed):
    """The workers are those that have drawn, or will draw, the dark films of the other tests."""
    films = []
    for name, options in (("here", ()), ("there", ("--cluster", cluster.of(2).address))):
        assert render(board, tmp_path / name, "--theme", "print", *options, before=ELSEWHERE)[0] == 0
        films.append((tmp_path / name / "lecture.mp4").read_bytes())
    assert films[0] == films[1] != undisturbed


def test_a_worker_that_is_killed_midway_is_missed_by_nobody(board, tmp_path, cluster, undisturbed):
    run = render_midway(board, tmp_path, cluster.of(2))
    cluster.workers[0].kill()
    assert finish(run)[0] == 0
    assert (tmp_path / "lecture.mp4").read_bytes() == undisturbed


def test_a_local_cluster_needs_no_scheduler(board, tmp_path, undisturbed):
    """From the start of an interpreter to its end, at which Dask still has something to do."""
    line = [sys.executable, "-m", *arguments(board, tmp_path, "--cluster", "local", "--jobs", "2")]
    done = subprocess.run(line, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "lecture.mp4").read_bytes() == undisturbed


def test_workers_with_other_libraries_are_refused(board, tmp_path, cluster):
    other = "import attnviz.render.shots.walk as w; w.libraries = lambda: {'manim': '0.1'}; "
    status, _, err = render(board, tmp_path, "--cluster", cluster.of(1).address, before=other)
    assert status == 2
    assert "a worker differs from this machine in" in err
    assert "manim" in err
    assert "Traceback" not in err


def test_where_no_cluster_answers(board, tmp_path):
    status, _, err = render(board, tmp_path, "--cluster", "tcp://127.0.0.1:9", before=IMPATIENT.format(1))
    assert status == 2
    assert err.startswith("no cluster answers at 'tcp://127.0.0.1:9'")
    assert "Traceback" not in err


def test_a_cluster_without_workers(board, tmp_path):
    with ExitStack() as stack:
        address = Cluster(stack).of(0).answering().address
        status, _, err = render(board, tmp_path, "--cluster", address, before=IMPATIENT.format(2))
    assert status == 2
    assert err == f"the cluster at {address} has no workers; start some: dask worker …\n"


def test_when_no_worker_is_left_nobody_waits(long_board, tmp_path, cluster):
    quick = "import attnviz.render.cluster.cluster as c; c.LOOK = 0.5; "
    run = render_midway(long_board, tmp_path, cluster.of(1), before=quick)
    cluster.kill_workers()
    status, _, err = finish(run)
    assert status == 2
    assert err.startswith(f"the cluster at {cluster.address} has no workers left; is attnviz installed")


def test_the_scheduler_is_missed(long_board, tmp_path, cluster):
    run = render_midway(long_board, tmp_path, cluster.of(1))
    cluster.scheduler.kill()
    status, _, err = finish(run)
    assert status == 2
    assert err.startswith(f"the connection to the cluster at {cluster.address} was lost; the next run")


def render_midway(board: Path, folder: Path, cluster: Cluster, before: str = "") -> ForkedProcess:
    """Return a run of which the first shot has been drawn."""
    run = start(board, folder, "--cluster", cluster.address, before=before)
    until(lambda: any((folder / "cache" / "films").rglob("*")), run)
    return run


def until(happened, run: ForkedProcess) -> None:
    """Wait for something that a running process does."""
    while not happened():
        assert run.poll() is None, "it ended first"
        time.sleep(0.01)
