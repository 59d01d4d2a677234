"""Quotients of polynomials with divisors above 0: what a number is on one path through a formula."""

from __future__ import annotations

from collections.abc import Sequence

from perfrules.formula.systems.polynomials import ZERO, Coefficient, Polynomial, constant, product


class Quotient:
    """A number on one path: a polynomial over a product of polynomials that are above 0 on it."""

    __slots__ = ("factors", "top")

    def __init__(self, top: Polynomial, factors: tuple[Polynomial, ...] = ()) -> None:
        """Take the dividend and the factors of the divisor; a factor that divides the dividend goes."""
        kept: list[Polynomial] = []
        for factor in factors:
            shorter = top.divided(factor) if factor.variables <= top.variables or not top.terms else None
            if shorter is None:
                kept.append(factor)
            else:
                top = shorter
        self.top = top
        self.factors = tuple(kept)

    @property
    def bottom(self) -> Polynomial:
        """The divisor, above 0."""
        return product(self.factors)

    @property
    def value(self) -> Coefficient | None:
        """The number, where it does not depend on any fact."""
        return self.top.constant if self.top.is_constant and not self.factors else None

    def __add__(self, other: Quotient) -> Quotient:
        """The sum, over the least common divisor."""
        missing_here, missing_there = _lacking(self.factors, other.factors), _lacking(other.factors, self.factors)
        top = self.top * product(missing_here) + other.top * product(missing_there)
        return Quotient(top, self.factors + tuple(missing_here))

    def __neg__(self) -> Quotient:
        """The number with the other sign."""
        return Quotient(-self.top, self.factors)

    def __sub__(self, other: Quotient) -> Quotient:
        """The difference."""
        return self + -other

    def __mul__(self, other: Quotient) -> Quotient:
        """The product."""
        return Quotient(self.top * other.top, self.factors + other.factors)

    def key(self) -> tuple[Polynomial, tuple[Polynomial, ...]]:
        """What equal quotients have in common."""
        return self.top, tuple(sorted(self.factors, key=repr))


def _lacking(has: Sequence[Polynomial], wants: Sequence[Polynomial]) -> list[Polynomial]:
    """The factors that one divisor lacks of another, each as often as it lacks it."""
    left, lacking = list(has), []
    for factor in wants:
        if factor in left:
            left.remove(factor)
        else:
            lacking.append(factor)
    return lacking


def number(value: Coefficient) -> Quotient:
    """A number as a quotient."""
    return Quotient(constant(value) if value else ZERO)
