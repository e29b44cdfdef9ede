"""`attnviz clip --preview`: a small picture is shown before the film is made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from attnviz.clips.first_look import first_look
from attnviz.clips.make import make_clip
from attnviz.clips.request import ClipRequest
from attnviz.publish.lecture import LectureFiles
from attnviz.render.film.format import FilmFormat
from attnviz.render.opening import open_storyboard
from attnviz.render.run import Wish

STORYBOARD = """\
about: A test
title: Peeled
model: small
chapters:
  - title: C
    scenes:
      - scene: one_sentence
        sentence: she peeled an orange and an apple
        shots:
          - show_tokens:
"""
ANOTHER_SHOT = "          - look: apple\n"


@pytest.mark.slow
def test_the_picture_is_there_before_the_film(tmp_path: Path, wish: Wish, traces_made_here: None) -> None:
    (tmp_path / "own.yaml").write_text(STORYBOARD)
    film, seen = tmp_path / "clip.mp4", []

    def look(path: Path) -> None:
        with Image.open(path) as picture:
            seen.append(picture.size)
        assert not film.exists()

    request = ClipRequest("she peeled an orange and an apple", near=tmp_path, template="own.yaml")
    made = make_clip(
        request, replace(wish, format=FilmFormat(320, 180, 10)), LectureFiles(film=film), on_first_look=look
    )
    assert seen == [(854, 480)]
    assert made.files[0] == film
    assert film.exists()


@pytest.mark.slow
def test_it_is_of_the_second_shot_if_there_is_one(tmp_path: Path, wish: Wish, traces_made_here: None) -> None:
    pictures = []
    for shots in ("", ANOTHER_SHOT, ANOTHER_SHOT + "          - show_weights:\n"):
        (tmp_path / "clip.yaml").write_text(STORYBOARD + shots)
        pictures.append(first_look(open_storyboard(tmp_path / "clip.yaml"), wish, tmp_path / "x.png").read_bytes())
    tokens, arcs, still_arcs = pictures
    assert tokens != arcs == still_arcs
