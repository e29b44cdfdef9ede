"""The stage room: what scenes are written with. Manim; takes labelled arrays, never a model."""

from attnviz.stage import theme
from attnviz.stage.arithmetic.equations import combination, share_bar, stack_at_sign, weight_bar
from attnviz.stage.icons import icon
from attnviz.stage.numbers import Number, relation
from attnviz.stage.placement import find_places, rect_of
from attnviz.stage.planes.board import Board, corner
from attnviz.stage.planes.panel import SidePanel
from attnviz.stage.planes.plane import FRONT, TURNED, Plane, Turn
from attnviz.stage.reading import visible_word
from attnviz.stage.scene import Stage
from attnviz.stage.tables.table import Table
from attnviz.stage.typesetting import NumberMark, Writing, number_marks
from attnviz.stage.words import WordPoint, move_words, sentence_chips, settle_labels

__all__ = [
    "FRONT",
    "TURNED",
    "Board",
    "Number",
    "NumberMark",
    "Plane",
    "SidePanel",
    "Stage",
    "Table",
    "Turn",
    "WordPoint",
    "Writing",
    "combination",
    "corner",
    "find_places",
    "icon",
    "move_words",
    "number_marks",
    "rect_of",
    "relation",
    "sentence_chips",
    "settle_labels",
    "share_bar",
    "stack_at_sign",
    "theme",
    "visible_word",
    "weight_bar",
]
