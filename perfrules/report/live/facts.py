"""The facts of a live workbook: the cells that people fill in, and the formulas that read them.

Each fact has two cells. In the one stands what was submitted, or nothing. The other reads it as a submission is read:
#N/A where it is blank, of another kind, out of its range or outside its level, so that a missing fact is missing and
never 0. Formulas read the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from perfrules import numbers, words
from perfrules.formula.systems.columns.floats import Number
from perfrules.formula.systems.columns.footing import Footing
from perfrules.formula.systems.columns.terms import Term
from perfrules.formula.systems.columns.values import Plain
from perfrules.formula.systems.exact import Unknown
from perfrules.formula.systems.spreadsheet.formulas import ATOM, Formula, Formulas
from perfrules.formula.systems.spreadsheet.literals import NA, serial
from perfrules.formula.systems.spreadsheet.tables import Column, Table
from perfrules.numbers import Exact
from perfrules.report.forms import shown_options, yes_no
from perfrules.report.live.held import Block, FactCell, Said, as_float
from perfrules.ruleset import model
from perfrules.ruleset.names import NUMERIC
from perfrules.ruleset.ranges import OPEN, band, limits

CENTS = 100
"""What numbers are taken to be multiples of one over, unless they are counted."""

SPARE_ROWS = 20
"""Rows of a table that can be added."""


class FactCells:
    """The cells of some facts.

    Args:
        facts: The facts of the ruleset.
        declared: The ruleset as declared.
        said: What is said of the facts.
        api: Where formulas are made.
        lang: The language of titles and options.

    Attributes:
        cells: The cells to fill in, in order.
        blocks: The tables.
        names: The value of every name that formulas read.
        known: Of each fact, whether it is known.
        beside: The helper cells by name, and the number of the cell that each stands beside.
    """

    def __init__(
        self, facts: Mapping[str, model.Fact], declared: model.Declaration, said: Said, api: Formulas, lang: str
    ) -> None:  # fmt: skip
        """Lay the cells out."""
        self.declared = declared
        self.said = said
        self.api = api
        self.lang = lang
        self.cells: list[FactCell] = []
        self.blocks: list[Block] = []
        self.names: dict[str, Any] = {}
        self.known: dict[str, Formula] = {}
        self.beside: dict[str, int] = {}
        for identifier, fact in facts.items():
            row, laid = len(self.cells), len(api.laid)
            self._fact(identifier, fact)
            self.beside |= dict.fromkeys(list(api.laid)[laid:], row)

    def _fact(self, identifier: str, fact: model.Fact) -> None:
        title = words.title(fact.title, self.lang, identifier)
        if fact.kind == "checklist":
            self._checklist(identifier, fact, title)
        elif fact.kind == "table":
            self._table(identifier, fact, title)
        elif fact.kind in NUMERIC:
            self._number(identifier, fact, title)
        else:
            self._plain(identifier, identifier, fact, title)

    # -- what stands in cells -------------------------------------------------------------------------------------

    def _held(self, name: str) -> Any:
        """What stands in the cell of a fact: its value, or what was submitted and does not count."""
        value = self.said.names.get(name)
        if isinstance(value, Unknown) or value is None:
            given = self.said.given.get(name)
            value = None if given is None else given.submitted
        return value

    def _typed(self, name: str, held: Any) -> Formula:
        """The cell that is filled in."""
        if isinstance(held, Exact) and not isinstance(held, bool):
            held = float(numbers.to_fraction(held))
        if isinstance(held, date):
            held = float(serial(held))
        return self.api.hold(f"{name}!", NA if held is None else held, is_text=isinstance(held, str))

    def _asked(self, function: str, cell: Formula, answer: bool) -> Formula:
        return self.api.made(f"{function}({cell.text})", answer, ATOM, 1)

    def _read(self, name: str, reads: Formula) -> Term:
        """The cell that reads, as formulas name it."""
        return Term(self.api, self.api.hold(name, reads.now, is_text=reads.is_text))

    # -- numbers --------------------------------------------------------------------------------------------------

    def _number(self, name: str, fact: model.Fact, title: str) -> None:
        low, high = limits(fact.kind, fact.range)
        held = self._held(name)
        typed = self._typed(name, held)
        fits = self.inside(typed, low, high)
        level = None
        if fact.kind == "judgement":
            level, fits = self._level(name, fact, title, typed, fits)
        is_number = self._asked("ISNUMBER", typed, isinstance(typed.now, float))
        reads = self.api.choice(is_number, self.api.choice(fits, typed, None), None)
        rate = words.say("form.rate", self.lang, {"title": title}) if level else title
        self.cells.append(FactCell(name, name, rate, "number", (), held, reads))
        least, most = (float(numbers.to_fraction(end)) if isinstance(end, Exact) else end for end in (low, high))
        self.names[name] = Number(
            self._read(name, reads), _footing(name), leaf=True, low=least, high=most, nonzero=least > 0 or most < 0,
            denominator=1 if fact.kind == "count" else CENTS, key=name, signed=True, top=max(abs(least), abs(most)),
        )  # fmt: skip
        missing = self.names[name].term.expr.is_null()
        self.known[name] = ~missing if level is None else self.api.choice(missing, level, True)

    def inside(self, cell: Formula, low: Any, high: Any) -> Formula:
        """Whether a number lies in a range."""
        ends = [(">=", low)] * (low != -OPEN) + [("<=", high)] * (high != OPEN)
        tests = [cell >= as_float(end) if sign == ">=" else cell <= as_float(end) for sign, end in ends]
        if len(tests) < 2:
            return tests[0] if tests else self.api.lit(value=True)
        return self.api.call("AND", *tests, of=lambda one, two: one and two)

    def _level(
        self, name: str, fact: model.Fact, title: str, rate: Formula, fits: Formula
    ) -> tuple[Formula, Formula]:  # fmt: skip
        """The cell of a level: whether a level alone is known, and whether the rate fits it as well."""
        steps = self.declared.levels[fact.levels or ""].steps
        options = dict(
            zip((s.id for s in steps), shown_options({s.id: s.title for s in steps}, self.lang), strict=True)
        )
        given = self.said.given.get(name)
        held = options.get(self.said.levels.get(name) or (given and given.level) or "")
        cell = self._typed(f"{name}.level", held)
        label = words.say("form.level", self.lang, {"title": title})
        self.cells.append(FactCell(f"{name}.level", name, label, "option", tuple(options.values()), held, None))
        blank = self._asked("ISBLANK", cell, held is None)
        found = self.api.lit(value=False)
        for step in reversed(steps):
            inside = self.inside(rate, *band(step))
            for end in (step.above, step.below):
                if end is not None:
                    inside = self.api.choice(inside, rate != as_float(end), self.api.lit(value=False))
            same = self.api.call("EXACT", cell, options[step.id], of=lambda one, two: one == two)
            found = self.api.choice(same, inside, found)
        fits = self.api.choice(fits, self.api.choice(blank, self.api.lit(value=True), found), self.api.lit(value=False))
        alone = self.api.choice(self._asked("ISBLANK", rate, rate.now is NA), ~blank, self.api.lit(value=False))
        return alone, fits

    # -- what is no number ----------------------------------------------------------------------------------------

    def _plain(self, name: str, of: str, fact: model.Fact, title: str) -> None:
        held = self._held(name)
        kind = "text"
        options: tuple[str, ...] = ()
        if fact.kind == "date":
            kind, reads = "date", self._date(name, fact, held)
        elif fact.kind == "truth":
            kind, options = "option", yes_no(self.lang)
            held = options[not held] if isinstance(held, bool) else held
            cell = self._typed(name, held)
            reads = self._option(cell, dict(zip(options, (True, False), strict=True)))
            is_logical = self._asked("ISLOGICAL", cell, answer=False)
            reads = self.api.choice(is_logical, Formula(self.api, cell.text, NA), reads)
        elif fact.kind == "choice":
            kind, options = "option", shown_options(fact.choices, self.lang)
            held = dict(zip(fact.choices, options, strict=True)).get(held, held)
            reads = self._option(self._typed(name, held), dict(zip(options, fact.choices, strict=True)))
        else:
            cell = self._typed(name, held)
            reads = self.api.choice(self._asked("ISBLANK", cell, held is None), None, cell)
            reads.is_text = True
        self.cells.append(FactCell(name, of, title, kind, options, held, reads))
        self.names[name] = Plain(self._read(name, reads), _footing(name))
        self.known[name] = ~self.names[name].term.expr.is_null()

    def _date(self, name: str, fact: model.Fact, held: Any) -> Formula:
        cell = self._typed(name, held)
        is_number = self._asked("ISNUMBER", cell, isinstance(cell.now, float))
        fits = self.api.lit(value=True) if fact.range is None else self.inside(cell, *fact.range)
        return self.api.choice(is_number, self.api.choice(fits, cell, None), None)

    def _option(self, cell: Formula, options: Mapping[str, Any]) -> Formula:
        """What is meant by an option; #N/A where it is none."""
        found: Any = None
        for title, meant in reversed(list(options.items())):
            same = self.api.call("EXACT", cell, title, of=lambda one, two: one == two)
            found = self.api.choice(same, meant, found)
        return self.api.choice(self._asked("ISBLANK", cell, cell.now is NA), None, found)

    # -- checklists and tables ------------------------------------------------------------------------------------

    def _checklist(self, name: str, fact: model.Fact, title: str) -> None:
        items = [f"{name}.{item}" for item in fact.items]
        for item, (label, titles) in zip(items, fact.items.items(), strict=True):
            part = words.say("form.part", self.lang, {"whole": title, "part": words.title(titles, self.lang, label)})
            self._plain(item, name, model.Fact(kind="truth"), part)
        self.names[name] = tuple(self.names[item] for item in items)
        known = self.api.lit(value=True)
        for item in items:
            known = self.api.choice(self.known[item], known, self.api.lit(value=False))
        self.known[name] = known

    def _table(self, name: str, fact: model.Fact, title: str) -> None:
        given = isinstance(self.said.names.get(name), tuple)
        yes = yes_no(self.lang)[0]
        held = yes if given else None
        rows = self._rows(name, fact) if given else ()
        room = len(rows) + SPARE_ROWS
        numeric = {column: limits(c.kind, c.range) for column, c in fact.columns.items() if c.kind in NUMERIC}
        now = {column: self._now(f"{name}.{column}") for column in numeric}
        self.blocks.append(Block(name, fact.columns, rows, room, numeric, now))
        cell = self._typed(name, held)
        counted = Formula(self.api, f"COUNT({self._range(name)})", float(len(rows)), ATOM, 1)
        is_given = self.api.call("EXACT", cell, yes, of=lambda one, two: one == two)
        reads = self.api.choice(self._asked("ISBLANK", cell, not given), None, self.api.choice(is_given, counted, None))
        self.cells.append(FactCell(name, name, title, "option", (yes,), held, reads))
        table = Table(self._read(name, reads).expr, _footing(name), room)
        self.names[name] = table
        self.known[name] = ~table.rows.is_null()
        for column, (low, high) in numeric.items():
            label = f"{name}.{column}"
            self.names[label] = Column(
                table, Formula(self.api, self._range(label), NA), now[column], as_float(low), as_float(high),
                1 if fact.columns[column].kind == "count" else CENTS,
            )  # fmt: skip

    def _now(self, name: str) -> tuple[Any, ...]:
        values = self.said.names.get(name)
        return tuple(map(as_float, values)) if isinstance(values, tuple) else ()

    def _range(self, name: str) -> str:
        self.api.hold(f"{name}[]", NA)
        return self.api.col(f"{name}[]").text

    def _rows(self, name: str, fact: model.Fact) -> tuple[Mapping[str, Any], ...]:
        given = self.said.given.get(name)
        submitted = given.submitted if given and isinstance(given.submitted, list) else []
        columns = {column: self.said.names[f"{name}.{column}"] for column in fact.columns}
        return tuple(dict(self._row(columns, index, submitted)) for index in range(len(self.said.names[name])))

    @staticmethod
    def _row(columns: Mapping[str, Any], index: int, submitted: list[Any]) -> Iterator[tuple[str, Any]]:
        for column, values in columns.items():
            value = values[index]
            if isinstance(value, Unknown):
                value = submitted[index].get(column) if index < len(submitted) else None
            yield column, value


def _footing(name: str) -> Footing:
    return Footing(frozenset([name]), frozenset([name]))
