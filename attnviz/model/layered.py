"""Models of several layers: those trained here and published ones, seen whole or through a view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from attnviz.input.problems import Problem, ProblemsFound, TooLong, gathered
from attnviz.model.chosen import check_part, chosen_parts, chosen_place, chosen_steps, labels_of_heads, one_head_only
from attnviz.model.interface import ALL_HEADS, WHOLE, Contents, Model, Part, Settings, Steps, View, altered_name
from attnviz.model.tokenizer import Piece
from attnviz.model.tokens import Token, choose
from attnviz.model.views.arrays import (
    MOST_COMPARED,
    ONE_HEAD_ARRAYS,
    OWN_AXES,
    axes_of,
    groups_of,
    meant,
    places_meant,
    too_large,
    view_arrays,
    view_labels,
)
from attnviz.model.views.learning import learning_arrays, learning_labels, why_no_learning
from attnviz.model.without import altered_arrays, gone_arrays

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.model.arrays import ArrayInfo, LabelsByDim
    from attnviz.model.trace_source import Course, TraceSource
    from attnviz.model.views.planes import Vectors
    from attnviz.model.views.projection import Projection

MOST_TOKENS = 512


class LayeredModel:
    """A model of several layers; `open_model` opens the other model that a view's `like` names.

    `without` is what is taken out of its computation; its planes are those of the `whole` model, to be compared with.
    """

    def __init__(
        self,
        source: TraceSource,
        open_model: Callable[[str], Model],
        without: tuple[str, ...] = (),
        whole: LayeredModel | None = None,
    ) -> None:
        self.source, self._open_model = source, open_model
        self.name, self.without, self._whole = altered_name(source.name, without), without, whole or self

    def digest(self, steps: Steps = None) -> str:
        """Return the model's name and the digest of all that its traces follow from."""
        of_model = f"{self.name} {self.source.digest()}"
        if steps is None:
            return of_model
        course, chosen = self._course(View(steps=steps))
        return f"{of_model} {course.digest(chosen)}"

    def about(self, trace: xr.Dataset) -> list[str]:
        """Return the model's shape, and what is known of it, besides what a trace of it tells."""
        return self.source.about(trace.attrs["architecture"])

    def arrays(self) -> Mapping[str, ArrayInfo]:
        """Return every array of a whole trace."""
        return altered_arrays(self.source.arrays(), self.without)

    def missing(self) -> Mapping[str, str]:
        """Return the arrays that traces of other models have and those of this one lack, and why."""
        return {**self.source.missing(), **gone_arrays(self.source.arrays(), self.without)}

    def altered(self, without: Sequence[str], layer: int | None = None) -> LayeredModel:
        """Return the model with something taken out of its computation."""
        heads = labels_of_heads(self.source.labels([])["layer"], self._heads, self._place(View(layer))[0])
        return self._altered(chosen_parts([*self.without, *without], heads, self.source.fixed(), self.source.name))

    @cache  # noqa: B019 (as long as the model, of which there are few)
    def _altered(self, without: tuple[str, ...]) -> LayeredModel:
        return LayeredModel(self.source, self._open_model, without, self._whole)

    def tokens(self, text: str | None, words: Sequence[str] | None = None) -> list[Token]:
        """Return the tokens of a sentence, or those in `words`; the model reads the whole sentence in any case."""
        pieces = self.source.pieces(_text(text, words))
        tokens = [Token(piece.label, piece.word) for piece in pieces]
        if len(tokens) > MOST_TOKENS:
            hint = f"at most {MOST_TOKENS} are traced"
            raise TooLong(Problem(f"the sentence has {len(tokens)} tokens", hint=hint))
        return tokens if text is None or words is None else choose(tokens, words)

    def contents(self, tokens: Sequence[Token] | None, view: View) -> Contents:
        """Return what a scene can name."""
        if view.without:
            return self.altered(view.without, view.layer).contents(tokens, replace(view, without=()))
        layer, head = self._checked(view)
        maps, axes = self._maps, axes_of(view, self._d_model)
        if tokens is None:
            return Contents(axes, maps, exact_only=True)
        arrays, gone = self._view_arrays(head)
        labels = self.source.labels([Piece(token.label, token.word, 0) for token in tokens])
        labels = labels | self._labels(view, layer, head)
        absent = why_no_learning() if view.steps is None else {}
        if view.steps is not None:
            course, steps = self._course(view)
            arrays, labels = arrays | learning_arrays(course), labels | learning_labels(steps, course)
        used = {dim for info in arrays.values() for dim in info.dims}
        dims = {name: info.dims for name, info in arrays.items()}
        named = {dim: each for dim, each in labels.items() if dim in used}
        absent |= {name: why for name, why in self.missing().items() if name not in arrays}
        return Contents(axes, maps, dims, named, absent=absent | gone, exact_only=True)

    def run(
        self,
        text: str | None,
        words: Sequence[str] | None,
        settings: Settings,
        view: View | None = None,
        part: Part = WHOLE,
    ) -> xr.Dataset:
        """Return the trace of a sentence, reduced to the chosen words; of a view, all arrays that it can show."""
        if view is not None and view.without:
            altered = self.altered(view.without, view.layer)
            return altered.run(text, words, settings, replace(view, without=()), part)
        shown = [token.label for token in self.tokens(text, words)]
        check_part(part, self.source.labels([]), self.name)
        if settings.carry == "displayed":
            raise ProblemsFound(Problem("only a blackboard can compute on with the numbers as displayed"))
        sentence = _text(text, words)
        added = " ".join(piece.label for piece in self.source.pieces(sentence) if piece.added)
        about = {"sentence": sentence, "carry": "exact", "decimals": settings.decimals, "added": added}
        if view is None:
            trace = self._traced(self.source, sentence, settings, part).assign_attrs(about)
        else:
            trace = self._viewed(sentence, view, settings, about)
            if view.steps is not None:
                trace = trace.merge(self._learnt(sentence, view, settings), compat="no_conflicts", join="exact")
        left_out = len(self.source.pieces(sentence)) - len(shown)
        chosen = {dim: shown for dim in ("token", "query", "key") if dim in trace.dims}
        return trace.sel(chosen).assign_attrs(left_out=left_out)

    def _traced(self, source: TraceSource, sentence: str, settings: Settings, part: Part) -> xr.Dataset:
        """Return a part of the trace of a sentence, checked; `source` has the parameters of one step or another."""
        from attnviz.model.lint.trace import check_trace

        [trace] = source.trace([sentence], settings, part, self.without)
        if self.without:
            trace = trace.assign_attrs(model=self.name)
        return check_trace(trace, self.arrays(), self.name)

    def _viewed(self, sentence: str, view: View, settings: Settings, about: Mapping[str, Any]) -> xr.Dataset:
        """Return what a scene sees: the stream of all layers, and of all else the chosen one."""
        from attnviz.model.views.view import Seen, compared_heads, head_maps, vectors_at, viewed

        layer, head = self._place(view)
        small = [name for name, info in self.arrays().items() if not too_large(info)]
        few = len(self.source.pieces(sentence)) <= MOST_COMPARED
        streamed = ("residual", "weights") if few else ("residual",)
        stream = self._traced(self.source, sentence, settings, Part(arrays=streamed))
        trace = self._traced(self.source, sentence, settings, Part(small, layer)).assign_attrs(about)
        planes = self._whole._planes(view, settings)
        maps = head_maps(trace, layer, planes[int(layer) - 1]) if self._maps else {}
        groups = groups_of(view, trace["word"].values)
        compared = compared_heads(stream, about["added"], groups)
        infos, absent = self._view_arrays(head)
        seen = Seen(layer, head, self._labels(view, layer, head), planes, maps, absent, compared)
        found = viewed(trace, vectors_at(stream), seen, infos, settings.decimals)
        found = found.assign_coords(group=("token", groups))
        across, up, *others = [name for name, _ in view.plane] or ["", ""]  # in the order of the theme's colours:
        return found.assign_attrs(groups=",".join(name for name in (up, across, *others) if name))  # up, across, others

    def _view_arrays(self, head: str) -> tuple[dict[str, ArrayInfo], dict[str, str]]:
        """Return what scenes can read of a head, or of all; and what of that is gone, or only one head can have."""
        every = view_arrays(self.source.arrays(), maps=bool(self._maps), one_head=head != ALL_HEADS)
        absent = dict.fromkeys(ONE_HEAD_ARRAYS, one_head_only(self._heads)) if head == ALL_HEADS else {}
        return altered_arrays(every, self.without), absent | gone_arrays(every, self.without)

    def _labels(self, view: View, layer: str, head: str) -> LabelsByDim:
        """Return the labels along the dimensions that a view adds, or of which it leaves one."""
        heads = self._heads if head == ALL_HEADS else (head,)
        return view_labels(axes_of(view, self._d_model), layer, heads, self._layers, self._maps, self._heads)

    @cache  # noqa: B019 (as long as the model, of which there are few)
    def _planes(self, view: View, settings: Settings) -> list[Projection]:
        """Return the plane before the first layer, and after each."""
        from attnviz.model.views import planes

        vectors = self._vectors(settings)
        depth = int(self._place(view)[0]) - 1
        found = self._planes_of(vectors, view, depth)
        if not view.like:
            return found
        older = self._older(view)
        before = older._planes(replace(view, like=""), settings)[depth], older._vectors(settings)
        known = {*older.source.vocabulary}
        shared = [word for word in self.source.vocabulary if word in known]
        return planes.aligned(found, vectors, *before, shared, depth)

    @cache  # noqa: B019 (as long as the model, of which there are few)
    def _vectors(self, settings: Settings) -> Vectors:
        """Return what has the model read words, and remembers what it read."""
        from attnviz.model.views import planes

        return planes.vectors_of(self.source, settings)

    def _planes_of(self, vectors: Vectors, view: View, depth: int) -> list[Projection]:
        """Return the planes of these vectors of words, at every depth: of classes, or that of one depth."""
        from attnviz.model.views import planes

        if view.plane:
            return planes.of_classes(view.plane, vectors, self.source.pieces)
        if self._d_model == len(OWN_AXES):
            return planes.own(self._layers)
        return planes.of_vocabulary(self.source.vocabulary, vectors, depth)

    def _learnt(self, sentence: str, view: View, settings: Settings) -> xr.Dataset:
        """Return what a scene sees of the training."""
        from attnviz.model.views.learning import RECORDED, embeddings_of, learnt

        layer, head = self._place(view)
        part = Part(RECORDED, layer, None if head == ALL_HEADS else head)

        def of_step(source: TraceSource) -> xr.Dataset:
            return self._traced(source, sentence, settings, part)

        own = of_step(self.source)
        plane = self._planes_of(embeddings_of(own, self.source), view, 0)[0]
        found = learnt(*self._course(view), of_step, own, plane)
        return found.assign_coords(vocabulary_group=("vocabulary", groups_of(view, found["vocabulary"].values)))

    @cache  # noqa: B019 (as long as the model, of which there are few)
    def _course(self, view: View) -> tuple[Course, list[int]]:
        """Return how the model was trained, and which of its steps are looked at; raises `ProblemsFound`."""
        if self.without:
            hint = "leave `without` or `steps` out"
            raise ProblemsFound(Problem("a training is shown as it was, and nothing is taken out of it", hint=hint))
        if view.like:
            raise ProblemsFound(Problem("a training is not shown like another one", hint="leave `like` or `steps` out"))
        course = self.source.course()
        return course, chosen_steps(view.steps or (), list(course.kept), self.name)

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
        if view.steps is not None:
            with gathered(problems):
                self._course(view)
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
