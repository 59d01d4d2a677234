"""Names, literals and results of formulas: what stands in their texts, and what cells hold.

Spreadsheets read 15 digits of a number in a formula, so that one of more is written as a sum of two, and multiplying by
the reciprocal of a plain number as dividing by it. Cells that have no place yet stand in a formula by their names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

MARK = "\uffff"
"""Stands before and behind the name of a cell whose place is not settled yet; no XML can hold it."""

_TINY = 1e-9
_EPOCH = date(1899, 12, 30).toordinal()
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What a file of a workbook cannot hold inside a formula."""
_QUOTED = 255
"""Characters of a text in a formula."""


class _NA:
    """What a cell holds that shows #N/A."""

    def __repr__(self) -> str:
        return "#N/A"


NA = _NA()


def is_cell(text: str) -> bool:
    """Whether a formula is the name of a cell, and no more."""
    return text.startswith(MARK) and text.find(MARK, 1) == len(text) - 1


def resolved(text: str, places: Callable[[str], str]) -> str:
    """A formula with the places of its cells in it."""
    return re.sub(f"{MARK}([^{MARK}]*){MARK}", lambda found: places(found[1]), text)


def reads(text: str) -> list[str]:
    """The names of the cells that a formula reads."""
    return re.findall(f"{MARK}([^{MARK}]*){MARK}", text)


# -- literals -----------------------------------------------------------------------------------------------------


def number(value: float) -> str:
    """A number as a formula writes it: a negative one in parentheses, and never more than 15 digits in a row.

    Three digits of what is left over decide which float a sum of two is; of what is tiny, 15 digits are enough.
    """
    if value < 0:
        return f"(-{number(-value)})"
    if value < 1e15 and value == math.floor(value):
        return str(int(value))
    if is_short(value):
        return repr(value).upper()
    if value < _TINY:
        return f"{value:.15g}".upper()
    head = float(f"{value:.14e}")
    rest = float(Fraction(value) - Fraction(head))
    return f"({number(head)}{'+' if rest >= 0 else '-'}{abs(rest):.2e})".upper()


def is_short(value: float, digits: int = 15) -> bool:
    """Whether a number has no more digits than a spreadsheet reads."""
    return len(re.sub(r"e.*|\.", "", repr(abs(value))).strip("0")) <= digits


def divisor_of(factor: Any) -> float | None:
    """The short number by which dividing is what multiplying by a long one means."""
    if not isinstance(factor, float) or not factor or is_short(factor):
        return None
    divisor = float(f"{1 / factor:.10g}")
    return divisor if 1 / divisor == factor else None


def quoted(text: str) -> str:
    """A text as a formula writes it; one of more than 255 characters in pieces."""
    clean = _NO_XML.sub("\ufffd", text)
    pieces = [clean[at : at + _QUOTED] for at in range(0, len(clean), _QUOTED)] or [""]
    written = "&".join('"{}"'.format(piece.replace('"', '""')) for piece in pieces)
    return written if len(pieces) == 1 else f"({written})"


def serial(day: date) -> int:
    """A day as the number that a cell holds; days before March 1900 are counted on, as no spreadsheet shows them."""
    return day.toordinal() - _EPOCH


# -- what a formula comes to now ----------------------------------------------------------------------------------


def strict(operation: Callable[..., Any], *operands: Any) -> Any:
    """The result of an operation on known operands; NA where one is unknown."""
    return NA if any(operand is NA for operand in operands) else operation(*operands)


def quotient(one: float, two: float) -> Any:
    """The quotient; NA where the divisor is 0, which no formula lets it be."""
    return one / two if two else NA


def rounded(value: float, places: float) -> float:
    """A number rounded to decimal places, as `ROUND` does."""
    return float(Decimal(value).quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP))
