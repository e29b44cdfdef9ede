"""A real browser for tests: Chromium or Chrome as it is installed, driven by Playwright; what its player shows.

Who imports this is skipped where Playwright is missing; `needs_browser` marks what is skipped without a browser.
"""

from __future__ import annotations

import base64
import io
import shutil
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

playwright = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is not installed: pip install attnviz[browser]"
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason=f"no browser is installed: none of {', '.join(BROWSERS)}"),
]

SEEK = """async (time) => {
    const video = document.querySelector("video");
    const sought = new Promise(ready => { video.onseeked = ready; });
    video.currentTime = time;
    await sought;
}"""
READ = """() => {
    const video = document.querySelector("video");
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext("2d").drawImage(video, 0, 0);
    return canvas.toDataURL("image/png").split(",")[1];
}"""


GRAVE = ("critical", "serious")  # what axe-core says of a finding that keeps somebody out


def barriers(page: Any, impacts: Collection[str] = GRAVE) -> list[str]:
    """Return what axe-core finds on a page as it stands, a line for each thing: its rule, where it is, what is wrong.

    Of all findings, those of the given impacts: `critical`, `serious`, `moderate`, `minor`. A page's security policy
    does not keep axe-core out.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core comes with scripts/setup dev")
    options = {"resultTypes": ["violations"], "preload": False}  # to load styles again is against many a policy
    found = axe.Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in found
        if rule["impact"] in impacts
        for node in rule["nodes"]
    ]


def lms_script() -> Path:
    """Return scorm-again's script for pages, which offers what an LMS offers a SCORM 1.2 package; skip without it."""
    found = sorted(Path(sys.prefix).glob("scorm-again-*/dist/scorm12.min.js"))
    if not found:
        pytest.skip("there is no LMS to try it in: scripts/setup dev fetches one where there is npm")
    return found[-1]


@contextmanager
def opened_page() -> Iterator[Any]:
    """Start the browser, and give an empty page of it."""
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page()
        browser.close()


def skip_without_codecs(page: Any, kind: str) -> None:
    """Skip a test where the browser was built without the codecs of a media type."""
    if not page.evaluate("type => document.createElement('video').canPlayType(type)", kind):
        pytest.skip(f"this browser was built without the codecs of {kind}")


def base64_of(path: Path) -> str:
    """Return the bytes of a file as they are handed to a page."""
    return base64.b64encode(path.read_bytes()).decode()


def picture_in(page: Any) -> np.ndarray:
    """Return the picture that a page's player shows at this moment, as pixels (height, width, RGB)."""
    with Image.open(io.BytesIO(base64.b64decode(page.evaluate(READ)))) as image:
        return np.asarray(image.convert("RGB"))


def difference(seen: np.ndarray, frame: np.ndarray) -> float:
    """Return the mean difference in brightness; browsers take shortcuts with blue."""
    return float(np.abs((seen.astype(float) - frame) @ (0.2126, 0.7152, 0.0722)).mean())
