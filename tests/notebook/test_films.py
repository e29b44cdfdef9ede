"""How a notebook shows a film: a player with captions, in the page if it is small; nothing of it is taken for HTML."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET

import pytest

from attnviz.notebook import films
from attnviz.notebook.films import Film

CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:01.000\nApple <b>&\n"
DESCRIPTIONS = "WEBVTT\n\n00:00.000 --> 00:01.000\nA plane is drawn.\n"


@pytest.fixture
def film(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "out of <here>"
    folder.mkdir()
    (folder / "a.mp4").write_bytes(b"film")
    (folder / "a.vtt").write_text(CAPTIONS)
    (folder / "a.descriptions.vtt").write_text(DESCRIPTIONS)
    (folder / "a.numbers.json").write_text(json.dumps({"numbers": [{"text": "0.43"}], "claims": []}))
    return Film([folder / f"a.{suffix}" for suffix in ("mp4", "vtt", "descriptions.vtt", "numbers.json")])


def decoded(address):
    head, _, data = address.partition(",")
    return head, base64.b64decode(data)


def parsed(film):
    shown = film._repr_html_().replace(" controls", ' controls=""').replace(" default>", ">")
    return ET.fromstring(re.sub("(<(?:source|track)[^>]*)>", r"\1/>", shown))


def test_a_small_film_is_in_the_page_with_its_captions(film):
    video = parsed(film)
    assert video.tag == "video"
    assert decoded(video.find("source").get("src")) == ("data:video/mp4;base64", b"film")
    tracks = {track.get("kind"): decoded(track.get("src")) for track in video.findall("track")}
    assert tracks == {
        "captions": ("data:text/vtt;base64", CAPTIONS.encode()),
        "descriptions": ("data:text/vtt;base64", DESCRIPTIONS.encode()),
    }


def test_a_large_film_lies_beside_the_page(film, monkeypatch):
    monkeypatch.setattr(films, "EMBEDDED_BYTES", 3)
    assert parsed(film).find("source").get("src") == "out%20of%20%3Chere%3E/a.mp4"


def test_a_film_knows_its_numbers_and_its_name(film):
    assert film.numbers == [{"text": "0.43"}]
    assert repr(film) == "Film('out of <here>/a.mp4')"


@pytest.mark.parametrize(
    ("name", "tag"), [("a.png", "<img "), ("a.svg", "<img "), ("a.gif", "<img "), ("a<.mov", "<a ")]
)
def test_what_is_no_video_is_a_picture_or_a_link(tmp_path, name, tag):
    (tmp_path / name).write_bytes(b"picture")
    shown = Film([tmp_path / name])._repr_html_()
    assert shown.startswith(tag)
    assert "a<" not in shown
    assert Film([tmp_path / name]).numbers == []
