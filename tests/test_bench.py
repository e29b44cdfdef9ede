"""The benchmark, on a film of a few seconds: all is measured, and manim makes the same film as attnviz."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import Here, Lecture

ROOT = Path(__file__).parent.parent
ROWS = [
    "manim",
    "attnviz, cold",
    "attnviz, one shot changed",
    "attnviz, nothing changed",
    "encode only, manim's settings",
    "encode only, attnviz's settings",
    "encode only, attnviz's settings, stills ready-made",
]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Run the benchmark in this process, which need not import torch again; what it measures are always processes."""
    from bench.__main__ import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("attnviz.render.traces.library.TraceProcess", Here)

    def run(*options: object) -> Result:
        return CliRunner().invoke(main, [*map(str, options)], catch_exceptions=False)

    return run


def tabled(text: str) -> dict[str, list[str]]:
    """Return the rows of a Markdown table, by their first cells."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first: rest for first, *rest in rows}


@pytest.fixture
def sample(new_lecture: Lecture) -> list[object]:
    """A part of a small lecture whose first shots are not on film."""
    return ["--storyboard", new_lecture.storyboard, "--only", "words/small/orange", "--only", "heads", "-r", "320,180"]


@pytest.mark.slow
def test_the_table_has_all_rows_and_both_films_the_same_frames(
    bench: Callable[..., Result], sample: list[object], tmp_path: Path
) -> None:
    done = bench(*sample, "--fps", 10, "--rounds", 1, "--jobs", 2)
    assert done.exit_code == 0, done.stderr
    rows = tabled(done.stdout)
    assert [name for name in rows if name] == ROWS
    frames = [rows[name][-1] for name in ROWS[:2]]
    assert frames[0] == frames[1]
    assert f"{frames[0]} frames (" in done.stdout
    for name in ROWS[:2]:
        psnr, ssim = map(float, rows[name][-3:-1])
        assert psnr > 30
        assert 0.9 < ssim < 1
    assert not list(tmp_path.glob("*.mp4"))


@pytest.mark.slow
def test_the_profile_accounts_for_all_processor_time(bench: Callable[..., Result], sample: list[object]) -> None:
    done = bench("--profile", *sample, "--fps", 10, "--jobs", 2)
    assert done.exit_code == 0, done.stderr
    rows = tabled(done.stdout)
    seconds = {part: float(cells[0]) for part, cells in rows.items() if part not in ("part", "all")}
    assert {"drawing", "encoding", "colours", "moving mobjects", "starting: imports"} <= seconds.keys()
    assert all(each > -0.05 for each in seconds.values())
    assert abs(sum(seconds.values()) - float(rows["all"][0])) < 0.2


@pytest.mark.slow
def test_a_wrong_part_is_refused_in_one_sentence(new_lecture: Lecture, tmp_path: Path) -> None:
    """As a person is: by a process that is started from nothing."""
    command = [sys.executable, "-P", "-m", "bench", "--storyboard", str(new_lecture.storyboard), "--only", "nowhere"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "scripts")}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "there is no chapter 'nowhere'" in done.stderr
    assert "Traceback" not in done.stderr


def test_ssim_is_that_of_ffmpeg() -> None:
    import av
    import av.filter
    import numpy as np
    from bench.quality import ssim

    rng = np.random.default_rng(0)
    source = np.kron(rng.integers(16, 235, (20, 40)), np.ones((8, 8))).astype(np.uint8)
    shown = np.clip(source + rng.normal(0, 6, source.shape), 0, 255).astype(np.uint8)

    graph = av.filter.Graph()
    buffers = [graph.add_buffer(width=320, height=160, format=av.VideoFormat("gray"), time_base="1/25") for _ in "ab"]
    compare, sink = graph.add("ssim"), graph.add("buffersink")
    for number, buffer in enumerate(buffers):
        buffer.link_to(compare, 0, number)
    compare.link_to(sink)
    graph.configure()
    for buffer, picture in zip(buffers, (source, shown), strict=True):
        frame = av.VideoFrame.from_ndarray(picture, format="gray")
        frame.pts = 0
        buffer.push(frame)
        buffer.push(None)
    theirs = float(sink.pull().metadata["lavfi.ssim.Y"])
    assert ssim(source.astype(float), shown.astype(float)) == pytest.approx(theirs, abs=2e-6)
