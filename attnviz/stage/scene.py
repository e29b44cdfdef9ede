"""The base class of every attnviz scene: a Manim scene whose public methods are verbs of a storyboard."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Mapping, Sequence
from types import FunctionType
from typing import Any, ClassVar, NoReturn

import xarray as xr
from manim import Animation, AnimationGroup, FadeOut, LaggedStart, Mobject, VGroup
from manim.renderer.cairo_renderer import CairoRenderer

from attnviz.input.questions import told_apart
from attnviz.stage import theme
from attnviz.stage.numbers import Number, Style
from attnviz.stage.order import as_shot
from attnviz.stage.performed import Performed
from attnviz.stage.planes.places import Places
from attnviz.stage.reading import Door, Labels, refusal, visible_word
from attnviz.stage.typesetting import Writing, formula, name, phrase, prose
from attnviz.stage.words import ChipRows, sentence_chips


class Stage(Performed):
    """A stage with verbs. Subclass it in `scenes/NAME.py`; each public method is a verb that a storyboard can call.

    A verb plays animations with `self.play`; it gets its numbers from `self.read` and `self.number` only.
    `setup` (optional) makes what the verbs share. `experiments` names measurements of the model room to read
    besides the trace; `needs_sentence = False` is for scenes that show no model, `needs_steps = True` for those that
    play how one was trained, and `needs_arrays` names arrays without which nothing can be shown. `writes_sentence` and
    `writes_words` name verbs that write all of a sentence, or its words on the board: letters that cannot be drawn are
    told early.
    """

    experiments: ClassVar[tuple[str, ...]] = ()
    needs_arrays: ClassVar[tuple[str, ...]] = ()
    needs_sentence: ClassVar[bool] = True
    needs_steps: ClassVar[bool] = False
    writes_sentence: ClassVar[tuple[str, ...]] = ()
    writes_words: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Make shots of the verbs: what a storyboard tells them is noted, and their declared order is held."""
        super().__init_subclass__(**kwargs)
        for own in vars(cls):
            if re.match("_[^_]", own) and own in vars(Stage) | vars(Performed):
                raise refusal(f"the scene's {own} would take the place of the stage's own", "give it another name")
        for verb in [value for value in vars(cls).values() if isinstance(value, FunctionType)]:
            if not verb.__name__.startswith("_"):
                setattr(cls, verb.__name__, as_shot(verb))

    def __init__(
        self,
        *,
        title: str,
        traces: Mapping[str, xr.Dataset],
        focus: str | None = None,
        renderer: CairoRenderer | None = None,
    ) -> None:
        super().__init__(title, Door(traces), renderer)
        self._facts = frozenset[str]()  # what holds on stage, as its verbs declare it
        self._focus = focus
        self._door.told.append(focus or "")
        self.setup()

    @property
    def focus_word(self) -> str | None:
        """The word that the scene is about, if its storyboard names one."""
        return self._focus

    # What a verb reads -------------------------------------------------------------------------------------

    def read(self, array: str, sentence: str | None = None, **coords: Labels) -> xr.DataArray:
        """Read entries of the trace for drawing (6 significant digits); labels by dimension, one or a list.

        Raises `ProblemsFound` for an unknown array, dimension or label.
        """
        return self._door.read(array, sentence, **coords)

    def read_table(self, array: str, sentence: str | None = None, **coords: Labels) -> xr.DataArray:
        """Read entries as `read` does, in rows and columns: raises `ProblemsFound` unless two dimensions are left."""
        return self._door.table(array, sentence, coords)

    def number(
        self,
        array: str,
        sentence: str | None = None,
        style: Style = "fixed",
        decimals: int | None = None,
        **coords: Labels,
    ) -> Number:
        """Read one entry as a number that can be drawn: with its text and its receipt."""
        found = self._door.numbers(array, sentence, style, decimals, coords)
        if len(found) != 1:
            self.refuse(f"'{array}' has {len(found)} entries there", "name a label for every dimension")
        return found[0]

    def numbers(
        self,
        array: str,
        sentence: str | None = None,
        style: Style = "fixed",
        decimals: int | None = None,
        **coords: Labels,
    ) -> list[Number]:
        """Read several entries as numbers, in row-major order of the array's dimensions."""
        return self._door.numbers(array, sentence, style, decimals, coords)

    def derived(
        self,
        value: float,
        formula: str,
        style: Style = "fixed",
        decimals: int | None = None,
        sentence: str | None = None,
    ) -> Number:
        """Make a number that follows from others; `formula` names its inputs (it becomes the receipt)."""
        number = Number(value, "", None, {}, formula, carry=self._door.carry(sentence), sentence=sentence or "")
        return number.styled(style, self._door.places(decimals, sentence))

    def rest_of(
        self,
        shares: Sequence[Number],
        style: Style = "fixed",
        decimals: int | None = None,
        sentence: str | None = None,
    ) -> Number:
        """Make the number that shares leave of 1, such as what a word's weights give to words that are not shown."""
        formula = " - ".join(["1", *(share.name for share in shares)])
        return self.derived(1.0 - sum(share.carried for share in shares), formula, style, decimals, sentence)

    def tokens(self, sentence: str | None = None) -> list[str]:
        """Return the token labels that stand on the board, in order."""
        return self._door.labels("token", sentence=sentence)

    def labels(self, array: str, dim: str | None = None, sentence: str | None = None, **coords: Labels) -> list[str]:
        """Return the labels along a dimension of an array (its last by default): axis names, heads, steps …

        Heads may differ in size: `labels("queries", "d_head", head="slim")` are those of one head.
        """
        return self._door.labels(dim, array, sentence, **coords)

    def has(self, array: str, sentence: str | None = None) -> bool:
        """Tell whether the model's trace has an array."""
        return self._door.has(array, sentence)

    @property
    def places(self) -> Places:
        """Where words stand in a plane, whatever the model."""
        return Places(self._door)

    def sentence_text(self, sentence: str | None = None) -> str:
        """Return the sentence as the storyboard wrote it."""
        return self._door.fact("sentence", sentence)

    def sentence_names(self) -> list[str]:
        """Return the names of the scene's sentences, the default first."""
        return self._door.sentences()

    def trace_fact(self, name: str, sentence: str | None = None) -> str:
        """Return an attribute of the trace in words, such as `similarity` or `model`."""
        return self._door.fact(name, sentence)

    # How products are written ---------------------------------------------------------------------------------

    @property
    def column_vectors(self) -> bool:
        """Whether vectors are columns, right of their matrix, instead of rows: see `attnviz.input.convention`."""
        return self._door.fact("convention", None) == "column"

    def times(self, *factors: str) -> str:
        """Return a product in a formula: the factors in this order or, where vectors are columns, the other way round.

        Each stays what it is, since the transpose of a row is the column of the same name: `x W_Q` and `W_Q x`.
        """
        return " ".join(reversed(factors) if self.column_vectors else factors)

    # Meaning has one colour -----------------------------------------------------------------------------------

    def word_color(self, token: str) -> str:
        """Return the colour of a word: the focus colour, else its group's, else plain ink."""
        word = visible_word(token)
        if self._focus == token or (self._focus == word and not self._is_another(token)):
            return theme.FOCUS
        groups, mine = self._door.group(word)
        return theme.group_colors(groups)[mine]

    def _is_another(self, token: str) -> bool:
        """Tell whether a token is a word that stands in a sentence once more: the second `an`, which is `an#2`."""
        return token != visible_word(token) and any(token in self.tokens(name) for name in self.sentence_names())

    def written_word(self, token: str) -> str:
        """Return how a word is written where it stands by itself: with a number, if a sentence has it again."""
        ways = [told_apart([token], self.tokens(sentence))[0] for sentence in self.sentence_names()]
        return max(ways, key=len, default=visible_word(token))

    # What a verb draws with -----------------------------------------------------------------------------------

    def prose(self, text: str, size: float = theme.WORD, color: Any = None, own: bool = False) -> Writing:
        """Set plain text; `own` marks words of the storyboard or the model, which may contain digits."""
        return prose(text, size=size, color=color, own=own)

    def name(self, text: str, size: float = theme.BODY, color: Any = None) -> Writing:
        """Set the name of a thing as mathematics, with its digits: `W_1`, `W_Q^1`, `head_1`."""
        return name(text, size=size, color=color)

    def formula(
        self,
        template: str,
        size: float = theme.BODY,
        color: Any = None,
        words: Mapping[str, str] | None = None,
        names: Mapping[str, str] | None = None,
        colors: Mapping[str, str] | None = None,
        numbers: Mapping[str, Number] | None = None,
        **named: Number,
    ) -> Writing:
        """Set Typst mathematics in which `{name}` stands for a number, for upright `words`, or for a name (`W_1`)."""
        return formula(
            template, size=size, color=color, words=words, names=names, colors=colors, numbers=numbers, **named
        )

    def phrase(self, template: str, size: float = theme.WORD, color: Any = None, **numbers: Number) -> Writing:
        """Set plain text in which `{name}` stands for a number."""
        return phrase(template, size=size, color=color, numbers=numbers)

    def sentence_chips(self, sentence: str | None = None, *, width: float, rows: int = 1) -> ChipRows:
        """Return a sentence as chips, in at most so many rows; words that stand on the board are lit."""
        tokens = {token: self.word_color(token) for token in self.tokens(sentence)}
        return sentence_chips(self.sentence_text(sentence), tokens, width=width, rows=rows)

    def own(self, *things: Mobject) -> None:
        """Make things whole again on stage, and put them in front, after their parts were animated one by one.

        Manim takes a group apart when a part of it is animated, and lists the parts. What is done with the whole
        later (replacing it, say) needs it in one piece. Animations of tables, and `clear_stage`, do this themselves.
        """
        self.remove(*[part for thing in things for part in thing.get_family()])
        self.add(*things)

    def clear_stage(
        self, *keep: Mobject, run_time: float = 0.6, then: Sequence[Animation] = (), beat: str = ""
    ) -> None:
        """Fade out everything but the title and what is named; what is played `then` begins before all is gone.

        `beat` names the play, as in `play`.
        """
        listed = {id(m) for m in self.mobjects}
        self.own(*[thing for thing in keep if id(thing) not in listed and _is_on(self, thing)])
        leaving = self._words_left_on_board.values()  # in the next play, in any case
        kept = {id(m) for m in (self._title, *keep, *leaving)}
        gone = [m for m in self.mobjects if id(m) not in kept]
        if gone:
            whole = all(isinstance(m, VGroup) for m in gone)
            fades = [FadeOut(VGroup(*gone))] if whole else map(FadeOut, gone)
            fade = AnimationGroup(*fades, run_time=run_time)
            self.play(LaggedStart(fade, AnimationGroup(*then), lag_ratio=0.7) if then else fade, beat=beat)
        elif then:
            self.play(*then, beat=beat)

    def refuse(self, message: str, hint: str | None = None) -> NoReturn:
        """Stop the shot with a message for the storyboard's author."""
        raise refusal(message, hint)

    def newcomers(self, words: Collection[str], shown: Container[str]) -> list[str]:
        """Return those words, once each, that are not shown yet; refuse if all of them are, or none is named."""
        if not words:
            self.refuse("there are no words to show", "name one or more")
        fresh = [word for word in dict.fromkeys(words) if word not in shown]
        if not fresh:
            self.refuse("these words are already on the plane", "show other words, or leave the shot out")
        return fresh


def _is_on(stage: Stage, thing: Mobject) -> bool:
    """Tell whether a part of a thing is on stage."""
    on_stage = {id(part) for part in stage.get_mobject_family_members()}
    return any(id(part) in on_stage for part in thing.get_family())
