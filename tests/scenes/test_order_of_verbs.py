"""What verbs declare about their order is true of every shipped scene, and `check` and a play say the same of it."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.model.experiments import dot_growth
from attnviz.render.opening import open_storyboard
from attnviz.stage import TURNED, Stage
from attnviz.storyboard.find_scene import scene_files, scene_folders
from attnviz.storyboard.verbs import read_scene
from attnviz.testing import open_stage, play, traces_of, undrawn

ORDERS, SHOTS = 3, 5  # of each scene; of each order
MODEL = {
    "kind": "blackboard",
    "axes": ["x", "y", "z"],
    "words": {"apple": [2, 2, 0], "orange": [0, 3, 0], "phone": [4, 0, 1]},
    "similarity": "cosine",
    "weights": "softmax",
    "maps": {"so-so": [[1.25, 0], [0, 0.8]], "good": [[2, -1], [-1, 1]]},
}
HEAD = {"name": "one", **{key: [[1, 0], [0, 1], [0.5, 0]] for key in ("W_Q", "W_K", "W_V")}}
WITH_HEADS = MODEL | {"similarity": "scaled_dot", "heads": [HEAD], "W_O": [[1, 0, 0], [0, 1, 0.5]]}
OF_HEADS = {"head_arithmetic", "heads", "attention_graph"}
SENTENCES = {"fruit": "apple orange", "both": "apple phone orange"}
WORDS: list[dict[str, Any]] = [{"words": ["apple"]}, {"words": ["apple", "orange"]}, {"words": ["phone", "apple"]}]
WORD: list[dict[str, Any]] = [{"word": "apple"}, {"word": "orange"}]
PAIR: list[dict[str, Any]] = [{"first": "apple", "second": "orange"}, {"first": "apple", "second": "phone"}]
PULL: list[dict[str, Any]] = [{"word": "apple", "toward": "orange"}]
MAP: list[dict[str, Any]] = [{"map": "so-so"}, {"map": "good"}]
SENTENCE: list[dict[str, Any]] = [{"sentence": "fruit"}, {"sentence": "both"}]
ONCE: list[dict[str, Any]] = [{}]

CALLS: dict[str, dict[str, list[dict[str, Any]]]] = {
    "embedding_plane": {
        "show_plane": [{}, {"side": "left"}], "show_words": WORDS, "turn": [{}, *WORDS], "turn_back": ONCE,
        "mark_group": WORDS, "point_at": WORD, "show_pulls": WORD, "pull": PULL, "show_weights": WORD,
        "show_sentence": ONCE, "let_go": ONCE, "step": ONCE, "gather": [{"steps": 12}],
    },
    "layer_drift": {
        "show_plane": ONCE, "show_words": WORDS, "drift": [*WORD, {"word": "apple", "like": "orange"}, *({**w, "sentence": "both"} for w in WORD)],
        "show_model": ONCE, "show_share": [], "show_variance": [],  # of planes that show all, there is no share
    },
    "linear_map": {
        "show_plane": ONCE, "show_words": WORDS, "show_basis": ONCE, "show_matrix": MAP, "apply_map": MAP,
        "undo_map": ONCE, "follow": WORD, "hide_words": WORDS[:1], "measure": PAIR, "compare_maps": PAIR[:1],
        "compare_attention": [{"word": "apple", "first": "fruit", "second": "both"}],
    },
    "similarity": {
        "show_vectors": WORDS, "multiply": PAIR, "show_angle": PAIR, "unit_circle": ONCE, "relate": PAIR,
        "scale": PAIR, "compare": WORDS[1:],
    },
    "dot_growth": {"show_samples": ONCE, "show_growth": ONCE, "scale": ONCE},
    "attention_table": {
        "show_sentence": SENTENCE, "show_embeddings": SENTENCE, "show_similarity": SENTENCE, "change_board": SENTENCE,
        "combine": WORD, "highlight_row": WORD, "explode": [{"steps": 1}], "normalise": ONCE, "exponentiate": ONCE,
        "divide": ONCE, "softmax": ONCE,
    },
    "head_arithmetic": {
        "transform": [{"to": "queries"}, {"to": "keys", "words": ["apple"]}], "merge_maps": ONCE, "score": ONCE,
        "compare_through": [{"word": "apple", "other": "phone"}], "compare_query_and_key": ONCE,
        "divide": [{}, {"word": "apple"}], "softmax": ONCE, "mix": ONCE, "work_out": WORD,
    },
    "heads": {
        "show_weights": ONCE, "show_outputs": ONCE, "concatenate": ONCE, "bring_back": ONCE, "work_out": WORD,
        "weigh_heads": WORD,
    },
    "attention_graph": {
        "show_graph": ONCE,
        "follow": [{"parts": ["queries"]}, {"parts": ["queries", "keys"]}, {"parts": ["keys", "values"]}],
    },
    "value_planes": {key: [] for key in ("show_planes", "show_words", "show_values", "mark_group", "weigh", "carry_weights", "move", "make_values", "multiply_row", "multiply_all")},  # test_value_planes.py
    "learning": {key: [] for key in ("show_embeddings", "show_weights", "show_loss", "learn", "point_at", "mark_group")},  # test_learning.py
    "transformer_map": {verb: [] for verb in ("show_words", "show_embeddings", "show_map", "show_norms", "predict")},  # too
    "head_gallery": {key: [] for key in ("show_heads", "find_head", "find_sharpest", "find_pair", "look_at", "count_heads")},  # too
    "one_sentence": {
        "show_tokens": ONCE, "look": WORD, "show_weights": [{}, *WORD], "lift_row": WORD, "mix": WORD, "move": WORD,
        "mask": [], "next_words": [],  # test_one_sentence.py
    },
    "title_card": {"show_title": [], "show_journey": [], "show_points": []},  # each clears the stage
}  # fmt: skip
ALL = {"words": ["apple", "orange", "phone"]}
FIRST = {
    "embedding_plane": ("show_words", ALL),
    "layer_drift": ("show_words", ALL),
    "linear_map": ("show_words", ALL),
    "similarity": ("show_vectors", ALL),
}


def words_of(points: Mapping[str, object]) -> set[str]:
    return {f"word {name}" for name in points if name.isalpha()}  # others are those that have moved away


def seen(scene: str, stage: Any) -> set[str]:
    """Return which facts are true by what the stage itself holds."""
    match scene:
        case "embedding_plane":
            board = stage.laid_out
            true = {"plane": board, "turned": board and board.plane.view == TURNED}
            return {fact for fact, holds in true.items() if holds} | words_of(board.points if board else {})
        case "layer_drift":
            ways = {f"way {word} {sentence}" for word, sentence in stage.ways}
            return ({"plane"} | words_of(stage.made.points) if stage.made else set()) | ways
        case "linear_map":
            true = {"plane": stage.made, "basis": stage.basis}
            true |= {f"map {stage.applied}": stage.applied, f"matrix {stage.written}": stage.written}
            return {fact for fact, holds in true.items() if holds} | words_of(stage.made.words if stage.made else {})
        case "similarity":
            return ({"circle"} if stage.circle else set()) | words_of(stage.made.arrows if stage.made else {})
        case "head_arithmetic":
            held = set(stage.held)
            true = {"product": stage.product and not held <= {"scores", "weights"}, "dot": "query_key_dot" in held}
            true |= {"scores": held == {"scores"}, "weights": held == {"weights"}}
            return {fact for fact, holds in true.items() if holds}
        case "heads":
            shown = {table.marks[0].number.array for table in stage.tables}
            true = {"weights": "weights" in shown, "outputs": "head_outputs" in shown}
            true |= {"whole": stage.whole, "product": stage.product}
            return {fact for fact, holds in true.items() if holds}
        case "attention_graph":
            return ({"graph"} if stage.nodes else set()) | {f"lit {part}" for part in stage.lit}
        case "one_sentence":
            row = {f"row {stage.lifted.of}"} if stage.lifted else set()
            return ({"weights"} if stage.grid else set()) | row
        case "dot_growth":
            scaled = "theory" in stage.heads and "div" in stage.heads["theory"].typst_code
            true = {"samples": stage.funnel, "curve": stage.curves.submobjects, "scaled": scaled}
            return {fact for fact, holds in true.items() if holds}
    return set()


def random_orders(scene: str) -> list[list[tuple[str, dict[str, Any]]]]:
    rng = random.Random(scene)
    verbs = [(verb, several) for verb, several in CALLS[scene].items() if several]
    chosen = [[rng.choice(verbs) for _ in range(SHOTS)] for _ in range(ORDERS)]
    orders = [[(verb, rng.choice(several)) for verb, several in order] for order in chosen]
    for order in orders[::2] if scene in FIRST else ():
        order[0] = FIRST[scene]  # otherwise few orders would come far
    return orders


def checked(folder: Path, scene: str, orders: list[list[tuple[str, dict[str, Any]]]]) -> dict[int, str]:
    """Return what `check` says of some orders, by the number of the shot, counted through all orders."""
    shots = [json.dumps({"scene": scene, "sentences": SENTENCES})[:-1] + ', "shots": [\n%s]}' for _ in orders]
    told = [",\n".join(json.dumps({verb: arguments}) for verb, arguments in order) for order in orders]
    scenes = ",\n".join(shot % each for shot, each in zip(shots, told, strict=True))
    path = folder / "orders.yaml"
    path.write_text(
        f'{{"title": "T", "model": "./board.yaml", "chapters": [{{"title": "C", "scenes": [\n{scenes}]}}]}}'
    )
    try:
        open_storyboard(path)
    except ProblemsFound as found:
        lines = [line for line, text in enumerate(path.read_text().splitlines(), 1) if not text.startswith('{"scene"')]
        return {lines.index(problem.line or 0) - 1: str(problem).partition(": ")[2] for problem in found.problems}
    return {}


def played(stage: Stage, scene: str, order: list[tuple[str, dict[str, Any]]]) -> tuple[int, str]:
    """Play verbs in an order; return how many were played, and why the next was refused ("" if none was)."""
    for count, (verb, arguments) in enumerate(order):
        try:
            play(stage, verb, **arguments)
        except ProblemsFound as refused:
            return count, str(refused)
        assert stage._facts == seen(scene, stage), (verb, arguments)
    return len(order), ""


@pytest.mark.slow
@pytest.mark.parametrize("scene", [scene for scene, calls in CALLS.items() if any(calls.values())])
def test_check_and_a_play_agree(tmp_path: Path, scene: str) -> None:
    (tmp_path / "board.yaml").write_text(json.dumps(WITH_HEADS if scene in OF_HEADS else MODEL))
    traces = {"": dot_growth()} if scene == "dot_growth" else traces_of(tmp_path / "board.yaml", SENTENCES)
    orders = random_orders(scene)
    told = checked(tmp_path, scene, orders)
    with undrawn():
        for number, order in enumerate(orders):
            first = min((shot for shot in told if shot // SHOTS == number), default=None)
            expected = (SHOTS, "") if first is None else (first % SHOTS, told[first])
            assert played(open_stage(scene, traces), scene, order) == expected, order


def test_every_verb_of_every_scene_is_tried() -> None:
    files = scene_files(scene_folders(Path(__file__).parents[2] / "storyboards" / "any.yaml"))
    verbs = {name: set(read_scene(file).verbs) for name, file in files.items()}
    assert verbs == {name: set(several) for name, several in CALLS.items()}
