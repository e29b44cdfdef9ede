"""A pointer of Git LFS, a web page, nothing, or half of a file: each is told as what it is, wherever a file is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from attnviz.cli import app
from attnviz.input.problems import ProblemsFound
from attnviz.input.yamlsource import read_yaml
from attnviz.model.door import open_model
from attnviz.model.trained.folder import load_trained
from attnviz.model.training.data import read_text
from tests.trained_models import trained

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935\nsize 90868376\n"
TOLD = "this is a Git LFS pointer, not the file of 90,868,376 bytes itself; `git lfs pull` in its repository fetches it"
PAGE = b"\n<!DOCTYPE html>\n<html><head><title>model.safetensors</title>"
PAGE_TOLD = (
    "this is a web page (HTML), not the file itself; download the file, not the page that shows it: "
    "on the Hugging Face hub, /resolve/ instead of /blob/"
)
EMPTY_TOLD = "the file is empty; copy it again, or download it again"
ANNEX, ANNEX_TOLD = b"/annex/objects/SHA256E-s90868376--4d7a.safetensors\n", "this is a git-annex pointer"
SAID_TOLD = "this is what a server said instead of giving the file: 'Entry not found'; download it again"
STAND_INS = {
    POINTER: TOLD,
    PAGE: PAGE_TOLD,
    b"": EMPTY_TOLD,
    ANNEX: ANNEX_TOLD,
    b"Entry not found": SAID_TOLD,
}


def told(function, *arguments: object, path: Path) -> str:
    with pytest.raises(ProblemsFound) as found:
        function(*arguments)
    [problem] = found.value.problems
    assert problem.file == path
    return str(problem).removeprefix(f"{path}:").strip()


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "report.json"])
@pytest.mark.parametrize("content", STAND_INS)
def test_in_a_trained_folder_it_is_told_before_torch_is_needed(tmp_path, name, content):
    folder = trained(tmp_path / "m")
    (folder / name).write_bytes(content)
    model = open_model(f"{folder}/")
    assert told(model.tokens, "an apple", path=folder / name).startswith(STAND_INS[content])
    if name == "model.safetensors":
        assert told(load_trained, folder, path=folder / name).startswith(STAND_INS[content])


def test_a_config_or_a_storyboard_too(tmp_path):
    folder = trained(tmp_path / "m")
    for path in (folder / "config.yaml", tmp_path / "s.yaml"):
        path.write_bytes(POINTER)
        assert told(read_yaml, path, path=path) == TOLD
        path.write_bytes(PAGE)
        assert told(read_yaml, path, path=path) == PAGE_TOLD
    (tmp_path / "s.yaml").write_bytes(POINTER)
    with pytest.raises(ProblemsFound, match="Git LFS pointer"):
        CliRunner().invoke(app, ["check", str(tmp_path / "s.yaml")], catch_exceptions=False)


def test_a_text_to_learn_from_may_be_a_page_but_no_pointer(tmp_path):
    path = tmp_path / "t.txt"
    path.write_bytes(POINTER)
    assert told(read_text, path, path=path) == TOLD
    path.write_bytes(PAGE)
    assert read_text(path)[1] == "<!DOCTYPE html>\n"


def test_a_file_that_is_cut_short_is_told_with_its_length(tmp_path):
    folder = trained(tmp_path / "m")
    path = folder / "model.safetensors"
    whole = path.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    for length, least in ((len(whole) - 1, len(whole)), (header, len(whole)), (100, header)):
        path.write_bytes(whole[:length])
        expected = f"the file is cut short: {length:,} of at least {least:,} bytes; copy it again, or download it again"
        assert told(load_trained, folder, path=path) == expected
    for damaged in (b"no such thing as weights", whole[:8] + b"}" + whole[9:], whole[:5]):
        path.write_bytes(damaged)
        assert "damaged" in told(load_trained, folder, path=path)
    path.write_bytes(whole)
    tokenizer = folder / "tokenizer.json"
    tokenizer.write_bytes(tokenizer.read_bytes()[:200])
    expected = "the tokenizer is cut short; copy it again, or download it again"
    assert told(open_model(f"{folder}/").tokens, "an apple", path=tokenizer) == expected


@pytest.mark.pretrained
@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_in_a_published_folder_it_is_told_before_torch_is_needed(tmp_path, name):
    pytest.importorskip("transformers", reason="needs the extra `pretrained`")
    from attnviz.model.published.spec import read_pretrained
    from tests.model.pretrained_models import save

    folder = save("gpt2", tmp_path)
    whole = (folder / name).read_bytes()
    for content, expected in STAND_INS.items():
        (folder / name).write_bytes(content)
        assert told(read_pretrained, f"hf:{folder}", path=folder / name).startswith(expected)
    if name != "model.safetensors":
        (folder / name).write_bytes(whole[: len(whole) // 2])
        assert "is cut short; copy it again" in told(read_pretrained, f"hf:{folder}", path=folder / name)


@pytest.mark.pretrained
def test_a_gguf_file_too(tmp_path):
    pytest.importorskip("gguf", reason="needs the extra `pretrained`")
    from attnviz.model.published.gguf_file import as_folder

    path = tmp_path / "m.gguf"
    for content, expected in STAND_INS.items():
        path.write_bytes(content)
        assert told(as_folder, path, tmp_path / "out", path=path).startswith(expected)
    for content in (b"GGUF", b"GGUF" + bytes(20), b"GGUF\3\0\0\0" + b"\xff" * 40):
        path.write_bytes(content)
        assert told(as_folder, path, tmp_path / "out", path=path).startswith("the GGUF file is cut short, or damaged")
    assert not (tmp_path / "out").exists()
