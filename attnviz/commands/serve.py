"""`attnviz serve`: a page on this machine, a sentence in, a clip out."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from attnviz.commands._ending import ended_politely
from attnviz.commands._options import allow_no_home, cores, film_format, jobs_option
from attnviz.input.problems import Problem, ProblemsFound, did_you_mean, visible

if TYPE_CHECKING:
    from attnviz.serve.form import Offer
    from attnviz.serve.workshop import Clip, Workshop

ARCHITECTURES = ("decoder", "encoder")  # of models that read one sentence; blackboards know their own words only
EXAMPLE = "she peeled an orange and an apple"  # of words that the shipped models know
SHOWN = 60  # letters of a sentence in the log


@click.command(short_help="Show a page on this machine: a sentence in, a clip out.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0: one that is free.")
@click.option("--host", default="127.0.0.1", show_default=True, help="An address of this machine itself; no other.")
@click.option("--model", default="small", show_default=True, help="The model that the form proposes.")
@click.option(
    "-q", "--quality", type=click.Choice(["l", "m"]), default="l", show_default=True, help="480p15 or 720p30."
)
@jobs_option
def command(port: int, host: str, model: str, quality: str, jobs: int | None) -> None:
    """Show a page on this machine: a sentence in, a clip out.

    Everything is loaded once, so that a clip takes seconds. Only this machine can reach the page. What is made is
    deleted when the server ends, by Ctrl-C.
    """
    allow_no_home()
    address = _address(host)
    from attnviz.clips.request import ClipRequest
    from attnviz.input.scratch import ScratchFolder
    from attnviz.render.run import Wish
    from attnviz.serve.workshop import Workshop

    offer = _offer(model)
    with ended_politely(), ScratchFolder("serve") as folder:
        wish = Wish(film_format(quality), Path(folder), jobs=jobs or cores())
        example = ClipRequest(EXAMPLE, model=model)
        _serve(address, port, Workshop(Path(folder), wish, _tell, example), offer)


def _serve(host: str, port: int, workshop: Workshop, offer: Offer) -> None:
    from attnviz.serve.server import ClipServer

    try:
        server = ClipServer(host, port, workshop, offer)
    except OSError as error:
        what = f"cannot listen at {host}:{port}: {error.strerror}"
        raise ProblemsFound(Problem(what, hint="another --port; 0 finds a free one")) from error
    with server, _working(workshop):
        click.echo(f"http://{host}:{server.server_port}/  (Ctrl-C ends it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("ended", err=True)


@contextmanager
def _working(workshop: Workshop) -> Iterator[None]:
    """Have the clips made in a thread of their own."""
    thread = threading.Thread(target=workshop.work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        workshop.close()
        thread.join()


def _address(host: str) -> str:
    """Return an address; raises `ProblemsFound` for one that other machines could reach."""
    try:
        address = ipaddress.IPv4Address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        hint = "the page is for this machine only; expected 127.0.0.1"
        raise ProblemsFound(Problem(f"--host {host}: not an address of this machine itself", hint=hint))
    return str(address)


def _offer(model: str) -> Offer:
    """Return the models and templates that can be asked for; raises `ProblemsFound` if the model is not among them."""
    from attnviz.clips.request import USUAL
    from attnviz.clips.template import read_template, templates
    from attnviz.model.inventory import inventory
    from attnviz.serve.form import Offer

    here = Path.cwd()
    models = [entry.name for entry in inventory(here) if entry.size is not None and entry.kind in ARCHITECTURES]
    if model not in models:
        raise ProblemsFound(Problem(f"--model {model}: not a model that is here", hint=did_you_mean(model, models)))
    found = templates(here)
    shown = {name: read_template(found[name]).about for name in sorted(found, key=lambda name: (name != USUAL, name))}
    return Offer(sorted(models, key=lambda name: name != model), shown)


def _tell(clip: Clip) -> None:
    """Write a line about a clip that was made, or was not."""
    from attnviz.serve.orders import MadeClip

    sentence = visible(clip.request.sentence[:SHOWN])
    if isinstance(clip.outcome, MadeClip):
        click.echo(f"{clip.seconds_taken:.1f} s for {clip.outcome.seconds:.0f} s of film: {sentence}", err=True)
    else:
        click.echo(f"not made: {sentence}", err=True)
