"""Characters that only look like a part of YAML are told by line, column and name; in text they are welcome."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnviz import cli
from attnviz.input.odd_characters import explained
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.yamlsource import read_yaml

HERE = "which YAML does not understand here"
TEXT = """\
title: T
model: fruit
chapters:
  - title: C
    scenes:
      - scene: dots
        words: [orange, apple]
"""
SPACES = {
    "\u00a0": "NO-BREAK SPACE (U+00A0)",
    "\u2003": "EM SPACE (U+2003)",
    "\u202f": "NARROW NO-BREAK SPACE (U+202F)",
    "\u3000": "IDEOGRAPHIC SPACE (U+3000)",
}


def complaint(folder: Path, old: str, new: str) -> str:
    path = folder / "f.yaml"
    assert old in TEXT
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8", newline="")
    with pytest.raises(ProblemsFound) as found:
        read_yaml(path)
    [problem] = found.value.problems
    return str(problem).removeprefix(f"{path}:")


@pytest.mark.parametrize("space", SPACES)
def test_a_space_of_another_kind_is_told_where_it_stands(tmp_path, space):
    name = SPACES[space]
    write = f"{HERE}; write a space"
    assert complaint(tmp_path, "model: ", f"model:{space}") == f"2: column 7 holds {name}, {write}"
    indented = complaint(tmp_path, "        words", f"{space * 8}words")
    assert indented.startswith(f"7: column 1 holds {name}, {write} (the file has 7 more of them)")
    assert complaint(tmp_path, "    scenes", f"   {space}scenes").startswith(f"5: column 4 holds {name}, {write}")
    quotes = f"{write}, or put the text in quotes if it is meant"
    assert complaint(tmp_path, "fruit", f"fruit{space}") == f"2: column 13 holds {name}, {quotes}"
    assert complaint(tmp_path, " apple", f" {space}apple") == f"7: column 25 holds {name}, {quotes}"
    assert complaint(tmp_path, "fruit", f"fruit\n  and{space}") == f"3: column 6 holds {name}, {quotes}"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: T", "title：T", "1: column 6 holds FULLWIDTH COLON (U+FF1A)|write :"),
        ("scenes:", "scenes：", "5: column 11 holds FULLWIDTH COLON (U+FF1A)|write :"),
        ("model: fruit", "model∶ fruit", "2: column 6 holds RATIO (U+2236)|write :"),
        ("model: fruit", "＃ my model\nmodel: fruit", "2: column 1 holds FULLWIDTH NUMBER SIGN (U+FF03)|write #"),
        ("[orange, apple]", "[orange, apple］", "7: column 30 holds FULLWIDTH RIGHT SQUARE BRACKET (U+FF3D)|write ]"),
        ("- scene", "– scene", "6: column 7 holds EN DASH (U+2013)|write -"),
        ("- scene", "• scene", "6: column 7 holds BULLET (U+2022)|write -"),
        ("title: T", "title: “a: b”", '1: column 8 holds LEFT DOUBLE QUOTATION MARK (U+201C)|write "'),
        ("title: T", 'title: "a: b”', '1: column 13 holds RIGHT DOUBLE QUOTATION MARK (U+201D)|write "'),
        ("title: T", "title: ‘a: b’", "1: column 8 holds LEFT SINGLE QUOTATION MARK (U+2018)|write '"),
        ("model: ", "model:\u200b", "2: column 7 holds ZERO WIDTH SPACE (U+200B)|delete it"),
        ("model", "\ufeffmodel", "2: column 1 holds ZERO WIDTH NO-BREAK SPACE (U+FEFF)|delete it"),
        ("fruit", "fruit\u2028x", "2: column 13 holds LINE SEPARATOR (U+2028)|begin a new line, or write a space"),
        ("fruit", "fruit\u2029x", "2: column 13 holds PARAGRAPH SEPARATOR (U+2029)|begin a new line, or write a space"),
        ("fruit", "'a\x85b'", "2: column 10 holds NEXT LINE (U+0085)|begin a new line, or write a space"),
    ],
)
def test_what_looks_like_a_sign_of_yaml_is_told_where_it_stands(tmp_path, old, new, told):
    place, advice = told.split("|")
    assert complaint(tmp_path, old, new) == f"{place}, {HERE}; {advice}"


def test_what_cannot_be_seen_in_a_key_or_at_an_end_is_told(tmp_path):
    key = ", or put the key in quotes if it is meant"
    expected = f"2: column 4 holds SOFT HYPHEN (U+00AD), {HERE}; delete it{key}"
    assert complaint(tmp_path, "model", "mod\u00adel") == expected
    assert complaint(tmp_path, "fruit", "fruit\u200b").startswith("2: column 13 holds ZERO WIDTH SPACE (U+200B)")
    assert complaint(tmp_path, "scene:", "scene\u200e:").startswith("6: column 14 holds LEFT-TO-RIGHT MARK (U+200E)")


@pytest.mark.parametrize(
    "text",
    [
        "注意：先看，再听",
        "“Attention”: that’s all",
        "10\u00a0% – half of it",
        "می\u200cخواهم",
        "‏שלום!‏",
        "👩\u200d🔬 ❤\ufe0f",
        '"\u00a0quoted\u00a0"',
    ],
)
def test_in_text_they_are_welcome(tmp_path, text):
    path = tmp_path / "f.yaml"
    quoted = text.startswith('"')
    written = text if quoted or ": " not in text else f"'{text.replace(chr(39), chr(39) * 2)}'"
    path.write_text(f"title: {written}\nrest: {{a: [1, 2]}}\n", encoding="utf-8")
    assert read_yaml(path).data == {"title": text.strip('"'), "rest": {"a": [1, 2]}}


def test_an_honest_fault_is_not_blamed_on_text_nearby(tmp_path):
    assert complaint(tmp_path, "title: T\nmodel: fruit", "title: “T”\nmodel: fruit: x").startswith(
        "2: there is a ':' too many"
    )


def test_a_problem_that_quotes_such_a_character_points_at_it(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text("words: [orange，apple]\n", encoding="utf-8")
    told = explained(Problem("'orange，apple' is not in the sentence", path, 1, "did you mean 'apple'?"))
    assert told.hint == "did you mean 'apple'?; column 15 holds FULLWIDTH COMMA (U+FF0C): write ,"
    path.write_text("sentence: orange apple\nwords: [orange，apple]\n", encoding="utf-8")
    told = explained(Problem("sentence: 'orange，apple' is not in the sentence", path, 1))
    assert told.hint == "line 2, column 15 holds FULLWIDTH COMMA (U+FF0C): write ,"
    other = Problem("'apple' is not in the sentence", path, 1)
    assert explained(other) == other
    assert explained(Problem("，", path, 7)) == Problem("，", path, 7)
    assert explained(Problem("，", tmp_path / "none", 1)) == Problem("，", tmp_path / "none", 1)


def test_the_command_line_points_at_it(tmp_path, monkeypatch, capsys):
    path = tmp_path / "f.yaml"
    path.write_text(TEXT.replace("fruit", "“fruit_and_tech”"), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["attnviz", "check", str(path)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert 'column 8 holds LEFT DOUBLE QUOTATION MARK (U+201C): write "' in capsys.readouterr().err
