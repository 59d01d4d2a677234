"""Footing: what a column's value rests on, and so when it is null, and why.

A null is the unknown of a frame. It says no reason; where reasons are asked for, each comes with the condition under
which it is one. What a value rests on also tells which guards a plan can leave out: where the test of a condition can
only be null when its last branch is null too, no engine can lose that null.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import NamedTuple

from perfrules.formula.systems.exact import Reason
from perfrules.formula.systems.terms import Term

Atom = Hashable
"""One thing that can be unknown by itself: a fact, a line of the program, a divisor that may be 0."""


class Cause(NamedTuple):
    """When a reason is one.

    Attributes:
        term: The condition.
        atom: The one atom that is behind it; None where there are several.
        whole: Whether the condition is exactly that the atom is unknown.
    """

    term: Term
    atom: Atom | None = None
    whole: bool = False


Causes = Mapping[Reason, Cause]
NO_CAUSES: Causes = {}


@dataclass(frozen=True, slots=True)
class Footing:
    """What a value rests on.

    Attributes:
        nulls: The atoms that may make it null.
        strict: The atoms that make it null whenever they are unknown.
        causes: The reasons for which it is null, each with its condition; empty where none are asked for.
        doubts: The conditions under which a decision below it may be another one than that of the exact numbers.
    """

    nulls: frozenset[Atom] = frozenset()
    strict: frozenset[Atom] = frozenset()
    causes: Causes = field(default_factory=dict)
    doubts: tuple[Term, ...] = ()

    def doubting(self, *doubts: Term) -> Footing:
        """The same, with further doubts."""
        return replace(self, doubts=(*self.doubts, *doubts)) if doubts else self

    def resting(self, atom: Atom, reason: Reason | None = None, term: Term | None = None) -> Footing:
        """The same, on one atom more, whose unknown makes it null for a reason."""
        causes = self.causes
        if reason is not None and term is not None:
            causes = merged([causes, {reason: Cause(term, atom, whole=True)}])
        return replace(self, nulls=self.nulls | {atom}, strict=self.strict | {atom}, causes=causes)


NOWHERE = Footing()
"""What a literal rests on."""


def together(footings: Iterable[Footing]) -> Footing:
    """What an operation rests on that needs all its operands."""
    found = [footing for footing in footings if footing is not NOWHERE]
    if len(found) < 2:
        return found[0] if found else NOWHERE
    return Footing(
        frozenset().union(*(footing.nulls for footing in found)),
        frozenset().union(*(footing.strict for footing in found)),
        merged(footing.causes for footing in found),
        tuple(dict.fromkeys(doubt for footing in found for doubt in footing.doubts)),
    )


def merged(several: Iterable[Causes]) -> Causes:
    """The causes of a value that has those of several: each holds where it held anywhere."""
    gathered: dict[Reason, list[Cause]] = {}
    for causes in several:
        for reason, cause in causes.items():
            gathered.setdefault(reason, []).append(cause)
    return {reason: reduce(_either, causes) for reason, causes in gathered.items()}


def _either(one: Cause, two: Cause) -> Cause:
    if one.atom is not None and one.atom == two.atom:
        if one.whole or two.whole:
            return one if one.whole else two
        return one if one.term is two.term else Cause(one.term | two.term, one.atom)
    return Cause(one.term | two.term)


def under(causes: Causes, guard: Callable[[Term], Term]) -> Causes:
    """The causes where a condition holds besides."""
    return {reason: Cause(guard(cause.term), cause.atom) for reason, cause in causes.items()}


def chosen(test: Footing, condition: Term, then: Footing, orelse: Footing) -> Footing:
    """What `then if condition else orelse` rests on: an undecided test has its own causes, and touches no branch."""
    undecided = {
        reason: cause
        if cause.whole and cause.atom in test.strict
        else Cause(condition.is_null() & cause.term, cause.atom)
        for reason, cause in test.causes.items()
    }
    causes = merged(
        [
            undecided,
            under(then.causes, lambda term: condition & term),
            under(orelse.causes, lambda term: ~condition & term),
        ]
    )
    return Footing(
        test.nulls | then.nulls | orelse.nulls,
        test.strict | (then.strict & orelse.strict),
        causes,
        tuple(dict.fromkeys((*test.doubts, *then.doubts, *orelse.doubts))),
    )


def undecided(terms: Iterable[Footing], decision: Term) -> Footing:
    """What Kleene's `and` or `or` rests on: where it is undecided, the causes of every undecided term."""
    found = list(terms)
    whole = together(found)
    causes = under(whole.causes, lambda term: decision.is_null() & term)
    return replace(whole, strict=frozenset(), causes=causes)
