"""What is to be seen, in words, for those who cannot see it: a description of every shot, and its text for pictures.

They are made from the template of the shot's verb (`Seen: …` in its docstring), its arguments, and its numbers on
screen. A verb without one is described by its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from attnviz.publish.captions import Caption
from attnviz.publish.seen_numbers import Chooser, OnScreen, digits, is_count, joined, listed, word_of, words_joined
from attnviz.storyboard.reading import reading_seconds
from attnviz.storyboard.seen import Argument, Choice, Numbers, Pieces, parse_seen

if TYPE_CHECKING:
    from attnviz.input.questions import Traces
    from attnviz.publish.shown import ShownShot
    from attnviz.stage.scene import Stage
    from attnviz.storyboard.types import Shot

LONGEST_ALT = 250  # characters
WORDS_PER_MINUTE = 165
_MISSING = "\0"
_ENDS = re.compile(r"(?<=[.!?]) +")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_IDENTIFIER = re.compile(r"[a-z]+(_[a-z]+)+")
_FEW = 4  # numbers that are told of a verb without a template


@dataclass(frozen=True)
class Description:
    """What is to be seen in a shot, which lasts from `start` to `end` (seconds since the film began).

    `text` is what is said of it, sentence by sentence in `sentences`; `alt`, of at most 250 characters, tells of the
    picture in which the shot ends.
    """

    shot: str
    start: Fraction
    end: Fraction
    sentences: tuple[str, ...]
    alt: str

    @property
    def text(self) -> str:
        """All of the description."""
        return " ".join(self.sentences)


@dataclass(frozen=True)
class View:
    """What a description can name: a shot's verb with its arguments, its scene's traces, and the numbers on screen."""

    shot: Shot
    traces: Traces
    focus: str | None
    numbers: Sequence[OnScreen]

    def sentences(self) -> list[str]:
        """Return the sentences of the verb's template or, where it gives none, those made of the verb's name."""
        told = _filled(parse_seen(self.shot.seen), self._argument, self._chooser().said) if self.shot.seen else []
        return told or [*_by_name(self)]

    def at_rest(self) -> View:
        """Return the same with the numbers only that stand on screen in the end."""
        return replace(self, numbers=[number for number in self.numbers if number.at_rest])

    def _chooser(self) -> Chooser:
        meant = None
        if "sentence" in self.shot.arguments:
            name = self._sentence()
            meant = frozenset({name, ""} if name == next(iter(self.traces), "") else {name})
        return Chooser(self.numbers, {"focus": self.focus, **self.shot.arguments}, meant, _places(self.traces))

    def _sentence(self) -> str:
        """Return the name of the sentence that is shown: the argument's, or the scene's first."""
        return str(self.shot.arguments.get("sentence") or next(iter(self.traces), ""))

    def _argument(self, wanted: Argument) -> str | None:
        """Return an argument in words, or a fact; None if it is not there."""
        value = self.shot.arguments.get(wanted.name)
        if wanted.name == "sentence" or (value is None and wanted.name not in self.shot.arguments):
            value = self._fact(wanted.name)
        if wanted.value is not None:
            value = str(value) == wanted.value
        if value is None or value is False or value in ("", [], ()):
            return None
        return "" if value is True or wanted.form == "if" else _told(value)

    def _fact(self, name: str) -> str | None:
        """Return something that is known of any scene; None if it is not known."""
        if name == "focus":
            return self.focus
        trace = self.traces.get(self._sentence())
        if trace is None:
            return None
        if name == "sentence":
            text = str(trace.attrs.get("sentence", ""))
            return f"“{text}”" if text else None
        if name in ("across", "upwards"):
            array = next((array for array in ("points", "embeddings") if array in trace), None)
            axes = [] if array is None else [str(label) for label in trace[array][trace[array].dims[-1]].values]
            return axes[name == "upwards"] if len(axes) > 1 and not any(map(is_count, axes)) else None
        fact = str(trace.attrs.get(name, ""))
        return fact if fact and fact != "all" else None


def descriptions_of(shots: Iterable[ShownShot], fps: int) -> list[Description]:
    """Return the description of every shot of a film."""
    return [_description(shot, fps) for shot in shots]


def _description(shown: ShownShot, fps: int) -> Description:
    start, end = shown.seconds(fps)
    stays = float(end - start) - 1.5 / fps  # a frame's time may be rounded
    shot, focus = shown.shot.planned.shot, shown.scene.spec.focus
    return Description(shown.name, start, end, *described(shot, shown.traces, focus, shown.report.receipts, stays))


def described(
    shot: Shot, traces: Traces, focus: str | None, receipts: Iterable[Mapping[str, Any]], stays: float
) -> tuple[tuple[str, ...], str]:
    """Return the sentences that describe a shot, and a text for the picture in which it ends.

    Of its receipts (as plain data), those stand on that picture which end at `stays` (s since the shot began) or later.
    """
    view = View(shot, traces, focus, [_on_screen(each, at_rest=each["end"] >= stays) for each in receipts])
    return tuple(view.sentences()), alt_of(view.at_rest().sentences())


def description_of_stage(stage: Stage, shot: Shot) -> str:
    """Return a text for a picture of a stage as it stands, in the shot that was played on it last."""
    numbers = [_on_screen(asdict(receipt), at_rest=True) for receipt in stage.receipts_now]
    return alt_of(View(shot, stage.traces_read, stage.focus_word, numbers).sentences())


def _on_screen(receipt: Mapping[str, Any], *, at_rest: bool) -> OnScreen:
    told = {name: receipt[name] for name in ("text", "array", "coords", "formula", "sentence", "start", "end")}
    return OnScreen(**told, value=float(receipt["value"]), at_rest=at_rest)


def cues_of(descriptions: Iterable[Description]) -> list[Caption]:
    """Return descriptions as captions, sentence by sentence from where their shots begin.

    Each is there for as long as it takes to say it, or less where the shot is shorter.
    """
    cues = []
    for each in descriptions:
        seconds = [reading_seconds(sentence, WORDS_PER_MINUTE) for sentence in each.sentences]
        pace = min(1.0, float(each.end - each.start) / max(sum(seconds), 1e-3))
        ends = [each.start + Fraction(round(1000 * pace * sum(seconds[: n + 1])), 1000) for n in range(len(seconds))]
        for sentence, begins, until in zip(each.sentences, [each.start, *ends], ends, strict=False):
            cues.append(Caption(begins, min(until, each.end), (sentence,)))
    return cues


def alt_of(sentences: Sequence[str]) -> str:
    """Return as many of these sentences as have room in a text for a picture; of a long first one its beginning."""
    text = ""
    for sentence in sentences:
        longer = f"{text} {sentence}".strip()
        if len(longer) > LONGEST_ALT:
            break
        text = longer
    if text or not sentences:
        return text
    cut = sentences[0][: LONGEST_ALT - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(",;:") + "…"


def _filled(
    pieces: Pieces, argument: Callable[[Argument], str | None], numbers: Callable[[Numbers], str | None]
) -> list[str]:
    """Return the sentences of a template; those in which something is missing are left out."""
    sentences = [""]
    for text, is_own in _texts(pieces, argument, numbers):
        if is_own and sentences[-1].endswith((".", "!", "?", "…")):
            text = text.removeprefix(".")
            if text.startswith(" "):
                sentences.append("")
        first, *more = _ENDS.split(text) if is_own else [text]
        sentences[-1] += first
        sentences += more
    whole = (" ".join(sentence.split()) for sentence in sentences if _MISSING not in sentence)
    return [_begun_large(sentence) for sentence in whole if any(map(str.isalnum, sentence))]


def _texts(
    pieces: Pieces, argument: Callable[[Argument], str | None], numbers: Callable[[Numbers], str | None]
) -> Iterator[tuple[str, bool]]:
    """Yield the texts of a template, and whether they are its own, so that sentences may end in them."""
    for piece in pieces:
        if isinstance(piece, str):
            yield piece, True
        elif isinstance(piece, Choice):
            ways = (list(_texts(way, argument, numbers)) for way in piece.ways)
            yield from next((way for way in ways if not any(_MISSING in text for text, _ in way)), [])
        else:
            said = argument(piece) if isinstance(piece, Argument) else numbers(piece)
            yield _MISSING if said is None else said, False


def _by_name(view: View) -> Iterator[str]:
    """Yield what can be said of a verb without a template: its name, its arguments, and some of the numbers."""
    told = [_told(value) for value in view.shot.arguments.values() if not isinstance(value, bool) and listed(value)]
    name = view.shot.verb.replace("_", " ").strip()
    yield _begun_large(f"{name}: {', '.join(told)}." if told else f"{name}.")
    arrays = dict[str, list[OnScreen]]()
    for number in view.numbers:
        if number.array is not None and number.at_rest:
            arrays.setdefault(number.array, []).append(number)
    for array, numbers in arrays.items():
        some = [f"{digits(each.text)}{_where(each)}" for each in numbers[:_FEW]]
        more = " and others" if len(numbers) > _FEW else ""
        yield f"On screen, of {array.replace('_', ' ')}: {', '.join(some) if more else joined(some)}{more}."


def _where(number: OnScreen) -> str:
    words = [word_of(label) for label in number.coords.values() if not is_count(label)]
    return f" for {joined(words)}" if words else ""


def _told(value: Any) -> str:
    """Return an argument in words."""
    if isinstance(value, Mapping):
        return joined([f"{_clean(name)}: {_told(each)}" for name, each in value.items()])
    texts = [_clean(each) for each in listed(value)]
    if len(texts) > 1 and any("," in each or each.count(" ") > 1 for each in texts):
        return "; ".join(texts)
    return words_joined([word_of(_read_aloud(each)) for each in texts])


def _read_aloud(text: str) -> str:
    """Return a name of several words, such as that of an array, as these words."""
    return text.replace("_", " ") if _IDENTIFIER.fullmatch(text) else text


def _clean(text: object) -> str:
    return " ".join(_CONTROL.sub(" ", str(text)).split())


def _begun_large(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _places(traces: Traces) -> Callable[[str, str], int]:
    """Return a function that tells where a label stands along a dimension of the traces."""
    known: dict[tuple[str, str], int] = {}
    for trace in traces.values():
        for dim, labels in trace.coords.items():
            if labels.ndim == 1:
                for place, label in enumerate(labels.values):
                    known.setdefault((str(dim), str(label)), place)
    return lambda dim, label: known.get((dim, label), len(known))
