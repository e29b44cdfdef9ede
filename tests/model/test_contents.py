"""What is known of a trace without torch is what the trace holds."""

import subprocess
import sys
from pathlib import Path

import pytest
from boards import UNEVEN

from attnviz.input.content_paths import builtin_storyboards
from attnviz.model.arrays import EXPERIMENTS as KNOWN
from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import load_blackboard
from attnviz.model.experiments import EXPERIMENTS
from attnviz.render.opening import contents_of

MODELS = sorted((builtin_storyboards() / "models").glob("*.yaml"))


def same(file: Path) -> None:
    model = load_blackboard(file)
    words = tuple(list(model.spec.words)[:2]) * 2
    board = contents_of(str(file), file.parent, None, words)
    trace = run(model, None, words=words, device="cpu")
    assert dict(board.arrays) == {name: array.dims for name, array in trace.data_vars.items()}
    for array in trace.data_vars.values():
        for dim in array.dims:
            assert board.labels[str(dim)] == tuple(str(label) for label in array[dim].values), (array.name, dim)


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.stem)
def test_what_check_allows_is_in_the_trace_and_the_other_way_round(file):
    same(file)


def test_heads_of_different_sizes(write):
    same(write(UNEVEN))


def test_experiments():
    assert KNOWN.keys() == EXPERIMENTS.keys()
    board = contents_of(str(MODELS[0]), MODELS[0].parent, None, None)
    for name, measure in EXPERIMENTS.items():
        measured = measure()
        assert dict(board.experiments[name]) == {str(each): array.dims for each, array in measured.data_vars.items()}
        for dim in measured.dims:
            assert board.labels[str(dim)] == tuple(str(label) for label in measured[dim].values)


def test_all_groups_are_told_in_their_own_order_whatever_the_sentence():
    model = load_blackboard(builtin_storyboards() / "models" / "fruit_and_tech.yaml")
    groups = ",".join(model.spec.groups)
    assert groups.count(",") >= 1
    for words in (["apple", "orange"], ["phone", "orange"], ["orange", "phone"]):
        assert run(model, None, words=words, device="cpu").attrs["groups"] == groups


def test_it_needs_no_torch():
    code = "import sys\nfrom attnviz.render import opening\nprint({'torch', 'xarray', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
