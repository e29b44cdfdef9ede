"""The stage room: what scenes are written with. Manim; takes labelled arrays, never a model.

This is its public face: a scene imports from here, and from manim and numpy, never from the modules behind.
"""

from attnviz.input.problems import did_you_mean
from attnviz.input.questions import told_apart
from attnviz.input.writing import bare, is_right_to_left
from attnviz.stage import frame, theme
from attnviz.stage.arguments import Axis, Count, Degrees, Fraction, Head, MapName, SentenceName, Steps, Word
from attnviz.stage.arithmetic.equations import OTHERS, Combination, combination, share_bar, shortened, vector_template
from attnviz.stage.arithmetic.in_line import InLine
from attnviz.stage.arithmetic.product_lines import entry_line
from attnviz.stage.arithmetic.product_plays import (
    column_counted,
    empty_result,
    fill_in,
    find_result,
    multiply,
    work_out,
    write_out,
)
from attnviz.stage.arithmetic.products import Product, chain_of, product_of
from attnviz.stage.arithmetic.written import matrix, matrix_of, written_product
from attnviz.stage.arrows.arcs import MOST_ARCS, Arcs, WordColumn, WordLine
from attnviz.stage.arrows.field import Field
from attnviz.stage.arrows.geometry import SHADOW, Shadow, arrow_points
from attnviz.stage.arrows.pose import Pose, seen
from attnviz.stage.arrows.word_arrow import WordArrow, word_within
from attnviz.stage.arrows.word_arrows import ArrowBoard, board_in
from attnviz.stage.attention_lines import (
    all_of,
    named_head,
    over_half_line,
    row_line,
    share_style,
    sinks_of,
    written_words_of,
)
from attnviz.stage.frame import Region
from attnviz.stage.halo import haloed
from attnviz.stage.icons import icon, icon_names
from attnviz.stage.maps.bend import Bend
from attnviz.stage.maps.bending import BendingPlane
from attnviz.stage.maps.carried import Carried, CarriedArrow, CarriedShape, CarriedTurn
from attnviz.stage.maps.rulers import ruler
from attnviz.stage.maps.view import IN_PANEL, PAD, TICKED, View, view_of
from attnviz.stage.motion import BACK, Light, derive, replaced, roll, roll_in_line, send
from attnviz.stage.numbers import NOISE, Number, Style, as_shown, relation, show, style_of
from attnviz.stage.order import ends, leaves, needs, unless
from attnviz.stage.ownership import Tag
from attnviz.stage.placement import (
    Array,
    Rect,
    around,
    overlap,
    rect_of,
    rects_along,
    rects_on_way,
    squares,
)
from attnviz.stage.planes.board import Board
from attnviz.stage.planes.laid import Cloud, DropLine, Growth, OldPlace, Way
from attnviz.stage.planes.marker import WordMarker
from attnviz.stage.planes.open_plane import OpenPlane
from attnviz.stage.planes.panel import SidePanel, fitted
from attnviz.stage.planes.plane import FRONT, TURNED, nice_step, tick
from attnviz.stage.planes.strings import MoveArrow, PullLoop, PullString, Riding
from attnviz.stage.reading import Labels, visible_word
from attnviz.stage.scene import Stage
from attnviz.stage.spots import Spot
from attnviz.stage.tables.column_heads import lean
from attnviz.stage.tables.fills import look
from attnviz.stage.tables.head_words import cut_short, fitted_words
from attnviz.stage.tables.motion import ColumnCount, join, lift, morph, transpose
from attnviz.stage.tables.side_by_side import Fitting, fitting, side_by_side, tables_of
from attnviz.stage.tables.slices import Slice, fitted_table, head_colors, heads_reach, one_head, table_of, type_size
from attnviz.stage.tables.sums import adds_up, written_sum
from attnviz.stage.tables.table import Table, fit
from attnviz.stage.tables.tiles import Tiles
from attnviz.stage.tables.whole import Whole
from attnviz.stage.tables.windows import Cuts, cut, left_out, visible
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
from attnviz.stage.words import ELLIPSIS, ChipRows, token_chips

__all__ = [
    "BACK",
    "ELLIPSIS",
    "FRONT",
    "IN_PANEL",
    "MOST_ARCS",
    "NOISE",
    "OTHERS",
    "PAD",
    "SHADOW",
    "TICKED",
    "TURNED",
    "Arcs",
    "Array",
    "ArrowBoard",
    "Axis",
    "Bend",
    "BendingPlane",
    "Board",
    "Carried",
    "CarriedArrow",
    "CarriedShape",
    "CarriedTurn",
    "ChipRows",
    "Cloud",
    "ColumnCount",
    "Combination",
    "Count",
    "Cuts",
    "Degrees",
    "DropLine",
    "Field",
    "Fitting",
    "Fraction",
    "Growth",
    "Head",
    "InLine",
    "Labels",
    "Light",
    "MapName",
    "MoveArrow",
    "Number",
    "NumberMark",
    "OldPlace",
    "OpenPlane",
    "Pose",
    "Product",
    "PullLoop",
    "PullString",
    "Rect",
    "Region",
    "Riding",
    "SentenceName",
    "Shadow",
    "SidePanel",
    "Slice",
    "Spot",
    "Stage",
    "Steps",
    "Style",
    "Table",
    "Tag",
    "Tiles",
    "View",
    "Way",
    "Whole",
    "Word",
    "WordArrow",
    "WordColumn",
    "WordLine",
    "WordMarker",
    "Writing",
    "adds_up",
    "all_of",
    "around",
    "arrow_points",
    "as_shown",
    "bare",
    "board_in",
    "bracketed",
    "chain_of",
    "column_counted",
    "combination",
    "cut",
    "cut_short",
    "derive",
    "did_you_mean",
    "empty_result",
    "ends",
    "entry_line",
    "fill_in",
    "find_result",
    "fit",
    "fitted",
    "fitted_table",
    "fitted_words",
    "fitting",
    "folded",
    "formula",
    "frame",
    "haloed",
    "head_colors",
    "heads_reach",
    "icon",
    "icon_names",
    "is_right_to_left",
    "join",
    "lean",
    "leaves",
    "left_out",
    "lift",
    "look",
    "matrix",
    "matrix_of",
    "morph",
    "multiply",
    "name",
    "named_head",
    "needs",
    "nice_step",
    "number_marks",
    "one_head",
    "over_half_line",
    "overlap",
    "phrase",
    "product_of",
    "prose",
    "rect_of",
    "rects_along",
    "rects_on_way",
    "relation",
    "replaced",
    "roll",
    "roll_in_line",
    "row_line",
    "ruler",
    "seen",
    "send",
    "set_sign",
    "share_bar",
    "share_style",
    "shortened",
    "show",
    "side_by_side",
    "sinks_of",
    "squares",
    "style_of",
    "table_of",
    "tables_of",
    "theme",
    "tick",
    "token_chips",
    "told_apart",
    "transpose",
    "type_size",
    "unless",
    "vector_template",
    "view_of",
    "visible",
    "visible_word",
    "word_within",
    "work_out",
    "write_out",
    "written_product",
    "written_sum",
    "written_words_of",
]
