"""The rows of a batch: every kind of file, with the lines of what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnviz.clips.request import ClipRequest
from attnviz.clips.rows import Row, read_rows
from attnviz.input.problems import ProblemsFound

USUAL = ClipRequest("", model="small", near=Path())


def rows_of(folder: Path, name: str, text: str | bytes) -> tuple[list[Row], list[str]]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    rows, problems = read_rows(path, USUAL)
    return rows, [f"{problem.line}: {problem.message}" for problem in problems]


def test_a_table_with_a_bad_row(tmp_path: Path) -> None:
    text = 'sentence,word,model,name,layer\n"an apple, and",apple,,one,2\n,,,\n,apple,,,\nan orange,,minilm,,x\na,b,c,d,e,f\n'
    rows, problems = rows_of(tmp_path, "b.csv", text)
    assert [(row.request.sentence, row.request.word, row.request.model, row.request.layer) for row in rows] == [
        ("an apple, and", "apple", "small", 2)
    ]
    assert (rows[0].name, rows[0].line) == ("one", 2)
    assert [problem.partition(":")[0] for problem in problems] == ["4", "5", "6"]
    assert "sentence: missing" in problems[0]
    assert "layer: expected a whole number" in problems[1]


def test_a_sentence_over_several_lines_of_a_table(tmp_path: Path) -> None:
    rows, problems = rows_of(tmp_path, "b.csv", 'sentence\n"an\napple"\nan orange\n')
    assert ([row.request.sentence for row in rows], problems) == (["an\napple", "an orange"], [])


def test_json_lines(tmp_path: Path) -> None:
    text = '{"sentence": "an apple", "head": "2"}\nnot json\n[1]\n{"sentence": "x", "colour": "red"}\n'
    rows, problems = rows_of(tmp_path, "b.jsonl", text)
    assert [(row.request.sentence, row.request.head) for row in rows] == [("an apple", "2")]
    assert problems[0] == "2: this line is not JSON"
    assert problems[1] == "3: expected an object"
    assert problems[2].startswith("4: colour: unknown key")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("b.txt", "{}\nan orange"),
        ("b.csv", "sentence\n{}\nan orange\n"),
        ("b.jsonl", '{{"sentence": "{}"}}\n{{"sentence": "an orange"}}\n'),
    ],
)
def test_a_line_ends_where_an_editor_ends_it(tmp_path: Path, name: str, text: str) -> None:
    whole = "an\u2028apple\x85and"
    for end in ("\n", "\r\n", "\r"):
        rows, problems = rows_of(tmp_path, name, text.format(whole).replace("\n", end))
        assert ([row.request.sentence for row in rows], problems) == ([whole, "an orange"], [])
        assert rows[1].line == rows[0].line + 1


def test_plain_lines_have_names_of_their_own_each_its_own(tmp_path: Path) -> None:
    rows, problems = rows_of(tmp_path, "b.txt", "\ufeffan apple\n\n  an apple  \nшестая/../строка\n")
    assert problems == []
    assert [row.line for row in rows] == [1, 3, 4]
    assert len({row.name for row in rows}) == 3
    assert all("/" not in row.name and "." not in row.name for row in rows)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("b.csv", "words\nan apple\n", "the first line names no column 'sentence'"),
        ("b.csv", "", "the first line names no column 'sentence'"),
        ("b.jsonl", "\n\n", "there is no sentence in this file"),
        ("b.txt", b"an apple\n\xff\n", "b.txt:2: the file is not UTF-8 text"),
        ("b.txt", "a\n" * 1001, "at most 1,000 rows"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, text: str | bytes, told: str) -> None:
    with pytest.raises(ProblemsFound, match=told):
        rows_of(tmp_path, name, text)


def test_a_file_that_is_not_there_is_told_with_one_that_is(tmp_path: Path) -> None:
    for name in ("sentences.csv", "sentences.yaml"):
        (tmp_path / name).touch()
    with pytest.raises(ProblemsFound, match=r"there is no such file; did you mean '[^ ]*/sentences\.csv'\?$"):
        read_rows(tmp_path / "sentence.csv", USUAL)
