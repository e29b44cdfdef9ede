"""A small model for tests: random, not trained, but in a folder as `attnviz train` leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers

from attnviz.model.trained.folder import config_text, save_parameters
from attnviz.model.transformer import Transformer
from attnviz.model.transformer_config import TransformerConfig

WORDS = ["an", "apple", "and", "orange", "phone", "new", "a", "the", "lemon", "laptop"]


def trained(folder: Path, seed: int = 0, noise: float = 0.0, **changes: object) -> Path:
    """Write a small random model with a tokenizer of whole words, as training does."""
    folder.mkdir(exist_ok=True)
    shape = {"architecture": "decoder", "context": 9, "layers": 3, "d_model": 8, "heads": 2} | changes
    config = TransformerConfig(vocabulary=len(WORDS), **shape)
    torch.manual_seed(seed)
    model = Transformer(config)
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    for parameter in model.parameters():
        parameter.data += noise * torch.randn_like(parameter)
    save_parameters(model, folder / "model.safetensors")
    (folder / "config.yaml").write_text(config_text(config))
    inner = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    inner.save(str(folder / "tokenizer.json"))
    return folder


def trained_in_steps(folder: Path, kept: Sequence[int], steps: int | None = None, **changes: object) -> Path:
    """Write a small random model as `trained` does, with other random parameters for every step that is kept.

    After the last of `steps` (default: the last that is kept) the parameters are the model's.
    """
    done = max(kept) if steps is None else steps
    (folder / "steps").mkdir(parents=True, exist_ok=True)
    for step in kept:
        trained(folder, seed=0 if step == done else step + 1, **changes)
        (folder / "model.safetensors").rename(folder / "steps" / f"{step:06}.safetensors")
    trained(folder, **changes)
    rows = [f"{step},{3 / step + 1},0.01\n" for step in range(1, done + 1)]
    (folder / "loss.csv").write_text("step,loss,learning_rate\n" + "".join(rows))
    return folder
