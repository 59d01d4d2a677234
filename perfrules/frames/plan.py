"""The plan of a frame: a ruleset's program as layers of columns, and the columns that are appended.

The one evaluator walks the program's lines over the columns system. What is read more than once becomes a column of
its own, laid down in a layer above the columns that it reads; the rest stays inside the expressions that read it.
"""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from perfrules.formula.evaluator import Evaluator
from perfrules.formula.systems import floats
from perfrules.formula.systems.columns import ColumnsSystem, Nothing, Plain, of
from perfrules.formula.systems.decisions import rounded
from perfrules.formula.systems.floats import Number
from perfrules.formula.systems.footing import NOWHERE, Causes, Footing, merged, under
from perfrules.formula.systems.terms import Term, Terms, listed, together, when
from perfrules.ruleset.program import Branch, Line, Program, Row

SHOWN = 10
"""Decimal places of a score that the ruleset does not round, as everywhere."""


SEPARATOR = "; "
"""What stands between the reasons of a row."""


@dataclass(slots=True)
class Layers:
    """The columns that a plan lays down, layer upon layer, under names that no frame has."""

    terms: Terms
    layers: list[dict[str, Term]] = field(default_factory=list)
    prefix: str = "__perfrules_"
    count: int = 0

    def keep(self, term: Term) -> Term:
        """Lay a term down; the column that holds it. A term that is a column already stays as it is."""
        if not term.size:
            return term
        while len(self.layers) <= term.level:
            self.layers.append({})
        name = f"{self.prefix}{self.count}"
        self.count += 1
        self.layers[term.level][name] = term
        return self.terms.column(name, term.level + 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is computed for a frame.

    Attributes:
        layers: Columns by name, each layer reading the frame and the layers below.
        appended: The columns that are appended, by name.
    """

    layers: tuple[Mapping[str, Term], ...]
    appended: Mapping[str, Term]


def reads(program: Program) -> Counter[str]:
    """How often names are read by what scores, dimensions, the total and grades are worked out from."""
    return Counter(node.id for line in needed(program) for node in ast.walk(line.tree) if isinstance(node, ast.Name))


def needed(program: Program) -> tuple[Line, ...]:
    """The lines that scores, dimensions, the total and grades need: no checks, and nothing only for people to read."""
    wanted = {name for row in program.rows.values() for name in (row.score, row.applies) if name}
    for branch in branches(program):
        wanted |= {name for name in (branch.score, branch.live, branch.grade) if name}
    kept: list[Line] = []
    for line in reversed(program.lines):
        if line.name in wanted:
            kept.append(line)
            wanted |= {node.id for node in ast.walk(line.tree) if isinstance(node, ast.Name)}
    return tuple(reversed(kept))


def branches(program: Program) -> Iterator[Branch]:
    """The dimensions, and the total where there is one."""
    yield from program.branches.values()
    if program.total:
        yield program.total


class Planner:
    """Lays a program out over a frame.

    Args:
        program: The program.
        facts: What the frame says of each name that the program reads.
        layers: Where columns are laid down, those of the facts being there already.
        reasons: Whether the reasons are appended.
    """

    def __init__(self, program: Program, facts: Mapping[str, Any], layers: Layers, *, reasons: bool) -> None:
        """Work the lines out."""
        self.program = program
        self.layers = layers
        self.terms = layers.terms
        self.reasons = reasons
        self.doubts: dict[Term, None] = {}
        self.system = ColumnsSystem(layers.terms, layers.keep, reasons=reasons)
        self.names: dict[str, Any] = {name: of(value) for name, value in program.constants.items()}
        self.names |= facts
        for value in facts.values():
            self._doubt(value)
        self._lines()

    def _lines(self) -> None:
        lines, often = needed(self.program), reads(self.program)
        run = Evaluator(self.system, self.names, lambda step: None)
        shown = {row.score for row in self.program.rows.values()}
        shown |= {branch.score for branch in branches(self.program)}
        for line in lines:
            value = run.visit(line.tree)
            self._doubt(value)
            self.names[line.name] = self._kept(line.name, value, often[line.name] > 1 or line.name in shown)

    def _doubt(self, value: Any) -> None:
        for doubt in value.footing.doubts if isinstance(value, Number | Plain | Nothing) else ():
            self.doubts[doubt] = None

    def _kept(self, name: str, value: Any, often: bool) -> Any:
        """The value of a line as later lines read it."""
        if not isinstance(value, Number | Plain):
            return value
        footing = replace(value.footing, strict=value.footing.strict | {name}, doubts=())
        if isinstance(value, Number):
            value = self.system.kept(value) if often else value
            return replace(value, footing=footing, key=value.key or name)
        return Plain(self.layers.keep(value.term) if often else value.term, footing)

    # -- what is appended -----------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """The layers, and the appended columns."""
        rounding = self.program.declaration.rounding
        found: dict[str, Term] = {}
        states = {row.score: self._row(row) for row in self.program.rows.values()}
        for row in self.program.rows.values():
            found[f"score.{row.id}"] = self._score(states[row.score].value, rounding.score)
        for branch in branches(self.program):
            state = states[branch.score] = self._branch(branch)
            name = f"subtotal.{branch.id}" if branch.id else "total"
            found[name] = self._score(state.value, rounding.score if branch.id else rounding.total)
            if not branch.id:
                found |= {"grade": self._grade(branch, state)} if branch.grade else {}
        lacking = self._lacking(list(states.values()))
        found["status"] = self.terms.literal("scored") if lacking is None else when(lacking, "incomplete", "scored")
        found["coverage"] = self._coverage(states)
        found["exact"] = self._exact()
        if self.reasons:
            found["because"] = self._because(list(states.values()), lacking)
        return Plan(tuple(self.layers.layers), found)

    def _row(self, row: Row) -> _State:
        """The score of a row, null where it does not apply; and why it is null."""
        score = self.names[row.score]
        applies = self.names[row.applies] if row.applies else True
        if applies is True:
            return _State(score, self._null(score), _footing(score), row.score)
        if isinstance(applies, Nothing):
            return _State(applies, self.terms.literal(value=True), applies.footing, row.score)
        if applies is False:
            return _State(Nothing(NOWHERE), None, NOWHERE, row.score)
        lacking = applies.term.is_null()
        if (null := self._null(score)) is not None:
            lacking = lacking | (applies.term & null)
        causes = merged([
            under(applies.footing.causes, lambda term: applies.term.is_null() & term),
            under(_footing(score).causes, lambda term: applies.term & term),
        ])  # fmt: skip
        value = self.system.either(applies, score, Nothing(NOWHERE))
        return _State(value, lacking, Footing(causes=causes), "")

    def _branch(self, branch: Branch) -> _State:
        """The score of a dimension or of the total; null, and for no reason, where no row of it applies."""
        score = self.names[branch.score]
        live = self.names[branch.live] if branch.live else Fraction(1)
        null = self._null(score)
        if live == 0:  # nothing in it ever applies
            return _State(Nothing(NOWHERE), None, NOWHERE, "", self.terms.literal(value=False))
        if not isinstance(live, Number):
            return _State(score, null, _footing(score), branch.score)
        dead = live.term.compare("==", 0.0)
        lives = when(dead, False, True)  # noqa: FBT003  (known in every row, also where what applies is not)
        value = self.system.either(Plain(lives, NOWHERE), score, Nothing(NOWHERE))
        causes = under(_footing(score).causes, lambda term: lives & term)
        return _State(value, None if null is None else lives & null, Footing(causes=causes), "", lives)

    def _grade(self, branch: Branch, state: _State) -> Term:
        grade = self.names[branch.grade] if branch.grade else Nothing(NOWHERE)
        term = grade.term if isinstance(grade, Plain) else self.terms.literal(grade) if isinstance(grade, str) else self.terms.no_text
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
        return None if found is None else self.layers.keep(found)

    def _coverage(self, states: Mapping[str, _State]) -> Term:
        """The weight of the scored rows in percent of that of the rows not known to be inapplicable."""
        rows = list(self.program.rows.values())
        scale = math.lcm(*(floats.of(row.weight).denominator for row in rows))
        weights = [int(floats.of(row.weight) * scale) for row in rows]
        lost, away = _Tally(self.terms, sum(weights)), _Tally(self.terms, sum(weights))
        for row, weight in zip(rows, weights, strict=True):
            counts, lacking = self._counts(row), states[row.score].lacking
            if counts is not None:
                away.add(~counts, weight)
                lacking = counts & (states[row.score].value.term.is_null() if lacking is not None else counts)
            if lacking is not None:
                lost.add(lacking, weight)
        if not away.counted:
            share = 100.0 / sum(weights) if weights and sum(weights) else 0.0
            return lost.total() * -share + 100.0
        whole = self.layers.keep(away.total() * -1.0 + float(sum(weights)))
        part = (whole - lost.total()) * 100.0
        return when(whole.compare(">", 0.0), part / when(whole.compare(">", 0.0), whole), 100.0)

    def _counts(self, row: Row) -> Term | None:
        """Whether the weight of a row counts; None where it always does."""
        applies = self.names[row.applies] if row.applies else True
        counts: Term | None = None
        if applies is not True:
            counts = self.terms.literal(value=False) if applies is False else self._may(applies)
        if row.alternative:
            other = self.program.rows[row.alternative]
            stands = self.names[other.applies] if other.applies else True
            away = self.terms.literal(value=stands is False) if isinstance(stands, bool) else ~self._may(stands)
            counts = away if counts is None else counts & away
        return counts

    def _null(self, value: Any) -> Term | None:
        if isinstance(value, Nothing):
            return self.terms.literal(value=True)
        return value.term.is_null() if isinstance(value, Number | Plain) and value.footing.nulls else None

    def _may(self, applies: Any) -> Term:
        """Whether a condition is not known to fail."""
        return self.terms.literal(value=True) if isinstance(applies, Nothing) else when(~applies.term, False, True)  # noqa: FBT003

    def _score(self, value: Any, places: int | None) -> Term:
        """A score as it is appended: the float nearest to it."""
        if isinstance(value, Nothing):
            return self.terms.no_number
        if isinstance(value, Fraction):
            return self.terms.literal(float(value))
        shown = rounded(value, SHOWN if places is None else places)
        assert isinstance(shown, Number)  # noqa: S101  (of a column)
        if shown.whole and shown.scale & (shown.scale - 1):  # polars divides by a literal by multiplying
            return shown.value.decimal(floats.places_of(shown) or SHOWN)
        return shown.value

    def _exact(self) -> Term:
        doubts = [when(doubt, True, False) for doubt in self.doubts]  # noqa: FBT003  (an unknown value is no doubt)
        if not doubts:
            return self.terms.literal(value=True)
        found = doubts[0]
        for doubt in doubts[1:]:
            found = found | doubt
        return ~found

    def _because(self, states: list[_State], lacking: Term | None) -> Term:
        causes: Causes = merged(state.footing.causes for state in states if state.lacking is not None)
        if lacking is None or not causes:
            return self.terms.no_text
        pieces = [when(cause.term, f"{kind} {about}") for (kind, about), cause in sorted(causes.items())]
        return when(lacking, listed(pieces, SEPARATOR))


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


def _footing(value: Any) -> Footing:
    return value.footing if isinstance(value, Number | Plain | Nothing) else NOWHERE


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
