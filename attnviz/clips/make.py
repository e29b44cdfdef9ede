"""From a request to a filled storyboard, and from that to a film."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnviz.clips.about import about_clip
from attnviz.clips.excerpt import Excerpt, excerpt_of
from attnviz.clips.facts import PARTNERS, Facts, facts_of
from attnviz.clips.fill import WRITTEN_BY, Filling, written
from attnviz.clips.first_look import first_look
from attnviz.clips.request import BEST, USUAL
from attnviz.clips.template import Template, find_template, read_template
from attnviz.clips.trial import Trials, holds
from attnviz.clips.values import Value, Values, in_claim, in_data
from attnviz.input.content_paths import builtin_storyboards, expanded
from attnviz.input.fonts import refusal, undrawable
from attnviz.input.problems import NotInstalled, Problem, ProblemsFound
from attnviz.input.whole_files import check_writable, no_empty_folder, replacing
from attnviz.model.catalog import find_model
from attnviz.model.door import opened_model
from attnviz.model.interface import ALL_HEADS, View, parts_in_words
from attnviz.model.published.names import PREFIX, how_to_get, is_pretrained
from attnviz.page.make import make_page
from attnviz.publish.lecture import LectureFiles, Made, make_lecture
from attnviz.render.opening import open_storyboard
from attnviz.render.run import SILENT
from attnviz.storyboard.sentences import ONLY

if TYPE_CHECKING:
    from attnviz.clips.request import ClipRequest
    from attnviz.input.questions import Traces
    from attnviz.render.run import Progress, Wish

SHORT = 60
"""So many letters of a sentence have room in a title."""
READS_ANYTHING = "minilm"
DECIMALS = 2
"""With which a template's needs are compared by ≈."""


def make_clip(
    request: ClipRequest,
    wish: Wish,
    files: LectureFiles,
    progress: Progress = SILENT,
    on_first_look: Callable[[Path], object] | None = None,
    *,
    page: bool = False,
) -> Made:
    """Write the filled storyboard beside the clip's files, and make these, and the film's `page`.

    `on_first_look` is given a small picture of the clip before its film is made. Raises `ProblemsFound` for everything
    that a person can mend. Where the voice cannot say one of the words, nobody speaks.
    """
    wish = replace(wish, all_or_nothing=True)
    path = filled(request, storyboard_of(files), wish)
    storyboard = open_storyboard(path)
    if on_first_look is not None:
        on_first_look(first_look(storyboard, wish, path.with_suffix(".first.png")))
    if page:
        return make_page(storyboard, wish, files, progress=progress).film
    return make_lecture(storyboard, wish, files, progress)


def storyboard_of(files: LectureFiles) -> Path:
    """Return where the filled storyboard goes: named after the film or the last frame, or else beside what there is."""
    if named := files.film or files.last_frame:
        return named.with_suffix(".yaml")
    [beside, *_] = [path for path in (files.sheet, files.stills) if path is not None]
    return beside.with_name("clip.yaml")


def filled(request: ClipRequest, path: Path, wish: Wish) -> Path:
    """Write the filled storyboard only, and return its path; raises `ProblemsFound`."""
    with no_empty_folder(path.parent):
        check_writable([path])
        before = path.read_bytes() if path.exists() else None
        if before is not None and not before.startswith(WRITTEN_BY.encode()):
            message = "a storyboard of a clip would be written here, over a file that is none"
            raise ProblemsFound(Problem(message, path, hint="choose another place: -o, or --storyboard"))
        text = _filled(request, path, wish)
        if before != text.encode():
            with replacing(path) as new:
                new.write_text(text, encoding="utf-8")
    return path


def _filled(request: ClipRequest, path: Path, wish: Wish) -> str:
    """Return the filled storyboard that is to be written to a path, as YAML."""
    name = model_name(request.model, request.near)
    template = read_template(find_template(_template_of(request), request.near))
    _check_asked(template, request)
    own = template.values(request.parameters)
    model = opened_model(name, path.parent)
    with _suggesting(request.model):
        sentence = excerpt_of(request.sentence, model, request.word)
        other = None if request.other is None else excerpt_of(request.other, model, request.word)
    if not request.fonts:
        _check_letters(f"{sentence.text} {other.text if other else ''}")
    word = None if request.word is None else sentence.label_of(request.word)
    shared = None if other is None else _shared(sentence, other, request.word)
    head = None if request.head in (None, BEST, ALL_HEADS) else request.head
    trials = Trials(path, wish)
    traces = trials.of_sentence(name, sentence.text, View(request.layer, head))
    trace = traces[ONLY]
    facts = facts_of(trace, word=word, layer=request.layer, head=head, among=shared)
    values = {**own} | facts.values() | _texts(request, name, sentence)
    if other is not None:
        label = other.label_of(next(token.word for token in sentence.tokens if token.label == facts.word))
        theirs = trials.of_sentence(name, other.text, View(facts.layer, facts.head))
        values |= _of_other(other, facts_of(theirs[ONLY], word=label, layer=facts.layer, head=facts.head))
    _check_needs(template, values, traces)
    filling = Filling(values, trials.of_scene)
    keys: dict[str, Any] = {"about": about_clip(request, facts, trace, of_a_head=template.names("head"))}
    if request.fonts:
        keys["font"] = [
            str(file.resolve()) if (file := request.near / font).is_file() else font for font in request.fonts
        ]
    storyboard = filling.storyboard(template, keys)
    return written(storyboard, template.name)


def model_name(name: str, near: Path) -> str:
    """Return a model's name as it can stand in a storyboard anywhere: paths become absolute."""
    if is_pretrained(name):
        folder = near / expanded(name.removeprefix(PREFIX))
        return f"{PREFIX}{folder.resolve()}" if name.startswith(PREFIX) and folder.is_dir() else name
    path = find_model(name, near).resolve()
    return name if path.is_relative_to((builtin_storyboards() / "models").resolve()) and "/" not in name else str(path)


def _template_of(request: ClipRequest) -> str:
    """Return the template's name: all heads, two sentences, or what if something is taken out have their own."""
    if request.template is not None:
        return request.template
    if request.other is not None:
        return "compare"
    if request.without:
        return "without"
    return "heads" if request.head == ALL_HEADS else USUAL


@contextmanager
def _suggesting(model: str) -> Iterator[None]:
    """Let what a model of few words refuses end with the name of one that reads anything."""
    try:
        yield
    except NotInstalled:
        raise
    except ProblemsFound as found:
        if is_pretrained(model) or how_to_get(READS_ANYTHING):
            raise
        *before, last = found.problems
        also = f"`--model {READS_ANYTHING}` reads any text"
        raise ProblemsFound([*before, replace(last, hint=f"{last.hint}; {also}" if last.hint else also)]) from None


def _check_letters(text: str) -> None:
    """Raise `ProblemsFound` for letters that the built-in fonts do not draw."""
    if missing := undrawable(text, ()):
        message, _ = refusal(missing)
        raise ProblemsFound(
            Problem(message, hint="name a font that can: --font, a family (Noto Sans CJK SC) or a file")
        )


def _shared(one: Excerpt, other: Excerpt, word: str | None) -> list[str]:
    """Return the labels, in the first of two texts, of the words that both have; raises `ProblemsFound` without any."""
    if word is not None:
        return [one.label_of(word)]
    theirs = {token.word.casefold() for token in other.tokens if any(map(str.isalnum, token.word))}
    shared = [token.label for token in one.tokens if token.word.casefold() in theirs]
    if not shared:
        hint = "write sentences with a word in common, such as apple in both"
        raise ProblemsFound(Problem("the two sentences have no word in common", hint=hint))
    return shared


def _texts(request: ClipRequest, model: str, sentence: Excerpt) -> dict[str, Value]:
    """Return what a template can name that stands in no trace."""
    texts = {"sentence": Value(sentence.text), "short": Value(_short(sentence.text)), "model": Value(model)}
    if request.without:
        texts["without"] = Value([*request.without], parts_in_words(request.without))
    if sentence.kept < sentence.words:
        texts |= {"kept": Value(sentence.kept), "of_words": Value(sentence.words)}
    return texts


def _of_other(other: Excerpt, facts: Facts) -> dict[str, Value]:
    """Return what a template can name of the other sentence."""
    there = facts.values()
    named = {f"other_{name}": there[name] for name in ("word", *PARTNERS) if name in there}
    return {"other": Value(other.text), "other_short": Value(_short(other.text))} | named


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1].rstrip()}…"


def _check_asked(template: Template, request: ClipRequest) -> None:
    """Raise `ProblemsFound` if a template would not show what is asked for."""
    problems = []
    if request.without and not template.names("without"):
        hint = "the template `without` can, and so can figures of weights and of arcs"
        problems.append(Problem(f"--without: the template '{template.name}' cannot leave anything out", hint=hint))
    if request.other is not None and not template.names("other"):
        hint = "`compare` shows two"
        problems.append(Problem(f"--other: the template '{template.name}' shows one sentence", hint=hint))
    if problems:
        raise ProblemsFound(problems)


def _check_needs(template: Template, values: Values, traces: Traces) -> None:
    """Raise `ProblemsFound` if a template cannot be filled for this sentence and model, in the template's words."""
    for need in template.needs:
        if need.fact is not None:
            met = need.fact in values
        else:
            met = holds(in_claim(need.claim or "", values), traces, DECIMALS)
        if not met:
            otherwise = str(in_data(need.otherwise, values))
            raise ProblemsFound(Problem(f"the template '{template.name}' cannot show this: {otherwise}"))
