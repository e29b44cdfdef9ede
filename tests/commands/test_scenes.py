from __future__ import annotations


def test_scenes_are_listed_with_one_line_each(folder, cli):
    done = cli("scenes", "--folder", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split(maxsplit=1) for line in done.stdout.splitlines() if line.startswith("dots")] == [
        ["dots", "Words as dots."]
    ]


def test_a_scene_is_described(folder, cli):
    assert (
        cli("scenes", "dots", "--folder", folder).stdout
        == """\
dots: Words as dots.

More about them.

show(words: list[Word] | None = None)
    Show the words.
    words: a list, each a word of the sentence, or nothing (default: None)
    - show:
    - show: [apple, …]

pull(word: Word, toward: Word, part: Fraction = 1)
    Pull one word toward another.
    word: a word of the sentence
    toward: a word of the sentence
    part: a number from 0 to 1 (default: 1)
    - pull: {word: apple, toward: orange}
    - pull: {word: apple, toward: orange, part: 0.5}
"""
    )


def test_an_unknown_scene(folder, cli):
    done = cli("scenes", "dotz", "--folder", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "unknown scene 'dotz'; did you mean 'dots'?\n"


def test_a_broken_scene_does_not_hide_the_others(folder, cli):
    scenes = folder / "scenes"
    (scenes / "broken.py").write_text("class Broken(Stage)\n")
    (scenes / "adder.py").write_text("class Adder(Stage):\n    def add(self): ...\n")
    (scenes / "helper.py").write_text("def area(x): return x\nclass Shape: ...\nclass Other: ...\n")
    (scenes / "plain.py").write_text("from manim import Scene\nclass Plain(Scene):\n    def construct(self): ...\n")
    (scenes / "_private.py").write_text("class\n")
    done = cli("scenes", "--folder", folder)
    assert done.returncode == 0
    names = {line.split()[0] for line in done.stdout.splitlines()}
    assert {"dots", "embedding_plane"} <= names
    assert not names & {"broken", "adder", "helper", "plain", "_private"}
    assert done.stderr.splitlines() == [
        f"{scenes / 'adder.py'}:2: a verb cannot be called 'add': manim's Scene has a method or attribute of that name; "
        "choose another name, or let it start with '_'",
        f"{scenes / 'broken.py'}:1: the scene is not valid Python: expected ':'",
    ]
    assert cli("scenes", "dots", "--folder", folder).stderr == ""
    broken = cli("scenes", "broken", "--folder", folder)
    assert (broken.returncode, broken.stdout, broken.stderr) == (2, "", done.stderr.splitlines()[1] + "\n")


def test_a_folder_that_is_none(folder, cli):
    for command in ("scenes", "schema"):
        for path, message in (
            (folder / "none", "there is no such folder"),
            (folder / "s.yaml", "this is not a folder"),
        ):
            done = cli(command, "--folder", path)
            assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{path}: {message}\n")


def test_a_docstring_cannot_command_the_terminal(folder, cli):
    (folder / "scenes" / "odd.py").write_text('class Odd(Stage):\n    """Red \\x1b[31m."""\n')
    for arguments in ([], ["odd"]):
        done = cli("scenes", *arguments, "--folder", folder)
        assert r"Red \x1b[31m." in done.stdout
        assert "\x1b" not in done.stdout
