"""Making a lecture: what is kept when it is broken off, when the disk is full, and when others use the same cache."""

import errno
import re
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import av
import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.publish import lecture as publishing
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import Store
from attnviz.render.shots import narrate

pytestmark = pytest.mark.slow


@pytest.fixture
def undrawn(lecture):
    """The lecture with the model's traces in its cache, and nothing else."""
    for kind in ("films", "reports", "steps", "known", "remembered", "outputs", "narrations", "stills"):
        shutil.rmtree(lecture.cache / kind, ignore_errors=True)
    for path in (path for path in (lecture.cache / "objects").rglob("*") if path.is_file()):
        if not path.read_bytes().startswith(b"PK"):  # what numpy writes
            path.unlink()
    lecture.expected = lecture.files()
    shutil.rmtree(lecture.film.parent)
    return lecture


# Ends the whole render by `kill -9` of its main process, at a moment that is always the same.
KILLS = {
    "after the first shot": """
from attnviz.render.shots.children import Children
reap = Children._reap
def reap_and_die(self, *args):
    reap(self, *args)
    os.kill(os.getpid(), signal.SIGKILL)
Children._reap = reap_and_die""",
    "while a child writes its film": """
from attnviz.render.cache.products import Products
renderer = os.getpid()
def write_half(self, shot, film):
    folder = self._store.folder / "unfinished"
    (folder / "half").write_bytes(film.to_bytes()[:100])
    os.kill(renderer, signal.SIGKILL)
    threading.Event().wait()
Products.add_film = write_half""",
    "while the film is put together": """
from attnviz.publish import film_kinds
write = film_kinds.write_moving_pictures
def write_and_die(path, *args, **settings):
    write(path, *args, **settings)
    os.kill(os.getpid(), signal.SIGKILL)
film_kinds.write_moving_pictures = write_and_die""",
}


@pytest.mark.parametrize(("moment", "left"), list(zip(KILLS, (6, 7, 0), strict=True)))
def test_after_kill_9_the_next_run_goes_on_to_the_same_film(undrawn, moment, left):
    process = undrawn.start("render", "--jobs", 2, before=f"import os, signal, threading\n{KILLS[moment]}\n")
    status, out, err = undrawn.finish(process)  # the pipes are closed: the children are gone, too
    assert (err, status, out) == ("", -signal.SIGKILL, "")
    assert not undrawn.film.exists()
    assert undrawn.render() <= left
    assert {name: data for name, data in undrawn.files().items() if not name.startswith(".")} == undrawn.expected
    assert undrawn.render() == 0


def test_two_renders_at_once_share_a_cache(undrawn):
    processes = [undrawn.start("render", "--jobs", 2, "-o", undrawn.folder / name / "lecture.mp4") for name in "ab"]
    for process in processes:
        status, out, err = undrawn.finish(process)
        assert (status, err) == (0, "")
        assert out.startswith("wrote ")
    for name in "ab":
        files = {path.name: path.read_bytes() for path in (undrawn.folder / name).iterdir()}
        assert files == undrawn.expected


def damage_all(cache, change):
    for path in (path for path in (cache / "objects").rglob("*") if path.is_file()):
        path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
        lambda data: data[:-1],
        lambda data: b"",
    ],
    ids=["a flipped bit", "a byte less", "nothing left"],
)
def test_what_is_damaged_in_the_cache_is_made_again(lecture, change):
    before = lecture.files()
    damage_all(lecture.cache, change)
    lecture.film.unlink()
    assert lecture.render() == 7
    assert lecture.files() == before


def test_damaged_records_are_made_again(lecture):
    before = lecture.files()
    for kind in ("films", "reports", "steps", "known", "remembered", "outputs", "traces", "sources", "stills"):
        for path in (path for path in (lecture.cache / kind).rglob("*") if path.is_file()):
            path.write_bytes(path.read_bytes()[:-1])
    assert lecture.render() == 7
    assert lecture.files() == before
    assert lecture.plan() == {}


def test_a_film_that_somebody_changed_is_written_again_from_the_cache(lecture):
    before = lecture.files()
    lecture.film.write_bytes(b"something else")
    assert lecture.run("render").startswith("wrote ")
    assert lecture.files() == before
    assert lecture.run("render").startswith("up to date: ")


def test_what_vanishes_while_the_film_is_put_together_is_drawn_again(lecture, monkeypatch):
    before = lecture.files()
    lecture.film.unlink()
    shown = publishing.shown_shots
    pruned = []

    def pruned_then_shown(work):
        found = shown(work)
        if not pruned:
            pruned.extend(Store(lecture.cache).prune(0))
        return found

    monkeypatch.setattr(publishing, "shown_shots", pruned_then_shown)
    lecture.render()
    assert lecture.files() == before


def test_a_cache_that_keeps_nothing_is_told(lecture, monkeypatch):
    shown = publishing.shown_shots
    monkeypatch.setattr(publishing, "shown_shots", lambda work: (shown(work), Store(lecture.cache).prune(0))[0])
    lecture.film.unlink()
    with pytest.raises(ProblemsFound, match=r"the cache '.*' does not keep what is put there; choose another: --cache"):
        lecture.render()


@pytest.fixture
def small_disk(undrawn):
    disk = undrawn.folder / "disk"
    disk.mkdir(exist_ok=True)
    taken = sum(-(-path.stat().st_size // 4096) * 4 for path in undrawn.cache.rglob("*") if path.is_file())
    room = taken + 72  # KiB: for what some of the shots leave, not for all
    mount = ["mount", "-t", "tmpfs", "-o", f"size={room}k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only the superuser may mount a small disk")
    shutil.copytree(undrawn.cache / "traces", disk / "cache" / "traces")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)
    disk.rmdir()


def test_a_full_disk_is_one_problem_and_what_was_complete_stays(undrawn, small_disk):
    undrawn.cache = small_disk / "cache"
    shutil.copytree(undrawn.folder / "cache" / "objects", undrawn.cache / "objects")
    status, out, err = undrawn.finish(undrawn.start("render", "--jobs", 2))
    assert (status, out) == (2, "")
    hint = "choose another folder with --cache, or make room (`attnviz cache --prune 0` empties it)"
    assert err == f"cannot write to the cache '{undrawn.cache}': the disk is full; {hint}\n"
    assert not list((undrawn.cache / "unfinished").iterdir())
    kept = len(list((undrawn.cache / "reports").glob("*/*")))  # a shot's report is what is kept of it last
    assert kept > 0
    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
    assert undrawn.render() == 7 - kept
    assert undrawn.files() == undrawn.expected


@pytest.mark.parametrize("cache", ["/proc/cache", "board.yaml/cache"])
def test_a_cache_that_cannot_be_written_is_one_problem(lecture, cache):
    lecture.cache = lecture.folder / cache
    status, out, err = lecture.finish(lecture.start("render"))
    assert (status, out) == (2, "")
    assert re.fullmatch(r"cannot write to the cache '.*': [\w ]+; choose another folder with --cache, or .*\n", err)


def test_a_read_only_cache_in_which_all_is_there_is_used(lecture, read_only):
    before = lecture.files()
    shutil.rmtree(lecture.cache / "sources")  # notes that only save time
    shutil.rmtree(lecture.cache / "known")
    read_only(lecture.cache)
    assert lecture.run("render").startswith("up to date: ")
    assert lecture.plan() == {}
    shutil.rmtree(lecture.film.parent)
    assert lecture.run("render").startswith("wrote ")
    assert lecture.files() == before


def test_a_read_only_folder_in_which_all_is_up_to_date_is_used(lecture, read_only):
    before, refused = (
        lecture.files(),
        "^cannot write to '.*': (Read-only file system|Permission denied); choose another",
    )
    read_only(lecture.film.parent)
    assert lecture.run("render").startswith("up to date: ")
    with pytest.raises(ProblemsFound, match=refused):
        lecture.run("render", "--force")
    lecture.change(lecture.scene, "run_time=0.4", "run_time=0.6")
    with pytest.raises(ProblemsFound, match=refused):
        lecture.run("render")
    assert "words/small/show" in lecture.plan()  # it was not drawn for nothing
    with pytest.raises(ProblemsFound, match=refused):
        lecture.run("render", "--sheet")
    assert lecture.files() == before


def test_a_cache_on_a_full_disk_is_used_where_nothing_has_to_be_written(lecture, monkeypatch):
    def full(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    shutil.rmtree(lecture.cache / "sources")
    monkeypatch.setattr(Path, "write_bytes", full)
    assert lecture.run("render").startswith("up to date: ")
    assert lecture.plan() == {}


def test_a_read_only_cache_in_which_something_is_missing_is_refused_but_planned_with(lecture, read_only):
    before = lecture.files()
    read_only(lecture.cache)
    refused = r"^cannot write to the cache '.*': (Read-only file system|Permission denied); choose another folder .*$"
    with pytest.raises(ProblemsFound, match=refused):
        lecture.run("render", "--force")
    lecture.change(lecture.scene, "run_time=0.4", "run_time=0.6")
    assert "words/small/show" in lecture.plan()
    with pytest.raises(ProblemsFound, match=refused):
        lecture.run("render")
    lecture.change(lecture.model, "apple: [2, 2, 1]", "apple: [2, 2.2, 1]")  # now a trace is missing, too
    assert "words/small/show" in lecture.plan()
    with pytest.raises(ProblemsFound, match=refused):
        lecture.run("render")
    assert lecture.files() == before
    assert not list((lecture.cache / "unfinished").iterdir())


def captions_in(film):
    with av.open(str(film)) as opened:
        return b"".join(bytes(packet) for packet in opened.demux(opened.streams.subtitles[0]) if packet.size)


def test_a_word_of_the_narration_changes_the_captions_alone(lecture):
    before = lecture.files()
    lecture.change(lecture.storyboard, "The apple stands here.", "The plum stands here.")
    lecture.change(lecture.storyboard, "The plum stands here.", "The peach stands here.")
    assert lecture.render() == 0
    files = lecture.files()
    assert b"The peach stands here." in files["lecture.srt"]
    assert b"The peach stands here." in files["lecture.vtt"]
    assert "The peach stands here." in files["lecture.numbers.json"].decode()
    assert b"The peach stands here." in captions_in(lecture.film)
    assert len(files["lecture.mp4"]) == pytest.approx(len(before["lecture.mp4"]), abs=20)


def test_titles_are_new_without_drawing(lecture):
    lecture.change(lecture.storyboard, "title: A small lecture", "title: Another lecture")
    assert lecture.render() == 0
    with av.open(str(lecture.film)) as film:
        assert film.metadata["title"] == "Another lecture"


def test_one_part_after_the_other_is_the_whole(undrawn):
    assert "4 drawn" in undrawn.run("render", "--only", "1")
    assert undrawn.render() == 3
    assert undrawn.files() == undrawn.expected
    assert "0 drawn" in undrawn.run("render", "--only", "2/1/3")
    [number] = undrawn.numbers()
    assert (number["shot"], number["start"]) == ("heads/small/grammar", 0.0)


def test_a_dry_run_draws_nothing_and_says_what_the_plan_says(undrawn):
    out = undrawn.run("render", "--dry-run")
    assert out == undrawn.run("plan")
    assert out.count("stale") == 7
    assert not undrawn.film.exists()
    assert not (undrawn.cache / "films").exists()


def test_what_is_drawn_is_explained(lecture):
    lecture.change(lecture.model, "apple: [2, 2, 1]", "apple: [2, 2.2, 1]")
    plan = lecture.run("plan")
    out = lecture.run("render", "--explain")
    assert out.startswith(plan)
    assert out.removeprefix(plan).startswith("wrote ")
    assert "7 of 7 shots to draw" in lecture.run("render", "--explain", "--force")


def test_another_version_says_and_writes_it_in_its_own_way(lecture, monkeypatch):
    lecture.change(lecture.storyboard, "The apple stands here.", "Apple has {embeddings[apple, fruitness]}.")
    lecture.render()
    before = lecture.files()

    # As after an update of attnviz in which these were mended
    known, told, written = Sources.of_package, narrate.told, publishing.numbers_json
    monkeypatch.setattr(Sources, "of_package", lambda self, *names: known(self, *names) | {"say.py": "mended"})
    monkeypatch.setattr(
        narrate, "told", lambda *args: replace(said := told(*args), text=said.text.replace(".", ",", 1))
    )
    monkeypatch.setattr(publishing, "numbers_json", lambda *args: written(*args).replace('"film"', '"of"'))
    assert lecture.render() <= 1  # the shot may last longer now
    after = lecture.files()
    assert b"Apple has 2.00." in before["lecture.srt"]
    assert b"Apple has 2,00." in after["lecture.srt"]
    assert b'"of": "lecture.mp4"' in after["lecture.numbers.json"]
