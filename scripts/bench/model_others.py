"""The other libraries' models with our model's shape and parameters; each is imported only where it is measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

from bench.model_shapes import Shape, our_model

if TYPE_CHECKING:
    from torch import Tensor, nn

Forward = Callable[["Tensor"], tuple["Tensor", Any]]  # the logits, and what is kept beside them


def transformers_gpt2(shape: Shape) -> nn.Module:
    """Return transformers' GPT-2 with our parameters and its attention step by step ("eager")."""
    from transformers import GPT2Config, GPT2LMHeadModel

    sizes = {"n_layer": shape.layers, "n_head": shape.heads, "n_embd": shape.d_model, "n_positions": shape.tokens}
    config = GPT2Config(
        **sizes,
        vocab_size=shape.vocabulary,
        activation_function="gelu",
        attn_implementation="eager",
        bos_token_id=0,
        eos_token_id=0,
    )
    model = GPT2LMHeadModel(config)
    ours = our_model(shape).state_dict()
    theirs = {"transformer.wte.weight": ours["embedding.W_E"], "transformer.wpe.weight": ours["embedding.W_P"]}
    theirs |= {"lm_head.weight": ours["embedding.W_E"]} | _norm(ours, "decoder.final_norm", "transformer.ln_f")
    for layer in range(shape.layers):
        own, other = f"decoder.layers.{layer}", f"transformer.h.{layer}"
        for ending, kind in (("weight", "W"), ("bias", "b")):
            parts = [ours[f"{own}.attention.{kind}_{name}"] for name in "QKV"]
            theirs[f"{other}.attn.c_attn.{ending}"] = torch.cat(parts, dim=-1)
            theirs[f"{other}.attn.c_proj.{ending}"] = ours[f"{own}.attention.{kind}_O"]
            theirs[f"{other}.mlp.c_fc.{ending}"] = ours[f"{own}.feed_forward.{kind}_in"]
            theirs[f"{other}.mlp.c_proj.{ending}"] = ours[f"{own}.feed_forward.{kind}_out"]
        theirs |= _norm(ours, f"{own}.attention_norm", f"{other}.ln_1")
        theirs |= _norm(ours, f"{own}.feed_forward_norm", f"{other}.ln_2")
    model.load_state_dict(theirs)
    return model.eval()


def hooked_transformer(shape: Shape) -> nn.Module:
    """Return TransformerLens's own model with our parameters (versions before 4)."""
    from transformer_lens import HookedTransformer, HookedTransformerConfig

    sizes = {"n_layers": shape.layers, "n_heads": shape.heads, "d_model": shape.d_model, "d_head": shape.d_head}
    config = HookedTransformerConfig(
        **sizes,
        n_ctx=shape.tokens,
        d_vocab=shape.vocabulary,
        act_fn="gelu",
        normalization_type="LN",
        default_prepend_bos=False,
    )
    model = HookedTransformer(config)
    ours = our_model(shape).state_dict()
    theirs = {"embed.W_E": ours["embedding.W_E"], "pos_embed.W_pos": ours["embedding.W_P"]}
    theirs["unembed.W_U"] = ours["embedding.W_E"].T
    theirs |= _norm(ours, "decoder.final_norm", "ln_final", ("w", "b"))
    for layer in range(shape.layers):
        own, other = f"decoder.layers.{layer}", f"blocks.{layer}"
        for name in "QKV":
            matrix, offset = ours[f"{own}.attention.W_{name}"], ours[f"{own}.attention.b_{name}"]
            theirs[f"{other}.attn.W_{name}"] = matrix.view(shape.d_model, shape.heads, -1).transpose(0, 1)
            theirs[f"{other}.attn.b_{name}"] = offset.view(shape.heads, -1)
        theirs[f"{other}.attn.W_O"] = ours[f"{own}.attention.W_O"].view(shape.heads, -1, shape.d_model)
        theirs[f"{other}.attn.b_O"] = ours[f"{own}.attention.b_O"]
        theirs |= {f"{other}.mlp.{name}": ours[f"{own}.feed_forward.{name}"] for name in ("W_in", "W_out")}
        theirs |= {f"{other}.mlp.{name}": ours[f"{own}.feed_forward.{name}"] for name in ("b_in", "b_out")}
        theirs |= _norm(ours, f"{own}.attention_norm", f"{other}.ln1", ("w", "b"))
        theirs |= _norm(ours, f"{own}.feed_forward_norm", f"{other}.ln2", ("w", "b"))
    known = model.state_dict()  # what is no parameter, such as the mask, stays as it is
    model.load_state_dict(known | theirs)
    return model.eval()


def bridge(shape: Shape) -> Any:
    """Return TransformerLens's bridge to transformers' GPT-2 with our parameters (version 4 and later)."""
    from transformer_lens.model_bridge.sources._bridge_builder import build_bridge_from_module

    model = transformers_gpt2(shape)
    return build_bridge_from_module(model, "GPT2LMHeadModel", hf_config=model.config)


def _norm(ours: dict[str, Any], own: str, other: str, names: tuple[str, str] = ("weight", "bias")) -> dict[str, Any]:
    return {f"{other}.{names[0]}": ours[f"{own}.scale"], f"{other}.{names[1]}": ours[f"{own}.shift"]}
