"""The names of the themes, for those who let a person choose one; `stage/theme.py` has their colours."""

from __future__ import annotations

from typing import Literal, get_args

ThemeName = Literal["dark", "light", "print"]
THEME_NAMES: tuple[ThemeName, ...] = get_args(ThemeName)
