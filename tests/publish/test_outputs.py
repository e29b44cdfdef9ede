"""Numbers as JSON, contact sheets, and files that replace older ones."""

import json
import math
import os
from dataclasses import asdict, replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from attnviz.input.problems import ProblemsFound
from attnviz.input.whole_files import check_writable, replacing, replacing_all, write_whole
from attnviz.model.interface import View
from attnviz.publish.numbers import numbers_json
from attnviz.publish.outputs import Outputs
from attnviz.publish.sheet import write_sheets
from attnviz.publish.shown import ShownShot
from attnviz.render.cache.products import Report
from attnviz.render.cache.steps import Step
from attnviz.render.cache.store import Store
from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.said import Said
from attnviz.render.shots.selection import PlannedShot
from attnviz.render.shots.timing import Timing
from attnviz.render.shots.walk import Surroundings, WalkedShot
from attnviz.render.shots.work import SceneWork
from attnviz.render.traces.library import SceneTraces
from attnviz.stage.receipts import Receipt, Way
from attnviz.storyboard.told import Told
from attnviz.storyboard.types import Chapter, SceneSpec, Shot


def shot(name, receipts=(), start=0, frames=90, traces=None):
    """Return a shot as it stands in a film: `start` and `frames` in frames, the receipts' times in seconds."""
    planned = PlannedShot(name, Shot(name, "show", {}, (), 0.0, 1), True)
    spec = SceneSpec("b", Path("b.py"), "B", "Title", "model", "exact", (), None, (planned.shot,), (), 1, View())
    surroundings = Surroundings("", (), {}, {})
    walked = WalkedShot(planned, Said(Told("Said.")), Timing(1, 1), surroundings, "", Step((), None, 1))
    traced = SceneTraces("", lambda: traces or {})
    scene = SceneWork(
        name="a/b",
        chapter=Chapter("C", (spec,), 1),
        spec=spec,
        shots=(planned,),
        traces=traced,
        surroundings=surroundings,
    )
    return ShownShot(walked, scene, Report(frames, tuple(asdict(each) for each in receipts), ()), start)


def receipt(value=0.427, start=1.0, end=2.0, text="0.43"):
    box = (0.1, 0.2, 0.3, 0.4)
    return Receipt(text, value, "weights", {"query": "apple", "key": "orange"}, None, "pull", start, end, box)


def test_times_of_numbers_are_the_films():
    shots = [shot("a/b/pull", [receipt()]), shot("a/b/c", [receipt(start=0.5, end=1.5)], start=90)]
    content = json.loads(numbers_json("lecture.mp4", FilmFormat(1920, 1080, 30), shots))
    assert content["duration"] == 6.0
    assert content["size"] == [1920, 1080]
    number, later = content["numbers"]
    assert number == {
        "text": "0.43",
        "value": 0.427,
        "array": "weights",
        "coords": {"query": "apple", "key": "orange"},
        "formula": None,
        "sentence": None,
        "model": None,
        "fingerprint": None,
        "layer": None,
        "head": None,
        "shot": "a/b/pull",
        "start": 1.0,
        "end": 2.0,
        "box": [0.1, 0.2, 0.3, 0.4],
        "ways": [],
    }
    assert (later["start"], later["end"]) == (3.5, 4.5)


def test_the_same_number_of_two_sentences_says_of_which_it_is():
    def trace(sentence, **facts):
        labels = {"head": ["1"], "query": ["apple"], "key": ["orange"]}
        weights = xr.DataArray(np.array([[[0.427]]]), labels, [*labels], name="weights")
        return weights.to_dataset().assign_attrs(sentence=sentence, model="m", fingerprint="f", added="[CLS]", **facts)

    traces = {"fruit": trace("an apple"), "phone": trace("a new apple", layer="3", head="2")}
    receipts = [receipt(), replace(receipt(), sentence="phone"), replace(receipt(), array=None, formula="a count")]
    content = json.loads(numbers_json("f", FilmFormat(320, 180, 30), [shot("a/b/c", receipts, traces=traces)]))
    told = [tuple(number[key] for key in ("sentence", "model", "fingerprint")) for number in content["numbers"]]
    assert told == [("an apple", "m", "f"), ("a new apple", "m", "f"), (None, None, None)]
    assert [(number["layer"], number["head"]) for number in content["numbers"]] == [
        (None, "1"),
        ("3", "1"),
        (None, None),
    ]
    added = [(each["sentence"], each["added"]) for each in content["sentences"]]
    assert added == [("an apple", "[CLS]"), ("a new apple", "[CLS]")]


def test_a_number_in_flight_has_its_way_in_the_films_time():
    way = Way(0.5, 1.0, (0.1, 0.2, 0.3, 0.4), (0.5, 0.6, 0.7, 0.8))
    shots = [shot("a/b/c", [replace(receipt(), ways=(way,))], start=90)]
    [number] = json.loads(numbers_json("f", FilmFormat(320, 180, 30), shots))["numbers"]
    assert number["ways"] == [{"start": 3.5, "end": 4.0, "from": [0.1, 0.2, 0.3, 0.4], "to": [0.5, 0.6, 0.7, 0.8]}]


def test_values_are_todays_to_the_last_digit():
    labels = {"query": ["apple", "an"], "key": ["orange", "an"]}
    weights = xr.DataArray(np.array([[0.4270000001, 1], [2, 3]]), labels, ["query", "key"], name="weights")
    shots = [shot("a/b/c", [receipt(0.427)], traces={"": weights.to_dataset()})]
    [number] = json.loads(numbers_json("f", FilmFormat(320, 180, 30), shots))["numbers"]
    assert (number["text"], number["value"]) == ("0.43", 0.4270000001)


@pytest.mark.parametrize(
    ("value", "written"), [(math.nan, None), (math.inf, "Infinity"), (-math.inf, "-Infinity"), (-0.5, -0.5)]
)
def test_infinities_have_names_and_undefined_values_are_null(value, written):
    content = numbers_json("f", FilmFormat(320, 180, 30), [shot("a/b/c", [receipt(value)])])
    assert json.loads(content, parse_constant=pytest.fail)["numbers"][0]["value"] == written


def test_every_model_is_named_once():
    trace = xr.Dataset(attrs={"model": "fruit", "fingerprint": "abc", "device": "cpu", "dtype": "float64"})
    shots = [shot("a/b/c", traces={"x": trace, "y": trace}), shot("a/c/d", traces={"": xr.Dataset()})]
    content = numbers_json("f", FilmFormat(320, 180, 30), shots)
    assert json.loads(content)["models"] == [trace.attrs]


def picture(size, color="#000000"):
    file = BytesIO()
    Image.new("RGB", size, color).save(file, "PNG")
    return file.getvalue()


def test_a_sheet_shows_every_picture_in_reading_order(tmp_path):
    colors = ["#ff0000", "#00ff00", "#0000ff", "#ffffff"]
    pictures = [
        (f"chapter/scene/shot-{'long-' * 30}{index}", picture((1280, 720), color)) for index, color in enumerate(colors)
    ]
    [path] = write_sheets(tmp_path / "sheet.png", pictures)
    with Image.open(path) as sheet:
        assert sheet.size == (16 + 3 * 656, 16 + 2 * (360 + 34 + 16))
        centres = [sheet.getpixel((x, y)) for x, y in [(336, 196), (992, 196), (1648, 196), (336, 606)]]
    assert centres == [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]


def test_a_long_sheet_goes_on_in_another_file(tmp_path):
    written = write_sheets(tmp_path / "sheet.png", [("a", picture((16, 9)))] * 91)
    assert [path.name for path in written] == ["sheet.png", "sheet-2.png"]


def test_files_are_up_to_date_until_somebody_touches_them(tmp_path):
    store, files = Store(tmp_path / "cache"), [tmp_path / "a.mp4", tmp_path / "a.srt"]
    for path in files:
        path.write_text(path.name)
    assert not Outputs(store, files, "one").are_up_to_date()
    Outputs(store, files, "one").written(files)
    assert Outputs(store, files, "one").are_up_to_date()
    assert not Outputs(store, files, "two").are_up_to_date()
    assert not Outputs(store, files[:1], "one").are_up_to_date()
    files[1].write_text("a.srT")
    assert not Outputs(store, files, "one").are_up_to_date()
    files[1].unlink()
    assert not Outputs(store, files, "one").are_up_to_date()


def test_a_folder_of_frames_is_up_to_date_while_all_are_there(tmp_path):
    store, folder = Store(tmp_path / "cache"), tmp_path / "frames"
    folder.mkdir()
    (folder / "1.png").write_text("1")
    Outputs(store, [folder], "one").written([folder])
    assert Outputs(store, [folder], "one").are_up_to_date()
    (folder / "1.png").unlink()
    assert not Outputs(store, [folder], "one").are_up_to_date()


def test_a_file_is_replaced_only_when_it_is_complete(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(path) as new:
        new.write_text(str(1 / 0))
    assert path.read_text() == "old"
    with replacing(path) as new:
        new.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_refusal_of_the_disk_is_one_problem(tmp_path):
    with pytest.raises(ProblemsFound, match="the disk is full; the older file"), replacing(tmp_path / "a"):
        raise OSError(28, "No space left on device")
    (tmp_path / "file").write_text("")
    with pytest.raises(ProblemsFound, match="cannot write to"):
        check_writable([tmp_path / "file" / "out" / "film.mp4"])


def test_a_folder_that_even_root_cannot_write_to_is_told():
    with pytest.raises(ProblemsFound, match=r"cannot write to '/proc': .*; choose another place"):
        check_writable([Path("/proc/film.mp4")])


def test_what_is_no_ordinary_file_is_not_replaced(tmp_path):
    (tmp_path / "film.mp4").mkdir()
    with pytest.raises(ProblemsFound, match=r"cannot write '.*/film\.mp4': it is a folder; choose another place"):
        check_writable([tmp_path / "film.srt", tmp_path / "film.mp4"])
    with pytest.raises(ProblemsFound, match="cannot write '/dev/null': it is not an ordinary file"):
        check_writable([Path("/dev/null")])
    with pytest.raises(ProblemsFound, match=r"cannot write '.*': File name too long"):
        check_writable([tmp_path / ("x" * 260 + ".png")])
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def write_both(paths, meanwhile=lambda: None):
    with replacing_all(paths) as parts:
        for part in parts:
            part.write_text("new")
        meanwhile()


def test_files_that_belong_together_are_replaced_together(tmp_path):
    paths = [tmp_path / "film.srt", tmp_path / "film.mp4"]
    for path in paths:
        path.write_text("old")
    with pytest.raises(ZeroDivisionError):
        write_both(paths, lambda: 1 / 0)
    assert [path.read_text() for path in paths] == ["old", "old"]
    write_both(paths)
    assert [path.read_text() for path in paths] == ["new", "new"]
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_none_is_replaced_when_one_cannot_be(tmp_path):
    paths = [tmp_path / "film.srt", tmp_path / "film.mp4"]
    paths[0].write_text("old")
    with pytest.raises(ProblemsFound) as found:
        write_both(paths, paths[1].mkdir)
    assert str(found.value) == (
        f"cannot write '{paths[1]}': it is a folder; the older files, if there were any, are untouched"
    )
    assert paths[0].read_text() == "old"
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_a_refusal_half_way_tells_what_is_new(tmp_path, monkeypatch):
    paths = [tmp_path / "film.srt", tmp_path / "film.mp4"]
    replace = Path.replace

    def refuse(part, path):
        if path == paths[1]:
            raise PermissionError(1, "Operation not permitted", str(part), None, str(path))
        return replace(part, path)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ProblemsFound) as found:
        write_both(paths)
    hint = "'film.srt' new already, 'film.mp4' as before"
    assert str(found.value) == f"cannot write '{paths[1]}': Operation not permitted; {hint}"
    assert list(tmp_path.iterdir()) == [paths[0]]


def test_the_longest_name_that_a_disk_takes_can_be_written(tmp_path):
    path = tmp_path / ("x" * 251 + ".png")
    check_writable([path])
    with replacing(path) as new:
        new.write_text("new")
    write_whole(path, b"newer")
    assert path.read_text() == "newer"
    assert list(tmp_path.iterdir()) == [path]


def test_lists_of_numbers_stand_on_one_line():
    content = numbers_json("f [\n1\n]", FilmFormat(320, 180, 30), [shot("a/b/c", [receipt(-1e-9)])])
    assert ' "size": [320, 180],\n' in content
    assert '"box": [0.1, 0.2, 0.3, 0.4],\n' in content
    assert json.loads(content)["film"] == "f [\n1\n]"


def test_seconds_are_written_to_the_millisecond():
    content = numbers_json("f", FilmFormat(320, 180, 30), [shot("a/b/c", frames=1)])
    assert json.loads(content)["duration"] == round(float(Fraction(1, 30)), 3)


def test_what_a_run_left_unfinished_long_ago_is_swept_away(tmp_path):
    old, new, folder = (tmp_path / f".attnviz-{name}.part" for name in ("old.mp4", "new", "folder"))
    mine = tmp_path / "mine.part"
    folder.mkdir()
    for path in (old, new, mine, folder / "frame-000000.png"):
        path.write_bytes(b"half")
    for path in (old, mine, folder):
        os.utime(path, (1, 1))
    check_writable([tmp_path / "lecture.mp4"])
    assert sorted(tmp_path.iterdir()) == [new, mine]
