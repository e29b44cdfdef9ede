"""What a transformer is, as written in YAML: its shape in numbers, every mistake at its line. Needs no torch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from attnviz.input.problems import ProblemsFound
from attnviz.input.yamlsource import read_yaml, validate

if TYPE_CHECKING:
    import numpy as np

Architecture = Literal["decoder", "encoder", "encoder_decoder"]
Positions = Literal["none", "sinusoidal", "learned", "rotary"]
Norm = Literal["layer", "rms"]
NormPosition = Literal["before", "after"]
FeedForward = Literal["relu", "gelu", "swiglu"]

MOST_PARAMETERS = 2_000_000_000
Size = Annotated[int, Field(strict=True, ge=1, le=65_536)]
LargeSize = Annotated[int, Field(strict=True, ge=1, le=500_000)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_024)]
Switch = Annotated[bool, Field(strict=True)]


class TransformerConfig(BaseModel):
    """The shape of a transformer; sizes that are not written follow from d_model and heads.

    `architecture`: a decoder's words see only earlier words, an encoder's see all; an encoder–decoder's decoder
    also looks at the words that the encoder has read, through cross-attention.
    `key_value_heads`: as many as heads (multi-head attention), fewer (grouped-query) or one (multi-query).
    `norm_position`: each part's norm stands before it, or after it was added to the residual stream.
    `bias`: every linear map also adds a vector. `tied`: the unembedding is the transposed embedding.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["transformer"] = "transformer"
    title: str | None = None
    architecture: Architecture
    vocabulary: LargeSize
    context: LargeSize  # the longest sentence, in tokens
    layers: Count
    d_model: Size
    d_head: Size = 0  # 0 stands only until `heads` is refused
    heads: Count
    key_value_heads: Count = 0
    d_feed_forward: LargeSize = 0
    positions: Positions = "learned"
    norm: Norm = "layer"
    norm_position: NormPosition = "before"
    norm_epsilon: Annotated[float, Field(gt=0, le=0.1)] = 1e-5
    feed_forward: FeedForward = "gelu"
    bias: Switch = False
    tied: Switch = True

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        """Give the sizes that are not written; what cannot be derived is told by the checks below."""
        if not isinstance(data, dict):
            return data
        d_model, heads = data.get("d_model"), data.get("heads")
        if type(d_model) is not int or type(heads) is not int or min(d_model, heads) < 1:
            return data
        # with three matrices instead of two, 8/3 gives as many parameters as 4
        wide = 8 * d_model // 3 if data.get("feed_forward") == "swiglu" else 4 * d_model
        derived = {"key_value_heads": heads, "d_feed_forward": wide}
        if d_model % heads == 0:
            derived["d_head"] = d_model // heads
        return derived | data

    @field_validator("heads")
    @classmethod
    def _heads_share_d_model(cls, heads: int, info: ValidationInfo) -> int:
        if "d_model" in info.data and info.data.get("d_head") == 0:
            message = f"{heads} heads cannot share the {info.data['d_model']} coordinates of d_model equally"
            raise _problem(message, "change one of them, or write d_head")
        return heads

    @field_validator("key_value_heads")
    @classmethod
    def _heads_share_keys(cls, shared: int, info: ValidationInfo) -> int:
        heads = info.data.get("heads", shared)
        if heads % shared:
            divisors = ", ".join(str(number) for number in range(1, heads + 1) if heads % number == 0)
            raise _problem(
                f"{heads} heads cannot share {shared} key-value heads equally", f"expected one of: {divisors}"
            )
        return shared

    @field_validator("positions")
    @classmethod
    def _coordinates_come_in_pairs(cls, positions: Positions, info: ValidationInfo) -> Positions:
        key = {"rotary": "d_head", "sinusoidal": "d_model"}.get(positions, "")
        size = info.data.get(key, 0)
        if size % 2:
            raise _problem(f"'{positions}' takes coordinates in pairs, but {key} is {size}", "expected an even number")
        return positions

    @model_validator(mode="after")
    def _is_not_too_large(self) -> TransformerConfig:
        if self.parameters > MOST_PARAMETERS:
            message = f"the model would have {self.parameters:,} parameters"
            raise _problem(message, f"at most {MOST_PARAMETERS:,} are allowed")
        return self

    @property
    def parameters(self) -> int:
        """How many numbers the model learns."""
        queries, keys = self.heads * self.d_head, self.key_value_heads * self.d_head
        attention = 2 * self.d_model * (queries + keys) + self.bias * (queries + 2 * keys + self.d_model)
        inner = 2 if self.feed_forward == "swiglu" else 1
        feed_forward = (inner + 1) * self.d_model * self.d_feed_forward
        feed_forward += self.bias * (inner * self.d_feed_forward + self.d_model)
        norm = self.d_model * (2 if self.norm == "layer" else 1)
        final_norm = norm if self.norm_position == "before" else 0
        stack = self.layers * (attention + feed_forward + 2 * norm) + final_norm
        total = self.vocabulary * self.d_model * (1 if self.tied else 2)
        total += self.context * self.d_model if self.positions == "learned" else 0
        if self.architecture == "encoder_decoder":
            return total + 2 * stack + self.layers * (attention + norm)
        return total + stack


def read_transformer(path: Path) -> TransformerConfig:
    """Read a transformer's YAML file; raise `ProblemsFound` with everything that is wrong with it."""
    try:
        return validate(TransformerConfig, read_yaml(path))
    except ProblemsFound as found:
        raise ProblemsFound(sorted(found.problems, key=lambda problem: problem.line or 0)) from None


def fingerprint_of(config: TransformerConfig, parameters: Mapping[str, np.ndarray[Any, Any]]) -> str:
    """Return 12 hex digits of a SHA-256 over a transformer's shape, without its title, and its parameters by name."""
    digest = hashlib.sha256(config.model_dump_json(exclude={"title"}).encode())
    for name, parameter in sorted(parameters.items()):
        digest.update(name.encode())
        digest.update(parameter.astype("float64").tobytes())
    return digest.hexdigest()[:12]


def _problem(message: str, hint: str) -> PydanticCustomError:
    """Return an error that `attnviz.input.validation` passes on in these words."""
    # pydantic would read braces as fields: the message is one itself
    return PydanticCustomError("attnviz", "{message}", {"message": message, "hint": hint})
