"""What a plan appends to a frame: scores, subtotals, total, grade, status, coverage, and why there is none.

A row that does not apply has a null for a score, as one has that lacks a fact; what tells them apart is that the
latter makes the status `incomplete`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import Any, cast

from perfrules.formula.systems.columns import floats
from perfrules.formula.systems.columns.decisions import rounded
from perfrules.formula.systems.columns.floats import Number
from perfrules.formula.systems.columns.footing import NOWHERE, Causes, Footing, merged, under
from perfrules.formula.systems.columns.terms import Term, Terms, listed, together, when
from perfrules.formula.systems.columns.values import Nothing, Plain, footing_of
from perfrules.frames.plan import Plan, branches
from perfrules.ruleset.program import Branch, Row

SHOWN = 10
"""Decimal places of a score that the ruleset does not round, as everywhere."""

SEPARATOR = "; "
"""What stands between the reasons of a row."""


def appended(plan: Plan, *, reasons: bool) -> dict[str, Term]:
    """The columns that are appended, by name; `because` with reasons."""
    return _Appended(plan).columns(reasons=reasons)


@dataclass(frozen=True, slots=True)
class _State:
    """How a row or branch stands in every row of the frame: its score, where it lacks one, and why.

    Attributes:
        value: The score; null where there is none, be it that it does not apply.
        lacking: Whether it may count and has no score; None where it always has one.
        footing: Its strict atoms, and its causes.
        line: The line of the score, where the score always counts.
        lives: Whether anything in it applies; None where something always does.
    """

    value: Any
    lacking: Term | None
    footing: Footing
    line: str
    lives: Term | None = None


class _Appended:
    """Makes the appended columns of one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.terms = plan.layers.terms

    def columns(self, *, reasons: bool) -> dict[str, Term]:
        program, rounding = self.plan.program, self.plan.program.declaration.rounding
        rows = {row.score: self._row(row) for row in program.rows.values()}
        found = {f"score.{row.id}": self._score(rows[row.score].value, rounding.score) for row in program.rows.values()}
        states = list(rows.values())
        for branch in branches(program):
            state = self._branch(branch)
            states.append(state)
            name = f"subtotal.{branch.id}" if branch.id else "total"
            found[name] = self._score(state.value, rounding.score if branch.id else rounding.total)
            if not branch.id and branch.grade:
                found["grade"] = self._grade(branch, state)
        lacking = self._lacking(states)
        found["status"] = self.terms.literal("scored") if lacking is None else when(lacking, "incomplete", "scored")
        found["coverage"] = self._coverage(rows)
        found["exact"] = self._exact()
        if reasons:
            found["because"] = self._because(states, lacking)
        return found

    def _row(self, row: Row) -> _State:
        """The score of a row, null where it does not apply; and why it is null."""
        score = self.plan.names[row.score]
        applies = self.plan.names[row.applies] if row.applies else True
        if applies is True:
            return _State(score, self._null(score), footing_of(score), row.score)
        if isinstance(applies, Nothing):
            return _State(applies, self.terms.literal(value=True), applies.footing, row.score)
        if applies is False:
            return _State(Nothing(NOWHERE), None, NOWHERE, row.score)
        lacking = applies.term.is_null()
        if (null := self._null(score)) is not None:
            lacking = lacking | (applies.term & null)
        causes = merged([
            under(applies.footing.causes, lambda term: applies.term.is_null() & term),
            under(footing_of(score).causes, lambda term: applies.term & term),
        ])  # fmt: skip
        value = self.plan.system.choices.either(applies, score, Nothing(NOWHERE))
        return _State(value, lacking, Footing(causes=causes), "")

    def _branch(self, branch: Branch) -> _State:
        """The score of a dimension or of the total; null, and for no reason, where no row of it applies."""
        score = self.plan.names[branch.score]
        live = self.plan.names[branch.live] if branch.live else Fraction(1)
        null = self._null(score)
        if live == 0:  # nothing in it ever applies
            return _State(Nothing(NOWHERE), None, NOWHERE, "", self.terms.literal(value=False))
        if not isinstance(live, Number):
            return _State(score, null, footing_of(score), branch.score)
        dead = live.term.compare("==", 0.0)
        lives = when(dead, False, True)  # known in every row, also where what applies is not
        value = self.plan.system.choices.either(Plain(lives, NOWHERE), score, Nothing(NOWHERE))
        causes = under(footing_of(score).causes, lambda term: lives & term)
        return _State(value, None if null is None else lives & null, Footing(causes=causes), "", lives)

    def _grade(self, branch: Branch, state: _State) -> Term:
        grade = self.plan.names[branch.grade] if branch.grade else Nothing(NOWHERE)
        if isinstance(grade, str):
            term = self.terms.literal(grade)
        else:
            term = grade.term if isinstance(grade, Plain) else self.terms.no_text
        return term if state.lives is None else when(state.lives, term)

    def _lacking(self, states: list[_State]) -> Term | None:
        """Whether something that may count has no score; None where all always have one.

        What another needs for its own score need not be asked: where it has none, the other has none.
        """
        covered = frozenset[Any]().union(*(state.footing.strict - {state.line} for state in states))
        found: Term | None = None
        for state in states:
            if state.lacking is None or (state.line and state.line in covered):
                continue
            found = state.lacking if found is None else found | state.lacking
        return None if found is None else self.plan.layers.keep(found)

    def _coverage(self, states: Mapping[str, _State]) -> Term:
        """The weight of the scored rows in percent of that of those that may apply, to ten decimals."""
        rows = list(self.plan.program.rows.values())
        scale = math.lcm(*(floats.of(row.weight).denominator for row in rows))
        weights = [int(floats.of(row.weight) * scale) for row in rows]
        lost, away = _Tally(self.terms, sum(weights)), _Tally(self.terms, sum(weights))
        for row, weight in zip(rows, weights, strict=True):
            counts, lacking = self._counts(row), states[row.score].lacking
            if counts is not None:
                away.add(~counts, weight)
                unscored = self._null(states[row.score].value)
                lacking = None if lacking is None or unscored is None else counts & unscored
            if lacking is not None:
                lost.add(lacking, weight)
        if not sum(weights):
            return self.terms.literal(100.0)
        if not away.counted:
            point = Fraction(100, sum(weights))
            share = lost.total() * -float(point) + 100.0
            return share if point.denominator == 1 else share.decimal(SHOWN)
        whole = self.plan.layers.keep(away.total() * -1.0 + float(sum(weights)))
        share = ((whole - lost.total()) * 100.0) / when(whole.compare(">", 0.0), whole)
        return when(whole.compare(">", 0.0), share.decimal(SHOWN), 100.0)

    def _counts(self, row: Row) -> Term | None:
        """Whether the weight of a row counts; None where it always does."""
        applies = self.plan.names[row.applies] if row.applies else True
        counts: Term | None = None
        if applies is not True:
            counts = self.terms.literal(value=False) if applies is False else self._may(applies)
        if row.alternative:
            other = self.plan.program.rows[row.alternative]
            stands = self.plan.names[other.applies] if other.applies else True
            away = self.terms.literal(value=stands is False) if isinstance(stands, bool) else ~self._may(stands)
            counts = away if counts is None else counts & away
        return counts

    def _null(self, value: Any) -> Term | None:
        if isinstance(value, Nothing):
            return self.terms.literal(value=True)
        return value.term.is_null() if isinstance(value, Number | Plain) and value.footing.nulls else None

    def _may(self, applies: Any) -> Term:
        """Whether a condition is not known to fail."""
        return self.terms.literal(value=True) if isinstance(applies, Nothing) else when(~applies.term, False, True)

    def _score(self, value: Any, places: int | None) -> Term:
        """A score as it is appended: the float nearest to it."""
        if isinstance(value, Nothing):
            return self.terms.no_number
        if isinstance(value, Fraction):
            return self.terms.literal(float(value))
        shown = cast(Number, rounded(value, SHOWN if places is None else places))
        if shown.whole and shown.scale & (shown.scale - 1):  # polars divides by a literal by multiplying
            return shown.value.decimal(floats.places_of(shown) or SHOWN)
        return shown.value

    def _exact(self) -> Term:
        doubts = [when(doubt, True, False) for doubt in self.plan.doubts]  # an unknown value is no doubt
        return ~reduce(or_, doubts) if doubts else self.terms.literal(value=True)

    def _because(self, states: list[_State], lacking: Term | None) -> Term:
        causes: Causes = merged(state.footing.causes for state in states if state.lacking is not None)
        if lacking is None or not causes:
            return self.terms.no_text
        pieces = [when(cause.term, f"{kind} {about}") for (kind, about), cause in sorted(causes.items())]
        return when(lacking, listed(pieces, SEPARATOR))


class _Tally:
    """The weight of the rows of which something holds, counted in small integers, which engines add up fastest."""

    def __init__(self, terms: Terms, most: int) -> None:
        self.terms = terms
        self.most = most
        self.counted: list[Term] = []

    def add(self, condition: Term, weight: int) -> None:
        self.counted.append(when(condition, self.terms.small(weight, self.most), self.terms.small(0, self.most)))

    def total(self) -> Term:
        return together(self.counted) if self.counted else self.terms.literal(0.0)
