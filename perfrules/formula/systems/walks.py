"""One walk through a formula: the outcomes that were taken, and what is known after each."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from perfrules.formula.systems.certificates import Box, Constraint, span
from perfrules.formula.systems.polynomials import Coefficient, Polynomial, constant, variable
from perfrules.formula.systems.quotients import Quotient, number
from perfrules.formula.systems.signs import Range, narrowed, sign, signs

Ends = Callable[[Coefficient], Coefficient]


class Option(NamedTuple):
    """A choice or text that was submitted, or one that the formula says."""

    name: str | None
    literal: str = ""


class Walk:
    """The state of one path. A question that is open here is a fork: answered as given, first yes, later no."""

    def __init__(self, given: tuple[bool, ...] = ()) -> None:
        """Take the outcomes of the first forks."""
        self.given = given
        self.taken: list[bool] = []
        self.boxes: dict[str, Box] = {}
        self.options: dict[str, frozenset[str] | None] = {}
        self.cache: dict[str, Any] = {}
        self._ranges: dict[Polynomial, Range] = {}
        self._excluded: dict[str, frozenset[str]] = {}
        self._truths: dict[str, bool] = {}
        self._tied: list[Constraint] = []
        self._made: dict[Any, Quotient] = {}

    def _fork(self) -> bool:
        """The outcome of a question that is open here: as given for this walk, first yes, later no."""
        index = len(self.taken)
        outcome = self.given[index] if index < len(self.given) else True
        self.taken.append(outcome)
        return outcome

    def constraints(self) -> tuple[Constraint, ...]:
        """What holds on the path that was just walked."""
        found = list(self._tied)
        for shape, (low, low_open, high, high_open, _) in self._ranges.items():
            if low is not None:
                found.append(Constraint(shape - constant(low), low_open))
            if high is not None:
                found.append(Constraint(constant(high) - shape, high_open))
        return tuple(found)

    def variable(self, name: str, box: Box) -> Quotient:
        """A variable in a range; a number where the range is one point."""
        self.boxes[name] = box
        return Quotient(variable(name)) if box.low is None or box.low != box.high else number(box.low)

    def truth(self, name: str) -> bool:
        """Whether something holds that nothing else is known of; the same every time it is asked."""
        if name not in self._truths:
            self._truths[name] = self._fork()
        return self._truths[name]

    def sign_in(self, polynomial: Polynomial, wanted: frozenset[int]) -> bool:
        """Whether a polynomial has one of the wanted signs on this path; an open question is a fork."""
        if polynomial.is_constant:
            return sign(polynomial.constant) in wanted
        shape, scale, offset = polynomial.direction()
        edge = Fraction(-offset) / scale
        if scale < 0:
            wanted = frozenset(-sign for sign in wanted)
        known = self._ranges.get(shape)
        if known is None:
            box = span(shape, self.boxes)
            known = Range(box.low, False, box.high, False)
        possible = signs(known, edge)
        if possible <= wanted or not possible & wanted:
            return bool(possible & wanted)
        outcome = self._fork()
        self._ranges[shape] = narrowed(known, edge, possible & wanted if outcome else possible - wanted)
        return outcome

    def compare(self, left: Quotient, right: Quotient, wanted: frozenset[int]) -> bool:
        """Whether the difference of two numbers has one of the wanted signs."""
        return self.sign_in((left - right).top, wanted)

    def is_option(self, name: str, other: Option) -> bool:
        """Whether a choice is one option; of texts, and of two choices, only that it was asked is kept."""
        if other.name is not None:
            return self.truth(f"{name} == {other.name}")
        possible, excluded = self.options[name], self._excluded.get(name, frozenset())
        if other.literal in excluded or (possible is not None and other.literal not in possible):
            return False
        if possible == frozenset((other.literal,)):
            return True
        outcome = self._fork()
        if outcome:
            self.options[name] = frozenset((other.literal,))
        elif possible is None:
            self._excluded[name] = excluded | {other.literal}
        else:
            self.options[name] = possible - {other.literal}
        return outcome

    def rounded(self, kind: str, value: Quotient, ends: Ends, below: Coefficient, above: Coefficient) -> Quotient:
        """The variable of a rounded value, tied to what it was made of; the same value rounded twice is one.

        Args:
            kind: The rounding, such as `floor`.
            value: What is rounded.
            ends: What the rounding makes of the ends of its range.
            below: How far the result lies below the value at most.
            above: How far it lies above.
        """
        key = (kind, *value.key())
        if key not in self._made:
            reach = [None if end is None else ends(end) for end in self.reach(value)]
            self._made[key] = result = self.variable(f"#{kind}{len(self._made)}", Box(*reach))
            bottom = value.bottom
            self._tied.append(Constraint(result.top * bottom - value.top + bottom.scaled(below)))
            self._tied.append(Constraint(value.top + bottom.scaled(above) - result.top * bottom))
        return self._made[key]

    def reach(self, value: Quotient) -> Box:
        """The range of a quotient on this path, as far as ranges alone tell."""
        if value.factors:
            top = self.reach(Quotient(value.top))
            return Box(
                0 if top.low is not None and top.low >= 0 else None,
                0 if top.high is not None and top.high <= 0 else None,
            )
        if value.top.is_constant:
            return Box(value.top.constant, value.top.constant)
        shape, scale, offset = value.top.direction()
        box, known = span(value.top, self.boxes), self._ranges.get(shape)
        if known is None:
            return box
        ends = [None if end is None else end * scale + offset for end in (known.low, known.high)]
        low, high = ends if scale > 0 else ends[::-1]
        return Box(_tighter(box.low, low, max), _tighter(box.high, high, min))


def _tighter(one: Coefficient | None, two: Coefficient | None, choose: Callable[..., Any]) -> Coefficient | None:
    if one is None or two is None:
        return two if one is None else one
    chosen: Coefficient = choose(one, two)
    return chosen
