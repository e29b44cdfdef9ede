"""Finding models by name."""

import pytest

from attnviz.input.content_paths import builtin_scenes, builtin_storyboards
from attnviz.input.problems import ProblemsFound
from attnviz.model.catalog import find_model, known_models


def complaint(name, near=None):
    with pytest.raises(ProblemsFound) as found:
        find_model(name, near)
    (problem,) = found.value.problems
    return str(problem)


def test_beside_the_storyboard_comes_first(tmp_path):
    built_in = builtin_storyboards() / "models" / "fruit_and_tech.yaml"
    assert find_model("fruit_and_tech", tmp_path) == find_model("fruit_and_tech") == built_in
    beside = tmp_path / "fruit_and_tech.yaml"
    beside.touch()
    assert find_model("fruit_and_tech", tmp_path) == beside
    (tmp_path / "models").mkdir()
    within = tmp_path / "models" / "fruit_and_tech.yaml"
    within.touch()
    assert find_model("fruit_and_tech", tmp_path) == within


def test_paths(tmp_path):
    board = tmp_path / "my board.yaml"
    board.touch()
    assert find_model("my board.yaml", tmp_path) == board
    assert find_model(str(board)) == board
    assert complaint("other.yaml", tmp_path) == f"there is no model file '{tmp_path}/other.yaml'"


def test_unknown_names(tmp_path):
    assert complaint("fruit_and_teck") == "unknown model 'fruit_and_teck'; did you mean 'fruit_and_tech'?"
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine.yaml").touch()
    assert complaint("mime", tmp_path) == "unknown model 'mime'; did you mean 'mine' or 'minilm'?"
    assert "mine" in known_models(tmp_path)
    assert complaint("x" * 300).startswith(f"unknown model '{'x' * 300}'; expected one of: fruit_and_tech")


@pytest.mark.parametrize("name", ["../x", "a/b", "/etc/passwd", "..", ".", "", " ", "a\\b", "a\0b", "a\nb"])
def test_names_do_not_escape(name, tmp_path):
    complaints = [
        f"{name!r} is not a model's name; a name, a path that ends in .yaml, or a folder's path with a '/' in it",
        f"unknown model {name!r}; expected one of: " + ", ".join([*known_models(), "minilm", "smollm2"]),
    ]
    if "/" in name:
        complaints = [f"there is no folder of a trained model (with a config.yaml) at {str(tmp_path / name)!r}"]
    assert complaint(name, tmp_path) in complaints


def test_a_trained_model_is_a_folder(tmp_path):
    folder = tmp_path / "models" / "mine"
    folder.mkdir(parents=True)
    assert complaint("mine", tmp_path).startswith("unknown model 'mine'")
    (folder / "config.yaml").touch()
    assert find_model("mine", tmp_path) == find_model("models/mine", tmp_path) == folder
    assert find_model("models/mine/config.yaml", tmp_path) == find_model(str(folder)) == folder
    assert "mine" in known_models(tmp_path)


TRAINING = "kind: training\ntitle: Mine\n"


@pytest.mark.parametrize("text", [TRAINING, "title: T\nchapters: []\n", 'kind:  "grammar"\n', "kind: transformer\n"])
def test_a_folder_of_the_name_is_taken_where_the_file_is_no_model(tmp_path, text):
    (tmp_path / "mine.yaml").write_text(text)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.yaml").touch()
    assert find_model("mine", tmp_path) == tmp_path / "mine"
    (tmp_path / "small.yaml").write_text(text)
    assert find_model("small", tmp_path) == find_model("small")


def test_what_a_file_is_instead_of_a_model(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(TRAINING)
    one = f"{path}: this is a training configuration, not a model; `attnviz train {path} --out FOLDER` makes one"
    assert complaint("mine", tmp_path) == complaint("mine.yaml", tmp_path) == one
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.yaml").touch()
    said = f": this is a training configuration, not a model; the trained model is in the folder '{folder}/'"
    assert complaint("mine.yaml", tmp_path) == f"{path}{said}"
    (folder / "training.yaml").write_text(TRAINING)
    assert complaint("mine/training.yaml", tmp_path) == f"{folder / 'training.yaml'}{said}"
    path.write_text("title: T\nchapters: []\n")
    assert complaint("mine.yaml", tmp_path).startswith(f"{path}: this is a storyboard, not a model; a model's file")


def test_files_that_are_no_models_are_not_offered(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine.yaml").write_text(TRAINING)
    assert "mine" not in known_models(tmp_path)


def test_a_folder_that_must_not_be_entered_is_told(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.is_file", refuse)
    for name in ("secret/mine", "mine.yaml", "mine"):
        assert "the model cannot be read: permission denied; ask for" in complaint(name, tmp_path)


def test_a_path_with_a_null_character():
    assert complaint("a\0.yaml") == "there is no model file 'a\\x00.yaml'"


@pytest.mark.parametrize("name", ["~nobody-of-this-name/x", "~nobody-of-this-name/x.yaml"])
def test_the_home_of_nobody(name, tmp_path):
    assert complaint(name, tmp_path).endswith(f"'{tmp_path}/{name}'")


def test_built_in_content_is_there():
    assert builtin_scenes().name == "scenes"
    assert (builtin_storyboards() / "models").is_dir()
