"""What the cells of forms show: a score, a value with its unit, a grade by its title, or a dash while it is unknown.

Here alone #N/A becomes something else: in cells that are looked at and that no score is worked out from.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from perfrules import words
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import BranchResult, RowResult
from perfrules.formula.systems.spreadsheet.formulas import Formula, Formulas
from perfrules.report.forms import yes_no
from perfrules.report.live.cells import Places
from perfrules.report.live.pages import literal
from perfrules.ruleset import model

DASH = "—"
SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "="}


class Spare(NamedTuple):
    """Where cells go that forms need beside: a row of a sheet, and the first free column."""

    sheet: str
    row: int
    column: int


class Display:
    """Makes the formulas of cells that people look at.

    Args:
        evaluation: The evaluation.
        lang: The language.
        api: Where formulas are made.
        places: Where cells stand.
        spare: Where helper cells go.
    """

    def __init__(self, evaluation: Evaluation, lang: str, api: Formulas, places: Places, spare: Spare) -> None:
        """Take what is shown."""
        self.evaluation = evaluation
        self.lang = lang
        self.api = api
        self.places = places
        self.spare = spare
        self.helpers: list[str] = []
        self.seen = len(api.laid)

    def say(self, key: str, **values: object) -> str:
        """A message."""
        return words.say(key, self.lang, values)

    def title(self, titles: Any, default: str = "") -> str:
        """A title in the language."""
        return words.title(titles, self.lang, default)

    def text(self, formula: Formula) -> str:
        """A formula as a cell holds it; cells that it needs beside get places."""
        for name in list(self.api.laid)[self.seen :]:
            self.places.put(name, self.spare.sheet, self.spare.row, self.spare.column + len(self.helpers))
            self.helpers.append(name)
        self.seen = len(self.api.laid)
        return self.places.text(formula)

    def known(self, name: str) -> Formula:
        """What a cell holds, or a dash."""
        cell = self.api.col(name)
        return self.api.choice(cell.is_null(), DASH, cell)

    # -- results --------------------------------------------------------------------------------------------------

    def row_score(self, row: RowResult) -> Formula:
        """The score of an indicator; a word where it does not apply."""
        score = self.known(row.row.score)
        if not row.row.applies:
            return score
        applies = self.api.col(row.row.applies)
        off = self.say("status.not_applicable")
        return self.api.choice(applies.is_null(), DASH, self.api.choice(applies, score, off))

    def branch_score(self, branch: BranchResult) -> Formula:
        """The score of a dimension or of the total."""
        score = self.known(branch.branch.score)
        if not branch.branch.live:
            return score
        live = self.api.col(branch.branch.live)
        off = self.say("status.not_applicable")
        return self.api.choice(live.is_null(), DASH, self.api.choice(live == 0, off, score))

    def earnable(self, branch: BranchResult) -> Formula:
        """The points that a dimension can earn: a line of the program, or a constant of it."""
        if branch.branch.earnable not in self.api.cells:
            return self.api.lit(float(branch.weight))
        cell = self.api.col(branch.branch.earnable)
        return self.api.choice(cell.is_null(), float(branch.weight), cell)

    def lost(self, score: Formula, weight: Formula) -> Formula:
        """What was lost; a dash while that is not known."""
        is_number = self.api.made(f"ISNUMBER({score.text})", isinstance(score.now, float), 0, score.depth + 1)
        now = weight.now - score.now if isinstance(score.now, float) else DASH
        text = f"IF({is_number.text},ROUND({weight.text}-{score.text},10),{self.api.lit(DASH).text})"
        return self.api.made(text, round(now, 10) if isinstance(now, float) else now, 0, score.depth + 1)

    def grade(self, branch: BranchResult) -> Formula | None:
        """The grade by its title; None where there is no scale."""
        if branch.branch.grade is None:
            return None
        steps = self.evaluation.scale_of(branch.branch).steps
        titles = {step.id: self.title(step.title, step.id) for step in steps}
        cell = self.api.col(branch.branch.grade)
        return self.api.choice(cell.is_null(), DASH, self._told(cell, titles))

    def _told(self, cell: Formula, titles: Mapping[str, str]) -> Formula:
        """An id by its title."""
        found: Any = DASH
        for identifier, title in reversed(list(titles.items())):
            found = self.api.choice(cell == identifier, words.safe(title), found)
        return self.api.lit(found)

    # -- values ---------------------------------------------------------------------------------------------------

    def value(self, row: RowResult) -> tuple[Formula | None, str]:
        """What was measured, and its number format."""
        return self._shown(row.row.value, row.row.unit or "", row, "")

    def target(self, row: RowResult) -> tuple[Formula | None, str]:
        """What was promised, with the sign of the comparison in its number format."""
        return self._shown(row.row.target, row.row.unit or "", row, SIGNS.get(row.row.operator, ""))

    def _shown(self, name: str | None, unit: str, row: RowResult, sign: str) -> tuple[Formula | None, str]:
        if name is None:
            return None, ""
        cell, value = self.api.col(name), self.evaluation.results[name]
        if self._is_date(name, value):
            return self.api.choice(cell.is_null(), DASH, cell), f"{literal(sign)}yyyy-mm-dd"
        if isinstance(value, bool):
            yes, no = yes_no(self.lang)
            return self.api.choice(cell.is_null(), DASH, self.api.choice(cell, yes, no)), ""
        if cell.is_text:
            titles = self._titles(name)
            return self.api.choice(cell.is_null(), DASH, self._told(cell, titles) if titles else cell), ""
        if self._is_truth(name):
            return self.api.choice(cell.is_null(), DASH, self.api.choice(cell, *yes_no(self.lang))), ""
        return self.api.choice(cell.is_null(), DASH, cell.round(4)), f"{literal(sign)}General{literal(unit)}"

    def _fact_behind(self, name: str) -> model.Fact | None:
        """The fact that a line repeats, if that is all it does."""
        tree: Any = self.evaluation.ruleset.program.by_name[name].tree
        return self.evaluation.ruleset.program.facts.get(getattr(tree, "id", ""))

    def _is_date(self, name: str, value: Any) -> bool:
        fact = self._fact_behind(name)
        return isinstance(value, date) or (fact is not None and fact.kind == "date")

    def _is_truth(self, name: str) -> bool:
        tree: Any = self.evaluation.ruleset.program.by_name[name].tree
        fact = self._fact_behind(name)
        decides = isinstance(tree, ast.Compare | ast.BoolOp) or isinstance(getattr(tree, "op", None), ast.Not)
        return decides or (fact is not None and fact.kind == "truth")

    def _titles(self, name: str) -> dict[str, str]:
        fact = self._fact_behind(name)
        choices = fact.choices if fact is not None else {}
        return {identifier: self.title(titles, identifier) for identifier, titles in choices.items()}
