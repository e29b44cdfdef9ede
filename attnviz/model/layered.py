"""Models of several layers: those trained here and published ones, seen whole or through a view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from attnviz.input.problems import Problem, ProblemsFound, gathered
from attnviz.model.chosen import check_part, chosen_place, one_head_only
from attnviz.model.interface import ALL_HEADS, WHOLE, Contents, Model, Part, Settings, View
from attnviz.model.tokenizer import Piece
from attnviz.model.tokens import Token, choose
from attnviz.model.views.arrays import (
    ONE_HEAD_ARRAYS,
    axes_of,
    meant,
    places_meant,
    too_large,
    view_arrays,
    view_labels,
)

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.model.arrays import ArrayInfo
    from attnviz.model.trace_source import TraceSource
    from attnviz.model.views.projection import Projection

MOST_TOKENS = 512


class LayeredModel:
    """A model of several layers; `open_model` opens the other model that a view's `like` names."""

    def __init__(self, source: TraceSource, open_model: Callable[[str], Model]) -> None:
        self.source, self.name, self._open_model = source, source.name, open_model

    def digest(self) -> str:
        """Return the model's name and the digest of all that its traces follow from."""
        return f"{self.name} {self.source.digest()}"

    def about(self, trace: xr.Dataset) -> list[str]:
        """Return the model's shape, and what is known of it, besides what a trace of it tells."""
        return self.source.about(trace.attrs["architecture"])

    def arrays(self) -> Mapping[str, ArrayInfo]:
        """Return every array of a whole trace."""
        return self.source.arrays()

    def missing(self) -> Mapping[str, str]:
        """Return the arrays that traces of other models have and those of this one lack, and why."""
        return self.source.missing()

    def tokens(self, text: str | None, words: Sequence[str] | None = None) -> list[Token]:
        """Return the tokens of a sentence, or those in `words`; the model reads the whole sentence in any case."""
        pieces = self.source.pieces(_text(text, words))
        tokens = [Token(piece.label, piece.word) for piece in pieces]
        if len(tokens) > MOST_TOKENS:
            hint = f"at most {MOST_TOKENS} are traced"
            raise ProblemsFound(Problem(f"the sentence has {len(tokens)} tokens", hint=hint))
        return tokens if text is None or words is None else choose(tokens, words)

    def contents(self, tokens: Sequence[Token] | None, view: View) -> Contents:
        """Return what a scene can name."""
        layer, head = self._checked(view)
        one_head = head != ALL_HEADS
        maps, axes = self._maps, axes_of(view, self._d_model)
        if tokens is None:
            return Contents(axes, maps, exact_only=True)
        arrays = view_arrays(self.source.arrays(), maps=bool(maps), one_head=one_head)
        labels = self.source.labels([Piece(token.label, token.word, 0) for token in tokens])
        labels = labels | view_labels(axes, layer, (head,) if one_head else self._heads, self._layers, maps)
        used = {dim for info in arrays.values() for dim in info.dims}
        dims = {name: info.dims for name, info in arrays.items()}
        named = {dim: each for dim, each in labels.items() if dim in used}
        absent = {name: why for name, why in self.missing().items() if name not in arrays}
        absent |= {} if one_head else dict.fromkeys(ONE_HEAD_ARRAYS, one_head_only(self._heads))
        return Contents(axes, maps, dims, named, absent=absent, exact_only=True)

    def run(
        self,
        text: str | None,
        words: Sequence[str] | None,
        settings: Settings,
        view: View | None = None,
        part: Part = WHOLE,
    ) -> xr.Dataset:
        """Return the trace of a sentence, reduced to the chosen words; of a view, all arrays that it can show."""
        from attnviz.model.lint.trace import check_trace

        shown = [token.label for token in self.tokens(text, words)]
        check_part(part, self.source.labels([]), self.name)
        if settings.carry == "displayed":
            raise ProblemsFound(Problem("only a blackboard can compute on with the numbers as displayed"))
        sentence = _text(text, words)
        added = " ".join(piece.label for piece in self.source.pieces(sentence) if piece.added)
        about = {"sentence": sentence, "carry": "exact", "decimals": settings.decimals, "added": added}
        if view is None:
            [trace] = self.source.trace([sentence], settings, part)
            trace = check_trace(trace, self.source.arrays(), self.name).assign_attrs(about)
        else:
            trace = self._viewed(sentence, view, settings, about)
        left_out = len(self.source.pieces(sentence)) - len(shown)
        chosen = {dim: shown for dim in ("token", "query", "key") if dim in trace.dims}
        return trace.sel(chosen).assign_attrs(left_out=left_out)

    def _viewed(self, sentence: str, view: View, settings: Settings, about: Mapping[str, Any]) -> xr.Dataset:
        """Return what a scene sees: the stream of all layers, and of all else the chosen one."""
        from attnviz.model.lint.trace import check_trace
        from attnviz.model.views.view import Seen, head_maps, vectors_at, viewed

        layer, head = self._place(view)
        small = [name for name, info in self.source.arrays().items() if not too_large(info)]
        [stream] = self.source.trace([sentence], settings, Part(arrays=("residual",)))
        [trace] = self.source.trace([sentence], settings, Part(small, layer))
        trace = check_trace(trace, self.source.arrays(), self.name).assign_attrs(about)
        planes = self._planes(view, settings)
        maps = head_maps(trace, layer, planes[int(layer) - 1]) if self._maps else {}
        seen = Seen(layer, head, planes, maps, one_head_only(self._heads))
        infos = view_arrays(self.source.arrays(), maps=bool(maps), one_head=seen.one_head)
        found = viewed(trace, vectors_at(stream), seen, infos, settings.decimals)
        group = {meant(word)[1]: name for name, words in reversed(view.plane) for word in words}
        groups = [group.get(str(word).casefold(), "") for word in trace["word"].values]
        found = found.assign_coords(group=("token", groups))
        across, up, *others = [name for name, _ in view.plane] or ["", ""]  # in the order of the theme's colours:
        return found.assign_attrs(groups=",".join(name for name in (up, across, *others) if name))  # up, across, others

    @cache  # noqa: B019 (as long as the model, of which there are few)
    def _planes(self, view: View, settings: Settings) -> list[Projection]:
        """Return the plane before the first layer, and after each."""
        from attnviz.model.views import planes

        vectors = planes.vectors_of(self.source, settings)
        if view.plane:
            return planes.of_classes(view.plane, vectors, self.source.pieces)
        depth = int(self._place(view)[0]) - 1
        if self._d_model == 2:
            found = planes.own(self._layers)
        else:
            found = planes.of_vocabulary(self.source.vocabulary, vectors, depth)
        if not view.like:
            return found
        older = self._older(view)
        before = older._planes(replace(view, like=""), settings)[depth], planes.vectors_of(older.source, settings)
        known = {*older.source.vocabulary}
        shared = [word for word in self.source.vocabulary if word in known]
        return planes.aligned(found, vectors, *before, shared, depth)

    def _checked(self, view: View) -> tuple[str, str]:
        """Return the labels of the view's layer and head; raises `ProblemsFound` with all that is wrong with a view."""
        problems: list[Problem] = []
        place = "", ""
        with gathered(problems):
            place = self._place(view)
        for word in (word for _, words in view.plane for word in words):
            with gathered(problems):
                places_meant(word, self.source.pieces(self.source.alone(meant(word)[0])))
        if view.like:
            with gathered(problems):
                self._older(view)
        if problems:
            raise ProblemsFound(problems)
        return place

    def _older(self, view: View) -> LayeredModel:
        """Return the model whose picture this one's is to be like; raises `ProblemsFound`."""
        older = self._open_model(view.like)
        if not isinstance(older, LayeredModel):
            raise ProblemsFound(Problem(f"'{view.like}' is a blackboard", hint="name an older model of the same kind"))
        older._place(view)
        return older

    def _place(self, view: View) -> tuple[str, str]:
        """Return the labels of the view's layer and head (or `all`)."""
        return chosen_place(view, self._layers, self._heads, self.name)

    @property
    def _heads(self) -> tuple[str, ...]:
        return self.source.labels([])["head"]

    @property
    def _layers(self) -> int:
        return len(self.source.labels([])["layer"])

    @property
    def _d_model(self) -> int:
        return len(self.source.labels([])["d_model"])

    @property
    def _maps(self) -> tuple[str, ...]:
        """The names of the maps of the plane: what each head does, where the trace has its matrices."""
        known = self.source.arrays()
        heads = self._heads if "W_V" in known and "W_O" in known else ()
        return tuple(f"head {head}" for head in heads)


def _text(text: str | None, words: Sequence[str] | None) -> str:
    if text is None and words is None:
        raise ProblemsFound(Problem("there is neither a sentence nor a list of words", hint="give one of them"))
    return " ".join(words or ()) if text is None else text
