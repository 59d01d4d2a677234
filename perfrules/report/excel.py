"""Where every Excel workbook of the reports begins and ends; XlsxWriter is asked for here, and by `batch`.

A workbook says no time, so that the same content gives the same bytes, and nothing that is written as a text becomes a
formula, a link or a number.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

from perfrules import words
from perfrules.errors import Finding, PerfrulesError

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  (a workbook says no zone)


def written(title: str, fill: Callable[[Any], object]) -> bytes:
    """The content of a workbook.

    Args:
        title: Its title, among its properties.
        fill: Puts sheets into the book of XlsxWriter that it is given.

    Raises:
        PerfrulesError: XlsxWriter is not installed.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise PerfrulesError([Finding("needs-extra", about=".xlsx", values={"extra": "office"})]) from None
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"created": _CREATED, "title": words.safe(title)})
    fill(book)
    book.close()
    return file.getvalue()
