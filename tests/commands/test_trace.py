"""`attnviz trace`, as a person calls it."""

import json
import math
import os
import re
import subprocess
import sys

import pytest
import xarray as xr
from click.testing import CliRunner
from trained_models import trained

from attnviz.cli import COMMANDS
from attnviz.commands.trace import command
from attnviz.input.content_paths import builtin_storyboards
from attnviz.input.problems import ProblemsFound

ROOT = builtin_storyboards().parent


def attnviz(*arguments, cwd=ROOT):
    call = [sys.executable, "-c", "from attnviz.cli import main; main()", "trace", *arguments]
    return subprocess.run(
        call, cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )


def trace(*arguments):
    result = CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)
    return result.stdout


def complaint(*arguments):
    with pytest.raises(ProblemsFound) as found:
        trace(*arguments)
    return "\n".join(map(str, found.value.problems))


@pytest.mark.slow
def test_tables_of_a_process():
    done = attnviz("an apple and an orange", "--words", "orange,apple", "--carry", "displayed")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    for line in (
        "similarity the similarity that the model uses: cosine x · y / (norm(x) norm(y))",
        "query ↓ key → orange apple",
        "orange 0.57 0.43",
        "apple 1.14 2.43 0.00",
    ):
        assert line in lines


def test_bad_input_of_a_process_ends_with_2_before_torch():
    done = attnviz("an aple", cwd="/")
    assert done.returncode == 2
    assert done.stderr == "the model does not know the word 'aple'; did you mean 'apple'?\n"
    code = (
        "import sys\nfrom attnviz.commands.trace import command\n"
        "for arguments in ['--array', 'x', 'apple'], ['x'], [], ['apple', '--json', '--save', 'x']:\n"
        "    try: command(arguments, standalone_mode=False)\n"
        "    except Exception as error: print(type(error).__name__)\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ProblemsFound", "ProblemsFound", "UsageError", "UsageError", "False"]


def test_summary_is_the_one_in_the_list_of_commands():
    assert (command.help or "").splitlines()[0] == COMMANDS["trace"]


def test_chosen_arrays_and_padding():
    shown = trace("apple phone", "--model", "two_heads", "--array", "W_V", "--decimals", "1")
    assert " head grammar\n d_model ↓ d_value →     1 \n" in shown
    assert "weights  " not in shown
    assert trace("apple", "--array", "all").count("\nnorm  ") == 1
    undefined = trace("orange motorcycle", "--model", "opposites", "--array", "normalised", "--array", "norm")
    assert " orange               —            — " in undefined
    assert " token →   orange   motorcycle " in undefined


def test_wide_tables_are_cut_into_pieces():
    shown = trace(" ".join(["apple"] * 40), "--array", "cosine")
    assert max(map(len, shown.splitlines())) <= 160
    assert shown.count("query ↓ key →") == 3
    assert "…" not in shown


def test_large_tables_are_abridged_unless_all_is_asked_for():
    asked = ("orange", "--model", "small", "--array", "W_in", "--layer", "1")
    short, full = trace(*asked), trace(*asked, "--full")
    values = json.loads(trace(*asked, "--json"))["data_vars"]["W_in"]["data"][0]
    numbers = [number for row in values for number in row]
    least, greatest = (f"{number:.2f}".replace("-", "−") for number in (min(numbers), max(numbers)))
    expected = f"16,384 numbers (layer 1 × d_model 64 × d_feed_forward 256) from {least} to {greatest}; "
    assert expected + "the corners are shown, all with --full" in short
    lines = [line.split() for line in short.splitlines()]
    assert [line[0] for line in lines if line and line[0].isdigit()] == ["1", "2", "3", "4", "61", "62", "63", "64"]
    heads = ["1", "2", "3", "4", "…", "253", "254", "255", "256"]
    assert ["d_model", "↓", "d_feed_forward", "→", *heads] in lines
    corner = [f"{values[63][column]:.2f}".replace("-", "−") for column in (0, 1, 2, 3, -4, -3, -2, -1)]
    assert ["64", *corner[:4], "…", *corner[4:]] in lines
    assert "…" not in full.split("W_in  ")[1]
    assert full.count(" 64 ") >= 3  # in every piece of the table


def test_of_many_layers_and_heads_the_first_and_the_last_are_shown(tmp_path):
    many = str(trained(tmp_path / "many", heads=26, d_head=2))
    sentence = "an apple and an orange and an apple"
    assert trace(sentence, "--model", many, "--array", "weights").count("query ↓ key →") == 3 * 4
    assert trace(sentence, "--model", many, "--array", "weights", "--full").count("query ↓ key →") == 3 * 26
    assert trace("an apple", "--model", many, "--array", "weights").count("query ↓ key →") == 3 * 26  # few numbers


def test_all_arrays_of_a_word_are_a_few_pages():
    shown = trace("orange", "--model", "small", "--array", "all")
    assert len(shown) < 400_000  # of 3.6 million with --full
    vocabulary = trace("orange", "--model", "small", "--array", "logits", "--full")
    assert "with the largest numbers" not in vocabulary


def test_json_is_strict():
    shown = trace("orange motorcycle", "--model", "opposites", "--json", "--array", "normalised")
    data = json.loads(shown, parse_constant=lambda name: pytest.fail(name))
    assert data["data_vars"]["normalised"]["data"] == [[None, None], [None, None]]
    assert data["data_vars"]["normalised"]["dims"] == ["query", "key"]
    causal = trace("an apple", "--model", "small", "--layer", "1", "--head", "1", "--json", "--array", "scores")
    scores = json.loads(causal, parse_constant=lambda name: pytest.fail(name))["data_vars"]["scores"]["data"]
    assert scores[0][0][0][1] == "-Infinity"  # what a mask hides; of NaN there is no number: null
    everything = json.loads(trace("an apple", "--json"))
    assert everything["data_vars"]["embeddings"]["data"] == [[0, 0, 3], [2, 2, 0]]
    assert everything["attrs"]["sentence"] == "an apple"


def test_save(tmp_path):
    path = tmp_path / "apple.nc"
    path.write_text("old")
    assert trace("an apple phone", "--model", "two_heads", "--save", str(path)) == ""
    with xr.open_dataset(path, engine="h5netcdf") as saved:
        assert saved.attrs["model"] == "two_heads"
        assert saved.token.values.tolist() == ["an", "apple", "phone"]
        assert math.isclose(saved.weights.sel(head="meaning", query="apple").sum().item(), 1)
    assert [each.name for each in tmp_path.iterdir()] == ["apple.nc"]
    for arrays, said in ((["weights"], "saved 1 array to "), (["weights", "keys"], "saved 2 arrays to ")):
        options = [option for name in arrays for option in ("--array", name)]
        done = CliRunner().invoke(command, ["an", "--model", "two_heads", "--save", str(path), *options])
        assert done.stderr == f"{said}{path}\n"


def test_what_can_be_wrong(tmp_path):
    assert complaint("apple", "--array", "wieghts") == "unknown array 'wieghts'; did you mean 'weights'?"
    for model, array, why in (
        ("fruit_and_tech", "W_Q", "it has no heads"),
        ("fruit_and_tech", "maps", "its file has no maps"),
        ("fruit_and_tech", "plane_distance", "its file has no maps"),
        ("fruit_and_tech", "plane_angle", "its file has no maps"),
        ("fruit_and_tech", "residual", "only models with layers have it"),
        ("value_plane", "W_O", "its file has no W_O"),
        ("value_plane", "repeated", "its output does not lie in the space of its embeddings"),
    ):
        expected = f"a trace of the model '{model}' has no array '{array}'; {why}"
        assert complaint("apple", "--model", model, "--array", array) == expected
    nowhere = tmp_path / "none" / "x.nc"
    assert complaint("apple", "--save", str(nowhere)) == f"there is no folder '{tmp_path}/none' to save in"
    assert complaint("apple", "--save", "/proc/x.nc").startswith("cannot write to '/proc': ")
    os.mkfifo(pipe := tmp_path / "pipe.nc")
    assert complaint("apple", "--save", str(pipe)).startswith(f"cannot write '{pipe}': it is not an ordinary file")
    assert complaint("apple", "--save", "x.txt") == "--save x.txt: netCDF is written; name it x.nc, say"
    assert complaint("apple", "--model", "fruit_tech") == ("unknown model 'fruit_tech'; did you mean 'fruit_and_tech'?")


@pytest.fixture
def mine(tmp_path):
    return str(trained(tmp_path / "mine"))


def test_a_deep_model_is_summed_up(mine):
    shown = trace("an apple and an orange", "--model", mine)
    assert "decoder, 3 layers × 2 heads, d_model 8" in shown
    table = shown[shown.index("where each word looks most") : shown.index("likeliest next words")]
    assert [line.split()[0] for line in table.splitlines() if line[:2] in (" 1", " 2", " 3")] == [
        "1.1", "1.2", "2.1", "2.2", "3.1", "3.2"
    ]  # fmt: skip
    assert "an 1.00" in table  # the first word can only look at itself
    assert "More with --array NAME (or all): tokens" in shown


def test_a_summary_says_that_words_are_left_out(mine):
    only = "the largest weight of each row, among these words only"
    assert only in trace("an apple and an orange", "--model", mine, "--words", "apple,orange")
    assert only not in trace("an apple and an orange", "--model", mine)


def test_many_heads_of_one_layer(tmp_path):
    many = str(trained(tmp_path / "many", heads=26, d_head=2))
    assert "layer 3 of 3; another with --layer" in trace("an apple", "--model", many)
    one = trace("an apple", "--model", many, "--layer", "2")
    assert "another with --layer" not in one
    assert " 2.26 " in one


def test_one_layer_and_head(mine):
    shown = trace("an apple and an orange", "--model", mine, "--layer", "2", "--head", "1", "--array", "scores")
    assert shown.count("query ↓ key →") == 1
    assert shown.count("−∞") == 11  # ten, and one in the formula
    found = json.loads(trace("an apple", "--model", mine, "--layer", "3", "--json", "--array", "weights"))
    assert found["dims"] == {"layer": 1, "head": 2, "query": 2, "key": 2}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--layer", "4"], "has no layer '4'; its layers: 1, 2, 3"),
        (["--head", "x"], "has no head 'x'; its heads: 1, 2"),
        (["--array", "wieghts"], "unknown array 'wieghts'; did you mean 'weights'"),
        (["--array", "maps"], "has no array 'maps'"),
        (["--carry", "displayed"], "only a blackboard can compute on with the numbers as displayed"),
        (["--download"], "is not a name on the Hugging Face hub"),
        (["--without", "masks"], "'masks' is nothing that can be taken out of a model; did you mean 'mask'?"),
        (["--without", "head=3"], "has no head '3'"),
        (["--without", "softmax", "--array", "score_sum"], "it was taken out with the model's softmax"),
    ],
)
def test_what_a_deep_model_does_not_have(mine, options, message):
    with pytest.raises(ProblemsFound, match=re.escape(message)):
        trace("an apple", "--model", mine, *options)


def test_something_is_taken_out(mine):
    shown = trace("an apple", "--model", mine, "--without", "head=2", "--without", "mask", "--layer", "3")
    assert "model mine without the mask and head 3.2: scaled_dot similarity, softmax weights" in shown
    found = json.loads(trace("an apple", "--model", mine, "--without", "head=2", "--json", "--array", "head_outputs"))
    zero = [[not any(map(any, head)) for head in layer] for layer in found["data_vars"]["head_outputs"]["data"]]
    assert zero == [[False, True], [False, False], [False, False]]  # of the first layer, if none is named
    bare = trace("an apple and an orange", "--without", "softmax", "--model", "three_heads", "--words", "orange,apple")
    assert "model three_heads without softmax: scaled_dot similarity, scores as weights" in bare


def test_a_layer_of_a_blackboard():
    with pytest.raises(ProblemsFound, match="has no layer '1'; leave --layer out"):
        trace("an apple", "--layer", "1")
