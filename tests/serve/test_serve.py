"""`attnviz serve`: a sentence becomes a clip, and whatever else is sent gets a clear answer."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from http.client import HTTPConnection, HTTPException, HTTPMessage
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from attnviz.cli import app
from attnviz.clips.request import ClipRequest
from attnviz.input.answering import AnsweringProcess
from attnviz.input.problems import ProblemsFound
from attnviz.render.film.format import FilmFormat
from attnviz.render.run import Wish
from attnviz.serve import maker
from attnviz.serve import workshop as workshop_module
from attnviz.serve.form import LONGEST, MOST_BYTES, Offer, request_of
from attnviz.serve.orders import ClipOrder, MadeClip, Unmade
from attnviz.serve.server import CONNECTIONS, ClipServer
from attnviz.serve.workshop import KEPT, WAITING, Clip, Workshop
from tests.child_signals import HEARS
from tests.conftest import ROOT
from tests.maker_stand_in import FILM, PROBLEM
from tests.processes import ForkedProcess

OFFER = Offer(["small", "minilm"], {"pull": "one word's arcs & move", "heads": "all heads"})
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MOMENT = 120  # seconds that anything may take on a busy machine


@dataclass
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """Sends requests to a server, as it is told: also such as no browser would send."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(
        self, method: str, path: str, body: bytes | str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=MOMENT)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def send(self, fields: Mapping[str, str] | None = None, **more: str) -> Answer:
        return self.ask("POST", "/clips", urlencode({**(fields or {}), **more}), FORM)

    def raw(self, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=MOMENT) as connection:
            connection.sendall(data)
            found = b""
            while piece := connection.recv(1 << 16):
                found += piece
            return found


@contextmanager
def client_of(folder: Path, tell: Callable[[Clip], None] = lambda clip: None) -> Iterator[Client]:
    """A client of a server in this process, whose clips are made in a folder by a stand-in."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(ROOT))
        patched.setattr(workshop_module, "MAKER", "tests.maker_stand_in")
        faults: list[BaseException | None] = []  # of ours, with a traceback in the terminal
        patched.setattr(ThreadingHTTPServer, "handle_error", lambda *about: faults.append(sys.exception()))
        workshop = Workshop(folder, Wish(FilmFormat(320, 180, 10), folder), tell)
        server = ClipServer("127.0.0.1", 0, workshop, OFFER)
        works = (workshop.work, lambda: server.serve_forever(poll_interval=0.01))
        threads = [threading.Thread(target=each) for each in works]
        for thread in threads:
            thread.start()
        yield Client(server.server_port)
        server.shutdown()
        workshop.close()
        for thread in threads:
            thread.join(MOMENT)
            assert not thread.is_alive()
        server.server_close()
        assert faults == []


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a server for all tests that leave it as it was."""
    with client_of(tmp_path_factory.mktemp("serve")) as client:
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def own(folder: Path) -> Iterator[Client]:
    """A client of a server that is this test's own, in its folder."""
    with client_of(folder) as client:
        yield client


def wait_for(found: Callable[[], bool]) -> None:
    until = time.monotonic() + MOMENT
    while not found():
        assert time.monotonic() < until
        time.sleep(0.01)


def is_answered(client: Client) -> bool:
    """Tell whether there is room for one more who asks."""
    try:
        return client.get("/").status == 200
    except (ConnectionError, HTTPException):
        return False


def said_wrong(answer: Answer) -> str:
    """Return what an answer says is wrong, as a person reads it."""
    found = re.search(r'<p class="problem"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    assert found, answer.text
    return unescape(found[1])


def test_a_sentence_in_a_clip_out(client: Client) -> None:
    form = client.get("/")
    assert form.status == 200
    assert re.findall(r'<option value="(\w+)"', form.text) == ["small", "minilm", "pull", "heads"]
    assert "one word&#x27;s arcs &amp; move" in form.text
    done = client.send(sentence='say "<i>hi</i>" & go', word="", other="", model="minilm", template="pull")
    assert done.status == 303
    page = client.get(done.headers["Location"])
    assert page.status == 200
    assert "&lt;i&gt;hi&lt;/i&gt;&quot; &amp; go is said" in page.text
    assert "a head of &lt;small&gt;" in page.text
    assert "<i>" not in page.text
    assert '<option value="minilm" selected>' in page.text  # for the next one
    [film] = re.findall(r'video [^>]*src="([^"]+)"', page.text)
    shown = client.get(film)
    assert (shown.status, shown.headers["Content-Type"], shown.body) == (200, "video/mp4", FILM)
    for suffix, start in ((".vtt", b"WEBVTT"), (".descriptions.vtt", b"WEBVTT"), (".numbers.json", b"{")):
        assert client.get(film.replace(".mp4", suffix)).body.startswith(start)


def test_a_clip_in_which_nobody_speaks_says_why(client: Client) -> None:
    hushed = client.get(client.send(sentence="hush", model="small", template="pull").headers["Location"]).text
    assert re.findall(r'<p class="silent"[^>]*>(.*?)</p>', hushed) == [
        "silent: the voice cannot say &#x27;&lt;b&gt;&#x27;"
    ]
    other = client.get(client.send(sentence="speak", model="small", template="pull").headers["Location"]).text
    assert "silent" not in other.partition("</style>")[2]


def test_no_answer_runs_or_loads_anything_foreign(client: Client) -> None:
    for answer in (client.get("/"), client.get("/nowhere"), client.send(sentence="x")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "<script" not in answer.text


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=1000-", 206, 1000, 1024),
        ("bytes=5-99999", 206, 5, 1024),
        ("bytes=1024-", 416, 0, 0),
    ]
    + [(each, 200, 0, 1024) for each in ("bytes=-5", "bytes=9-3x", "lines=1-2", "bytes=0-1,5-6")],
)
def test_players_can_jump(client: Client, asked: str, status: int, start: int, end: int) -> None:
    name = client.send(sentence="x").headers["Location"].rpartition("/")[2]
    answer = client.get(f"/films/{name}.mp4", Range=asked)
    assert answer.status == status
    if status == 416:
        assert answer.headers["Content-Range"] == f"bytes */{len(FILM)}"
        return
    assert answer.body == FILM[start:end]
    assert answer.headers["Content-Range"] == (f"bytes {start}-{end - 1}/{len(FILM)}" if status == 206 else None)


def test_what_is_wrong_with_a_sentence_is_told_beside_the_form_as_it_was_sent(client: Client) -> None:
    answer = client.send(sentence="refuse", word='a"b', template="heads")
    assert answer.status == 422
    assert said_wrong(answer) == PROBLEM
    assert "<b>" not in answer.text
    assert 'value="refuse"' in answer.text
    assert 'value="a&quot;b"' in answer.text
    assert '<option value="heads" selected>' in answer.text


def test_a_process_that_dies_is_told_and_the_next_clip_is_made(own: Client) -> None:
    assert "exit status 3" in said_wrong(own.send(sentence="die"))
    assert own.send(sentence="x").status == 303


def test_a_terminal_that_is_gone_keeps_nobody_from_a_clip(folder: Path) -> None:
    def tell(clip: Clip) -> None:
        raise BrokenPipeError

    with client_of(folder, tell) as client:
        assert [client.send(sentence="x").status for _ in range(2)] == [303, 303]


def test_a_disk_that_is_full_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make_clip(*asked: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("attnviz.clips.make.make_clip", make_clip)
    order = ClipOrder(ClipRequest("x"), Wish(FilmFormat(320, 180, 10), folder), folder / "clip.mp4")
    assert "No space left on device" in str(maker.answer(order))


def test_one_that_takes_too_long_is_ended(own: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop_module, "PATIENCE", 0.2)
    assert "longer than" in said_wrong(own.send(sentence="wait for ever"))


def test_a_clip_that_is_not_made_yet_has_a_page_that_looks_again(
    own: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attnviz.serve.server.WAIT", 0.05)
    asked = own.send(sentence="wait")
    assert asked.status == 303
    waiting = own.get(asked.headers["Location"])
    assert (waiting.status, waiting.headers["Refresh"]) == (202, "1")
    (folder / "go").touch()
    until = time.monotonic() + MOMENT
    while (page := own.get(asked.headers["Location"])).status == 202 and time.monotonic() < until:
        pass
    assert page.status == 200


def test_when_too_many_wait_the_next_is_turned_away(own: Client, folder: Path) -> None:
    found: list[Answer] = []

    def send(number: int) -> None:
        found.append(own.send(sentence=f"wait {number}"))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(WAITING + 4)]
    threads[0].start()
    wait_for(lambda: any(folder.iterdir()))  # the first is being made, and does not wait any more
    for thread in threads[1:]:
        thread.start()
    wait_for(lambda: len(found) >= 3)
    assert [answer.status for answer in found] == [429] * 3
    assert all(answer.headers["Retry-After"] and "try again" in said_wrong(answer) for answer in found)
    assert own.get("/").status == 200  # the form is there meanwhile
    (folder / "go").touch()
    for thread in threads:
        thread.join(MOMENT)
    assert sorted(answer.status for answer in found) == [303] * (WAITING + 1) + [429] * 3


def test_old_clips_make_room(own: Client, folder: Path) -> None:
    places = [own.send(sentence=f"x {number}").headers["Location"] for number in range(KEPT + 2)]
    own.send(sentence="refuse")  # by now the ones before have been tidied away
    assert [own.get(place).status for place in places[:2]] == [404, 404]
    assert own.get(places[3]).status == 200
    assert len([each for each in folder.iterdir() if re.fullmatch("[0-9a-f]{32}", each.name)]) <= KEPT + 1


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/films/../clip.mp4",
        "/films/%2e%2e%2fclip.mp4",
        "/films/" + "0" * 32 + ".mp4",
        "//films/x",
        "/films/" + "0" * 32 + ".yaml",
        "/films/" + "A" * 32 + ".mp4",
        "/clips/" + "0" * 33,
        "/clips/",
        "/?sentence=x",
    ],
)
def test_nothing_is_found_but_clips_by_their_names(client: Client, path: str) -> None:
    assert client.get(path).status == 404
    assert "Traceback" not in client.get(path).text


def test_of_a_clip_only_its_own_files_are_shown(own: Client, folder: Path) -> None:
    name = own.send(sentence="x").headers["Location"].rpartition("/")[2]
    (folder / name / "clip.yaml").write_text("secret")
    for path in (f"/films/{name}.yaml", f"/films/{name}.mp4/../clip.yaml", f"/films/{name}"):
        assert own.get(path).status == 404


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"sentence": "  "}, 400),
        ({"sentence": "x", "model": "../small"}, 400),
        ({"sentence": "x", "model": "hf:/etc"}, 400),
        ({"sentence": "x", "template": "../../clip"}, 400),
        ({"sentence": "x", "near": "/etc"}, 400),
        ({"sentence": "x" * (LONGEST["sentence"] + 1)}, 413),
        ({"sentence": "x", "word": "x" * (LONGEST["word"] + 1)}, 413),
        ({"sentence": "x" * MOST_BYTES}, 413),
        ({"sentence": "x" * 1_000_000}, 413),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_form_that_is_not_ours_is_refused(client: Client, fields: dict[str, str], status: int) -> None:
    answer = client.send(fields)
    assert answer.status == status
    assert said_wrong(answer)


def test_two_sentences_are_compared_unless_somebody_has_chosen_another_template() -> None:
    two = {"sentence": "an apple", "other": "apple phone"}
    assert request_of({**two, "template": "pull"}, OFFER).template is None  # as it is when the page is opened
    assert request_of({**two, "template": "heads"}, OFFER).template == "heads"


@pytest.mark.parametrize(
    "body", ["sentence=x&sentence=y", "sentence", "sentence=%ff%fe", "sentence=x&" * 50, "sentence=x;", "sentence=\xe4"]
)
def test_text_that_is_no_form_is_refused(client: Client, body: str) -> None:
    answer = client.ask("POST", "/clips", body.encode("latin-1"), FORM)
    assert answer.status in ({303} if body == "sentence=x;" else {400})


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_only_a_form_is_read(client: Client, kind: str) -> None:
    answer = client.ask("POST", "/clips", json.dumps({"sentence": "x"}), {"Content-Type": kind} if kind else {})
    assert answer.status == 415


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1", "", "127.0.0.1:{port}.evil.example"])
def test_who_asks_by_another_name_is_refused(client: Client, host: str) -> None:
    """A page elsewhere can have its own name lead to this machine, and would be the same origin then."""
    for method, body in (("GET", None), ("POST", "sentence=x")):
        answer = client.ask(method, "/clips" if body else "/", body, {"Host": host.format(port=client.port), **FORM})
        assert answer.status == 421


def test_a_page_elsewhere_cannot_send_the_form(client: Client) -> None:
    for origin, status in (("http://evil.example", 403), ("null", 403), (f"http://127.0.0.1:{client.port}", 303)):
        assert client.ask("POST", "/clips", "sentence=x", {**FORM, "Origin": origin}).status == status
    assert client.ask("POST", "/clips", "sentence=x", {**FORM, "Host": f"localhost:{client.port}"}).status == 303


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    answer = client.ask(method, "/")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"421"),
        (b"GET / HTTP/1.1\r\nHost: HERE\r\nHost: evil.example\r\n\r\n", b"421"),
        (b"POST /clips HTTP/1.1\r\nHost: HERE\r\n\r\n", b"411"),
        (b"POST /clips HTTP/1.1\r\nHost: HERE\r\nContent-Length: -1\r\n\r\n", b"411"),
        (b"POST /clips HTTP/1.1\r\nHost: HERE\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", b"431"),
        (b"BREW / HTTP/1.1\r\nHost: HERE\r\n\r\n", b"501"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_is_hardly_http_gets_an_answer(client: Client, data: bytes, status: bytes) -> None:
    answer = client.raw(data.replace(b"HERE", f"127.0.0.1:{client.port}".encode()))
    found = re.search(rb"<title>(\d+)", answer)
    assert found
    assert found[1] == status
    assert b"Traceback" not in answer
    assert client.get("/").status == 200


def test_those_who_say_nothing_keep_nobody_out(own: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnviz.serve.server.ClipHandler.timeout", 0.2)
    silent = [socket.create_connection(("127.0.0.1", own.port)) for _ in range(CONNECTIONS + 8)]
    try:
        wait_for(lambda: is_answered(own))
    finally:
        for each in silent:
            each.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "example.org", ""])
def test_an_address_that_others_can_reach_is_refused(host: str) -> None:
    with pytest.raises(ProblemsFound, match="not an address of this machine itself"):
        run("--host", host)


def test_a_model_that_is_not_here_is_refused() -> None:
    with pytest.raises(ProblemsFound, match="--model smal: not a model that is here; did you mean 'small'"):
        run("--model", "smal")


def test_a_port_that_is_taken_is_refused_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ProblemsFound, match="another --port"):
        run("--port", taken.getsockname()[1])


def run(*options: object) -> None:
    result = CliRunner().invoke(app, ["serve", *map(str, options)])
    if result.exception is not None:
        raise result.exception


@pytest.mark.parametrize("when", ["before it works", "as a clip is taken"])
def test_a_workshop_that_is_closed_makes_nothing_more(folder: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """Whenever it is closed: also before there is a process, and between taking a clip and handing it to one."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(workshop_module, "MAKER", "tests.maker_stand_in")
    request = request_of({"sentence": "a clip", "template": "pull", "model": "small"}, OFFER)
    (folder / "example").mkdir()
    example = request if when == "before it works" else None
    workshop = Workshop(folder, Wish(FilmFormat(320, 180, 10), folder), example=example)
    clip = workshop.ask(request, {})
    if when == "before it works":
        workshop.close()
    else:
        made = workshop._made

        def closed_first(taken: Clip, by: AnsweringProcess) -> MadeClip | Unmade:
            workshop.close()
            by._process.wait()
            return made(taken, by)

        monkeypatch.setattr(workshop, "_made", closed_first)
    thread = threading.Thread(target=workshop.work)
    thread.start()
    thread.join(MOMENT)
    assert not thread.is_alive()
    assert not isinstance(clip.outcome, MadeClip)
    assert not list(folder.rglob("*.mp4"))


@pytest.mark.slow
def test_as_a_person_runs_it(tmp_path: Path) -> None:
    """A real clip, by the real processes; then Ctrl-C, after which nothing is left."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "tmp").mkdir()
    environment = os.environ | {"TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT)}
    command = ["attnviz", "serve", "--port", port, "-q", "l"]
    process = ForkedProcess(command, cwd=tmp_path, environment=environment, before=HEARS)
    client = Client(port)
    wait_for(lambda: is_answered(client))
    done = client.send(sentence="she ate an apple", model="small")
    assert done.status == 303, said_wrong(done)
    page = client.get(done.headers["Location"])
    [film] = re.findall(r'video [^>]*src="([^"]+)"', page.text)
    assert client.get(film).body[4:8] == b"ftyp"
    assert re.findall(r'<p dir="auto">.+?</p>', page.text, re.DOTALL)
    assert client.send(sentence="she ate an apple", word="zebra").status == 422
    process.send_signal(2)
    out, err = process.communicate(timeout=MOMENT)
    assert process.returncode == 0
    assert f"http://127.0.0.1:{port}/" in out
    assert "s of film: she ate an apple" in err
    assert "Traceback" not in err
    assert list((tmp_path / "tmp").iterdir()) == []
