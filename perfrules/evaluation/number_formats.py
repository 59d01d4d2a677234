"""Numbers of a spreadsheet as their formats show them: percentages, days, and the digits that are shown at all.

A spreadsheet keeps 95 % as 0.95 and a day as the number of days since its epoch; the format of the cell says which.
ECMA-376 part 1, 18.8.30 and 18.8.31.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

_SHOWN_DIGITS = 15
"""Digits of a number that a spreadsheet shows; what it keeps behind them is the binary rest."""

_PERCENT = (9, 10)
_DATES = (*range(14, 18), 22, *range(27, 37), *range(50, 59))
"""The built-in formats of percentages and dates, those of Chinese versions included (part 1, 18.8.30)."""


def shown(value: str, format_: str, from_1904: bool) -> str:
    """A number as its format shows it; what is far too long stays as it is, and is refused by who reads it.

    Args:
        value: The number as the file has it.
        format_: What `kind` said of its format.
        from_1904: Whether the workbook counts days from 1904.
    """
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite() or abs(number.adjusted()) > 60:
        return value
    if format_ == "date" and (day := _day(number, from_1904)):
        return day
    number = _rounded(number)
    return f"{_plain(number * 100)}%" if format_ == "percent" else _plain(number)


def kind(number: str, codes: Mapping[str | None, str]) -> str:
    """What a number format shows; of a code with several sections the first counts."""
    if int(number) in _PERCENT or int(number) in _DATES:
        return "percent" if int(number) in _PERCENT else "date"
    code = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", codes.get(number, "")).partition(";")[0].lower()
    if code == "general":
        return ""
    return "percent" if "%" in code else "date" if re.search("[yde]", code.replace("e+", "").replace("e-", "")) else ""


def _rounded(number: Decimal) -> Decimal:
    """A number without the binary rest behind what a spreadsheet shows: 0.30000000000000004 is 0.3."""
    excess = len(number.as_tuple().digits) - _SHOWN_DIGITS
    return round(number, -number.adjusted() + _SHOWN_DIGITS - 1) if excess > 0 else number


def _plain(number: Decimal) -> str:
    """A number without an exponent, and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day(number: Decimal, from_1904: bool) -> str:
    """The date of a serial number; empty where it is none. A time of day stays, which no date has."""
    days = int(number)
    if days < 1 or days > 2_958_465 or (days == 60 and not from_1904):  # 60 is the 29 February 1900, which never was
        return ""
    first = date(1904, 1, 1) if from_1904 else date(1899, 12, 30 if days > 60 else 31)
    try:
        day = (first + timedelta(days)).isoformat()
    except OverflowError:
        return ""
    return day if number == days else f"{day} {timedelta(seconds=round(float(number - days) * 86_400))}"
