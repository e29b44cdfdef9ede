"""A real film at low resolution, read back: its numbers stand where and when lecture.numbers.json says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from attnviz import testing
from attnviz.render.film.format import FilmFormat
from attnviz.render.opening import open_storyboard

ROOT = Path(__file__).parent.parent
QUICKSTART = ROOT / "storyboards" / "quickstart.yaml"
SHOT = "the-move/embedding_plane/pull"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Render one shot of the quickstart as a user would, and return the folder."""
    folder = tmp_path_factory.mktemp("film")
    command = [sys.executable, "-m", "attnviz", "render", str(QUICKSTART)]
    done = subprocess.run(
        [*command, "--only", SHOT, "-ql", "-o", str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"wrote {folder / 'lecture.mp4'}")
    return folder


def luma(film: Path, at: float) -> np.ndarray:
    """Return the brightness (height × width, 0 … 255) of the frame shown at a time in seconds."""
    with av.open(str(film / "lecture.mp4")) as container:
        shown = [frame for frame in container.decode(video=0) if frame.time is not None and frame.time <= at]
    return np.asarray(shown[-1].to_ndarray(format="gray"), dtype=float)


def inside(frame: np.ndarray, box: list[float]) -> np.ndarray:
    height, width = frame.shape
    x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    return frame[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))]


@pytest.mark.slow
def test_numbers_stand_where_and_when_their_receipts_say(film: Path) -> None:
    record = json.loads((film / "lecture.numbers.json").read_text())
    first = luma(film, 0)
    assert {"0.43", "0.57", "1.14", "2.43", "43 %"} <= {number["text"] for number in record["numbers"]}
    for number in record["numbers"]:
        shown, before = (inside(picture, number["box"]) for picture in (luma(film, number["end"] - 0.3), first))
        assert np.ptp(shown) > 60, number
        if number["start"] > 0.2 and number["array"]:  # what stood there before has made room
            assert np.abs(shown - before).max() > 60, number


@pytest.mark.slow
def test_chapters_captions_and_numbers_share_one_clock(film: Path) -> None:
    record = json.loads((film / "lecture.numbers.json").read_text())
    with av.open(str(film / "lecture.mp4")) as container:
        video = container.streams.video[0]
        assert float(video.frames / video.average_rate) == pytest.approx(record["duration"], abs=0.01)
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["The move"]
        assert [stream.type for stream in container.streams][:2] == ["video", "subtitle"]
    captions = (film / "lecture.srt").read_text()
    assert "43% of the way" in captions.replace("\n", " ")
    assert all(0 <= number["start"] <= number["end"] <= record["duration"] + 0.01 for number in record["numbers"])


@pytest.mark.slow
def test_a_rehearsal_foretells_the_film(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It plays a shot once and counts its stillness in afterwards; a film's timing is known before it is drawn."""
    record = json.loads((film / "lecture.numbers.json").read_text())
    monkeypatch.setattr(testing, "REHEARSAL_FORMAT", FilmFormat(*record["size"], record["fps"]))
    [shot] = testing.rehearse(open_storyboard(QUICKSTART), [SHOT])
    assert shot.frames / record["fps"] == pytest.approx(record["duration"], abs=0.001)
    foretold = [(r.text, r.array, round(r.start, 3), round(r.end, 3), list(r.box)) for r in shot.receipts]
    filmed = [tuple(number[key] for key in ("text", "array", "start", "end", "box")) for number in record["numbers"]]
    assert foretold == filmed
    assert len({start for *_, start, _, _ in filmed}) > 3
