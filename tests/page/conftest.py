"""The quickstart's page, made once as a person makes it, small and silent; and the browser in which it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.conftest import ROOT, Here

QUICKSTART = ROOT / "storyboards" / "quickstart.yaml"
SMALL = ("-r", "480,270", "--fps", "10", "--jobs", "2")


def made(storyboard: Path, folder: Path, cache: Path, *options: str) -> Path:
    """Make the page of a storyboard, and return its folder."""
    from attnviz.cli import app

    arguments = ["page", str(storyboard), *SMALL, "-o", str(folder), "--cache", str(cache), *options]
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None:
        raise result.exception
    return folder


@pytest.fixture(scope="session")
def quickstart_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the quickstart's page."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("attnviz.render.traces.library.TraceProcess", Here)
        folder = tmp_path_factory.mktemp("quickstart")
        return made(QUICKSTART, folder / "page", folder / "cache")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser; skipped where there is none."""
    browsers = pytest.importorskip("tests.browsers")
    if browsers.BROWSER is None:
        pytest.skip("no browser is installed")
    with browsers.playwright.sync_playwright() as player:
        opened = player.chromium.launch(executable_path=browsers.BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


class OpenedPage:
    """A page in the browser, and all that went wrong on it."""

    def __init__(self, browser: Any, address: str, **settings: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}} | settings)
        self.page, self.faults = self.context.new_page(), list[str]()
        self.page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.asked: list[str] = []
        self.page.set_default_timeout(30_000)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.go(address)

    def go(self, address: str) -> None:
        """Open an address, and wait until the page and its film are there."""
        self.page.goto("about:blank")
        self.page.goto(address)
        self.page.wait_for_selector("html[data-ready]")
        self.page.wait_for_function("document.querySelector('video').readyState >= 2 && !attnviz.page.film.seeking")

    def still(self, shot: str, before_its_end: float = 0) -> None:
        """Stand still at the end of a shot, or so many seconds before."""
        time = self.page.evaluate(
            "([name, before]) => attnviz.lecture.stillOf(attnviz.lecture.shots.findIndex(shot => shot.name.endsWith(name))) - before",
            [f"/{shot}", before_its_end * 1000],
        )
        self.page.evaluate("time => attnviz.page.seek(time)", time)
        self.page.wait_for_function(
            "time => { const {film} = attnviz.page, shown = !document.getElementById('targets').hidden;"
            " return film.paused && !film.seeking && Math.abs(film.currentTime * 1000 - time) < 80"
            " && shown === attnviz.lecture.onScreen(attnviz.page.now()).length > 0; }",
            arg=time,
        )

    def row(self, name: str) -> str:
        """Return what the open card says in the row of this name."""
        return str(self.page.locator("#card dt", has_text=name).first.locator("+ dd").inner_text())


@pytest.fixture
def opened(browser: Any, quickstart_page: Path) -> Iterator[OpenedPage]:
    """The quickstart's page as it is opened from disk; nothing may go wrong on it."""
    page = OpenedPage(browser, (quickstart_page / "index.html").as_uri())
    yield page
    page.context.close()
    assert page.faults == []
