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
    - pull: {word: apple, toward: apple}
    - pull: {word: apple, toward: apple, part: 0.5}
"""
    )


def test_an_unknown_scene(folder, cli):
    done = cli("scenes", "dotz", "--folder", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "unknown scene 'dotz'; did you mean 'dots'?\n"
