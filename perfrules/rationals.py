"""Exact quotients of whole numbers: what the engine computes with, instead of `Fraction`."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from numbers import Rational
from typing import Any

_LONG = 1 << 256
"""Denominators from which on a quotient is reduced: values that add up values would else double it each time."""


class Ratio:
    """An exact quotient of two whole numbers, not reduced: what the engine computes with; `ratio` and `over` make it.

    It means what `Fraction` means, and mixes with it. `Fraction` reduces after every operation, which costs five times
    the operation itself; here the numbers of a formula just grow by a few digits, and are reduced once they are long.
    `numerator` and `denominator` are those of the reduced quotient. The only floats it meets are the infinities.
    """

    __slots__ = ("d", "n")
    n: int
    d: int

    @property
    def numerator(self) -> int:
        """The numerator, reduced."""
        return self.n // math.gcd(self.n, self.d)

    @property
    def denominator(self) -> int:
        """The denominator, reduced."""
        return self.d // math.gcd(self.n, self.d)

    def __add__(self, other: Any) -> Any:
        """The sum."""
        if other.__class__ is Ratio:
            if self.d == other.d:
                return over(self.n + other.n, self.d)
            d = self.d * other.d
            n = self.n * other.d + other.n * self.d
            return over(n, d) if d < _LONG else _reduced(n, d)
        if other.__class__ is int:
            return over(self.n + other * self.d, self.d)
        if other.__class__ is Fraction:
            return self + _of(other)
        return other if other.__class__ is float else NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        """The difference."""
        if other.__class__ is Ratio:
            if self.d == other.d:
                return over(self.n - other.n, self.d)
            d = self.d * other.d
            n = self.n * other.d - other.n * self.d
            return over(n, d) if d < _LONG else _reduced(n, d)
        if other.__class__ is int:
            return over(self.n - other * self.d, self.d)
        if other.__class__ is Fraction:
            return self - _of(other)
        return -other if other.__class__ is float else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        """The difference, the other way."""
        if other.__class__ is int:
            return over(other * self.d - self.n, self.d)
        if other.__class__ is Fraction:
            return _of(other) - self
        return other if other.__class__ is float else NotImplemented

    def __mul__(self, other: Any) -> Any:
        """The product."""
        if other.__class__ is Ratio:
            n, d = self.n * other.n, self.d * other.d
            return over(n, d) if d < _LONG else _reduced(n, d)
        if other.__class__ is int:
            return over(self.n * other, self.d)
        if other.__class__ is Fraction:
            return self * _of(other)
        return other * self.n if other.__class__ is float else NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        """The quotient."""
        if other.__class__ is Ratio:
            d = self.d * other.n
            return over(self.n * other.d, d) if 0 < d < _LONG else ratio(self.n * other.d, d)
        if other.__class__ is int:
            return ratio(self.n, self.d * other)
        return self / _of(other) if other.__class__ is Fraction else NotImplemented

    def __rtruediv__(self, other: Any) -> Any:
        """The quotient, the other way."""
        if other.__class__ is int:
            return ratio(other * self.d, self.n)
        return _of(other) / self if other.__class__ is Fraction else NotImplemented

    def __neg__(self) -> Ratio:
        """The number with the other sign."""
        return over(-self.n, self.d)

    def __pos__(self) -> Ratio:
        """The number itself."""
        return self

    def __abs__(self) -> Ratio:
        """The distance from 0."""
        return self if self.n >= 0 else over(-self.n, self.d)

    def __bool__(self) -> bool:
        """Whether it is not 0."""
        return self.n != 0

    def __lt__(self, other: Any) -> Any:
        """Whether it is less."""
        if other.__class__ is int:
            return self.n < other * self.d
        return self.n * other.d < other.n * self.d if other.__class__ is Ratio else _compare(self, other, operator.lt)

    def __le__(self, other: Any) -> Any:
        """Whether it is at most."""
        if other.__class__ is int:
            return self.n <= other * self.d
        return self.n * other.d <= other.n * self.d if other.__class__ is Ratio else _compare(self, other, operator.le)

    def __gt__(self, other: Any) -> Any:
        """Whether it is greater."""
        if other.__class__ is int:
            return self.n > other * self.d
        return self.n * other.d > other.n * self.d if other.__class__ is Ratio else _compare(self, other, operator.gt)

    def __ge__(self, other: Any) -> Any:
        """Whether it is at least."""
        if other.__class__ is int:
            return self.n >= other * self.d
        return self.n * other.d >= other.n * self.d if other.__class__ is Ratio else _compare(self, other, operator.ge)

    def __eq__(self, other: object) -> Any:
        """Whether it is the same number."""
        if other.__class__ is int:
            return self.n == other * self.d
        return self.n * other.d == other.n * self.d if other.__class__ is Ratio else _compare(self, other, operator.eq)

    def __hash__(self) -> int:
        """As of the `Fraction` and the `int` that it equals."""
        return hash(Fraction(self.n, self.d))

    def __repr__(self) -> str:
        """The reduced quotient."""
        return f"Ratio({self.numerator}, {self.denominator})"


Rational.register(Ratio)


def over(n: int, d: int) -> Ratio:
    """`n` over `d`, which is above 0 and not long.

    CPython 3.11 enters an `__init__` by way of C, which takes longer than this function and its two assignments.
    """
    made = Ratio()
    made.n = n
    made.d = d
    return made


def ratio(n: int, d: int) -> Ratio:
    """The quotient of two whole numbers.

    Raises:
        ZeroDivisionError: The divisor is 0.
    """
    if 0 < d < _LONG:
        return over(n, d)
    if d == 0:
        raise ZeroDivisionError
    return _reduced(n, d) if d > 0 else _reduced(-n, -d)


def _reduced(n: int, d: int) -> Ratio:
    common = math.gcd(n, d)
    return over(n // common, d // common)


def _of(value: Fraction) -> Ratio:
    return over(value.numerator, value.denominator)


def _compare(left: Ratio, right: Any, how: Callable[[Any, Any], bool]) -> Any:
    """Compare with a `Fraction`, or with an infinity, from which any number stands on one side."""
    if right.__class__ is Fraction:
        return how(left, _of(right))
    return how(0, right) if right.__class__ is float and math.isinf(right) else NotImplemented
