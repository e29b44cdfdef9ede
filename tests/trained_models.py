"""A small model for tests: random, not trained, but in a folder as `attnviz train` leaves it."""

from __future__ import annotations

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
