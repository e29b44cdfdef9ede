"""`attnviz render` as a person runs it: a small storyboard with its own scene and model."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import pytest
from child_signals import HEARS
from click.testing import CliRunner
from PIL import Image

from attnviz.cli import main
from attnviz.commands.render import command
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.scratch import OWNER
from attnviz.render.shots.scene_files import load_stage
from tests.lecture_folders import keep_traces, written
from tests.processes import ForkedProcess

pytestmark = pytest.mark.slow

STORYBOARD = """\
title: A small lecture
model: fruit
chapters:
  - title: First things
    scenes:
      - scene: small
        sentence: an apple and an orange
        words: [apple, orange]
        shots:
          - show: apple
            say: Apple gives orange {weights[apple, orange]:percent} of its attention.
          - move:
  - title: Second things
    scenes:
      - scene: small
        sentence: an apple and an orange
        shots:
          - show: orange
"""
MODEL = """\
kind: blackboard
axes: [technology, fruitness, other]
words: {apple: [2, 2, 0], orange: [0, 3, 0], and: [0, 0, 2], an: [0, 0, 3]}
similarity: cosine
weights: softmax
"""
SCENE = '''\
"""A small scene."""

from manim import UP, Write

from attnviz.stage import Stage
from attnviz.stage.arguments import Word


class Small(Stage):
    """One number."""

    def show(self, word: Word) -> None:
        """Show a number of a word."""
        number = self.number("embeddings", token=word, d_model="fruitness")
        self.line = self.formula("f = {f}", f=number)
        self.play(Write(self.line))

    def move(self) -> None:
        """Move it."""
        self.play(self.line.animate.shift(2 * UP))
'''


ROOT = Path(__file__).parents[2]
FILES = {"board.yaml": STORYBOARD, "models/fruit.yaml": MODEL, "scenes/small.py": SCENE}


@pytest.fixture
def untouched(tmp_path):
    """A storyboard of which nothing is known yet."""
    (tmp_path / "tmp").mkdir()
    return written(tmp_path, FILES)


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """A cache with the traces of the storyboard, and nothing else: to import torch takes as long as all the rest."""
    folder = tmp_path_factory.mktemp("traced")
    keep_traces(written(folder, FILES), folder / ".attnviz")
    return folder / ".attnviz"


@pytest.fixture
def storyboard(untouched, traced):
    """A storyboard whose sentences have been through the model."""
    shutil.copytree(traced, untouched.parent / ".attnviz")
    return untouched


SMALL = ("-r", "320,180", "--fps", "10")  # what takes least time to draw; later options win


def surroundings(storyboard):
    """Return where it is rendered: the folder, and the environment."""
    folder = storyboard.parent
    return folder, os.environ | {"TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(ROOT)}


def start(storyboard, *options, before=HEARS):
    folder, environment = surroundings(storyboard)
    command = ["attnviz", "render", storyboard.name, *SMALL, *options]
    return ForkedProcess(command, cwd=folder, environment=environment, before=before)


def render(storyboard, *options):
    process = start(storyboard, *options)
    out, err = process.communicate(timeout=120)
    assert not list((storyboard.parent / "tmp").iterdir()), "temporary files were left"
    return process.returncode, out, err


def render_from_nothing(storyboard, *options):
    """Render in a process that imports what it needs, and has all of its life to itself."""
    folder, environment = surroundings(storyboard)
    command = [sys.executable, "-m", "attnviz", "render", storyboard.name, *SMALL, *map(str, options)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert not list((folder / "tmp").iterdir()), "temporary files were left"
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def render_here(monkeypatch, capsys):
    """Render as a person does, but in this process, which has imported all that it needs."""

    def run(storyboard, *options):
        load_stage.cache_clear()  # its file has a path as seen from the current folder
        monkeypatch.chdir(storyboard.parent)
        monkeypatch.setattr(tempfile, "tempdir", str(storyboard.parent / "tmp"))
        monkeypatch.setattr(sys, "argv", ["attnviz", "render", storyboard.name, *SMALL, *map(str, options)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not list((storyboard.parent / "tmp").iterdir()), "temporary files were left"
        return ended.value.code, *capsys.readouterr()

    return run


def left_running(session):
    """Return the processes of a session that still run."""
    return [pid for pid in os.listdir("/proc") if pid.isdigit() and _session(pid) == session]


def _session(pid):
    try:
        state, _, _, session = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
    except OSError:
        return None
    return None if state == "Z" else int(session)


def scratch_folders(storyboard):
    """Return the temporary folders that somebody owns, or did until he was killed."""
    return {owner.parent for owner in (storyboard.parent / "tmp").glob(f"attnviz-manim-*/{OWNER}")}


def test_a_film_with_chapters_captions_and_numbers(untouched):
    status, out, err = render_from_nothing(untouched, "--sheet", "-r", "854,480", "--fps", 15)
    assert (status, err) == (0, "")
    folder = untouched.parent / "out" / "board"
    assert sorted(file.name for file in folder.iterdir()) == [
        "lecture.descriptions.srt", "lecture.descriptions.vtt", "lecture.mp4", "lecture.numbers.json", "lecture.srt",
        "lecture.vtt", "sheet.png",
    ]  # fmt: skip
    numbers = json.loads((folder / "lecture.numbers.json").read_text(), parse_constant=pytest.fail)
    with av.open(str(folder / "lecture.mp4")) as film:
        frames = sum(1 for _ in film.decode(video=0))
        titles = [chapter["metadata"]["title"] for chapter in film.chapters()]
    assert titles == ["First things", "Second things"]
    assert frames / 15 == pytest.approx(numbers["duration"], abs=1e-3)
    for captions in ("lecture.srt", "lecture.vtt"):
        assert "Apple gives orange 43% of its attention." in (folder / captions).read_text()
    assert out.startswith("wrote out/board/lecture.mp4 and 6 more: 0:")
    assert "480p15" in out
    assert "3 shots, 3 drawn, 3 numbers" in out
    first, moved, second = numbers["numbers"]
    assert (first["array"], first["coords"]) == ("embeddings", {"token": "apple", "d_model": "fruitness"})
    assert [number["text"] for number in (first, moved, second)] == ["2.00", "2.00", "3.00"]
    assert moved["shot"] == "first-things/small/move"
    assert moved["box"][1] < first["box"][1]
    shots = {shot["name"]: shot for shot in numbers["shots"]}
    assert second["end"] == shots["second-things/small/show"]["end"] == numbers["duration"]
    assert len(numbers["models"]) == 1
    assert len(numbers["models"][0]["fingerprint"]) == 12


def test_jobs_do_not_change_a_byte(storyboard, render_here):
    films = []
    for jobs in (1, 3):
        status, _, err = render_here(storyboard, "--jobs", jobs, "-o", f"film-{jobs}.mp4", "--only", "1")
        assert (status, err) == (0, "")
        films.append((storyboard.parent / f"film-{jobs}.mp4").read_bytes())
    assert films[0] == films[1]


def test_the_last_frame_alone(storyboard, render_here):
    assert render_here(storyboard, "-s", "--only", "1/1/1", "-o", "pictures", "-r", "854,480")[0] == 0
    folder = storyboard.parent / "pictures"
    assert [file.name for file in folder.iterdir()] == ["lecture.png"]
    with Image.open(folder / "lecture.png") as image:
        assert image.size == (854, 480)


def test_stills_of_every_shot(storyboard, render_here):
    assert render_here(storyboard, "--stills", "-o", "pictures")[0] == 0
    stills = sorted(file.name for file in (storyboard.parent / "pictures" / "stills").iterdir())
    assert stills == [
        "first-things--small--move.png",
        "first-things--small--show.png",
        "second-things--small--show.png",
    ]


@pytest.mark.parametrize(
    ("options", "sign"),
    [
        (["--jobs", 2], ".attnviz/films/*/*"),  # one shot is done, others are being drawn
        (["--jobs", 3, "--only", "1/1/1"], "tmp/**/*.segment"),  # plays of one shot are drawn beside one another
    ],
)
def test_ctrl_c_leaves_nothing_behind(storyboard, options, sign):
    kept = storyboard.parent / "out" / "lecture.mp4"
    kept.parent.mkdir()
    kept.write_bytes(b"an older film")
    process = start(storyboard, "-r", "1920,1080", "--fps", 60, "-o", "out/lecture.mp4", *options)
    wait_for(process, lambda: list(storyboard.parent.glob(sign)))
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err.strip() == "interrupted; nothing was half-written"
    assert left_running(process.pid) == []
    assert not list((storyboard.parent / "tmp").iterdir())
    assert not list((storyboard.parent / ".attnviz").glob("unfinished/*"))
    assert [file.name for file in kept.parent.iterdir()] == ["lecture.mp4"]
    assert kept.read_bytes() == b"an older film"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_parent_alone_ends_its_helpers(storyboard, number):
    process = start(storyboard)
    wait_for(process, lambda: scratch_folders(storyboard))
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 128 + number, f"{out}\n{err}"
    assert left_running(process.pid) == []
    assert not list((storyboard.parent / "tmp").iterdir())


def test_kill_9_ends_its_helpers_quietly_and_the_next_run_sweeps_up(storyboard):
    process = start(storyboard)
    wait_for(process, lambda: len(left_running(process.pid)) > 1)
    os.killpg(process.pid, signal.SIGKILL)  # not the helper, which has a group of its own
    _, err = process.communicate(timeout=120)  # until nobody is left who could write
    assert err == ""
    older = scratch_folders(storyboard)
    process = start(storyboard, "-r", "1920,1080", "--fps", 60)
    wait_for(process, lambda: scratch_folders(storyboard) - older)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.communicate(timeout=120)[1] == ""
    assert list((storyboard.parent / "tmp").iterdir())
    status, _, err = render(storyboard, "-r", "320,180")  # asserts that no temporary files are left
    assert (status, err) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_impatience_does_not_cut_the_clean_up_short(storyboard, number):
    process = start(storyboard, "-r", "1920,1080", "--fps", 60, "--jobs", 2)
    wait_for(process, lambda: list(storyboard.parent.glob(".attnviz/films/*/*")))
    for _ in range(50):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        time.sleep(0.002)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 128 + number
    assert err.strip() == ("interrupted; nothing was half-written" if number == signal.SIGINT else "")
    assert left_running(process.pid) == []
    assert not list((storyboard.parent / "tmp").iterdir())


@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT"])
def test_what_its_caller_ignores_does_not_end_it(storyboard, name):
    """As under `nohup`, which ignores SIGHUP, and in the background of a script, where SIGINT is ignored."""
    ignore = f"import signal\nsignal.signal(signal.{name}, signal.SIG_IGN)"
    process = start(storyboard, "--jobs", 2, "-r", "320,180", before=ignore)
    wait_for(process, lambda: scratch_folders(storyboard))
    os.killpg(process.pid, getattr(signal, name))
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("wrote out/board/lecture.mp4")


def wait_for(process, condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            pytest.fail(f"nothing happened: {process.communicate()}")
        time.sleep(0.02)


def test_an_output_that_cannot_be_written_is_told_before_anything_is_rendered(untouched):
    (untouched.parent / "file").write_text("")
    status, out, err = render(untouched, "-o", "file/film.mp4")
    assert (status, out) == (2, "")
    assert err.startswith("cannot write to 'file': ")
    assert not (untouched.parent / ".attnviz").exists()  # where all is kept that is computed, played or drawn


def test_older_files_stay_when_one_of_them_is_a_folder(storyboard, render_here):
    folder = storyboard.parent / "out"
    (folder / "lecture.mp4").mkdir(parents=True)
    for name in ("lecture.srt", "lecture.vtt", "lecture.descriptions.vtt", "lecture.numbers.json"):
        (folder / name).write_text("old")
    status, out, err = render_here(storyboard, "-o", "out")
    assert (status, out) == (2, "")
    assert err == "cannot write 'out/lecture.mp4': it is a folder; choose another place\n"
    assert {path.read_text() for path in folder.iterdir() if path.is_file()} == {"old"}


def test_older_files_are_all_replaced(storyboard, render_here):
    folder = storyboard.parent / "out"
    folder.mkdir()
    texts = {"lecture.srt", "lecture.vtt", "lecture.descriptions.srt", "lecture.descriptions.vtt"}
    names = {"lecture.mp4", "lecture.numbers.json"} | texts
    for name in names:
        (folder / name).write_text("old")
    status, out, err = render_here(storyboard, "-o", "out", "--only", "2")
    assert (status, err) == (0, "")
    assert "1 shot, 1 drawn, 1 number\n" in out
    assert {path.name for path in folder.iterdir()} == names
    assert b"old" not in {path.read_bytes() for path in folder.iterdir()}


def test_stills_of_a_chapter_with_a_very_long_title(storyboard, render_here):
    storyboard.write_text(STORYBOARD.replace("First things", "A long title " * 15).replace("Second", "S" * 192))
    status, _, err = render_here(storyboard, "--stills", "-o", "pictures")
    assert status == 0
    assert "Traceback" not in err
    assert len(list((storyboard.parent / "pictures" / "stills").iterdir())) == 3


def test_a_layout_that_is_at_fault_is_told_and_filmed(storyboard, render_here):
    scene = storyboard.parent / "scenes" / "small.py"
    crowd = "for i in range(7):\n            self.add(self.formula('x').shift((5 + i) * UP))\n        self.play("
    scene.write_text(SCENE.replace("self.play(", crowd, 1))
    status, out, err = render_here(storyboard, "-s")
    assert (status, out.count("wrote")) == (0, 1)
    lines = err.splitlines()
    assert len(lines) == 5
    assert all(
        line.startswith("layout: second-things/small/show: 'x' reaches out of the frame: ") for line in lines[:-1]
    )
    assert lines[-1] == "layout: and 3 more like these"


def test_a_file_that_a_scene_misses_is_told_with_its_place(storyboard, render_here):
    scene = storyboard.parent / "scenes" / "small.py"
    source = SCENE.replace("import UP,", "import UP, ImageMobject,").replace(
        "self.play(Write", "ImageMobject('no.png')\n        self.play(Write"
    )
    scene.write_text(source)
    status, _, err = render_here(storyboard)
    line = source[: source.index("ImageMobject('no")].count("\n") + 1
    assert status == 2
    assert f"scenes/small.py:{line}: OSError: " in err
    assert "Traceback" not in err


def test_a_refusal_that_nobody_expected_is_one_line(storyboard):
    code = (
        "import attnviz.commands.render as render\n"
        "def refuse(*args, **kwargs): raise PermissionError(13, 'Permission denied', 'x')\n"
        "render.wish_of = refuse"
    )
    process = start(storyboard, before=code)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err == "the operating system refused: [Errno 13] Permission denied: 'x'\n"


def test_a_scene_that_fails_is_named_and_the_older_film_kept(storyboard, render_here):
    scene = storyboard.parent / "scenes" / "small.py"
    scene.write_text(SCENE.replace("self.line.animate.shift(2 * UP)", "self.lime"))
    kept = storyboard.parent / "film.mp4"
    kept.write_bytes(b"an older film")
    status, out, err = render_here(storyboard, "-o", "film.mp4")
    line = SCENE[: SCENE.index("self.line.animate")].count("\n") + 1
    assert (status, out) == (2, "")
    assert f"small.py:{line}: AttributeError: 'Small' object has no attribute 'lime'" in err
    assert "while playing first-things/small/move (board.yaml:12)" in err
    assert "Traceback" not in err
    assert kept.read_bytes() == b"an older film"


def test_a_verb_that_refuses_is_placed_in_the_storyboard(storyboard, render_here):
    scene = storyboard.parent / "scenes" / "small.py"
    scene.write_text(SCENE.replace("self.play(self.line.animate.shift(2 * UP))", 'self.refuse("too far", "stay")'))
    line = SCENE[: SCENE.index("self.play(self.line.animate")].count("\n") + 1
    status, _, err = render_here(storyboard)
    assert status == 2
    assert err == f"board.yaml:12: too far; stay (at scenes/small.py:{line})\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--only", "frist-things"],
            "--only frist-things: there is no chapter 'frist-things'; did you mean 'first-things'",
        ),
        (["-r", "100"], "--resolution 100: not a size; write it like 1280,720"),
        (
            ["-r", "1000,1000"],
            "--resolution 1000,1000: cannot film in this size; expected even numbers in the ratio 16:9",
        ),
        (
            ["-o", "film.avi"],
            "--output film.avi: cannot write .avi; name a .mp4 or .webm or .mov or .gif file, or a folder",
        ),
    ],
)
def test_options_that_make_no_sense(storyboard, render_here, options, message):
    status, _, err = render_here(storyboard, *options)
    assert status == 2
    assert err.startswith(message)


def test_a_full_disk_is_one_clear_problem(storyboard):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))"
    process = start(storyboard, "-r", "854,480", "--fps", 15, before=limit)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.count("\n") == 1
    assert "cannot write" in err or "File too large" in err
    assert not (storyboard.parent / "out" / "board" / "lecture.mp4").exists()


def test_a_user_without_a_home_can_render(storyboard):
    code = (
        "import os, pwd; del os.environ['HOME']\n"
        "def unknown(uid): raise KeyError(uid)\n"
        "pwd.getpwuid = unknown\n"
        "from attnviz.cli import main; main()"
    )
    environment = {name: value for name, value in os.environ.items() if name != "XDG_CACHE_HOME"} | {"HOME": "/"}
    command = [sys.executable, "-c", code, "render", str(storyboard), "-ql", "-s", "-o", "o"]
    done = subprocess.run(command, cwd=storyboard.parent, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (storyboard.parent / "o" / "lecture.png").exists()


def test_as_many_processes_as_there_are_cores_for_us(storyboard, monkeypatch):
    wishes = []

    def take(opened, wish, files, progress):
        wishes.append(wish)
        raise ProblemsFound(Problem("enough"))

    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3, 5, 7})
    monkeypatch.setattr("attnviz.publish.lecture.make_lecture", take)
    CliRunner().invoke(command, [str(storyboard)])
    assert [wish.jobs for wish in wishes] == [3]
