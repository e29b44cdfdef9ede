"""Nothing outside attnviz changes a film: settings files, locale, Python's variables, files named like modules."""

from __future__ import annotations

import os
import py_compile
import subprocess
import sys
from pathlib import Path

import manim
import pytest

from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.manim_setup import manim_setup
from attnviz.render.shots.scene_files import load_stage
from tests.conftest import Lecture
from tests.lecture_folders import keep_traces

ATTNVIZ = [str(Path(sys.executable).with_name("attnviz"))]
MODULE = [sys.executable, "-m", "attnviz"]
OTHER_PICTURES = b"[CLI]\npixel_width = 99\nbackground_color = WHITE\nframe_rate = 3\n"
STOPS_THE_IMPORT = b"[CLI]\nrenderer = opengl\nseed = x\n"
NO_TEXT = b"\xff\xfe"
FOREIGN = ["numpy.py", "manim.py", "yaml.py", "torch.py", "PIL.py", "scenes/numpy.py", "scenes/json.py"]


def surrounded(folder: Path, files: dict[str, bytes], command: list[str], variables: dict[str, str]) -> Lecture:
    """Render a small lecture from nothing but its traces, by a process in its folder."""
    made = Lecture(folder)
    keep_traces(made.storyboard, made.cache)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    kept |= {name: value.replace("@", str(folder)) for name, value in variables.items()}
    done = subprocess.run(
        [*command, *made.arguments("render")], cwd=folder, env=kept, umask=0o077, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "7 drawn" in done.stdout
    return made


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "command", "variables"),
    [
        (
            {"manim.cfg": OTHER_PICTURES, "home/.config/manim/manim.cfg": STOPS_THE_IMPORT},
            ATTNVIZ,
            {"HOME": "@/home", "XDG_CONFIG_HOME": "@/home/.config", "PYTHONHASHSEED": "7", "TZ": "Asia/Kolkata"},
        ),
        (
            {"manim.cfg": STOPS_THE_IMPORT, "home/.config/manim/manim.cfg": OTHER_PICTURES},
            MODULE,
            {
                "HOME": "@/home",
                "PYTHONWARNINGS": "error",
                "PYTHONOPTIMIZE": "2",
                "TYPST_FONT_PATHS": "/usr/share/fonts",
            },
        ),
        (
            {"manim.cfg": NO_TEXT} | dict.fromkeys(FOREIGN, b"raise SystemExit('not this one')\n"),
            MODULE,
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii", "COLUMNS": "9"},
        ),
    ],
    ids=["Manim's settings", "settings that Manim cannot read, warnings", "locale, foreign modules"],
)
def test_the_same_bytes_whatever_surrounds_it(
    lecture: Lecture, tmp_path: Path, files: dict[str, bytes], command: list[str], variables: dict[str, str]
) -> None:
    assert surrounded(tmp_path / "x", files, command, variables).files() == lecture.files()


def test_a_program_that_has_read_settings_renders_with_the_defaults() -> None:
    with manim.tempconfig({"background_opacity": 0.5, "frame_width": 99.0, "max_files_cached": 3}):
        with manim_setup(FilmFormat(320, 180, 10)):
            inside = manim.config.background_opacity, manim.config.frame_width, manim.config.max_files_cached
        assert (manim.config.background_opacity, manim.config.max_files_cached) == (0.5, 3)
    assert inside == (1.0, pytest.approx(8 * 16 / 9), 100)


def test_a_scene_is_what_its_source_says_not_what_python_compiled_before(tmp_path: Path) -> None:
    source = (
        "from attnviz.stage import Stage\nfrom .far import FAR\n\n\nclass Small(Stage):\n    near = %d\n    far = FAR\n"
    )
    for name, text in (("small.py", source), ("far.py", "FAR = %d\n")):
        path = tmp_path / name
        path.write_text(text % 1)
        py_compile.compile(str(path))
        times = path.stat().st_atime_ns, path.stat().st_mtime_ns
        path.write_text(text % 2)
        os.utime(path, ns=times)
    stage = load_stage(tmp_path / "small.py", "Small")
    assert (stage.near, stage.far) == (2, 2)  # type: ignore[attr-defined]
