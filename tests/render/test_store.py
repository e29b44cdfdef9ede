"""The store: what is damaged is forgotten, what is half-written is never seen, and refusals are told."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.render.cache.store import Store, canonical, digest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache")


def only_file(store, kind):
    [path] = (path for path in (store.folder / kind).rglob("*") if path.is_file())
    return path


def flip_a_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def empty(path):
    path.write_bytes(b"")


def test_what_is_put_is_found_by_its_content(store):
    address = store.put(b"a clip")
    assert store.holds(address)
    assert store.get(address) == b"a clip"
    assert store.put(b"a clip") == address
    assert store.get("0" * 64) is None
    assert not store.holds("0" * 64)


def test_a_record_is_found_by_its_key_and_replaced(store):
    assert store.read("films", "k") is None
    store.write("films", "k", {"a": [1, 2.5, "é", None]})
    assert store.read("films", "k") == {"a": [1, 2.5, "é", None]}
    store.write("films", "k", "another")
    assert store.read("films", "k") == "another"
    store.forget("films", "k")
    store.forget("films", "k")
    assert store.read("films", "k") is None


@pytest.mark.parametrize("damage", [flip_a_byte, cut, empty])
def test_a_damaged_object_is_forgotten(store, damage):
    for read in (store.get, store.holds):
        address = store.put(b"a clip")
        path = only_file(store, "objects")
        damage(path)
        assert not read(address)
        assert not path.exists()
    assert store.get(store.put(b"a clip")) == b"a clip"


@pytest.mark.parametrize("damage", [flip_a_byte, cut, empty])
def test_a_damaged_record_is_forgotten(store, damage):
    store.write("steps", "ab-1", [1, 2, 3])
    path = only_file(store, "steps")
    damage(path)
    assert list(store.variants("steps", "ab")) == []
    assert not path.exists()
    store.write("steps", "ab-1", [1, 2, 3])
    damage(path)
    assert store.read("steps", "ab-1") is None
    assert not path.exists()


def test_a_damaged_object_is_written_again_in_its_place(store):
    address = store.put(b"a clip")
    flip_a_byte(only_file(store, "objects"))
    assert store.put(b"a clip") == address
    assert store.get(address) == b"a clip"


def test_variants_of_a_key_are_found(store):
    for key in ("ab-2", "ab-1", "ac-1"):
        store.write("steps", key, key)
    assert list(store.variants("steps", "ab")) == [("ab-1", "ab-1"), ("ab-2", "ab-2")]


def used(store, address, seconds):
    path = next((store.folder / "objects").rglob(address))
    os.utime(path, (seconds, seconds))


def test_pruning_deletes_what_was_not_used_for_longest(store):
    one, two, three = (store.put(bytes([number]) * 100) for number in range(3))
    for seconds, address in enumerate((one, two, three)):
        used(store, address, 1000 + seconds)
    assert store.get(one)  # used just now
    gone = store.prune(250)
    assert [entry.path.name for entry in gone] == [two]
    assert sum(entry.size for entry in store.entries()) == 200
    assert store.prune(250) == []
    store.holds(three)  # reading without keeping is using, too
    used(store, one, 1000)
    assert [entry.path.name for entry in store.prune(100)] == [one]
    assert len(store.prune(0)) == 1
    assert store.entries() == []
    assert store.put(b"again")


def test_pruning_leaves_what_others_write_and_sweeps_what_was_abandoned(store):
    store.put(b"whole")
    folder = store.folder / "unfinished"
    (folder / "fresh").write_bytes(b"x" * 100)
    (folder / "abandoned").write_bytes(b"x" * 100)
    os.utime(folder / "abandoned", (1000, 1000))
    assert [entry.path.name for entry in store.prune(10**6)] == ["abandoned"]
    store.prune(0)
    assert [entry.path.name for entry in store.entries()] == ["fresh"]


def test_an_empty_or_missing_folder_holds_nothing(store):
    assert store.entries() == []
    assert store.prune(0) == []
    assert not store.folder.exists()
    store.put(b"x")
    assert (store.folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert (store.folder / ".gitignore").read_text() == "*\n"


def test_processes_that_write_the_same_do_not_harm_each_other(store):
    code = (
        "import sys; from pathlib import Path; from attnviz.render.cache.store import Store\n"
        "store = Store(Path(sys.argv[1]))\n"
        "for number in range(100):\n"
        "    key = str(number % 7)\n"
        "    store.write('films', key, {'from': sys.argv[2], 'text': 'x' * 5000})\n"
        "    assert store.read('films', key)['text'] == 'x' * 5000\n"
        "    data = key.encode() * 5000\n"
        "    assert store.get(store.put(data)) == data\n"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(store.folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    processes = [
        subprocess.Popen([*command, name], env=environment, stderr=subprocess.PIPE, text=True) for name in "ab"
    ]
    assert [process.communicate()[1] for process in processes] == ["", ""]
    assert len(store.entries()) == 14
    assert not list((store.folder / "unfinished").iterdir())


def test_a_full_disk_is_one_problem_and_what_was_complete_stays(store, monkeypatch):
    kept = store.put(b"kept")
    write = Path.write_bytes

    def full(path, data):
        write(path, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    for attempt in (lambda: store.put(b"new"), lambda: store.write("films", "k", 1)):
        with pytest.raises(ProblemsFound) as found:
            attempt()
        hint = "choose another folder with --cache, or make room (`attnviz cache --prune 0` empties it)"
        assert str(found.value) == f"cannot write to the cache '{store.folder}': the disk is full; {hint}"
    monkeypatch.undo()
    assert store.get(kept) == b"kept"
    assert store.read("films", "k") is None
    assert not list((store.folder / "unfinished").iterdir())


@pytest.mark.parametrize("place", ["/proc/cache", "file/cache"])
def test_a_folder_that_cannot_be_written_is_one_problem(tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProblemsFound, match=r"cannot write to the cache '.*'") as found:
        Store(tmp_path / place).put(b"x")
    assert len(found.value.problems) == 1


def test_keys_follow_from_content_alone():
    assert digest({"a": 1, "b": 2}) == digest({"a": 1, "b": 2})
    assert digest("a", ["b"]) != digest("a", "b") != digest("ab")
    assert json.loads(canonical(["é", 1.5, None])) == ["é", 1.5, None]
