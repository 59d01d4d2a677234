"""Text and numbers: the one door through which a number enters or leaves.

A number is exact: an `int`, or a `Ratio` of two. Decimals enter by their text, floats by their shortest decimal text,
and nothing is rounded but by `round_half_away`. What leaves for the public is a `Fraction` or a `Decimal`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from perfrules.rationals import Ratio, over

MAX_DIGITS = 30
"""Significant digits of a number. The largest budgets in 分 need 17; beyond 30 a number is a mistake or an attack."""

_TOO_LONG = 10**MAX_DIGITS

_USUAL = 10**12
"""Up to here a number is read at once."""

MAX_EXPONENT = 30
"""Powers of ten of a number. `1e999999` would take seconds and megabytes to become an integer."""

SHOWN_PLACES = 10
"""Decimal places of a `Decimal` made of a number that no rounding applies to."""

_DECIMAL = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,6}))?")
_CONTEXT = Context(prec=200)

Exact = int | Fraction | Ratio


class NumberError(ValueError):
    """A text or value that is no number here; `reason` is an entry of the table of messages."""

    def __init__(self, reason: str) -> None:
        """Say which rule it breaks: `number.not-a-number`, `number.not-finite` or `number.too-long`."""
        super().__init__(reason)
        self.reason = reason


def parse(text: str) -> Exact:
    """Read a decimal such as `1086.51`, `-2` or `1e3` exactly.

    ASCII digits only: no separators, spaces, hexadecimal, `nan` or `inf`.

    Raises:
        NumberError: It is no decimal, or has more than `MAX_DIGITS` digits or a larger exponent than `MAX_EXPONENT`.
    """
    if len(text) > 400:
        raise NumberError("number.too-long")
    if not (match := _DECIMAL.fullmatch(text)):
        raise NumberError("number.not-a-number")
    return from_decimal(Decimal(match.group()))


def from_decimal(value: Decimal) -> Exact:
    """A finite decimal as an exact number.

    Raises:
        NumberError: It is NaN or infinite, or out of the limits.
    """
    if not value.is_finite():
        raise NumberError("number.not-finite")
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or abs(value.adjusted()) > MAX_EXPONENT or exponent < -2 * MAX_EXPONENT:
        raise NumberError("number.too-long")
    if len("".join(map(str, digits)).strip("0")) > MAX_DIGITS:
        raise NumberError("number.too-long")
    if exponent >= 0:
        return int(value)
    return normal(over(int(value.scaleb(-exponent, _CONTEXT)), 10**-exponent))


def from_int(value: int) -> int:
    """A whole number, within the limits.

    Raises:
        NumberError: It has more than `MAX_DIGITS` digits.
    """
    if -_TOO_LONG < value < _TOO_LONG:
        return value
    raise NumberError("number.too-long")


def from_float(value: float) -> Exact:
    """A float, read by its shortest decimal text: 0.1 is one tenth.

    Raises:
        NumberError: It is NaN or infinite, or out of the limits.
    """
    if -1e13 < value < 1e13:
        cents = round(value * 100)
        if cents / 100 == value:
            # Two decimals of at most 15 digits are never the same float, so this one is the shortest text's.
            return over(cents, 100) if cents % 100 else cents // 100
    if not math.isfinite(value):
        raise NumberError("number.not-finite")
    return from_decimal(Decimal(repr(value)))


def read(value: object) -> Exact:
    """Any Python number as an exact number.

    Raises:
        NumberError: It is no number (a truth value is none), not finite, or out of the limits.
    """
    reader = _READERS.get(value.__class__)
    if reader is not None:
        return reader(value)
    if isinstance(value, float):
        return from_float(float(value))
    raise NumberError("number.not-a-number")


def usual(low: Exact | float, high: Exact | float) -> Callable[[object], Exact | None]:
    """How to read at once what nearly every number is: whole, or a float of two decimals, and from `low` to `high`.

    It gives what `read` gives, and None for any other value and for one outside. The ends may be infinite. A float
    stands for its shortest text, and of two texts the lesser is never the greater float: so floats are compared with
    the ends as floats, where these are read as the ends.
    """
    least: Any = max(low, -_USUAL)
    most: Any = min(high, _USUAL)
    lowest, highest = (end.numerator / end.denominator for end in (least, most))
    if from_float(lowest) != least or from_float(highest) != most:
        return lambda value: None

    def number(value: Any) -> Exact | None:
        if value.__class__ is float:
            if lowest <= value <= highest:
                cents = round(value * 100)  # as in `from_float`
                if cents / 100 == value:
                    return over(cents, 100) if cents % 100 else cents // 100
        elif value.__class__ is int and least <= value <= most:
            return value
        return None

    return number


def _from_rational(value: Fraction | Ratio) -> Exact:
    return normal(over(from_int(value.numerator), from_int(value.denominator)))


_READERS: dict[type, Callable[[Any], Exact]] = {
    int: from_int, float: from_float, Decimal: from_decimal, Fraction: _from_rational, Ratio: _from_rational
}  # fmt: skip


def normal(value: Ratio) -> Exact:
    """The same number, as an `int` where it is whole."""
    return value if value.n % value.d else value.n // value.d


def round_half_away(value: Exact, places: int = 0) -> Exact:
    """Round to `places` decimals, ties away from zero: 1.005 to 1.01, -1.005 to -1.01; never -0."""
    if value.__class__ is int:
        return value
    n, d = (value.n, value.d) if value.__class__ is Ratio else (value.numerator, value.denominator)
    scale = 10**places
    nearest = (2 * scale * n + d) // (2 * d) if n >= 0 else -((d - 2 * scale * n) // (2 * d))
    return over(nearest, scale) if nearest % scale else nearest // scale


def floor(value: Exact) -> int:
    """The greatest whole number not above."""
    if value.__class__ is Ratio:
        return value.n // value.d
    return value.numerator // value.denominator


def ceil(value: Exact) -> int:
    """The least whole number not below."""
    if value.__class__ is Ratio:
        return -(-value.n // value.d)
    return -(-value.numerator // value.denominator)


def decimal_places(value: Exact) -> int | None:
    """How many decimals the number has when written out, or None where it does not terminate."""
    denominator, twos, fives = value.denominator, 0, 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None


def to_fraction(value: Exact) -> Fraction:
    """The number as a `Fraction`, for the public."""
    return Fraction(value.numerator, value.denominator)


def to_decimal(value: Exact, places: int | None = None) -> Decimal:
    """The number as a `Decimal` of `places` decimals; of at most `SHOWN_PLACES` where none are asked for."""
    if places is None:
        known = decimal_places(value)
        places = SHOWN_PLACES if known is None else min(known, SHOWN_PLACES)
    scale = 10**places
    if value.__class__ is not int and not (isinstance(value, Ratio) and value.d == scale):
        value = round_half_away(value, places)
    scaled = value.n * (scale // value.d) if isinstance(value, Ratio) else value.numerator * scale
    return Decimal(scaled).scaleb(-places, _CONTEXT)


def plain(value: Exact, places: int | None = None) -> str:
    """The number as text: a plain decimal where it terminates, else `p/q`; `places` asks for that many decimals."""
    if places is None and decimal_places(value) is None:
        return f"{_digits(value.numerator)}/{_digits(value.denominator)}"
    if places is None:
        places = decimal_places(value) or 0
    return f"{to_decimal(value, places):f}"


def _digits(number: int) -> str:
    """A whole number in digits, also one of more than 4,300, which Python refuses: a mean of a thousand rates."""
    return str(number) if number.bit_length() < 14_000 else f"{Decimal(number):f}"


def shown(value: Exact, most: int = 4) -> str:
    """The number for people: at most `most` decimals, `≈` before it where that is not the whole of it."""
    known = decimal_places(value)
    if known is not None and known <= most:
        return plain(value)
    text = plain(value, most).rstrip("0").rstrip(".")
    return f"≈{text if text not in ('-0', '') else '0'}"
