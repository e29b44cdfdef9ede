"""The door to models: what is said of a sentence before torch is there is what the trace holds, for every kind."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from trained_models import trained

from attnviz.input.content_paths import builtin_storyboards
from attnviz.input.problems import ProblemsFound
from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.model.tokenizer import Piece
from attnviz.model.views.arrays import places_meant
from attnviz.model.views.planes import of_vocabulary
from tests.tolerances import ACTIVATION, close, layer_terms

# Roundings behind one another in the plane of a model of 8 dimensions: the forward pass of a word that is read alone,
# means of words, differences, sums over the dimensions, and a decomposition (of a modest multiple of d_model², say).
PLANE = 3 * layer_terms(8, 4, 2, 9, 32) + 8**2 + 6 * 8
CLASSES = (("fruit", ("orange", "lemon")), ("technology", ("phone", "laptop")))
CPU = Settings(device="cpu")
SENTENCE = "an apple and an orange"


@pytest.fixture
def mine(tmp_path):
    return open_model(str(trained(tmp_path / "mine")))


def complaint(call, *arguments) -> str:
    with pytest.raises(ProblemsFound) as found:
        call(*arguments)
    return str(found.value)


def test_a_view_keeps_one_layer_and_the_stream(mine, monkeypatch):
    asked, trace = [], mine.source.trace
    monkeypatch.setattr(mine.source, "trace", lambda *given: asked.append(given[2]) or trace(*given))
    mine.run(SENTENCE, None, CPU, View(2, "2", CLASSES))
    stream, rest, *planes = asked
    assert (stream.arrays, stream.layer) == (("residual", "weights"), None)  # the weights of every head are compared
    assert rest.layer == "2"
    assert "W_E" not in rest.arrays
    assert all(part.arrays == ("residual",) for part in planes)


@pytest.mark.slow
@pytest.mark.parametrize("view", [View(), View(2, "2", CLASSES), View(3)])
@pytest.mark.parametrize("words", [None, ("orange", "apple")])
@pytest.mark.parametrize(
    "shape", [{"architecture": "decoder"}, {"architecture": "encoder"}, {"d_model": 2, "d_head": 4}], ids=str
)
def test_what_is_said_before_is_what_the_view_holds(tmp_path, view, words, shape):
    model = open_model(str(trained(tmp_path / "mine", **shape)))
    tokens = model.tokens(SENTENCE, words)
    said = model.contents(tokens, view)
    trace = model.run(SENTENCE, words, CPU, view)
    assert dict(said.arrays) == {name: array.dims for name, array in trace.data_vars.items()}
    for array in trace.data_vars.values():
        assert array.attrs["description"]
        assert array.attrs["formula"]
        for dim in array.dims:
            assert said.labels[str(dim)] == tuple(str(label) for label in array[dim].values), (array.name, dim)
    assert said.axes == tuple(trace["axis"].values)
    assert said.maps == tuple(trace["map"].values)
    assert [token.label for token in tokens] == list(trace["token"].values)


def test_a_view_is_of_one_layer_and_head(mine):
    whole, seen = mine.run(SENTENCE, None, CPU), mine.run(SENTENCE, None, CPU, View(2, "2", CLASSES))
    scores = whole["scores"].sel(layer="2", head="2").values
    assert np.array_equal(seen["similarity"].values, scores)
    close(seen["softmax"], whole["weights"].sel(layer="2", head="2"), "float64", 2 * 5 + ACTIVATION)
    close(seen["exponentials"], np.exp(scores), "float64", ACTIVATION)
    assert seen["weights"].shape == (1, 1, 5, 5)
    assert seen.attrs["similarity"] == "scores"
    assert (seen.attrs["layer"], seen.attrs["head"]) == ("2", "2")


def test_the_plane_is_spanned_by_words_that_are_read_alone(mine):
    """An independent second computation: projections solved with numpy, class means from runs of single words."""
    seen = mine.run(SENTENCE, None, CPU, View(2, "1", (*CLASSES, ("small", ("a", "the")))))
    stream = mine.run(SENTENCE, None, CPU)["residual"].sel(layer="2", stage="input").values

    def mean(words):
        alone = [mine.run(word, None, CPU)["residual"].sel(layer="2", stage="input").values[0] for word in words]
        return np.mean(alone, axis=0)

    fruit, technology, small = mean(CLASSES[0][1]), mean(CLASSES[1][1]), mean(("a", "the"))
    centre = (fruit + technology + small) / 3
    first, second = fruit - centre, technology - centre
    across = second - first * (second @ first) / (first @ first)
    coordinates, *_ = np.linalg.lstsq(np.stack([first, across], axis=1), (stream - centre).T, rcond=None)
    # a plane's axes are differences of means, and lstsq is as good as their matrix is conditioned
    size = np.linalg.norm(stream - centre, axis=1).max() / min(np.linalg.norm(first), np.linalg.norm(across))
    condition = np.linalg.cond(np.stack([first, second]))
    close(seen["points"], coordinates.T, "float64", PLANE, size * condition)
    shown = np.stack([first, across], axis=1) @ coordinates
    share = (shown**2).sum(axis=0) / ((stream - centre) ** 2).sum(axis=1)
    close(seen["plane_share"], share, "float64", PLANE, condition)
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert np.cos(np.radians(float(seen.attrs["axes_angle"]))) == pytest.approx(cosine, abs=0.01)
    assert seen["group"].values.tolist() == ["", "", "", "", "fruit"]


def test_a_class_can_be_of_words_in_their_sentences(mine):
    classes = (("fruit", ("an *orange* and a lemon", "the *lemon*")), ("technology", ("a new *phone*", "*laptop* and")))
    neutral = (("small", ("the", "a")),)
    seen = []
    for text, word in (("an orange and a lemon", "orange"), ("the lemon", "lemon")):
        seen.append(mine.run(text, None, CPU, View(2, "1", (*classes, *neutral))).points.sel(token=word).values)
    close(np.mean(seen, axis=0)[0], 1, "float64", PLANE, np.abs(seen).max())
    trace = mine.run("a new phone", None, CPU, View(2, "1", classes))
    assert trace["group"].values.tolist() == ["", "", "technology"]
    assert "'pear'" in complaint(mine.contents, None, View(plane=(("fruit", ("an *pear*",)), *classes)))


def test_a_word_that_is_meant_must_be_there():
    """Punctuation that the tokenizer cuts off is no part of a word: the mean of the whole sentence would be taken."""
    model = open_model("small")
    classes = (("fruit", ("ate an *apple.*",)), ("technology", ("phone",)))
    assert complaint(model.contents, None, View(plane=classes)) == (
        "'apple.' is no word of 'ate an apple.'; the model reads: ate, an, apple, ."
    )
    assert complaint(model.run, "an apple", None, CPU, View(plane=classes)).startswith("'apple.' is no word of")
    marks = (("fruit", ("an *apple* and an *orange*",)), ("technology", ("phone",)))
    assert "does not say which word is meant" in complaint(model.contents, None, View(plane=marks))


@pytest.mark.parametrize("sign", ["🍎", "#", "{"])
def test_no_word_is_like_a_sign(sign):
    said = complaint(open_model("small").tokens, f"an {sign}")
    assert said.startswith(f"the model does not know the word '{sign}'; the words that it knows are: ., a, account, ")
    assert "did you mean 'apple' or " in complaint(open_model("small").tokens, "an appel")


def test_a_vocabulary_without_whole_words_makes_no_plane():
    assert "has no whole words" in complaint(of_vocabulary, ["a", "b", "-ed", "[CLS]", "12"], None, 0)


def test_a_class_has_its_middle_at_one(mine):
    seen = [mine.run(word, None, CPU, View(1, "1", CLASSES))["points"].values[0] for word in ("orange", "lemon")]
    close(np.mean(seen, axis=0)[0], 1, "float64", PLANE, np.abs(seen).max())
    seen = [mine.run(word, None, CPU, View(1, "1", CLASSES))["points"].values[0] for word in ("phone", "laptop")]
    close(np.mean(seen, axis=0)[1], 1, "float64", PLANE, np.abs(seen).max())


def test_steps_are_the_places_after_every_layer(mine):
    seen = [mine.run(SENTENCE, None, CPU, View(layer, "1", CLASSES)) for layer in (1, 2, 3)]
    for depth, each in enumerate(seen):
        assert each["depth"].values.tolist() == ["0", "1", "2", "3"]
        assert np.array_equal(each["points"].values, each["point_steps"].values[depth])
    assert np.array_equal(seen[0]["point_steps"].values, seen[2]["point_steps"].values)
    assert np.array_equal(seen[0]["final_points"].values, seen[0]["point_steps"].values[-1])


def test_how_much_of_the_variance_of_its_words_a_plane_shows(mine):
    """By least squares: what is left of the words, about their mean, beside the directions of the classes."""
    neutral = ("the", "a", "and")  # those of the small words that the model knows
    words = [word for _, some in CLASSES for word in some]
    seen = mine.run(SENTENCE, None, CPU, View(1, "1", CLASSES))
    alone = [mine.run(word, None, CPU)["residual"] for word in (*words, *neutral)]
    of_fruit, of_technology = len(CLASSES[0][1]), len(words)
    for depth in range(4):
        layer, stage = (1, 0) if depth == 0 else (depth, -1)
        x = np.array([each.sel(layer=str(layer)).values[stage, 0] for each in alone])
        fruit, technology, rest = x[:of_fruit], x[of_fruit:of_technology], x[of_technology:]
        centre = (fruit.mean(0) + technology.mean(0) + rest.mean(0)) / 3
        directions = np.stack([fruit.mean(0) - centre, technology.mean(0) - centre], axis=1)
        around = (x - x.mean(0)).T
        left = around - directions @ np.linalg.lstsq(directions, around, rcond=None)[0]
        expected = 1 - (left**2).sum() / (around**2).sum()
        close(seen["variance_shown"].values[depth], expected, "float64", PLANE, np.linalg.cond(directions))
        assert 0 < expected < 1


def test_maps_are_what_the_heads_do_to_displacements(mine):
    from attnviz.model.views.projection import named_plane

    seen, whole = mine.run(SENTENCE, None, CPU, View(2, "1", CLASSES)), mine.run(SENTENCE, None, CPU)
    assert seen["map"].values.tolist() == ["head 1", "head 2"]
    W_V, W_O = whole["W_V"].sel(layer="2").values, whole["W_O"].sel(layer="2").values
    head = torch.from_numpy(W_V[1] @ W_O[4:])
    alone = {
        name: torch.stack(
            [
                torch.from_numpy(mine.run(w, None, CPU)["residual"].sel(layer="2", stage="input").values[0])
                for w in words
            ]
        )
        for name, words in (*CLASSES, ("rest", ("the", "a", "and")))
    }
    neutral = alone.pop("rest")
    expected = named_plane(alone, neutral).restriction(head)
    close(seen["maps"].sel(map="head 2"), expected, "float64", PLANE, max(1.0, float(expected.abs().max())))


def test_without_classes_the_plane_is_where_the_vocabulary_spreads_most(mine):
    seen = mine.run(SENTENCE, None, CPU, View(2))
    assert seen["axis"].values.tolist() == ["first component", "second component"]
    variance = [float(each) for each in seen.attrs["plane_variance"].split()]
    assert 0 < variance[1] <= variance[0] < 1
    assert seen["variance_shown"].values[1] == pytest.approx(sum(variance), abs=1e-4)  # of the layer, to four digits
    again = mine.run("a phone", None, CPU, View(2)).attrs["plane_variance"]
    assert again == seen.attrs["plane_variance"]


def test_a_retrained_model_is_turned_to_look_like_the_older_one(tmp_path):
    """Trained on: a model whose numbers are slightly other ones."""
    old, new = (
        open_model(str(trained(tmp_path / "old"))),
        open_model(str(trained(tmp_path / "new", seed=0, noise=0.02))),
    )
    before = old.run(SENTENCE, None, CPU, View(2))["points"].values
    plain = new.run(SENTENCE, None, CPU, View(2))["points"].values
    turned = new.run(SENTENCE, None, CPU, View(2, like=str(tmp_path / "old")))
    assert turned["axis"].values.tolist() == ["first component, turned", "second component, turned"]
    assert list(new.contents(None, View(2, like=str(tmp_path / "old"))).axes) == turned["axis"].values.tolist()
    assert np.linalg.norm(turned["points"].values - before) <= np.linalg.norm(plain - before) + 1e-3
    gaps = lambda points: np.linalg.norm(points[:, None] - points[None], axis=-1)  # noqa: E731
    size = np.abs(new.run(SENTENCE, None, CPU)["residual"]).values.max()
    close(gaps(turned["points"].values), gaps(plain), "float64", PLANE, size)  # turned, nothing else
    assert "is a blackboard" in complaint(new.contents, None, View(2, like="two_heads"))


def test_a_model_of_two_dimensions_is_its_own_plane(tmp_path):
    model = open_model(str(trained(tmp_path / "flat", d_model=2, heads=1)))
    seen = model.run(SENTENCE, None, CPU, View(2))
    stream = model.run(SENTENCE, None, CPU)["residual"].sel(layer="2", stage="input").values
    assert np.array_equal(seen["points"].values, stream)
    assert np.array_equal(seen["plane_share"].values, np.ones(5))
    assert np.array_equal(seen["variance_shown"].values, np.ones(4))
    assert seen["axis"].values.tolist() == ["1", "2"]


def test_the_picture_of_a_model_of_two_dimensions_can_be_turned(tmp_path):
    old, new = (open_model(str(trained(tmp_path / name, seed, d_model=2, heads=1))) for seed, name in enumerate("on"))
    turned = new.run(SENTENCE, None, CPU, View(1, like=str(tmp_path / "o")))
    assert turned["axis"].values.tolist() == ["1, turned", "2, turned"]
    plain = new.run(SENTENCE, None, CPU, View(1))
    close(turned["norm"], plain["norm"], "float64", PLANE)
    away = [np.linalg.norm(seen["points"].values - _points_of_all(old), axis=1).sum() for seen in (turned, plain)]
    assert away[0] < away[1]


def _points_of_all(model) -> np.ndarray:
    return model.run(SENTENCE, None, CPU, View(1))["points"].values


def test_words_choose_what_is_shown_not_what_is_read(mine):
    whole = mine.run(SENTENCE, None, CPU, View(1))
    some = mine.run(SENTENCE, ["orange", "apple"], CPU, View(1))
    assert some["token"].values.tolist() == ["orange", "apple"]
    assert some["weights"].values[0, 0, 0, 1] == whole["weights"].sel(query="orange", key="apple").item()
    assert (whole.attrs["left_out"], some.attrs["left_out"]) == (0, 3)


def test_what_a_model_does_not_have(mine):
    assert complaint(mine.contents, None, View(4)) == "the model 'mine' has 3 layers, but layer 4 is asked for"
    assert complaint(mine.contents, None, View(4, "3", (("x", ("pear",)), *CLASSES))).splitlines() == [
        "the model 'mine' has 3 layers, but layer 4 is asked for",
        "the model 'mine' has no head '3'; expected one of: 1, 2",
        complaint(mine.tokens, "pear"),
    ]
    board = open_model("fruit_and_tech")
    assert complaint(board.contents, None, View(3, "7", like="small")).splitlines() == [
        "'fruit_and_tech' is a blackboard; leave `plane` and `like` out: a blackboard's plane has its own axes",
        "the model 'fruit_and_tech' has one layer, but layer 3 is asked for",
        "the model 'fruit_and_tech' has no head '7'; expected one of: 1",
    ]
    assert complaint(mine.contents, None, View(1, "3")) == "the model 'mine' has no head '3'; expected one of: 1, 2"
    assert "does not know the word 'pear'" in complaint(
        mine.contents, None, View(1, None, (("x", ("pear",)), *CLASSES))
    )
    assert "does not know the word 'aple'" in complaint(mine.tokens, "an aple")
    assert "10 tokens" in complaint(mine.tokens, "an " * 10)
    displayed = Settings(device="cpu", carry="displayed")
    assert "only a blackboard can compute on" in complaint(mine.run, SENTENCE, None, displayed, View())
    assert complaint(mine.tokens, None).startswith("there is neither a sentence nor a list of words")


def test_a_head_of_a_blackboard():
    model = open_model("two_heads")
    heads = [head.name for head in model.spec.heads]
    words = list(model.spec.words)[:3]
    whole = model.run(None, words, CPU)
    for head in heads:
        seen = model.run(None, words, CPU, View(head=head))
        assert np.array_equal(seen["similarity"].values, whole["scores"].sel(head=head).values)
        close(seen["softmax"], whole["weights"].sel(head=head), "float64", 2 * 3 + ACTIVATION)
        tokens = model.tokens(None, words)
        assert model.contents(tokens, View(head=head)).labels["head"] == (head,)
    assert "is a blackboard" in complaint(model.contents, None, View(plane=CLASSES))
    assert "has one layer" in complaint(model.contents, None, View(layer=2))
    assert "no head 'third'" in complaint(model.contents, None, View(head="third"))


def test_a_digest_is_of_all_that_a_trace_follows_from(tmp_path, mine):
    before = mine.digest()
    assert open_model(str(tmp_path / "mine")).digest() == before
    trained(tmp_path / "mine", seed=1)
    assert open_model(str(tmp_path / "mine")).digest() != before
    assert open_model("two_heads").digest() != open_model("three_heads").digest()


def test_no_torch_before_a_pass(tmp_path):
    folder = trained(tmp_path / "mine")
    code = (
        "import sys\nfrom attnviz.model.door import open_model\nfrom attnviz.model.interface import View\n"
        f"model = open_model({str(folder)!r})\nmodel.contents(model.tokens('an apple'), View())\nmodel.digest()\n"
        "print(sorted({'torch', 'xarray', 'transformers', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_built_in_models_are_found():
    assert (builtin_storyboards() / "models" / "fruit_and_tech.yaml").is_file()
    assert open_model("fruit_and_tech").name == "fruit_and_tech"


def test_which_of_its_words_an_entry_means():
    def pieces(text):
        return [Piece(word, word, 0) for word in text.split()]

    marks = pieces("[CLS] the bank of the bank . [SEP]")
    assert places_meant("the *bank* of the bank.", marks) == [2]
    assert places_meant("the bank of the *bank*.", marks) == [5]
    assert places_meant("New York", pieces("[CLS] new york [SEP]")) == [1, 2]
    split = [Piece("un-", "unveil", 0), Piece("-veil", "unveil", 0), Piece("it", "it", 0)]
    assert places_meant("*unveil* it", split) == [0, 1]
    assert places_meant("unveil", split[:2]) == [0, 1]
