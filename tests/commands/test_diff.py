"""`attnviz diff`: the shots and numbers that another model changes, and their pictures side by side."""

import pytest
from PIL import Image

from attnviz.input.problems import ProblemsFound


@pytest.fixture
def retrained(lecture):
    path = lecture.model.with_name("retrained.yaml")
    path.write_text(lecture.model.read_text().replace("apple: [2, 2, 1]", "apple: [2, 2.5, 1]"))
    return path


def test_shots_and_numbers_that_differ(lecture, retrained):
    out = lecture.run("diff", "--old", "fruit", "--new", "retrained", "--no-sheet")
    assert out.splitlines() == [
        "words/small/show",
        "  embeddings[apple, fruitness] 2 → 2.5",
        "words/small/move: begins with a picture that differs",
        "words/small/wipe: begins with a picture that differs",
        "3 of 7 shots differ",
    ]


def test_the_largest_change_comes_first(lecture, retrained):
    storyboard, scene = lecture.storyboard, lecture.scene
    lecture.change(
        scene,
        "    def move(self)",
        '    def all(self) -> None:\n        """Read all."""\n        self.read("embeddings")\n        self.wait(0.2)\n\n    def move(self)',
    )
    lecture.change(storyboard, "          - move:\n", "          - all:\n          - move:\n")
    lecture.change(retrained, "orange: [0, 3, 2]", "orange: [0, 3.2, 4]")
    out = lecture.run(
        "diff", "--old", "fruit", "--new", retrained, "--no-sheet", "--only", "words/small/all"
    ).splitlines()
    assert out[1:4] == [
        "  embeddings[orange, size] 2 → 4",
        "  embeddings[apple, fruitness] 2 → 2.5",
        "  embeddings[orange, fruitness] 3 → 3.2",
    ]


def test_the_sheet_shows_old_and_new_side_by_side(lecture, retrained):
    path = lecture.folder / "diff.png"
    out = lecture.run("diff", "--old", "fruit", "--new", "retrained", "-o", path)
    assert out.splitlines()[-1] == f"wrote {path}"
    with Image.open(path) as sheet:
        assert sheet.width == 16 + 2 * (640 + 16)
        assert sheet.height == 16 + 3 * (360 + 34 + 16)
        old, new = (sheet.crop((16 + x, 16, 656 + x, 376)) for x in (0, 656))
    assert old.tobytes() != new.tobytes()
    assert old.convert("L").getextrema()[1] > 150  # something is drawn


def test_a_model_is_the_same_as_itself(lecture):
    assert lecture.run("diff", "--old", "fruit", "--new", lecture.model) == "0 of 7 shots differ\n"


def test_a_model_that_is_not_there(lecture):
    with pytest.raises(ProblemsFound, match="unknown model 'froot'"):
        lecture.run("diff", "--old", "fruit", "--new", "froot")
