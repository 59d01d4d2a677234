"""A program as cells: one line after the other over the spreadsheet system, each with the helper cells it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from perfrules.evaluation.evaluation import Evaluation
from perfrules.formula.evaluator import Evaluator
from perfrules.formula.systems.columns.values import of
from perfrules.formula.systems.spreadsheet.formulas import Formula, Formulas
from perfrules.formula.systems.spreadsheet.system import SpreadsheetSystem
from perfrules.report.live.cells import reached
from perfrules.report.live.facts import FactCells
from perfrules.report.live.held import Said
from perfrules.ruleset.program import Line


class LineCells(NamedTuple):
    """A line of the program in its cells.

    Attributes:
        line: The line.
        formula: The formula of its own cell.
        helpers: The names of the cells beside it.
    """

    line: Line
    formula: Formula
    helpers: tuple[str, ...]


class Calculation:
    """What a workbook calculates of an evaluation.

    Args:
        evaluation: The evaluation.
        lang: The language of titles and options.

    Attributes:
        api: Where the formulas were made.
        facts: The cells of facts.
        reading: The helper cells that the facts need, by the cell that needs them first.
        lines: The lines of the program.
    """

    def __init__(self, evaluation: Evaluation, lang: str) -> None:
        """Work every line out."""
        self.api = Formulas()
        program = evaluation.ruleset.program
        given = {name: known for name in program.facts if (known := evaluation.given(name)) is not None}
        said = Said(evaluation.results, given, evaluation.facts.levels)
        self.facts = FactCells(program.facts, program.declaration, said, self.api, lang)
        reading = list(self.api.laid)
        made = list(self._lines(evaluation))
        read: set[str] = set()
        for formula in (*(cell.reads for cell in self.facts.cells), *(line.formula for line in made)):
            read |= reached(formula, self.api.laid) if formula is not None else set()
        self.reading = tuple(name for name in reading if name in read)
        self.lines = tuple(
            line._replace(helpers=tuple(name for name in line.helpers if name in read)) for line in made
        )  # fmt: skip

    def _lines(self, evaluation: Evaluation) -> Iterator[LineCells]:
        program = evaluation.ruleset.program
        system = SpreadsheetSystem(self.api, self.facts.known)
        names = {name: of(value) for name, value in program.constants.items()} | self.facts.names
        run = Evaluator(system, names, lambda step: None)
        for line in program.lines:
            before = len(self.api.laid)
            formula, names[line.name] = system.line(line.name, run.visit(line.tree))
            yield LineCells(line, formula, tuple(self.api.laid)[before:])
