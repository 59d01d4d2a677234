"""A filled self-evaluation form, read: its head, its money, its rows, its sums, each number with the cell it stands in.

Nothing here judges: a form that contradicts itself is kept as it is. The forms are those of 财预〔2020〕10号 and of
provinces, in workbooks, CSV, or `[[row]]` tables; the same table gives the same form, but for the places of its cells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from perfrules.audit.sheets import Cell
from perfrules.audit.texts import EMPTY, Said
from perfrules.errors import Finding, Where
from perfrules.numbers import Exact

Column = Literal[
    "level1", "level2", "name", "sign", "target", "unit", "actual", "status", "weight", "score", "rate", "share",
    "converted", "review", "reason", "improvement", "standard", "explanation",
]  # fmt: skip
"""The columns of a table of indicators, whatever they are called on the form.

`status` is 单项指标完成情况, `rate` 得分率 or 执行率, `share` 权重占比(%), `converted` 折算得分, `review` 复核分; on
Hebei's form `score` is 单项指标得分. `sign` and `unit` are columns of forms that print 符号 | 指标值 | 计量单位 apart.
"""

Kind = Literal["indicator", "execution", "group"]
"""What a row is: an indicator; the execution of the budget; on a form without indicators, a group."""

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class FormRow:
    """One scored row of the table.

    The row of a budget's execution has the full-year budget as `target` and the amount spent as `actual`, both with the
    unit of money, wherever on the form they stand; where only a rate is printed, both are percentages.

    Attributes:
        index: Its place among the rows of the form, from 0.
        kind: What it is.
        level1, level2: The names of the groups it stands in, without points in brackets; empty where there are none.
        name: What is measured, without `指标1：` before it.
        target, actual: What the two cells say; with the sign and the unit of their own columns, where there are such.
        weight, score: 分值 and 得分; None where the cell is blank, or no number (which is a finding of the form).
        rate, share, converted, review: The other numbers of the row; a percentage is 0-100.
        reason, improvement: 偏差原因分析及改进措施, `""` where there is none.
        standard: How the row scores, in words, where the form says so.
        shares: The index of the row above whose weight and score are also those of this one, in merged cells; both are
            None here.
        cells: The cell of every column that the form has, blank ones included.
    """

    index: int
    kind: Kind
    level1: str
    level2: str
    name: str
    target: Said = EMPTY
    actual: Said = EMPTY
    weight: Exact | None = None
    score: Exact | None = None
    rate: Exact | None = None
    share: Exact | None = None
    converted: Exact | None = None
    review: Exact | None = None
    reason: str = ""
    improvement: str = ""
    standard: str = ""
    shares: int | None = None
    cells: Mapping[str, Cell] = field(default_factory=dict)

    def cell(self, column: Column = "name") -> Cell:
        """A cell of the row; where the form has no such column, the row's first cell."""
        return self.cells.get(column) or next(iter(self.cells.values()))

    def where(self, column: Column = "name") -> Where:
        """The place of a cell of the row."""
        return self.cell(column).where

    def address(self, column: Column = "name") -> str:
        """The address of a cell of the row, such as `Sheet1!D7`."""
        return self.cell(column).address


@dataclass(frozen=True, slots=True)
class SumRow:
    """A printed sum of rows: 总分, 合计, 小计.

    Attributes:
        label: What the form calls it.
        level1: Of a subtotal, the group of the first level that it stands in; of the total, empty.
        rows: The indices of the rows that it is the sum of: of the total all, of a subtotal those above it since the
            last one.
        weight, score, converted: What is printed; None where nothing is.
        cells: The cells by the names of their columns, and `label`.
    """

    label: str
    level1: str
    rows: tuple[int, ...]
    weight: Exact | None
    score: Exact | None
    converted: Exact | None
    cells: Mapping[str, Cell]

    def where(self, column: str = "label") -> Where:
        """The place of a cell of the sum; where it has no such column, of its label."""
        return (self.cells.get(column) or self.cells["label"]).where


@dataclass(frozen=True, slots=True)
class Section:
    """A group of the first level, in the order of the form.

    Attributes:
        name: Without points in brackets.
        weight: The points that are printed beside its name or in a line of its own; None where none are.
        score: The score in a line of its own.
        rows: The indices of its rows.
        cell: The cell of its name.
    """

    name: str
    weight: Exact | None
    score: Exact | None
    rows: tuple[int, ...]
    cell: Cell


Source = Literal["total", "appropriation", "carry_over", "other"]


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """A line of the block 项目资金: 年度资金总额, and what it is made of.

    Attributes:
        source: `total`; `appropriation` (当年财政拨款), `carry_over` (上年结转资金), `other`.
        label: What the form calls it.
        initial, budget, received, executed: 年初预算数, 全年预算数(A), 到位数 (Hebei), 全年执行数(B), as the form's
            unit has it.
        weight, rate, score: 分值, 执行率(B/A) in percent, 得分.
        cells: The cells by these names, and `label`.
    """

    source: Source
    label: str
    initial: Exact | None
    budget: Exact | None
    received: Exact | None
    executed: Exact | None
    weight: Exact | None
    rate: Exact | None
    score: Exact | None
    cells: Mapping[str, Cell]

    def where(self, column: str = "label") -> Where:
        """The place of a cell of the line; where it has no such column, of its label."""
        return (self.cells.get(column) or self.cells["label"]).where


@dataclass(frozen=True, slots=True)
class Form:
    """A filled form.

    Attributes:
        path: The file.
        title: What stands above the table.
        info: Labelled cells of the head and the foot: `project` 项目名称, `department` 主管部门, `unit` 实施单位,
            `period` (where the year stands), `grade` 自评等级, `source`; only those that are there.
        money_unit: 万元, 元 or 亿元: what the form says, else 万元.
        money: The lines of the block of money.
        goals: `expected` and `achieved`: 年度总体目标, 预期目标 and 实际完成情况; only those that are there.
        columns: The cells of the header, by column.
        rows: The scored rows, in the order of the form; that of the execution is first where it stands in the block of
            money.
        sections: The groups of the first level.
        subtotals: The printed sums of groups.
        total: The printed total; None where it is not printed.
        notes: What stands below the table, or between its rows, and is no row.
        findings: What could not be understood, each at its cell.
    """

    path: Path
    title: str
    info: Mapping[str, Cell]
    money_unit: str
    money: tuple[MoneyRow, ...]
    goals: Mapping[str, Cell]
    columns: Mapping[str, Cell]
    rows: tuple[FormRow, ...]
    sections: tuple[Section, ...]
    subtotals: tuple[SumRow, ...]
    total: SumRow | None
    notes: tuple[Cell, ...]
    findings: tuple[Finding, ...]

    def said(self, name: str) -> str:
        """The text of a labelled cell of the head, `""` where there is none."""
        cell = self.info.get(name)
        return cell.text if cell else ""

    @property
    def year(self) -> int | None:
        """The year that the form is about, where it says one."""
        found = _YEAR.search(self.said("period")) or _YEAR.search(self.title)
        return int(found[1]) if found else None

    @property
    def execution(self) -> FormRow | None:
        """The row of the budget's execution."""
        return next((row for row in self.rows if row.kind == "execution"), None)

    @property
    def funds(self) -> MoneyRow | None:
        """The line 年度资金总额 of the block of money."""
        return next((row for row in self.money if row.source == "total"), None)
