from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from attnviz.input.problems import ProblemsFound
from attnviz.input.yamlsource import Source, read_yaml, validate


@pytest.fixture
def written(tmp_path):
    def write(content: str | bytes) -> Path:
        path = tmp_path / "f.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def complaint(path: Path, **options) -> str:
    with pytest.raises(ProblemsFound) as found:
        read_yaml(path, **options)
    assert len(found.value.problems) == 1
    return str(found.value).removeprefix(f"{path}:").strip()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12:30", "12:30"),
        ("yes", "yes"),
        ("on", "on"),
        ("No", "No"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"),
        ("010", 10),
        ("0o17", 15),
        ("0xff", 255),
        ("-7", -7),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("!!int 12", 12),
        ("2.", 2.0),
        ("1.2.3", "1.2.3"),
        ("=", "="),
        ("#5", None),
        ("a #5", "a"),
        ("مرحبا 🍎", "مرحبا 🍎"),
        ("$x$ *b*", "$x$ *b*"),
    ],
)
def test_scalars_are_resolved_as_in_yaml_1_2(written, text, value):
    assert read_yaml(written(f"a: {text}")).data == {"a": value}


def test_keys_are_always_text(written):
    assert read_yaml(written("1: a\nnull: b\ntrue: c\n1.5: d")).data == {"1": "a", "null": "b", "true": "c", "1.5": "d"}


def test_byte_order_mark_windows_lines_and_anchors_are_fine(written):
    text = "\ufeffa: &x [1, 2]\r\nb: *x\r\nc: {d: *x}\r\n"
    assert read_yaml(written(text)).data == {"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}


def test_lines_are_those_of_keys_and_items(written):
    source = read_yaml(written("a: 1\nb:\n  - x\n  -\n    c: >\n      long\n      text\n    d: 2\n"))
    assert [source.line_of(at) for at in [("a",), ("b",), ("b", 0), ("b", 1, "c"), ("b", 1, "d")]] == [1, 2, 3, 5, 8]
    assert source.line_of(("b", 1, "missing", "deeper")) == source.line_of(("b", 1)) == 5
    assert source.line_of(()) == source.line_of(("nowhere",)) == 1


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: the file is empty"),
        ("# only a comment\n", "1: the file is empty"),
        ("---\n", "1: the file is empty"),
        ("a: 1\n---\nb: 2", "2: the file holds several documents; keep one, without a '---' after it"),
        ("a: 1\nb: 2\na: 3", "3: the key 'a' is written twice; the first is in line 1"),
        ("a:\n\t- x", "2: column 1 holds a tab, which YAML does not allow here; use spaces"),
        ("\ta: 1", "1: column 1 holds a tab, which YAML does not allow here; use spaces"),
        ("a: &a [*a]", "1: '*a' contains itself"),
        ("a: *b", "1: '*b' stands for nothing: there is no '&b' before it; text with '*' needs quotes"),
        ("a: !!python/object:os.system x", "1: the YAML tag '!!python/object:os.system' is not allowed"),
        ("a: !!set {b}", "1: the YAML tag '!!set' is not allowed"),
        ("a: !!int x", "1: 'x' is not of the YAML type 'int'"),
        ("<<: {a: 1}", "1: merge keys ('<<') are not supported; write the keys out"),
        (
            "? [a]\n: b",
            "1: a key must be a name, not a list or mapping; text that starts with '{' or '[' needs quotes",
        ),
        ("[" * 10_000, "1: the file is nested too deeply; at most 50 levels"),
        ("{a: " * 10_000, "1: the file is nested too deeply; at most 50 levels"),
        ("a: " + "9" * 5000, "1: this number has too many digits"),
        ("a: b: c", "1: there is a ':' too many; check the indentation, or put text with ': ' in quotes"),
        ("a: @x", "1: text cannot start with this character; put the text in quotes"),
        ("b: 1\na: 'x\n\n\n", "2: a quote is never closed"),
        (
            "say: {weights[apple, orange]:percent} is",
            "1: braces are not closed, or a comma is missing; text that starts with '{' must be put in quotes",
        ),
        (
            "b: 1\na: [1, 2\nc: 3",
            "2: a list that starts with '[' is not closed, or a comma is missing; put text with '[' in quotes",
        ),
        (
            "say: {a} b",
            "1: this line does not fit: its indentation, or a missing ':'; "
            "text that starts with '{', '[' or a quote must be wholly in quotes",
        ),
        ("a: \x07", "1: the file contains the control character U+0007; is it a text file?"),
        ("a: 1\nb: \x00", "2: the file contains the control character U+0000; is it a text file?"),
        (b"a: 1\nb: \xff", "2: the file is not UTF-8 text; save it as UTF-8"),
        ("a: 1".encode("utf-16"), "1: the file is not UTF-8 text; save it as UTF-8"),
        (BOMB, "1: the file holds more than 100,000 values; do aliases ('*name') repeat each other?"),
    ],
)
def test_bad_yaml_is_one_problem_with_its_line(written, text, message):
    assert complaint(written(text)) == message


def test_files_that_are_none(tmp_path, written):
    assert complaint(tmp_path) == "this is a folder, not a YAML file"
    assert complaint(tmp_path / "none.yaml") == "there is no such file"
    folder = tmp_path / "nowhere"
    assert complaint(folder / "s.yaml") == f"there is no such file; there is no folder '{folder}' either"
    for name in ("lecture.yaml", "other.yaml", "lecture.txt"):
        (tmp_path / name).touch()
    for wrong in ("lectur.yaml", "lecture.yml", "lecture", "Lecture.yaml"):
        assert complaint(tmp_path / wrong) == f"there is no such file; did you mean '{tmp_path / 'lecture.yaml'}'?"
    assert complaint(tmp_path / "a\0b").endswith("a\\x00b: the file cannot be read: embedded null byte")
    assert complaint(tmp_path / ("x" * 5000)).startswith("the file cannot be read: ")
    assert complaint(Path("/dev/zero")) == "this is not a regular file"
    ten_megabytes = written(b"a" * 10_000_000)
    assert complaint(ten_megabytes) == "the file is larger than 1,000,000 bytes; is this the right file?"
    assert complaint(written("abc"), max_bytes=2) == "the file is larger than 2 bytes; is this the right file?"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.text("ab:- \n\t[]{}&*!|>'\"%@#,?\\<=~01.", max_size=60).map(str.encode),
    )
)
def test_nothing_but_problems_comes_of_any_file(written, content):
    with contextlib.suppress(ProblemsFound):
        assert isinstance(read_yaml(written(content)), Source)


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    text: str
    size: Annotated[int, Field(ge=1, le=5)] = 1


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    kind: Literal["dot", "cosine"]
    parts: list[Part] = Field(default_factory=list)
    either: str | Part | None = None
    named: dict[str, Part] = Field(default_factory=dict)
    share: float = 0.5


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("kind: dott", ["1: kind: expected 'dot' or 'cosine', not 'dott'; did you mean 'dot'?"]),
        ("parts: []", ["1: kind: missing"]),
        ("kind: dot\nparst: []", ["2: parst: unknown key; did you mean 'parts'?"]),
        (
            "kind: dot\nparts:\n  - text: 5\n    size: 9\n  - {text: a, siez: 1}",
            [
                "3: parts.0.text: expected text, not 5; put it in quotes",
                "4: parts.0.size: expected 5 or less, not 9",
                "5: parts.1.siez: unknown key; did you mean 'size'?",
            ],
        ),
        ("kind: dot\nparts: 3", ["2: parts: expected a list, not 3"]),
        ("kind: dot\nparts: [x]", ["2: parts.0: expected a mapping (key: value), not 'x'"]),
        (
            "kind: dot\neither: [1]",
            [
                "2: either: expected text or a mapping (key: value), not a list"
                "; text that starts with '{' or '[' must be put in quotes"
            ],
        ),
        (
            "kind: dot\neither: {txt: a}",
            ["2: either.text: missing", "2: either.txt: unknown key; did you mean 'text'?"],
        ),
        ("kind: dot\nnamed: {a: {text: x, sizes: 2}}", ["2: named.a.sizes: unknown key; did you mean 'size'?"]),
        ("kind: dot\nshare: half", ["2: share: expected a number, not 'half'"]),
        ("kind: dot\nshare: true", ["2: share: expected a number, not true"]),
        ("- a", ["1: expected a mapping (key: value), not a list"]),
    ],
)
def test_what_does_not_fit_is_told_without_jargon(written, text, messages):
    path = written(text)
    with pytest.raises(ProblemsFound) as found:
        validate(Whole, read_yaml(path))
    assert str(found.value).replace(f"{path}:", "").splitlines() == messages


def test_a_part_of_a_file_can_be_validated(written):
    source = read_yaml(written("parts:\n  - text: a\n  - text: 3"))
    assert validate(Part, source, ("parts", 0)) == Part(text="a")
    with pytest.raises(ProblemsFound, match=r"f\.yaml:3: parts\.1\.text: expected text, not 3"):
        validate(Part, source, ("parts", 1))
