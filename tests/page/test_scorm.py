"""Pages as packages for learning management systems: what SCORM 1.2 asks of them."""

import re
import zipfile
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.page.scorm import manifest
from tests.conftest import Lecture

HOSTILE = "</title><script>alert(\"1\")</script> & 'x' ]]> {{ title }} \x07"
CP, ADL = "{http://www.imsproject.org/xsd/imscp_rootv1p1p2}", "{http://www.adlnet.org/xsd/adlcp_rootv1p2}"
ID = re.compile(r"[A-Za-z_][\w.-]*")  # what XML takes as an identifier


@pytest.fixture
def package(lecture: Lecture) -> Path:
    """The package of a lecture that was rendered."""
    path = lecture.folder / "lecture.zip"
    lecture.run("page", "--format", "scorm", "-o", path)
    return path


def test_the_manifest_is_what_scorm_asks_for(package):
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
        root = ElementTree.fromstring(archive.read("imsmanifest.xml"))
    assert root.tag == f"{CP}manifest"
    assert [each.tag.removeprefix(CP) for each in root] == ["metadata", "organizations", "resources"]
    assert root.findtext(f"{CP}metadata/{CP}schema") == "ADL SCORM"
    assert root.findtext(f"{CP}metadata/{CP}schemaversion") == "1.2"

    [organization] = root.find(f"{CP}organizations")
    assert root.find(f"{CP}organizations").get("default") == organization.get("identifier")
    assert [each.tag.removeprefix(CP) for each in organization] == ["title", "item"]
    assert organization.findtext(f"{CP}title") == "A small lecture"
    item, [resource] = organization.find(f"{CP}item"), root.find(f"{CP}resources")
    assert item.findtext(f"{CP}title") == "A small lecture"
    assert item.get("identifierref") == resource.get("identifier")
    assert (resource.get("type"), resource.get(f"{ADL}scormtype")) == ("webcontent", "sco")
    assert resource.get("href") == "index.html"
    assert [*map(unquote, (file.get("href") for file in resource))] == sorted({*names} - {"imsmanifest.xml"})
    identifiers = [each.get("identifier") for each in root.iter() if each.get("identifier")]
    assert len(set(identifiers)) == len(identifiers)
    assert all(map(ID.fullmatch, identifiers))
    assert names[0] == "imsmanifest.xml"


def test_titles_and_names_stay_text_in_a_manifest():
    root = ElementTree.fromstring(manifest(HOSTILE, ["a b&c.mp4"]))
    assert [each.text for each in root.iter(f"{CP}title")] == [HOSTILE.replace("\x07", "\ufffd")] * 2
    assert [each.get("href") for each in root.iter(f"{CP}file")] == ["a%20b%26c.mp4"]


def test_the_same_lecture_is_the_same_package(lecture, package):
    first = package.read_bytes()
    assert lecture.run("page", "-o", package).startswith(f"up to date: {package}: ")  # its name tells what it is
    package.unlink()
    lecture.run("page", "--format", "scorm", "-o", package.parent)
    assert package.read_bytes() == first
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        assert archive.read("lecture.mp4") == lecture.film.read_bytes()
    left = {path.name for path in lecture.folder.iterdir()}
    assert left == {"board.yaml", "cache", "lecture.zip", "models", "out", "scenes", "tmp"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--format", "scorm", "-o", "lecture.html"), "--output lecture.html: a package is a zip"),
        (("--format", "mp4", "-o", "lecture.zip"), "--output lecture.zip: a page is a folder"),
    ],
)
def test_what_is_no_place_for_it_is_refused(lecture, options, told):
    with pytest.raises(ProblemsFound, match=re.escape(told)):
        lecture.run("page", *options)
