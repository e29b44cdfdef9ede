"""What a person, or anybody else, sends through the form: checked before anything is done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

from attnviz.clips.request import ClipRequest

LONGEST = {"sentence": 2_000, "other": 2_000, "word": 100, "model": 100, "template": 100}  # letters, by field
MOST_BYTES = 64_000  # of a form: two sentences of as many letters, each written as nine


class Refused(Exception):
    """Raised for a request that is not answered as it is wished: an HTTP status, and a sentence that says why."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True)
class Offer:
    """What can be asked for: the names of models, the first of them chosen, and the templates with what they show."""

    models: Sequence[str]
    templates: Mapping[str, str]


def fields_of(body: bytes) -> dict[str, str]:
    """Return the fields of a form as browsers send it; raises `Refused` for anything that is not this form."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=len(LONGEST),
        )
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "this is not the form's text, written as UTF-8") from error
    fields = dict(pairs)
    if len(fields) < len(pairs) or not fields.keys() <= LONGEST.keys():
        raise Refused(HTTPStatus.BAD_REQUEST, f"expected each of these once at most: {', '.join(LONGEST)}")
    for name, text in fields.items():
        if len(text) > LONGEST[name]:
            what = f"the {name} has {len(text):,} letters; at most {LONGEST[name]:,} are taken"
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, what)
    return fields


def request_of(fields: Mapping[str, str], offer: Offer) -> ClipRequest:
    """Return what the fields ask for; raises `Refused` for models and templates that are not offered."""
    model = fields.get("model") or offer.models[0]
    template = fields.get("template") or next(iter(offer.templates))
    for name, known, what in ((model, offer.models, "model"), (template, offer.templates, "template")):
        if name not in known:
            raise Refused(HTTPStatus.BAD_REQUEST, f"there is no such {what} here; there are: {', '.join(known)}")
    sentence = fields.get("sentence", "").strip()
    if not sentence:
        raise Refused(HTTPStatus.BAD_REQUEST, "a sentence is needed")
    word, other = (fields.get(name, "").strip() or None for name in ("word", "other"))
    # The first one is the form's own choice: two sentences are compared, whether or not somebody has changed it
    chosen = None if template == next(iter(offer.templates)) else template
    return ClipRequest(sentence, model=model, word=word, template=chosen, other=other)
