"""The folder that training leaves: its shape, tokenizer and report, read without torch; its parameters, with torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.stand_ins import HEAD, check_file_is_itself, check_is_itself, check_not_cut_short
from attnviz.model.tokenizer import Tokenizer
from attnviz.model.trained.checksums import changed_since, check_unchanged
from attnviz.model.trained.report import floor_of, report_lines
from attnviz.model.transformer_config import TransformerConfig, read_transformer

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from attnviz.model.transformer import Transformer

CONFIG, MODEL, TOKENIZER, REPORT = "config.yaml", "model.safetensors", "tokenizer.json", "report.json"
_FLOATS = ("torch.float32", "torch.float64", "torch.bfloat16", "torch.float16")


class TrainedSpec(NamedTuple):
    """What can be known of a trained model without torch; the report is empty if there is none.

    `changed` names the files that are not as training has left them, which have been accepted.
    """

    config: TransformerConfig
    tokenizer: Tokenizer
    report: dict[str, Any]
    changed: tuple[str, ...] = ()


def read_trained(folder: Path) -> TrainedSpec:
    """Read all but the parameters of a trained model.

    Raises `ProblemsFound` if the files do not fit together, or are not those of which the report has the checksums.
    """
    config = read_transformer(folder / CONFIG)
    tokenizer = Tokenizer.read(folder / TOKENIZER)
    check_file_is_itself(folder / MODEL)
    if len(tokenizer.vocabulary) != config.vocabulary:
        message = f"the tokenizer has {len(tokenizer.vocabulary)} tokens, but {CONFIG} says {config.vocabulary}"
        raise ProblemsFound(Problem(message, folder / TOKENIZER))
    report, changed = _read_report(folder / REPORT)
    check_unchanged(changed, folder)
    return TrainedSpec(config, tokenizer, report, tuple(changed))


def load_trained(folder: Path, parameters: Path | None = None) -> Transformer:
    """Load a trained model (float32, on the CPU, for reading), perhaps with other parameters than those it ended with.

    Raises `ProblemsFound` if the files do not fit.
    """
    from attnviz.model.transformer import Transformer

    model = Transformer(read_transformer(folder / CONFIG))
    load_parameters(model, parameters or folder / MODEL)
    return model.eval().requires_grad_(False)


def digest_of(folder: Path) -> str:
    """Return 12 hex digits of a SHA-256 over all that a trace of the model follows from."""
    return digest_of_files([folder / name for name in (CONFIG, MODEL, TOKENIZER)])


def digest_of_files(paths: Iterable[Path]) -> str:
    """Return 12 hex digits of a SHA-256 over the bytes of files."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError as error:
            raise ProblemsFound(_unreadable(path, error)) from None
    return digest.hexdigest()[:12]


def config_text(config: TransformerConfig) -> str:
    """Return the text of a config.yaml, with every size written out."""
    return yaml.safe_dump(config.model_dump(exclude_none=True), sort_keys=False, allow_unicode=True)


def save_parameters(model: Transformer, path: Path) -> None:
    """Write a model's parameters in float32."""
    from safetensors.torch import save

    path.write_bytes(save({name: tensor.detach().float().cpu() for name, tensor in model.state_dict().items()}))


def load_parameters(model: Transformer, path: Path) -> None:
    """Read a model's parameters; raise `ProblemsFound` if one is missing, left over or of another shape."""
    from safetensors.torch import load_file

    check_whole(path, "copy it again, or train again")
    tensors = load_file(path)
    check_fit(model.state_dict(), tensors, path)
    check_numbers(tensors.items(), path, "copy it again, or train again")
    model.load_state_dict(tensors)


def read_parameters(folder: Path, config: TransformerConfig) -> dict[str, np.ndarray[Any, Any]]:
    """Return a trained model's parameters by name, in float32, without torch, for who computes with them elsewhere.

    Raises `ProblemsFound` if the file is damaged, is of numbers that numpy does not have, or of another model.
    """
    import numpy as np
    from safetensors import SafetensorError, safe_open

    path = folder / MODEL
    try:
        check_file_is_itself(path)
        check_not_cut_short(path)
        with safe_open(path, "numpy") as file:
            parameters = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ProblemsFound(Problem(f"the file of parameters is damaged: {error}", path)) from None
    except TypeError as error:  # numpy has no bfloat16
        raise ProblemsFound(Problem(f"the parameters cannot be read without torch: {error}", path)) from None
    except OSError as error:
        raise ProblemsFound(_unreadable(path, error)) from None
    found = sum(array.size for array in parameters.values())
    if found != config.parameters or not all(np.isfinite(array).all() for array in parameters.values()):
        message = f"the file has not the {config.parameters:,} finite numbers of this model"
        raise ProblemsFound(Problem(message, path, hint="does the file belong to this model?"))
    return parameters


def check_whole(path: Path, hint: str) -> None:
    """Raise `ProblemsFound` unless a file of parameters can be read and is not damaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with path.open("rb") as file:  # safetensors calls a file missing that must not be read
            check_is_itself(path, file.read(HEAD))
        check_not_cut_short(path)
        with safe_open(path, "pt"):
            pass
    except SafetensorError as error:
        raise ProblemsFound(Problem(f"the file of parameters is damaged: {error}", path, hint=hint)) from None
    except OSError as error:
        raise ProblemsFound(_unreadable(path, error)) from None


def check_numbers(tensors: Iterable[tuple[str, Tensor]], path: Path, hint: str) -> None:
    """Raise `ProblemsFound` if a parameter is not of finite floating-point numbers: nothing could be shown of it."""
    wrong = []
    for name, tensor in tensors:
        if str(tensor.dtype) not in _FLOATS:
            bare = str(tensor.dtype).removeprefix("torch.")
            wrong.append(f"{name!r} is of {bare} numbers, not floats of 16, 32 or 64 bits")
        elif not tensor.isfinite().all():
            wrong.append(f"{name!r} holds {'NaN' if tensor.isnan().any() else 'infinity'}")
    if wrong:
        raise ProblemsFound(Problem(first_of(wrong), path, hint=hint))


def check_fit(wanted: dict[str, Tensor], found: dict[str, Tensor], path: Path) -> None:
    """Raise `ProblemsFound` unless the tensors of a file have exactly the names and shapes that a model has."""
    wrong = [f"there is no {name!r}" for name in wanted if name not in found]
    wrong += [f"the model has no {name!r}" for name in found if name not in wanted]
    wrong += [
        f"{name!r} is {size_of(found[name].shape)}, but the model's is {size_of(tensor.shape)}"
        for name, tensor in wanted.items()
        if name in found and found[name].shape != tensor.shape
    ]
    if wrong:
        raise ProblemsFound(Problem(first_of(wrong), path, hint="does the file belong to this model?"))


def _read_report(path: Path) -> tuple[dict[str, Any], list[str]]:
    """Return what was measured, if anything was, and which files are not those that were."""
    try:
        raw = path.read_bytes()
        check_is_itself(path, raw[:HEAD])
        report = json.loads(raw)
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        raise ProblemsFound(Problem(f"the report cannot be read: {error}", path)) from None
    try:
        report_lines(report)
        floor_of(report)
        changed = changed_since(report, path.parent)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise ProblemsFound(Problem("this is not a report of `attnviz train`", path)) from None
    return dict(report), changed


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(f"the file cannot be read: {error.strerror or error}", path)


def size_of(shape: Sequence[int]) -> str:
    """Return the sizes of an array in words."""
    return " × ".join(map(str, shape)) or "a number"


def first_of(wrong: Sequence[str]) -> str:
    """Return the first of several faults of one kind, and how many more there are."""
    return wrong[0] + (f" (and {len(wrong) - 1} more like this)" if len(wrong) > 1 else "")
