"""Tiny models of four architectures, with random weights, saved as people save them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WORDS = ["apple", "an", "and", "orange", "phone", "new", "a", "un", "##veil", "##ed", "stock", "rose", "buy", "please"]
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SHARP = 0.4  # the spread of the random weights: wide enough that attention is far from even
PAD = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "gpt2": (
        "GPT2LMHeadModel",
        {"n_embd": 24, "n_layer": 3, "n_head": 4, "n_positions": 32, "initializer_range": SHARP},
    ),
    "bert": (
        "BertForMaskedLM",
        {
            "hidden_size": 24,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "intermediate_size": 32,
            "max_position_embeddings": 32,
            "initializer_range": SHARP,
        },
    ),
    "llama": (
        "LlamaForCausalLM",
        {
            "hidden_size": 24,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 8,
            "intermediate_size": 32,
            "max_position_embeddings": 32,
            "initializer_range": SHARP,
        },
    ),
    "t5": (
        "T5ForConditionalGeneration",
        {"d_model": 24, "d_kv": 8, "d_ff": 32, "num_layers": 3, "num_heads": 4, "decoder_start_token_id": 0},
    ),
}
_SIZES = {
    "hidden_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 32,
    "max_position_embeddings": 32,
    "initializer_range": SHARP,
}
# Others, each with something of its own: shared layers, bent scores, a window, both parts side by side, unpadded rows.
OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "albert": ("AlbertForMaskedLM", {**_SIZES, "embedding_size": 16}),
    "gemma2": (
        "Gemma2ForCausalLM",
        {
            **_SIZES,
            "num_key_value_heads": 2,
            "head_dim": 8,
            "query_pre_attn_scalar": 4,
            "sliding_window": 2,
            "attn_logit_softcapping": 0.5,
        },
    ),
    "mistral": ("MistralForCausalLM", {**_SIZES, "num_key_value_heads": 2, "head_dim": 8, "sliding_window": 2}),
    "gpt_neox": ("GPTNeoXForCausalLM", {**_SIZES, "hidden_size": 32}),
    "gpt_bigcode": ("GPTBigCodeForCausalLM", CONFIGS["gpt2"][1]),
    "modernbert": ("ModernBertForMaskedLM", _SIZES),
    "roberta": ("RobertaForMaskedLM", _SIZES),
    "opt": ("OPTForCausalLM", {**_SIZES, "ffn_dim": 32, "word_embed_proj_dim": 24}),
}


def tokenizer(*, template: bool) -> Tokenizer:
    """Return a tokenizer of a few words and pieces; with a template, a text stands between [CLS] and [SEP]."""
    made = Tokenizer(models.WordPiece({word: n for n, word in enumerate(SPECIALS + WORDS)}, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.add_special_tokens(SPECIALS)
    if template:
        made.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    return made


def save(kind: str, folder: Path, **changes: Any) -> Path:
    """Save a model with random weights, always the same; return its folder."""
    name, settings = (CONFIGS | OTHERS)[kind]
    made = getattr(transformers, name)
    torch.manual_seed(1)
    model = made(made.config_class(**({"vocab_size": len(SPECIALS + WORDS), **PAD} | settings | changes)))
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    (folder / "tokenizer.json").write_text(tokenizer(template=kind == "bert").to_str())
    return folder


def edit(folder: Path, **changes: Any) -> None:
    """Change settings in config.json; None deletes one."""
    config = json.loads((folder / "config.json").read_text()) | changes
    (folder / "config.json").write_text(json.dumps({key: each for key, each in config.items() if each is not None}))
