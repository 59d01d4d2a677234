"""Where the cells of a live workbook stand: formulas with places in them, and which helper cells are needed.

A number system lays cells down by names. Here each name gets its place, and what nothing reads is left out, such as the
parts of conditions that a workbook does not ask about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfrules.evaluation.workbook import letters
from perfrules.formula.systems.spreadsheet.formulas import LONGEST, Formula, Formulas
from perfrules.formula.systems.spreadsheet.literals import NA, reads, resolved


class Places:
    """The places of cells.

    Args:
        api: Where the formulas were made.
    """

    def __init__(self, api: Formulas) -> None:
        """Begin without any."""
        self.api = api
        self.of: dict[str, str] = {}

    def put(self, name: str, sheet: str, row: int, column: int) -> None:
        """Say where a cell stands; rows and columns from 0."""
        self.of[name] = f"{sheet_name(sheet)}!{reference(row, column)}"

    def text(self, formula: Formula) -> str:
        """A formula as a cell holds it."""
        text = "=" + resolved(formula.text, self.of.__getitem__)
        assert len(text) <= LONGEST, "a formula that long was to be laid down in parts"  # noqa: S101  (whatever a ruleset says)
        return text


def reached(formula: Formula, cells: Mapping[str, Formula]) -> set[str]:
    """The names of the cells that a formula reads, those included that these read.

    Args:
        formula: The formula.
        cells: The formulas of cells, by name.
    """
    found: set[str] = set()
    waiting = [formula.text]
    while waiting:
        for name in reads(waiting.pop()):
            if name not in found:
                found.add(name)
                waiting += [cells[name].text] if name in cells else []
    return found


def sheet_name(name: str) -> str:
    """The name of a sheet as formulas write it."""
    return "'{}'".format(name.replace("'", "''"))


def reference(row: int, column: int) -> str:
    """A cell that stays the same wherever its formula is copied."""
    return f"${letters(column)}${row + 1}"


def shown(value: Any) -> Any:
    """What a formula comes to, as the file says it."""
    return "#N/A" if value is NA else value
