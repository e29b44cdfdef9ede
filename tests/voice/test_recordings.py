"""Which file is heard in which shot."""

import unicodedata

import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.voice.recordings import file_name, recording_of, recordings_in

SHOTS = ["words/plane/show", "words/plane/pull", "heads/table/show", "heads/table-2/é", "heads/table/pull-2"]


def fill(folder, *names):
    for name in names:
        (folder / name).write_bytes(b"x")
    return folder


@pytest.mark.parametrize(
    ("name", "shot"),
    [
        ("words--plane--pull.wav", "words/plane/pull"),
        ("plane--pull.FLAC", "words/plane/pull"),
        ("pull.mp3", "words/plane/pull"),
        ("Pull-2.m4a", "heads/table/pull-2"),
        ("table--show.ogg", "heads/table/show"),
        (unicodedata.normalize("NFD", "é") + ".opus", "heads/table-2/é"),
    ],
)
def test_a_file_is_called_like_its_shot_or_the_end_of_it(tmp_path, name, shot):
    found = recordings_in(fill(tmp_path, name), SHOTS)
    assert {known: path.name for known, path in found.of.items()} == {shot: name}
    assert found.strangers == ()
    assert recording_of(tmp_path, shot, SHOTS) == tmp_path / name
    assert all(recording_of(tmp_path, other, SHOTS) is None for other in SHOTS if other != shot)


def test_every_shot_has_a_name_for_its_file(tmp_path):
    fill(tmp_path, *(f"{file_name(shot)}.wav" for shot in SHOTS))
    assert set(recordings_in(tmp_path, SHOTS).of) == set(SHOTS)


def test_a_full_name_means_its_shot_although_another_ends_so(tmp_path):
    shots = ["a/b/c", "x/a--b/c"]
    assert recordings_in(fill(tmp_path, "a--b--c.wav"), shots).of == {"a/b/c": tmp_path / "a--b--c.wav"}


def test_what_may_mean_several_shots_or_none_is_told(tmp_path):
    found = recordings_in(fill(tmp_path, "show.wav", "words--plane--pul.wav", "notes.md", ".show.wav"), SHOTS)
    assert found.of == {}
    assert [str(problem).removeprefix(f"{tmp_path}: ") for problem in found.strangers] == [
        "'show.wav' may be a recording of words/plane/show or of heads/table/show; "
        "call it 'words--plane--show.wav', say",
        "'words--plane--pul.wav' names no shot, so it is not heard; did you mean 'words--plane--pull' or 'words--plane--show'?",
    ]


def test_two_files_of_one_shot_are_refused(tmp_path):
    fill(tmp_path, "words--plane--pull.wav", "pull.mp3")
    with pytest.raises(
        ProblemsFound, match=r"'pull\.mp3' and 'words--plane--pull\.wav' are both recordings of words/pl"
    ):
        recordings_in(tmp_path, SHOTS)


def test_a_folder_that_is_missing_or_none_is_refused(tmp_path):
    with pytest.raises(ProblemsFound, match=r"there is no folder of recordings '.*takes'; make it"):
        recordings_in(tmp_path / "takes", SHOTS)
    (tmp_path / "file").write_text("")
    with pytest.raises(ProblemsFound, match="cannot be read: Not a directory"):
        recordings_in(tmp_path / "file", SHOTS)
