"""What the keys of all levels of a storyboard have in common: they are strict, and say what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Discriminator


class Keys(BaseModel):
    """Base of all levels: unknown keys are errors, and nothing is converted (`5` is not text)."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    # Replace invalid values, so that checking can go on (the storyboard is refused in any case).
    stand_ins: ClassVar[dict[str, Any]] = {}


def by_type(tags: Mapping[type, str], message: str, hint: str = "") -> Discriminator:
    """Tell alternatives apart by their types, so that an error in one is not reported as if another were expected.

    `message` says what is expected, of a value that has none of these types.
    """

    def tag(value: Any) -> str | None:
        return next((tag for known, tag in tags.items() if isinstance(value, known)), None)

    context: dict[str, str | int | float] | None = {"hint": hint} if hint else None
    return Discriminator(tag, custom_error_type="attnviz", custom_error_message=message, custom_error_context=context)
