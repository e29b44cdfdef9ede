"""The stage room: what scenes are written with. Manim; takes labelled arrays, never a model.

This is its public face: a scene imports from here, and from manim and numpy, never from the modules behind.
"""

from attnviz.input.writing import bare, is_right_to_left
from attnviz.stage import frame, theme
from attnviz.stage.arguments import Axis, Count, Degrees, Fraction, Head, MapName, SentenceName, Steps, Word
from attnviz.stage.arithmetic.equations import OTHERS, Combination, combination, share_bar
from attnviz.stage.arithmetic.products import Product, matrix, matrix_of, product_of, written_product
from attnviz.stage.arrows.geometry import point_rects, shaft_rects
from attnviz.stage.arrows.word_arrows import ArrowBoard, WordArrow, board_in
from attnviz.stage.frame import Region
from attnviz.stage.icons import icon, icon_names
from attnviz.stage.maps.bending import Bend, BendingPlane
from attnviz.stage.maps.carried import CarriedAngle, CarriedArrow, CarriedShape, arc_between
from attnviz.stage.maps.halo import halo
from attnviz.stage.motion import BACK, Light, derive, replaced, roll
from attnviz.stage.numbers import NOISE, Number, Style, as_shown, relation, show
from attnviz.stage.order import ends, leaves, needs, unless
from attnviz.stage.ownership import Tag
from attnviz.stage.placement import (
    Array,
    Rect,
    around,
    distance,
    find_places,
    overlap,
    rect_of,
    rects_along,
    rects_on_way,
)
from attnviz.stage.planes.board import Board, corner
from attnviz.stage.planes.haloed import haloed
from attnviz.stage.planes.laid import Cloud, DropLine, Growth, OldPlace, Way
from attnviz.stage.planes.marker import WordMarker
from attnviz.stage.planes.open_plane import OpenPlane
from attnviz.stage.planes.panel import SidePanel, fitted
from attnviz.stage.planes.plane import FRONT, TURNED, Plane, nice_step
from attnviz.stage.planes.strings import MoveArrow, Riding
from attnviz.stage.reading import Labels, visible_word
from attnviz.stage.scene import Stage
from attnviz.stage.tables.head_words import SMALLEST_WORD, cut_short, fitted_words, told_apart
from attnviz.stage.tables.motion import ColumnCount, join, lift, morph, travel
from attnviz.stage.tables.slices import Slice, head_colors, side_by_side, table_of
from attnviz.stage.tables.sums import adds_up, written_sum
from attnviz.stage.tables.table import Table, fit, lean
from attnviz.stage.typesetting import (
    NumberMark,
    Writing,
    bracketed,
    formula,
    name,
    number_marks,
    phrase,
    prose,
    set_sign,
)
from attnviz.stage.unparted import folded
from attnviz.stage.words import ELLIPSIS, WordPoint

__all__ = [
    "BACK",
    "ELLIPSIS",
    "FRONT",
    "NOISE",
    "OTHERS",
    "SMALLEST_WORD",
    "TURNED",
    "Array",
    "ArrowBoard",
    "Axis",
    "Bend",
    "BendingPlane",
    "Board",
    "CarriedAngle",
    "CarriedArrow",
    "CarriedShape",
    "Cloud",
    "ColumnCount",
    "Combination",
    "Count",
    "Degrees",
    "DropLine",
    "Fraction",
    "Growth",
    "Head",
    "Labels",
    "Light",
    "MapName",
    "MoveArrow",
    "Number",
    "NumberMark",
    "OldPlace",
    "OpenPlane",
    "Plane",
    "Product",
    "Rect",
    "Region",
    "Riding",
    "SentenceName",
    "SidePanel",
    "Slice",
    "Stage",
    "Steps",
    "Style",
    "Table",
    "Tag",
    "Way",
    "Word",
    "WordArrow",
    "WordMarker",
    "WordPoint",
    "Writing",
    "adds_up",
    "arc_between",
    "around",
    "as_shown",
    "bare",
    "board_in",
    "bracketed",
    "combination",
    "corner",
    "cut_short",
    "derive",
    "distance",
    "ends",
    "find_places",
    "fit",
    "fitted",
    "fitted_words",
    "folded",
    "formula",
    "frame",
    "halo",
    "haloed",
    "head_colors",
    "icon",
    "icon_names",
    "is_right_to_left",
    "join",
    "lean",
    "leaves",
    "lift",
    "matrix",
    "matrix_of",
    "morph",
    "name",
    "needs",
    "nice_step",
    "number_marks",
    "overlap",
    "phrase",
    "point_rects",
    "product_of",
    "prose",
    "rect_of",
    "rects_along",
    "rects_on_way",
    "relation",
    "replaced",
    "roll",
    "set_sign",
    "shaft_rects",
    "share_bar",
    "show",
    "side_by_side",
    "table_of",
    "theme",
    "told_apart",
    "travel",
    "unless",
    "visible_word",
    "written_product",
    "written_sum",
]
