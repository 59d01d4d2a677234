"""Sheets as paper: fonts, colours and borders, texts that are never formulas, rows as high as what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from perfrules import words
from perfrules.errors import width
from perfrules.report.live.cells import shown

_FONTS = {"zh": "宋体", "en": "Calibri"}
_LINE = 14.5
"""Points of a line of text."""

_LONGEST = 32_000
"""Characters of a text in a cell; a spreadsheet takes 32,767."""

_A4 = 9

TRUTH = '"TRUE";"TRUE";"FALSE"'
"""The number format of truth values, of which LibreOffice else makes 1 and 0; Excel shows them so anyway."""

_STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "align": "center", "border": 0, "valign": "vcenter"},
    "under": {"align": "center", "border": 0},
    "note": {"font_color": "#7F7F7F", "border": 0},
    "head": {"bold": True, "bg_color": "#DDE6F0", "align": "center"},
    "side": {"bold": True, "bg_color": "#F2F5F9", "align": "center"},
    "text": {},
    "middle": {"align": "center"},
    "number": {"align": "right"},
    "branch": {"bold": True, "bg_color": "#F2F5F9"},
    "branch_number": {"bold": True, "bg_color": "#F2F5F9", "align": "right"},
    "top": {"bold": True, "bg_color": "#DDE6F0"},
    "top_number": {"bold": True, "bg_color": "#DDE6F0", "align": "right"},
    "fill": {"bg_color": "#FFF9E5", "align": "right", "locked": False},
    "fill_text": {"bg_color": "#FFF9E5", "locked": False},
    "read": {"font_color": "#7F7F7F", "align": "right"},
    "id": {"font_color": "#7F7F7F"},
    "formula": {"font_name": "Consolas", "font_size": 9},
    "bare": {"border": 0},
    "bare_bold": {"border": 0, "bold": True},
}


class Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any, lang: str) -> None:
        """Take the workbook."""
        self.book = book
        self.lang = lang
        self.made: dict[tuple[str, str, int], Any] = {}

    def __call__(self, name: str, shape: str = "", indent: int = 0) -> Any:
        """A format by its name, with a number format and an indent."""
        key = (name, shape, indent)
        if key not in self.made:
            base = {
                "font_name": _FONTS[self.lang], "font_size": 10, "border": 1, "border_color": "#A6A6A6",
                "text_wrap": True, "valign": "vcenter",
            }  # fmt: skip
            given = {**base, **_STYLES[name]}
            if not given["border"]:
                del given["border"], given["border_color"]
            self.made[key] = self.book.add_format(
                {**given, **({"num_format": shape} if shape else {}), **({"indent": indent} if indent else {})}
            )  # fmt: skip
        return self.made[key]


class Page:
    """A sheet that prints on A4, as wide as the paper.

    Args:
        sheet: The sheet.
        styles: The formats of its workbook.
        widths: How wide its columns are, in digits.
        repeat: The rows, from 0, that stand on every page; none where it is empty.
    """

    def __init__(self, sheet: Any, styles: Styles, widths: Sequence[float], repeat: tuple[int, int] | None) -> None:
        """Set the page up."""
        self.sheet = sheet
        self.styles = styles
        self.widths = widths
        self.heights: dict[int, int] = {}
        for column, wide in enumerate(widths):
            sheet.set_column(column, column, wide, styles("bare"))
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.set_footer("&C&P / &N")
        sheet.hide_gridlines(2)
        if repeat:
            sheet.repeat_rows(*repeat)

    def titled(self, title: str, note: str, until: int | None = None) -> None:
        """What the sheet is, and a remark on it."""
        self.text(0, 0, title, "title", until)
        self.text(1, 0, note, "note", until)

    def heads(self, row: int, texts: Iterable[str], column: int = 0) -> None:
        """The heads of columns, from one on."""
        for at, text in enumerate(texts, column):
            self.text(row, at, text, "head")

    def text(
        self, row: int, column: int, text: str, style: str = "text", until: int | None = None, indent: int = 0
    ) -> None:
        """A text, over the columns up to `until`; never a formula or link."""
        said = words.shorten(words.safe(text, None) if "\n" not in text else _lines(text), _LONGEST)
        made = self.styles(style, "@" if style == "fill_text" else "", indent)
        until = column if until is None else until
        if until > column:
            self.sheet.merge_range(row, column, row, until, "", made)
        if said:
            self.sheet.write_string(row, column, said, made)
        else:
            self.sheet.write_blank(row, column, None, made)
        self.room(row, said, sum(self.widths[column : until + 1]) - 2 * indent)

    def down(self, top: int, bottom: int, column: int, text: str, style: str, until: int | None = None) -> None:
        """A text over several rows, and over the columns up to `until`."""
        until = column if until is None else until
        if top == bottom:
            self.text(top, column, text, style, until)
            return
        made = self.styles(style)
        self.sheet.merge_range(top, column, bottom, until, "", made)
        said = words.shorten(words.safe(text, None), _LONGEST)
        self.sheet.write_string(top, column, said, made)
        needed = -(-self._count(said, sum(self.widths[column : until + 1])) // (bottom - top + 1))
        for row in range(top, bottom + 1):
            self.heights[row] = max(self.heights.get(row, 1), needed)

    def formula(
        self,
        row: int,
        column: int,
        text: str,
        now: Any,
        style: str = "number",
        shape: str = "",
        until: int | None = None,
    ) -> None:
        """A formula, and what it comes to now."""
        shape = TRUTH if isinstance(now, bool) else shape
        made = self.styles(style, shape)
        if until is not None and until > column:
            self.sheet.merge_range(row, column, row, until, "", made)
        self.sheet.write_formula(row, column, text, made, shown(now))
        if isinstance(now, str):
            self.room(row, now, sum(self.widths[column : (until or column) + 1]))

    def room(self, row: int, text: str, wide: float) -> None:
        """Make a row high enough for a text."""
        self.heights[row] = max(self.heights.get(row, 1), self._count(text, wide))

    @staticmethod
    def _count(text: str, wide: float) -> int:
        return sum(max(1, -(-width(line) // max(int(wide - 1), 4))) for line in text.split("\n"))

    def close(self, least: float = 18) -> None:
        """Give each row its height; a spreadsheet allows 409 points."""
        for row, lines in sorted(self.heights.items()):
            self.sheet.set_row(row, min(409, max(least, lines * _LINE + 4)))


def _lines(text: str) -> str:
    return "\n".join(words.safe(line, None) for line in text.split("\n"))


def literal(text: str) -> str:
    """A text inside a number format."""
    return '"{}"'.format(words.safe(text, 40).replace('"', "'").replace("\\", "/")) if text else ""


def places(decimals: int | None) -> str:
    """The number format of scores that are rounded to some decimals; without rounding, up to four are shown."""
    if decimals is None:
        return "0.00##"
    return "0." + "0" * decimals if decimals else "0"
