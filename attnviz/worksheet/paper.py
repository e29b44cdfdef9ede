"""Worksheets on paper, by Typst: the sheet comes as data, so that no text in it is read as markup."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from attnviz.input.fonts import font_rules, typst_fonts
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.web_pages import templates
from attnviz.worksheet.pages import FOLDER
from attnviz.worksheet.sheet import plain_sheet

if TYPE_CHECKING:
    from attnviz.worksheet.sheet import Worksheet


def worksheet_pdf(sheet: Worksheet, *, key: bool) -> bytes:
    """Return a worksheet as a PDF document, with the key on pages of its own at the end if it is wanted.

    Its bytes follow from the sheet alone. Raises `ProblemsFound` for what Typst cannot set.
    """
    [pdf] = _compiled(sheet, key, "pdf")
    return pdf


def worksheet_pngs(sheet: Worksheet, *, key: bool, ppi: float = 100) -> list[bytes]:
    """Return the same pages as pictures, at so many pixels an inch."""
    return _compiled(sheet, key, "png", ppi=ppi)


def _compiled(sheet: Worksheet, key: bool, form: Literal["pdf", "png"], **options: Any) -> list[bytes]:
    import typst

    content = plain_sheet(sheet) | {"key": key, "lang": sheet.language.split("-")[0].lower()}
    for part in content["parts"]:
        for each in part["exercises"]:
            each |= {"picture": _picture(each["figure"], False), "solved": _picture(each["figure"], True)}
    code = font_rules(sheet.fonts) + (FOLDER / "worksheet.typ").read_text(encoding="utf-8")
    with typst_fonts(file for font in sheet.fonts for file in font.files) as fonts:
        compiler = typst.Compiler(font_paths=fonts, sys_inputs={"sheet": json.dumps(content, ensure_ascii=False)})
        try:
            made = compiler.compile(code.encode(), format=form, **options)
        except typst.TypstError as error:
            raise ProblemsFound(Problem(f"the sheet cannot be set: {error}")) from None
    return [made] if isinstance(made, bytes) else list(made or [])


def _picture(figure: dict[str, Any] | None, solved: bool) -> str:
    """Return a plane as SVG; "" if there is none."""
    if figure is None:
        return ""
    module: Any = templates(FOLDER).get_template("plane.svg.j2").module
    return str(module.plane(figure, solved))
