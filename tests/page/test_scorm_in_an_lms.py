"""Packages in an LMS, in a real browser: what it is told of what was watched, and where somebody goes on."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browsers import lms_script, needs_browser, opened_page
from tests.conftest import Here, Lecture

pytestmark = [*needs_browser, pytest.mark.slow]

LMS = "https://lms.test"
KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".mp4": "video/mp4", ".webp": "image/webp"}
COURSE = """<!doctype html><html lang="en"><title>LMS</title><link rel="icon" href="data:,"><body>
<script src="/scorm12.min.js"></script>
<script>
    window.commits = 0;
    window.API = new Scorm12API({autocommit: false, logLevel: 5});
    API.on("LMSCommit", () => window.commits++);
    API.loadFromFlattenedJSON(%s);
</script>
%s
"""
FRAME = '<iframe src="/course/index.html" width="800" height="600" allow="autoplay"></iframe>'
FRAMES = f"<iframe srcdoc='{FRAME}' width='900' height='700'></iframe>"
TOLD = """() => ({
    status: API.cmi.core.lesson_status, location: API.cmi.core.lesson_location, suspend: API.cmi.suspend_data,
    exit: window.finished?.exit, time: window.finished?.time, commits: window.commits,
})"""
LISTEN = """() => {
    const set = API.LMSSetValue;  // an LMS takes both, and lets nobody read them
    window.finished = {};
    API.LMSSetValue = (name, value) => {
        if (name === "cmi.core.exit") window.finished.exit = value;
        if (name === "cmi.core.session_time") window.finished.time = value;
        return set.call(API, name, value);
    };
}"""
PLAY = """async ([start, end]) => {
    const film = document.getElementById("film");
    film.muted = true;
    film.playbackRate = 4;
    if (Math.abs(film.currentTime - start) > 0.01) {
        const sought = new Promise(ready => film.addEventListener("seeked", ready, {once: true}));
        film.currentTime = start;
        await sought;
    }
    await film.play();
    await new Promise(ready => {
        const look = () => film.ended || film.currentTime >= end ? ready() : setTimeout(look, 20);
        look();
    });
    film.pause();
    await new Promise(ready => setTimeout(ready, 100));
    return [film.currentTime, film.duration, document.getElementById("watched")?.textContent];
}"""


class Course:
    """An LMS at an address of its own that shows a package; what it keeps of a person goes from session to session."""

    def __init__(self, page: Any, package: Path) -> None:
        self.page, self.body = page, FRAME
        self.kept: dict[str, str] = {}
        self.complaints: list[str] = []
        self._files = zipfile.ZipFile(package)
        page.context.route(f"{LMS}/**", self._answer)
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self) -> Any:
        """Begin a session; return the frame of the package."""
        self.page.goto(f"{LMS}/")
        self.page.wait_for_function("() => API.isInitialized()")
        self.page.evaluate(LISTEN)
        [frame] = [each for each in self.page.frames if each.url.startswith(f"{LMS}/course/")]
        frame.wait_for_selector("#watched:not(:empty)")
        return frame

    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(TOLD)
        return found

    def leave(self) -> dict[str, Any]:
        """Go away from the package, as the LMS does when a person leaves it; return what was told."""
        self.page.evaluate("() => document.querySelector('iframe').remove()")
        self.page.wait_for_function("() => API.isTerminated()")
        told = self.told()
        core = {"lesson_status": told["status"], "lesson_location": told["location"], "entry": "resume"}
        self.kept = {f"cmi.core.{name}": value for name, value in core.items()} | {"cmi.suspend_data": told["suspend"]}
        return told

    def _answer(self, route: Any) -> None:
        path = urlsplit(route.request.url).path
        if path == "/":
            route.fulfill(body=COURSE % (json.dumps(self.kept), self.body), content_type="text/html")
        elif path == "/scorm12.min.js":
            route.fulfill(body=lms_script().read_bytes(), content_type="text/javascript")
        else:
            self._hand_out(route, path.removeprefix("/course/"))

    def _hand_out(self, route: Any, name: str) -> None:
        content, kind = self._files.read(name), KINDS.get(Path(name).suffix, "text/plain")
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", route.request.headers.get("range", ""))
        if asked is None:
            return route.fulfill(body=content, content_type=kind)
        start, end = int(asked[1]), int(asked[2] or len(content) - 1)
        told = {"Content-Range": f"bytes {start}-{end}/{len(content)}", "Accept-Ranges": "bytes", "Content-Type": kind}
        return route.fulfill(status=206, body=content[start : end + 1], headers=told)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("attnviz.render.traces.library.TraceProcess", Here)
        made = Lecture(tmp_path_factory.mktemp("scorm") / "a")
        made.run("page", "--format", "scorm", "-o", made.folder / "lecture.zip")
    return made.folder / "lecture.zip"


@pytest.fixture
def course(package: Path) -> Iterator[Course]:
    lms_script()
    with opened_page() as page:
        yield Course(page, package)


def test_what_was_watched_in_two_sessions_completes_a_lesson_and_what_was_skipped_does_not(course):
    frame = course.open()
    assert course.told()["status"] == "incomplete"
    _, duration, _ = frame.evaluate(PLAY, [0, 0.1])
    frame.evaluate(PLAY, [0, 0.5 * duration])
    at, _, line = frame.evaluate(PLAY, [0.97 * duration, duration])
    assert at == pytest.approx(duration, abs=0.05)  # the end was seen, but not the part that was jumped over
    percent = int(re.match(r"(\d+) % of the film watched; at 90 % this lesson is complete\.", line)[1])
    assert 50 <= percent < 80
    assert course.told()["status"] == "incomplete"
    frame.evaluate("() => { document.getElementById('film').currentTime = 1; }")
    told = course.leave()
    assert (told["status"], told["exit"], told["location"]) == ("incomplete", "suspend", "1.0")
    assert re.fullmatch(r"\d{4}:\d\d:\d\d\.\d\d", told["time"])
    assert told["time"] > "0000:00:00.00"
    assert told["commits"] > 0

    frame = course.open()
    assert frame.evaluate("() => document.getElementById('film').currentTime") == pytest.approx(1, abs=0.05)
    _, _, line = frame.evaluate(PLAY, [0.48 * duration, 0.6 * duration])
    assert line.endswith("at 90 % this lesson is complete.")
    assert course.told()["status"] == "incomplete"
    _, _, line = frame.evaluate(PLAY, [0.6 * duration, duration])
    assert line.endswith("watched; this lesson is complete.")
    assert course.told()["status"] == "completed"
    assert course.leave()["location"] == "0.0"  # who has seen the end begins anew

    course.open()
    assert course.leave()["status"] == "completed"
    assert course.complaints == []


def test_the_lms_is_found_around_several_frames_and_in_the_window_that_opened_this_one(course):
    course.body = FRAMES
    course.open()
    assert course.told()["status"] == "incomplete"

    course.body = ""
    course.page.goto(f"{LMS}/")
    with course.page.expect_popup() as opened:
        course.page.evaluate("() => { window.open('/course/index.html'); }")
    opened.value.wait_for_selector("#watched:not(:empty)")
    assert course.told()["status"] == "incomplete"
    assert course.complaints == []


def test_a_review_tells_the_lms_nothing(course):
    course.kept = {"cmi.core.lesson_mode": "review", "cmi.core.lesson_status": "incomplete"}
    frame = course.open()
    _, _, line = frame.evaluate(PLAY, [0, 1000])
    assert line == "This is a review: nothing is recorded."
    assert (course.told()["status"], course.told()["location"]) == ("incomplete", "")


def test_without_an_lms_it_is_the_page_as_ever(package, tmp_path):
    with opened_page() as page, zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path)
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto((tmp_path / "index.html").as_uri())
        page.wait_for_selector("html[data-ready]")
        at, duration, line = page.evaluate(PLAY, [0, 1000])
        assert at == pytest.approx(duration, abs=0.05)
        assert line is None
        assert complaints == []
