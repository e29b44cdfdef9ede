"""Writing on: token after token, each chosen from what the model makes of all before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.model.recording import ForwardOptions, KVCache

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.transformer import Transformer


def likeliest(logits: Tensor) -> Tensor:
    """Return the token with the greatest logit, for each sentence."""
    return logits.argmax(dim=-1)


@torch.no_grad()  # type: ignore[untyped-decorator,unused-ignore]
def generate(
    model: Transformer,
    tokens: Tensor,
    count: int,
    *,
    source: Tensor | None = None,
    lengths: Tensor | None = None,
    choose: Callable[[Tensor], Tensor] = likeliest,
) -> Tensor:
    """Return `tokens` (batch token, without padding) with `count` more, as the decoder continues them.

    `choose` gets the logits of the next token (batch vocabulary) and returns one for each sentence. Keys and values
    of earlier tokens are kept. Raises `ProblemsFound` if the model has no decoder or the text becomes too long for it.
    """
    if model.decoder is None:
        raise ProblemsFound(Problem("an encoder cannot write on", hint="use a decoder or an encoder_decoder"))
    room = model.config.context - tokens.shape[1]
    if count > room:
        hint = f"there is room for {max(room, 0)} more in a context of {model.config.context}"
        raise ProblemsFound(Problem(f"{count} tokens after {tokens.shape[1]} are too many", hint=hint))
    cache: KVCache = {}
    new = tokens
    for _ in range(count):
        logits = model(new, source, lengths, ForwardOptions(kv_cache=cache))
        new = choose(logits[:, -1]).unsqueeze(1)
        tokens = torch.cat((tokens, new), dim=1)
    return tokens
