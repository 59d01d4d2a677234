"""The head of a form: title, labelled cells, the two goals of the year, and the block of money."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from perfrules.audit import texts
from perfrules.audit.columns import GOALS, INFO, MONEY, meaning, one_line, plain, points, source
from perfrules.audit.forms import MoneyRow, Source
from perfrules.audit.sheets import Cell, Sheet
from perfrules.audit.texts import bare, is_empty, number
from perfrules.errors import Finding
from perfrules.numbers import Exact, normal
from perfrules.rationals import ratio

_MONEY_UNIT = re.compile(r"[(（:：,，](?:单位[:：])?(万元|亿元|元)(?:[)）,，]|$)")
_YEAR = re.compile(r"(?:19|20)\d{2}\s*年")
Line = list[tuple[int, Cell]]
_AMOUNTS = ("initial", "budget", "received", "executed")
_FACTORS = {"": 0, "元": 1, "万元": 10_000, "万": 10_000, "亿元": 100_000_000, "亿": 100_000_000}
_POINTS = ("", "%", "分")


@dataclass(slots=True)
class Head:
    """What stands above a table, as far as it is understood."""

    title: str = ""
    info: dict[str, Cell] = field(default_factory=dict)
    goals: dict[str, Cell] = field(default_factory=dict)
    money: list[MoneyRow] = field(default_factory=list)
    money_unit: str = ""
    findings: list[Finding] = field(default_factory=list)


class _Block(NamedTuple):
    """The header of the block of money: the columns by name, and the points beside them."""

    columns: Mapping[str, int]
    points: Exact | None
    cells: tuple[Cell, ...]


def read(sheet: Sheet, rows: list[int]) -> Head:
    """The head of a form, of the rows above its table."""
    head = Head()
    lines = iter(enumerate(rows))
    for index, row in lines:
        line = sheet.line(row)
        if not line:
            continue
        if _is_title(head, line):
            head.title = one_line(line[0][1].text)
        elif block := _block(sheet, row):
            taken = _money(sheet, block, rows[index + 1 :], head)
            for _ in range(taken):
                next(lines)
            continue
        elif goals := _goals(sheet, line, row, rows[index + 1 :]):
            head.goals |= goals
        for name, cell in labelled(line).items():
            if name == "unit" and cell.text in _FACTORS:
                head.money_unit = cell.text  # 单位：万元, which is no 单位 that implements anything
            else:
                head.info.setdefault(name, cell)
        _year(head, line)
        head.money_unit = head.money_unit or _unit(cell for _, cell in line)
    if "money_unit" in head.info:
        head.money_unit = plain(head.info.pop("money_unit").text)
    return head


def _is_title(head: Head, line: Line) -> bool:
    """Whether a line is the title: one cell, the first such, or the first that is called 表 (附件1 stands above)."""
    if len(line) > 1 or labelled(line):
        return False
    return not head.title or ("表" not in head.title and "表" in line[0][1].text)


def labelled(line: Line) -> dict[str, Cell]:
    """The labelled cells of a row: `项目名称：村道` in one cell, or in two side by side."""
    found: dict[str, Cell] = {}
    waiting = ""
    for _, cell in line:
        label, colon, said = bare(cell.text).partition(":")
        name = meaning(label if colon else cell.text, INFO)
        if name and said:
            found.setdefault(name, cell._replace(text=cell.text[_colon(cell.text) + 1 :].strip()))
            name = ""
        elif not name and waiting:
            found.setdefault(waiting, cell)
        waiting = name
    return found


def _colon(text: str) -> int:
    return min(at for at in (text.find(":"), text.find("：")) if at >= 0)


def _year(head: Head, line: Line) -> None:
    """The cell that says the year, where none is labelled so."""
    for _, cell in line:
        if "period" not in head.info and len(cell.text) < 80 and _YEAR.search(cell.text):
            head.info["period"] = cell


def _unit(cells: Iterable[Cell]) -> str:
    """The unit of money that stands in one of some cells, in brackets or behind `单位：`."""
    found = (_MONEY_UNIT.search(bare(cell.text)) for cell in cells)
    return next((match[1] for match in found if match), "")


# -- goals -------------------------------------------------------------------------------------------------------


def _goals(sheet: Sheet, line: Line, row: int, below: list[int]) -> dict[str, Cell]:
    """年度总体目标: the texts behind the two labels, or below them."""
    columns = {meaning(cell.text, GOALS): column for column, cell in line}
    columns.pop("", None)
    found: dict[str, Cell] = {}
    for name, column in columns.items():
        label, behind = sheet.at(row, column), sheet.at(row, column + 1)
        if behind.text and behind.address != label.address and not meaning(behind.text, GOALS):
            found[name] = behind
        elif below and len(columns) == 2:
            found[name] = sheet.at(below[0], column)
    return {name: cell for name, cell in found.items() if cell.text}


# -- money -------------------------------------------------------------------------------------------------------


def _block(sheet: Sheet, row: int) -> _Block | None:
    """The header of the block of money, if a row is that."""
    columns: dict[str, int] = {}
    line = sheet.line(row)
    for column, cell in line:
        if name := meaning(cell.text, MONEY):
            columns.setdefault(name, column)
    if sum(name in columns for name in _AMOUNTS) < 2:
        return None
    beside = [found for _, cell in line if (found := points(cell.text)[1]) is not None]
    return _Block(columns, beside[0] if beside else None, tuple(cell for _, cell in line))


def _money(sheet: Sheet, block: _Block, below: list[int], head: Head) -> int:
    """Take the lines of the block; how many rows they are."""
    head.money_unit = head.money_unit or _unit(block.cells)
    taken = 0
    for row in below:
        line = _line(sheet, block, row, first=not head.money, head=head)
        if line is None:
            break
        head.money_unit = head.money_unit or _unit([line.cells["label"]])
        head.money.append(line)
        taken += 1
    return taken


def _line(sheet: Sheet, block: _Block, row: int, *, first: bool, head: Head) -> MoneyRow | None:
    """One line of the block; None where a row is none."""
    cells = _cells(sheet, block, row)
    kind = source(cells["label"].text) or ("total" if first else "")
    amounts = [name for name in _AMOUNTS if name in cells and not is_empty(cells[name].text)]
    if not kind or (first and not amounts):
        return None
    found: dict[str, Exact | None] = {
        name: _read(name, cells[name], head) if name in cells else None
        for name in (*_AMOUNTS, "weight", "rate", "score")
    }
    if kind == "total" and found["weight"] is None:
        found["weight"] = block.points
    return MoneyRow(cast(Source, kind), cells["label"].text, cells=cells, **found)


def _cells(sheet: Sheet, block: _Block, row: int) -> dict[str, Cell]:
    """The cells of a line: of columns with `预算数：| 6.84` side by side, the one with the number."""
    ordered = sorted(block.columns.items(), key=lambda item: item[1])
    cells: dict[str, Cell] = {}
    for index, (name, column) in enumerate(ordered):
        end = ordered[index + 1][1] if index + 1 < len(ordered) else column + 1
        span = [sheet.at(row, at) for at in range(column, max(end, column + 1))]
        cells[name] = next((cell for cell in span if number(cell.text) is not None), span[0])
    first = min(column for name, column in ordered if name in _AMOUNTS)
    before = [block.columns.get("label", first), *range(first - 1, -1, -1)]
    labels = [sheet.at(row, column) for column in before if sheet.origin(row, column)[0] == row]
    cells["label"] = next((cell for cell in labels if not is_empty(cell.text)), sheet.at(row, first))
    return cells


def _read(name: str, cell: Cell, head: Head) -> Exact | None:
    """A number of the block, an amount in the unit of the form; what is none, and no stroke either, is noted."""
    said = texts.read(cell.text)
    if said.number is not None and not said.sign and said.unit in (_FACTORS if name in _AMOUNTS else _POINTS):
        return said.number * _factor(said.unit, head.money_unit) if name in _AMOUNTS else said.number
    if said.kind != "empty":
        values = {"given": cell.text}
        head.findings.append(Finding("form-unread", "warning", cell.address, "form-unread.number", values, cell.where))
    return None


def _factor(unit: str, wanted: str) -> Exact:
    """What an amount with a unit of its own is multiplied by."""
    wanted = wanted or "万元"
    return normal(ratio(_FACTORS[unit or wanted], _FACTORS[wanted]))
