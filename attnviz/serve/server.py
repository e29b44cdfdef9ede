"""The web server on this machine: it looks closely at every request, and lets the workshop make the clips."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTP_PORT
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Full
from socket import socket
from typing import TYPE_CHECKING, Any, cast

from attnviz.serve.form import MOST_BYTES, Offer, Refused, fields_of, request_of
from attnviz.serve.orders import MadeClip, Unmade
from attnviz.serve.page import POLICY, clip_page, form_page, refusal_page, waiting_page

if TYPE_CHECKING:
    from attnviz.serve.workshop import Clip, Workshop

CONNECTIONS = 32  # at a time
SILENCE = 10.0  # seconds for which a connection may send nothing
WAIT = 60.0  # seconds for which an answer may wait for its clip
DRAINED = 4_000_000  # bytes of a refused form that are read, so that the refusal arrives
_CLIP, _FILE = (
    re.compile(r"/clips/([0-9a-f]{32})"),
    re.compile(r"/films/([0-9a-f]{32})(\.mp4|(?:\.descriptions)?\.vtt|\.numbers\.json)"),
)
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})?")
VTT = "text/vtt; charset=utf-8"
TYPES = {".mp4": "video/mp4", ".vtt": VTT, ".descriptions.vtt": VTT, ".numbers.json": "application/json"}
SAFE = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
FORM = "application/x-www-form-urlencoded"
HTML = "text/html; charset=utf-8"


class ClipServer(ThreadingHTTPServer):
    """Answers requests at an address of this machine; `offer` is what can be asked for."""

    daemon_threads = True
    request_queue_size = CONNECTIONS

    def __init__(self, host: str, port: int, workshop: Workshop, offer: Offer) -> None:
        self.workshop, self.offer = workshop, offer
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__((host, port), ClipHandler)
        names = {host, "localhost", "127.0.0.1"}
        self.names = {f"{name}:{self.server_port}" for name in names} | (
            names if self.server_port == HTTP_PORT else set()
        )

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, of which there are not too many."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and let go of the thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """Say nothing of connections that break off; all else is a fault of ours."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class ClipHandler(BaseHTTPRequestHandler):
    """One request. Each is answered and its connection closed, as HTTP/1.0 does."""

    timeout = SILENCE
    server_version, sys_version = "attnviz", ""

    def do_GET(self) -> None:
        """Answer with the form, a clip's page, or one of its files."""
        with self._refusals():
            self._check_sender()
            if self.path == "/":
                self._answer(HTTPStatus.OK, form_page(self._server.offer))
            elif found := _CLIP.fullmatch(self.path):
                self._show(self._clip(found[1]))
            elif found := _FILE.fullmatch(self.path):
                self._send_file(self._clip(found[1]).film.with_suffix(found[2]), TYPES[found[2]])
            else:
                raise Refused(HTTPStatus.NOT_FOUND, "there is nothing at this address")

    def do_POST(self) -> None:
        """Have a clip made, and lead to it; or say what is wrong, beside the form as it was sent."""
        with self._refusals():
            self._check_sender()
            body = self._body()
            if self.path != "/clips":
                raise Refused(HTTPStatus.NOT_FOUND, "there is nothing at this address")
            fields = fields_of(body)
            try:
                clip = self._server.workshop.ask(request_of(fields, self._server.offer), fields)
            except Full:
                busy = Refused(HTTPStatus.TOO_MANY_REQUESTS, "too many clips wait already; try again in some seconds")
                self._refuse(busy, fields, {"Retry-After": "5"})
            except Refused as refused:
                self._refuse(refused, fields)
            else:
                clip.done.wait(WAIT)
                if isinstance(clip.outcome, Unmade):
                    self._show(clip)
                else:
                    self._answer(HTTPStatus.SEE_OTHER, "", headers={"Location": f"/clips/{clip.name}"})

    def do_PUT(self) -> None:
        """Refuse: there is nothing to change."""
        refused = Refused(HTTPStatus.METHOD_NOT_ALLOWED, "only GET and POST are answered")
        self._refuse(refused, headers={"Allow": "GET, POST"})

    do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = do_PUT  # noqa: N815

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Tell in our own page what the library finds wrong with a request."""
        status = HTTPStatus(code)
        self._refuse(Refused(status, message or status.description))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what is made is told by the workshop."""

    @property
    def _server(self) -> ClipServer:
        return cast("ClipServer", self.server)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Answer what the block refuses."""
        try:
            yield
        except Refused as refused:
            self._refuse(refused)

    def _check_sender(self) -> None:
        """Raise `Refused` for who asks by another name (a page elsewhere whose name leads here), or from there."""
        hosts = [host.lower() for host in self.headers.get_all("Host", [])]
        if len(hosts) != 1 or hosts[0] not in self._server.names:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, f"this is {min(self._server.names)}, and nothing else")
        if self.headers.get("Origin", f"http://{hosts[0]}").lower() != f"http://{hosts[0]}":
            raise Refused(HTTPStatus.FORBIDDEN, "only this server's own page may send its form")

    def _body(self) -> bytes:
        """Return what was sent; raises `Refused` if it is no form, or too long."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()) or len(length) > 15:
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "the number of bytes that are sent is needed")
        if int(length) > MOST_BYTES:
            self._drain(int(length))
            what = f"{int(length):,} bytes were sent; at most {MOST_BYTES:,} are taken"
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, what)
        body = self.rfile.read(int(length))
        if self.headers.get_content_type() != FORM:
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"expected {FORM}, as a browser's form sends it")
        return body

    def _drain(self, length: int) -> None:
        """Read what nobody wants: a connection that is closed before breaks off, and the answer is lost."""
        left = min(length, DRAINED)
        while left > 0 and (piece := self.rfile.read(min(left, 1 << 16))):
            left -= len(piece)

    def _clip(self, name: str) -> Clip:
        clip = self._server.workshop.find(name)
        if clip is None:
            raise Refused(HTTPStatus.NOT_FOUND, "this clip is not here; older ones make room for newer ones")
        return clip

    def _show(self, clip: Clip) -> None:
        clip.done.wait(WAIT)
        if clip.outcome is None:
            self._answer(HTTPStatus.ACCEPTED, waiting_page(), headers={"Refresh": "1"})
        elif isinstance(clip.outcome, MadeClip):
            self._answer(HTTPStatus.OK, clip_page(clip.name, clip.outcome, self._server.offer, clip.fields))
        else:
            page = form_page(self._server.offer, clip.fields, clip.outcome.problems)
            self._answer(HTTPStatus.UNPROCESSABLE_ENTITY, page)

    def _refuse(
        self, refused: Refused, fields: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer a refusal, beside the form if it was filled in."""
        if fields is None:
            page = refusal_page(f"{refused.status.value} {refused.status.phrase}", refused.message)
        else:
            page = form_page(self._server.offer, fields, [refused.message])
        self._answer(refused.status, page, headers=headers)

    def _send_file(self, path: Path, kind: str) -> None:
        """Answer with a file, or with the range of it that is asked for: players jump."""
        try:
            data = path.read_bytes()
        except OSError:
            raise Refused(HTTPStatus.NOT_FOUND, "this clip has no film") from None
        found = _RANGE.fullmatch(self.headers.get("Range", ""))
        if found is None:
            self._answer(HTTPStatus.OK, data, kind, {"Accept-Ranges": "bytes"})
            return
        start, end = int(found[1]), min(int(found[2] or len(data)), len(data) - 1)
        if start > end:
            refused = Refused(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "the film is not that long")
            self._refuse(refused, headers={"Content-Range": f"bytes */{len(data)}"})
            return
        headers = {"Content-Range": f"bytes {start}-{end}/{len(data)}"}
        self._answer(HTTPStatus.PARTIAL_CONTENT, data[start : end + 1], kind, headers)

    def _answer(
        self,
        status: HTTPStatus,
        content: str | bytes,
        kind: str = HTML,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send a whole answer."""
        data = content.encode("utf-8", errors="replace") if isinstance(content, str) else content
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": f"{len(data)}", **SAFE, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
