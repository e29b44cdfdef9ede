"""Temporary folders of runs: those of the killed are swept by the next run, all others are left alone."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attnviz.input.scratch import OWNER, ScratchFolder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for temporary files, which is empty."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def killed_while(work: Callable[[], object]) -> None:
    """Let another process do something and be killed then."""
    pid = os.fork()
    if pid == 0:
        kept = work()
        os.kill(os.getpid(), signal.SIGKILL)
        os._exit(bool(kept))
    assert os.waitpid(pid, 0)[1] == signal.SIGKILL


def test_the_next_run_sweeps_away_what_a_killed_one_left(temporary: Path) -> None:
    def leave() -> list[ScratchFolder]:
        folders = [ScratchFolder("manim"), ScratchFolder("accelerations")]
        (Path(folders[0].name) / "svg").mkdir()
        (Path(folders[0].name) / "svg" / "one.svg").write_text("")
        return folders

    killed_while(leave)
    assert len(names(temporary)) == 2
    with ScratchFolder("manim") as folder:
        assert names(temporary) == {Path(folder).name}
    assert names(temporary) == set()


def test_a_folder_that_nobody_came_to_take_is_swept_after_an_hour(temporary: Path) -> None:
    for name, age in {"attnviz-new": 0, "attnviz-old": 3700, "attnviz-full": 3700}.items():
        (temporary / name).mkdir()
        if name == "attnviz-full":
            (temporary / name / "mine").write_text("")
        began = time.time() - age
        os.utime(temporary / name, (began, began))
    with ScratchFolder("manim"):
        pass
    assert names(temporary) == {"attnviz-new", "attnviz-full"}


def test_what_a_living_process_uses_is_left_alone(temporary: Path) -> None:
    with ScratchFolder("manim") as mine:
        killed_while(lambda: (ScratchFolder("job"), ScratchFolder("scene")))
        with ScratchFolder("accelerations") as other:
            assert names(temporary) == {Path(mine).name, Path(other).name}
    folder = ScratchFolder("manim")
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:  # inherits the folder, as a child that draws does
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    folder._let_go()
    with ScratchFolder("job"):
        assert Path(folder.name).exists()
    os.close(writer)
    os.waitpid(pid, 0)
    with ScratchFolder("job"):
        assert not Path(folder.name).exists()
    folder.cleanup()


def test_what_is_somebody_elses_is_left_alone(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed_while(lambda: ScratchFolder("manim"))
    [dead] = temporary.iterdir()
    (temporary / "attnviz-notes").mkdir()  # without an owner's file
    (temporary / "attnviz-plan.txt").write_text("")
    away = dead.rename(temporary / "not-attnviz")
    (temporary / "attnviz-link").symlink_to(away)
    (temporary / "attnviz-trap").mkdir()
    (temporary / "attnviz-trap" / OWNER).symlink_to(away / OWNER)
    before = names(temporary)
    with ScratchFolder("manim"):
        pass
    assert names(temporary) == before
    assert names(away) == {OWNER}
    away.rename(dead)
    monkeypatch.setattr(os, "getuid", lambda: os.stat(temporary).st_uid + 1)
    with ScratchFolder("manim"):
        assert dead.exists()  # another user's
