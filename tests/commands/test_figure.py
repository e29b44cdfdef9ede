"""`attnviz figure`: one still of a sentence, as wide as a column, whose numbers are those of the model."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import yaml
from click.testing import CliRunner
from PIL import Image

from attnviz.cli import app
from attnviz.commands.figure import KINDS
from attnviz.input.problems import ProblemsFound
from attnviz.publish.paper_figure import SMALLEST_TYPE

ROOT = Path(__file__).parent.parent.parent
SENTENCE = "an apple and an orange"
MM = 72 / 25.4


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("figures") / "cache"


@pytest.fixture
def make(cache, tmp_path, monkeypatch, traces_made_here):
    """Return what runs the command in an empty folder, and returns what it prints."""
    monkeypatch.chdir(tmp_path)

    def run(*options, sentence=SENTENCE, model="fruit_and_tech"):
        arguments = ["figure", sentence, "--model", model, "--cache", cache, *options]
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        if result.exception is not None:
            raise result.exception
        return result.stdout

    return run


def text_of(path):
    with pypdfium2.PdfDocument(path) as document:
        return document[0].get_textpage().get_text_range().split("\r\n")


def sizes_of_type(path):
    """Return the sizes of type on the page (in points), as another program reads them."""
    with pypdfium2.PdfDocument(path) as document:
        page = document[0].get_textpage()
        return [
            pypdfium2.raw.FPDFText_GetFontSize(page, k)
            for k in range(page.count_chars())
            if page.get_text_range(k, 1).strip()
        ]


def cosines():
    """Return the cosines of the sentence's words (query, key), computed from the model's file."""
    words = yaml.safe_load((ROOT / "storyboards/models/fruit_and_tech.yaml").read_text())["words"]
    vectors = np.array([words[word] for word in SENTENCE.split()], dtype=float)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit.T


def softmax_of_cosines():
    """Return the weights of the sentence's words (query, key)."""
    powers = np.exp(cosines())
    return powers / powers.sum(axis=1, keepdims=True)


def table_in(path, columns):
    """Return the rows of a table of numbers with two decimals."""
    return re.findall(rf"−?\d\.\d\d(?: −?\d\.\d\d){{{columns - 1}}}", "\n".join(text_of(path)))


@pytest.mark.slow
def test_the_table_has_the_weights_of_the_model_and_is_as_wide_as_asked_for(make, tmp_path):
    said = make("-o", "w.pdf")
    assert re.match(r"wrote w\.pdf: 85 × \d+ mm\ncaption: What each word takes", said)
    rows = [" ".join(f"{weight:.2f}" for weight in row) for row in softmax_of_cosines()]
    assert table_in("w.pdf", 5) == rows
    with pypdfium2.PdfDocument("w.pdf") as document:
        assert document[0].get_size()[0] == pytest.approx(85 * MM, abs=0.01)
    assert min(sizes_of_type("w.pdf")) >= 0.6 * SMALLEST_TYPE  # indices, as those of an₁, are smaller than their words
    make("-o", "w.png")
    with Image.open("w.png") as picture:
        assert picture.width == int(np.ceil(85 / 25.4 * 300))
    make()
    [svg] = (tmp_path / "out" / "figures").iterdir()
    assert re.search(rf'<svg [^>]*width="{85 * MM:.2f}pt"', svg.read_text())
    assert "<text" in svg.read_text()


def test_a_part_can_be_taken_out_of_the_computation(make):
    said = make("--without", "softmax", "-o", "w.pdf")
    assert said.splitlines()[-1].endswith("The whole computation is done anew without softmax.")
    assert table_in("w.pdf", 5) == [" ".join(f"{cosine:.2f}" for cosine in row) for row in cosines()]
    assert "fruit_and_tech without softmax" in text_of("w.pdf")
    with pytest.raises(ProblemsFound, match="the template 'pull' cannot leave anything out"):
        make("--of", "pull", "--without", "softmax")


@pytest.mark.slow
def test_a_width_at_which_nothing_can_be_read_is_refused_with_one_that_does(make):
    with pytest.raises(
        ProblemsFound, match="at a width of 12 mm, the smallest type would be under 6 points"
    ) as refused:
        make("--width-mm", 12, "-o", "w.svg")
    [least] = re.findall(r"take (\d+) mm or more", str(refused.value))
    assert int(least) > 12
    assert not Path("w.svg").exists()
    assert "wrote w.svg" in make("--width-mm", least, "-o", "w.svg")
    with pytest.raises(ProblemsFound, match=f"take {least} mm or more"):
        make("--width-mm", int(least) - 1, "-o", "w.svg")


@pytest.mark.parametrize("options", [("-o", "w.jpg"), ("-o", "w.svg", "--format", "pdf"), ("-o", "w")])
def test_a_name_that_does_not_fit_is_refused_before_anything_is_drawn(make, options):
    with pytest.raises(ProblemsFound, match="cannot write this; name it weights"):
        make(*options)


def test_what_a_blackboard_cannot_show_is_one_message(make):
    for of in ("heads", "map"):
        with pytest.raises(ProblemsFound, match="cannot show this: “fruit_and_tech” is no model with"):
            make("--of", of)


def test_the_kinds_of_figures_are_those_that_the_docs_name():
    readme = (ROOT / "README.md").read_text()
    [named] = re.findall(r"`--of ([^`]+)`", readme)
    assert sorted(named.split("\\|")) == KINDS


@pytest.mark.slow
@pytest.mark.parametrize("of", KINDS)
def test_every_kind_is_drawn_of_a_trained_model(make, of):
    said = make(
        "--of", of, "--word", "orange", "-o", "a.pdf", model="small", sentence="she peeled an orange and an apple"
    )
    assert "wrote a.pdf" in said
    assert "caption: " in said
    assert re.search("[a-z]{2,}", " ".join(text_of("a.pdf")))
