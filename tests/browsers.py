"""A real browser for tests: Chromium or Chrome as it is installed, driven by Playwright; what its player shows.

Who imports this is skipped where Playwright is missing; `needs_browser` marks what is skipped without a browser.
"""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Iterator
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
