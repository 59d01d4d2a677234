"""The lines of a table of indicators: rows, sums, groups, and what is none of these.

A blank cell of a group takes the group above it, as merged cells do when a form becomes CSV. Weight and score that are
merged over several rows belong to the first of them, and the others share it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from perfrules.audit import texts
from perfrules.audit.columns import EXECUTION, GROUP, NOTE, NUMBERED, SUBTOTAL, TOTAL, one_line, plain, points
from perfrules.audit.forms import FormRow, Kind, MoneyRow, Section, SumRow
from perfrules.audit.sheets import Cell, Sheet
from perfrules.audit.texts import EMPTY, Said, is_empty, number
from perfrules.errors import Finding
from perfrules.numbers import Exact

NUMBERS = ("weight", "score", "rate", "share", "converted", "review")
_OPEN = ("", "...", "……", "…")
"""What stands after `指标1：` in a template that nobody filled in."""

Line = list[tuple[int, Cell]]


@dataclass(slots=True)
class _Group:
    """A group of the first level in the making."""

    cell: Cell
    weight: Exact | None = None
    score: Exact | None = None
    rows: list[int] = field(default_factory=list)


@dataclass(eq=False)
class Lines:
    """Reads line after line of a table.

    Attributes:
        columns: The columns by name.
        funds: The line 年度资金总额 of the block of money.
        unit: The unit of money of the form.
        noted: Lines that are no part of the table.
    """

    sheet: Sheet
    columns: dict[str, int]
    funds: MoneyRow | None
    unit: str
    rows: list[FormRow] = field(default_factory=list)
    groups: dict[str, _Group] = field(default_factory=dict)
    subtotals: list[SumRow] = field(default_factory=list)
    total: SumRow | None = None
    noted: list[Line] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    level1: str = ""
    level2: str = ""

    def read(self, below: list[int]) -> None:
        """Read the lines below the header."""
        if self.funds and not any(self._says_execution(row) for row in below):
            self._execution_of_the_block(self.funds)
        for row in below:
            if line := self.sheet.line(row):
                self._line(row, line)

    def sections(self) -> tuple[Section, ...]:
        """The groups of the first level, in order."""
        return tuple(
            Section(name, group.weight, group.score, tuple(group.rows), group.cell)
            for name, group in self.groups.items()
        )

    # -- lines ----------------------------------------------------------------------------------------------------

    def _line(self, row: int, line: Line) -> None:
        """Take one line for what it is."""
        cells = {name: self.sheet.at(row, column) for name, column in self.columns.items()}
        if self._sum(row, line, cells):
            return
        is_row = self._is_row(row, cells)
        if not is_row and (self._unfilled(line) or self._heading(line)):
            return
        if self._is_note(row, line, cells, is_row):
            self.noted.append(line)
            return
        self._levels(cells)
        if is_row:
            self._row(row, cells)
        elif not self._of_a_group(row, cells) and not self._only_groups(line):
            self._note("form-unread.line", line[0][1], {"given": line[0][1].text})

    def _is_note(self, row: int, line: Line, cells: dict[str, Cell], is_row: bool) -> bool:
        """Whether a line is a remark; 联系群众次数 begins like 联系电话, and is none if it has a weight or score."""
        if is_row and any(self._number(name, row, cells) is not None for name in ("weight", "score")):
            return False
        return NOTE.match(texts.bare(line[0][1].text)) is not None or (len(line) == 1 and not is_row)

    def _unfilled(self, line: Line) -> bool:
        """Whether a line is what a template prints, and nobody filled in: 指标3：, ……."""
        return len(line) == 1 and NUMBERED.sub("", line[0][1].text, count=1).strip() in _OPEN

    def _only_groups(self, line: Line) -> bool:
        """Whether a line names groups and nothing else."""
        heads = {self.columns[name] for name in ("level1", "level2", "name") if name in self.columns}
        return all(is_empty(cell.text) or column in heads for column, cell in line)

    def _sum(self, row: int, line: Line, cells: dict[str, Cell]) -> bool:
        """Take a printed sum; whether the line is one."""
        first = min((self.columns[name] for name in NUMBERS if name in self.columns), default=self.sheet.width)
        labels = [cell for column, cell in line if column < first]
        found = next((cell for cell in labels if TOTAL.fullmatch(plain(cell.text))), None)
        part = next((cell for cell in labels if SUBTOTAL.fullmatch(plain(cell.text))), None)
        label = found or part
        if label is None:
            return False
        amounts = {name: self._number(name, row, cells) for name in ("weight", "score", "converted")}
        used = {at for one in self.subtotals for at in one.rows}
        rows = tuple(one.index for one in self.rows if found or (one.level1 == self.level1 and one.index not in used))
        level1 = "" if found else self.level1
        summed = SumRow(label.text, level1, rows, cells={**cells, "label": label}, **amounts)
        if found and self.total is None:
            self.total = summed
        else:
            self.subtotals.append(summed)
        return True

    # -- groups ---------------------------------------------------------------------------------------------------

    def _levels(self, cells: dict[str, Cell]) -> None:
        """Follow the names of the groups; a blank takes the one above."""
        if "level1" in cells and not is_empty(cells["level1"].text):
            name, beside = points(one_line(cells["level1"].text))
            if name != self.level1:
                self.level1, self.level2 = name, ""
            group = self.groups.setdefault(name, _Group(cells["level1"]))
            group.weight = beside if group.weight is None else group.weight
        if "level2" in cells and not is_empty(cells["level2"].text):
            self.level2 = points(one_line(cells["level2"].text))[0]

    def _heading(self, line: Line) -> bool:
        """Take the name of a group in a line of its own, where there is no column for it; whether the line is that."""
        name, beside = points(line[0][1].text)
        if "level1" in self.columns or len(line) > 1 or not GROUP.fullmatch(plain(name)):
            return False
        self.level1, self.level2 = name, ""
        self.groups.setdefault(name, _Group(line[0][1], beside))
        return True

    def _of_a_group(self, row: int, cells: dict[str, Cell]) -> bool:
        """Take the weight and score of a group that stand in a line of their own; whether the line is that."""
        own = "level1" in self.columns and self.sheet.origin(row, self.columns["level1"])[0] == row
        if not own or "name" not in cells or is_empty(cells["level1"].text) or not is_empty(cells["name"].text):
            return False
        weight, score = self._number("weight", row, cells), self._number("score", row, cells)
        group = self.groups[self.level1]
        if weight is not None or score is not None:
            group.weight = weight if group.weight is None else group.weight
            group.score = score
        return weight is not None or score is not None

    # -- rows -----------------------------------------------------------------------------------------------------

    def _is_row(self, row: int, cells: dict[str, Cell]) -> bool:
        """Whether a line says enough to be a row: a name, and something about it in another cell."""
        name = self._name(row, cells)
        if name.strip("_— ") in _OPEN:
            return False
        heads = {cells[name].address for name in ("level1", "level2", "name") if name in cells and cells[name].text}
        return any(not is_empty(cell.text) and cell.address not in heads for cell in cells.values())

    def _name(self, row: int, cells: dict[str, Cell]) -> str:
        """The name of a row: of its indicator; on forms of fewer levels that of the group."""
        for column in ("name", "level2", "level1"):
            if column not in cells:
                continue
            text = NUMBERED.sub("", one_line(cells[column].text), count=1).strip()
            own = self.sheet.origin(row, self.columns[column])[0] == row
            if column == "name" and not is_empty(text):
                return text
            if column != "name" and own and not is_empty(text) and not (column == "level1" and "name" in self.columns):
                return points(text)[0]
        return ""

    def _row(self, row: int, cells: dict[str, Cell]) -> None:
        """Take one row."""
        name = self._name(row, cells)
        kind: Kind = "indicator"
        if self._says_execution(row) and not any(one.kind == "execution" for one in self.rows):
            kind = "execution"
        elif "name" not in self.columns and "level2" not in self.columns:
            kind = "group"
        target, actual = self._said("target", cells), self._said("actual", cells)
        more: dict[str, Any] = {one: self._number(one, row, cells) for one in NUMBERS}
        more |= {one: texts.note(cells[one].text) for one in ("reason", "improvement", "standard") if one in cells}
        shares = self._shares(row, cells)
        levels = (self.level1, self.level2)
        found = FormRow(len(self.rows), kind, *levels, name, target, actual, shares=shares, cells=cells, **more)
        if kind == "execution":
            found = self._money(found)
        self.rows.append(found)
        if self.level1:
            self.groups[self.level1].rows.append(found.index)

    def _said(self, column: Literal["target", "actual"], cells: dict[str, Cell]) -> Said:
        if column not in cells:
            return EMPTY
        unit = cells["unit"].text if "unit" in cells else ""
        sign = cells["sign"].text if "sign" in cells and column == "target" else ""
        return texts.read(cells[column].text, unit=unit, sign=sign, target=column == "target")

    def _number(self, name: str, row: int, cells: dict[str, Cell]) -> Exact | None:
        """A number of the row; none where it stands in a cell that begins above, or is none, which is noted."""
        if name not in cells or self.sheet.origin(row, self.columns[name])[0] != row:
            return None
        found = number(cells[name].text)
        if found is None and not is_empty(cells[name].text):
            self._note("form-unread.number", cells[name], {"given": cells[name].text})
        return found

    def _shares(self, row: int, cells: dict[str, Cell]) -> int | None:
        """The row above whose weight and score are also those of this one."""
        before = self.rows[-1] if self.rows else None
        if before is None or before.level1 != self.level1 or before.kind != "indicator":
            return None
        if any(self._number(name, row, cells) is not None for name in ("weight", "score", "converted")):
            return None
        leads = before if before.shares is None else self.rows[before.shares]
        return None if leads.weight is None and leads.score is None else leads.index

    # -- the execution of the budget ------------------------------------------------------------------------------

    def _says_execution(self, row: int) -> bool:
        cells = {name: self.sheet.at(row, column) for name, column in self.columns.items()}
        name = plain(self._name(row, cells))
        level1 = plain(cells["level1"].text) if "level1" in cells and not name else name
        return EXECUTION.fullmatch(name or level1) is not None

    def _execution_of_the_block(self, funds: MoneyRow) -> None:
        """The row of the execution, where it is scored in the block of money."""
        if funds.weight is None and funds.score is None:
            return
        cells = {"name": funds.cells["label"], **{name: funds.cells[name] for name in NUMBERS if name in funds.cells}}
        found = FormRow(
            0, "execution", "", "", "预算执行率", weight=funds.weight, score=funds.score, rate=funds.rate, cells=cells
        )
        self.rows.append(self._money(found))

    def _money(self, row: FormRow) -> FormRow:
        """A row of the execution with the budget as its target, and what was spent as its actual."""
        if _is_amount(row.target) and _is_amount(row.actual):
            unit = self.unit
            return replace(row, target=_with(row.target, unit), actual=_with(row.actual, unit))
        rate = row.rate if row.rate is not None else row.actual.number
        if self.funds is None or "budget" not in self.funds.cells or "executed" not in self.funds.cells:
            return replace(row, rate=rate)
        budget, executed = self.funds.cells["budget"], self.funds.cells["executed"]
        cells = {**row.cells, "target": budget, "actual": executed}
        said = (_with(texts.read(cell.text), self.unit) for cell in (budget, executed))
        target, actual = said
        return replace(row, target=target, actual=actual, rate=rate, cells=cells)

    def _note(self, key: str, cell: Cell, values: Mapping[str, object]) -> None:
        """Note what cannot be understood; what two questions ask about is noted once."""
        finding = Finding("form-unread", "warning", cell.address, key, values, cell.where)
        if finding not in self.findings:
            self.findings.append(finding)


def _is_amount(said: Said) -> bool:
    return said.kind == "number" and said.unit != "%"


def _with(said: Said, unit: str) -> Said:
    return replace(said, unit=said.unit or unit) if said.kind == "number" else said
