"""Where a frame enters: its columns as the facts of a ruleset, null wherever a fact is missing.

A column of another type than its fact's, or none at all, is one clear error before anything runs. A value outside its
fact's range, and a rate outside its level, make the fact missing in that row, as everywhere; so do NaN and infinity.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import reduce
from operator import and_
from typing import Any

import narwhals as nw

from perfrules import words
from perfrules.errors import Finding, SubmissionError
from perfrules.formula.systems.columns import floats
from perfrules.formula.systems.columns.floats import Number
from perfrules.formula.systems.columns.footing import NO_CAUSES, Cause, Footing
from perfrules.formula.systems.columns.terms import Term
from perfrules.formula.systems.columns.values import Nothing, Plain
from perfrules.formula.systems.exact import Reason
from perfrules.frames.levels import Levels
from perfrules.frames.matching import Column
from perfrules.frames.plan import Layers, reads
from perfrules.frames.texts import Texts
from perfrules.ruleset import model
from perfrules.ruleset.loaded import Ruleset
from perfrules.ruleset.names import NUMERIC
from perfrules.ruleset.ranges import OPEN, limits

LARGEST = math.nextafter(1e31, 0)
"""Numbers from 10^31 on are refused everywhere; as the end of a range this also catches NaN, which engines put last."""

CENTS = 100
"""What a number of unknown decimals is taken to be a multiple of one over, where it is asked how far apart two are."""

Matched = Mapping[str, Column | None]


class Entry:
    """Reads the columns of one frame.

    Args:
        ruleset: The ruleset.
        schema: The types of the frame's columns, as narwhals has them.
        matched: The column of each name that formulas read.
        layers: Where columns are laid down.
        read_as_texts: Whether every column is one of texts, to be read as cells are.
        reasons: Whether values carry their reasons.
    """

    def __init__(
        self, ruleset: Ruleset, schema: Mapping[str, Any], matched: Matched, layers: Layers, *,
        read_as_texts: bool = False, reasons: bool = False,
    ) -> None:  # fmt: skip
        """Take the frame's schema."""
        self.declared = ruleset.declaration
        self.program = ruleset.program
        self.schema = schema
        self.matched = matched
        self.layers = layers
        self.terms = layers.terms
        self.api = layers.terms.api
        self.levels = Levels(self.api, self.declared.levels, matched, texts=read_as_texts)
        self.read_text = Texts(self.api)
        self.texts = read_as_texts
        self.reasons = reasons
        self.reads = reads(self.program)
        self.findings: list[Finding] = []

    def values(self) -> dict[str, Any]:
        """The value of every name that the program reads.

        Raises:
            SubmissionError: A column is of the wrong type; all such findings at once.
        """
        read = self.reads
        found: dict[str, Any] = {}
        for identifier, fact in self.program.facts.items():
            names = {identifier, *(f"{identifier}.{item}" for item in fact.items)}
            if names & read.keys():
                found |= self._fact(identifier, fact)
        if self.findings:
            raise SubmissionError(self.findings)
        return found

    def _fact(self, identifier: str, fact: model.Fact) -> dict[str, Any]:
        if fact.kind != "checklist":
            return {identifier: self._value(identifier, fact)}
        items = {
            f"{identifier}.{item}": self._value(f"{identifier}.{item}", model.Fact(kind="truth")) for item in fact.items
        }
        return {**items, identifier: tuple(items.values())}

    def _value(self, name: str, fact: model.Fact) -> Any:
        column, level = self.matched.get(name), self.levels.of(name, fact)
        if column is None and level is None:
            return self._missing(name)
        if column is None:
            return Nothing(self._footing(name, self.terms.no_number, self.levels.known(fact, level)))
        if self.schema[column.name] in (nw.Unknown, nw.Object):
            return self._missing(name)
        if fact.kind in NUMERIC:
            return self._number(name, fact, column, level)
        return self._plain(name, fact, column)

    def _missing(self, name: str) -> Nothing:
        causes = {Reason("missing", name): Cause(self.terms.literal(value=True))} if self.reasons else NO_CAUSES
        return Nothing(Footing(nulls=frozenset([name]), causes=causes))

    # -- numbers --------------------------------------------------------------------------------------------------

    def _number(self, name: str, fact: model.Fact, column: Column, level: Any) -> Any:
        factor, expr, type_ = floats.of(column.factor), self.api.col(column.name), self.schema[column.name]
        if self.texts:
            expr = self.read_text.number(expr, percent=fact.unit == "%" or fact.kind in ("percent", "judgement"))
        elif not type_.is_numeric():
            self._wrong(column, name, "number", type_)
            return self._missing(name)
        low, high = limits(fact.kind, fact.range)
        expr, inside = self._inside(expr, type_, low, high, factor)
        judged = None
        if level is not None:
            judged = (expr.is_null() | expr.is_nan()) & self.levels.known(fact, level)
            inside = inside & self.levels.fits(fact, level, expr)
        guarded = self._kept(name, Term(self.api, self.api.when(inside).then(expr), 0, 3))
        value = guarded if factor == 1 else guarded * float(factor)
        denominator = self._denominator(fact, column, type_) * factor.denominator
        return Number(
            value, self._footing(name, guarded, judged), leaf=factor == 1,
            low=_float(low), high=_float(high),
            nonzero=bool(low > 0 or high < 0), denominator=denominator, key=name,
            signed=True, top=max(abs(_float(low)), abs(_float(high))),
        )  # fmt: skip

    def _inside(self, expr: Any, type_: Any, low: Any, high: Any, factor: Fraction) -> tuple[Any, Any]:
        """A column as floats, and whether it is within a range: of whole numbers asked as such, which is quicker."""
        number = expr if self.texts or type_ == nw.Float64 else expr.cast(self.api.Float64)
        if not self.texts and type_.is_integer():
            least, most = _whole_range(type_)
            first = least if low == -OPEN else math.ceil(floats.of(low) / factor)
            last = most if high == OPEN else math.floor(floats.of(high) / factor)
            if max(first, least) <= min(last, most):  # else an end may be none of the type
                tests = [expr >= first] if first > least else []
                tests += [expr <= last] if last < most else []
                return number, reduce(and_, tests) if tests else ~expr.is_null()
        return number, number.is_between(_end(low, factor), _end(high, factor))

    def _denominator(self, fact: model.Fact, column: Column, type_: Any) -> int:
        """What the column's numbers are multiples of one over."""
        if not self.texts and type_.is_integer():
            return 1
        if isinstance(type_, nw.Decimal) and isinstance(getattr(type_, "scale", None), int):
            return int(10**type_.scale)
        return 1 if fact.kind == "count" else CENTS

    # -- what is no number ----------------------------------------------------------------------------------------

    def _plain(self, name: str, fact: model.Fact, column: Column) -> Any:
        expr, type_ = self.api.col(column.name), self.schema[column.name]
        wanted = {"truth": "truth", "date": "date"}.get(fact.kind, "text")
        fits = {"truth": type_ == nw.Boolean, "date": type_ in (nw.Date, nw.Datetime), "text": _is_text(type_)}
        if not self.texts and not fits[wanted]:
            self._wrong(column, name, wanted, type_)
            return self._missing(name)
        read = self._read_text(fact, expr) if self.texts else self._read(fact, expr, type_)
        term = self._kept(name, Term(self.api, read, 0, 3)) if read is not expr else Term(self.api, expr)
        return Plain(term, self._footing(name, term))

    def _read(self, fact: model.Fact, expr: Any, type_: Any) -> Any:
        if fact.kind == "choice":
            text = expr if type_ == nw.String else expr.cast(self.api.String)
            return self.api.when(text.is_in(list(fact.choices))).then(text)
        if fact.kind == "date":
            if type_ == nw.Datetime:
                expr = self.api.when(expr == expr.dt.truncate("1d")).then(expr).dt.date()
            return expr if fact.range is None else self.api.when(expr.is_between(*fact.range)).then(expr)
        return expr if type_ in (nw.String, nw.Boolean) else expr.cast(self.api.String)

    def _read_text(self, fact: model.Fact, expr: Any) -> Any:
        if fact.kind == "truth":
            return self.read_text.truth(expr)
        if fact.kind == "choice":
            return self.read_text.option(expr, fact.choices)
        if fact.kind == "date":
            day = self.read_text.day(expr)
            return day if fact.range is None else self.api.when(day.is_between(*fact.range)).then(day)
        return self.read_text.stripped(expr)

    def _kept(self, name: str, term: Term) -> Term:
        """A fact as a column of its own, where it is read more than once."""
        often = self.reads[name] > 1 or self.reasons or self.texts
        return self.layers.keep(term) if often else term

    # -- what a fact rests on -------------------------------------------------------------------------------------

    def _footing(self, name: str, term: Term, judged: Any | None = None) -> Footing:
        if not self.reasons:
            return Footing(frozenset([name]), frozenset([name]))
        return Footing(frozenset([name]), frozenset([name]), dict(self._causes(name, term, judged)))

    def _causes(self, name: str, term: Term, judged: Any | None) -> Iterator[tuple[Reason, Cause]]:
        """Why a fact is unknown: it is missing, or judged to a level only."""
        if judged is None:
            yield Reason("missing", name), Cause(term.is_null(), name, whole=True)
            return
        only = self.api.when(judged).then(self.api.lit(value=True)).otherwise(self.api.lit(value=False))
        yield Reason("missing", name), Cause(term.is_null() & ~Term(self.api, only, 0, 3), name)
        yield Reason("judged", name), Cause(Term(self.api, only, 0, 3), name)

    def _wrong(self, column: Column, name: str, wanted: str, type_: Any) -> None:
        values = {
            "column": column.name, "fact": name, "wanted": words.Term(f"column.{wanted}"), "given": str(type_),
        }  # fmt: skip
        self.findings.append(Finding("wrong-column", "error", f"facts.{name}", "", values))


def _whole_range(type_: Any) -> tuple[int, int]:
    """The least and the greatest whole number of a type, such as `UInt8`."""
    bits = int("".join(filter(str.isdigit, str(type_))))
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if type_.is_signed_integer() else (0, 2**bits - 1)


def _end(end: Any, factor: Fraction) -> float:
    """An end of a range in the unit of the column; of numbers that are open, the largest that there are."""
    if end in (OPEN, -OPEN):
        return math.copysign(LARGEST, end)
    return float(floats.of(end) / factor)


def _float(end: Any) -> float:
    return end if isinstance(end, float) else float(floats.of(end))


def _is_text(type_: Any) -> bool:
    return type_ in (nw.String, nw.Categorical, nw.Enum)
