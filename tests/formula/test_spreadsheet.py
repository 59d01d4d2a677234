"""Every row of the conformance data through the spreadsheet system: all of them in one workbook, by LibreOffice."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from office import calculated, needs_office

from perfrules.formula.evaluator import Evaluator
from perfrules.formula.systems import exact
from perfrules.formula.systems.spreadsheet.formulas import DEEPEST, LONGEST, Formula, Formulas
from perfrules.formula.systems.spreadsheet.literals import number, resolved, serial
from perfrules.formula.systems.spreadsheet.system import SpreadsheetSystem
from perfrules.report.live import blocks
from perfrules.report.live.cells import Places, reached
from perfrules.report.live.facts import FactCells
from perfrules.report.live.held import Said, as_float

from .rows import Row, Vocabulary, rows

ROWS = [row for row in rows() if "error" not in row.asked]
STALE = -123456.75
"""What every formula comes to in the file, before it is calculated."""


def formulas(row: Row, vocabulary: Vocabulary) -> tuple[Formula, FactCells]:
    """The formula of a row, and the cells that it reads."""
    read, api = vocabulary.read(row.facts), Formulas()
    said = Said(vocabulary.exact(row.facts), read.given, read.levels)
    facts = FactCells(vocabulary.ruleset.program.facts, vocabulary.ruleset.declaration, said, api, "en")
    system = SpreadsheetSystem(api, facts.known)
    return system.line("result", Evaluator(system, dict(facts.names), lambda step: None).visit(row.tree))[0], facts


class Sheets:
    """The workbook: a row of a sheet for each row of the data, the tables of each on another."""

    def __init__(self) -> None:
        self.file = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.file, {"in_memory": True})
        self.sheet, self.tables = self.book.add_worksheet("rows"), self.book.add_worksheet("tables")
        self.top = 0

    def add(self, index: int, formula: Formula, facts: FactCells) -> None:
        """Write the formula of a row into column A, and into those behind it what it reads."""
        places, column = Places(facts.api), 1
        formulas_ = {cell.name: cell.reads for cell in facts.cells if cell.reads is not None} | facts.api.laid
        read = reached(formula, formulas_)
        for block in facts.blocks:
            if f"{block.fact}!" in read:
                blocks.write(self.tables, block, self.top, places, write)
                self.top += block.room
        for cell in facts.cells:
            if f"{cell.name}!" in read:
                places.put(f"{cell.name}!", "rows", index, column)
                write(self.sheet, index, column, cell.held)
                column += 1
        needed = [name for name in formulas_ if name in read]
        for at, name in enumerate(needed, column):
            places.put(name, "rows", index, at)
        for at, name in enumerate(needed, column):
            self.sheet.write_formula(index, at, places.text(formulas_[name]), None, STALE)
        self.sheet.write_formula(index, 0, places.text(formula), None, STALE)


def write(sheet: Any, row: int, column: int, value: Any) -> None:
    if value == "":
        sheet.write_formula(row, column, '=""', None, "")  # a cell that is blank would be a missing fact
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write_number(row, column, as_float(value))


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    vocabulary, sheets = Vocabulary(tmp_path_factory.mktemp("vocabulary")), Sheets()
    for index, row in enumerate(ROWS):
        sheets.add(index, *formulas(row, vocabulary))
    sheets.book.close()
    found = calculated(tmp_path_factory.mktemp("office"), {"language": sheets.file.getvalue()})["language"]["rows"]
    return [found[f"A{index + 1}"] for index in range(len(ROWS))]


@needs_office
def test_every_row_has_its_value(answers: list[Any]) -> None:
    assert len(ROWS) > 600
    held = [(row, answer) for row, answer in zip(ROWS, answers, strict=True) if row.in_doubles]
    assert len(ROWS) - len(held) == 2, "the rows that doubles cannot hold"
    wrong = [(str(row), answer, row.asked.get("value")) for row, answer in held if not _right(row, answer)]
    assert not wrong


def _right(row: Row, answer: Any) -> bool:
    if "unknown" in row.asked:
        return bool(answer == "#N/A")
    wanted = row.value
    if isinstance(wanted, bool | str):
        return type(answer) is type(wanted) and bool(answer == wanted)
    wanted = float(serial(wanted) if isinstance(wanted, date) else wanted)
    if "round" in row.formula:
        return bool(answer == wanted)
    return isinstance(answer, float) and answer == pytest.approx(wanted, rel=1e-12, abs=1e-300)


def test_no_formula_grows_beyond_what_a_cell_takes(tmp_path: Path) -> None:
    vocabulary = Vocabulary(tmp_path)
    chain = "".join(f"{index} if a > {100 - index} else " for index in range(55)) + "0"
    conditions = " and ".join(f"(p or q or a > {index})" for index in range(60))
    for text in (chain, f"1 if {conditions} else 0", " + ".join(["min(a, b) * c"] * 50)):
        row = Row(0, {"formula": text, "facts": {"a": 70, "b": 3, "c": 7}})
        formula, facts = formulas(row, vocabulary)
        made = [formula, *facts.api.laid.values()]
        assert max(len(resolved(one.text, lambda name: "'a sheet of a workbook'!$ABC$12345")) for one in made) < LONGEST
        assert max(one.depth for one in made) < DEEPEST
        assert formula.now == float(exact.evaluate(row.tree, vocabulary.exact(row.facts)))


@given(st.floats(min_value=1e-9, max_value=1e30, allow_nan=False))
def test_a_literal_is_its_float_with_no_more_than_15_digits(value: float) -> None:
    for one in (value, -value, value * (1 + 2**-48)):
        text = number(one)
        assert eval(text) == one  # noqa: S307  (a sum of two numbers)
        assert all(len(digits.strip("0")) <= 15 for digits in re.findall(r"[0-9]+", text.replace(".", "")))
