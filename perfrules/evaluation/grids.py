"""Submissions as tables of cells: one line a fact, or one row for everything; from CSV files and from workbooks.

Nothing here knows a ruleset. The texts of the cells go on as they are, with the place of each, and are read as meant
for the kinds of their facts in `cells`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from perfrules import words
from perfrules.errors import Finding, Where
from perfrules.evaluation.submission import Locate, Submission
from perfrules.ruleset import toml
from perfrules.ruleset.toml import DocumentError

HEADER = ("ruleset", "overlays", "subject", "period", "prepared_by", "source")
"""What a table can say of the submission: in lines `submission.subject`, or in columns of one row.

Several overlays stand in one cell, with `;` between them.
"""

COLUMNS = {
    "fact": "事实", "title": "标题", "value": "值", "unit": "单位", "range": "可填内容", "source": "来源",
    "note": "备注", "by": "评定人",
}  # fmt: skip
"""The columns of the form with one line a fact, and what they are called in Chinese; both are read."""

_FOR_PEOPLE = ("title", "range")
_MAX_CELL = 100_000


class Grid(NamedTuple):
    """A table of texts: a header, and rows of as many cells.

    Attributes:
        path: The file it is in.
        code: What a table that cannot be read is a finding of.
        header: The names of the columns.
        rows: Each with its number, and its cells.
        place: The place of a cell, by the number of its row and the index of its column; of a row without the latter.
        top: The number of the header's row.
    """

    path: Path
    code: str
    header: list[str]
    rows: list[tuple[int, list[str]]]
    place: Callable[[int, int | None], Where]
    top: int

    def refuse(self, key: str, row: int, column: int | None = None, **values: object) -> DocumentError:
        """The finding that ends the reading of this table."""
        code = self.code if key.startswith("not-csv") else key.partition(".")[0]
        return DocumentError(Finding(code, "error", str(self.path), key, values, self.place(row, column)))


def submission(grid: Grid, more: Mapping[str, Grid] | None = None) -> Submission:
    """What a table says, as a submission.

    Args:
        grid: The table of the facts.
        more: Further tables by name, each of which is a fact of kind `table`.

    Raises:
        DocumentError: It is not such a table.
    """
    for index, name in enumerate(grid.header):
        if name in grid.header[:index]:
            raise grid.refuse("duplicate-id.column", grid.top, index, name=name)
    read = _long(grid) if grid.header[0] in ("fact", COLUMNS["fact"]) else _wide(grid)
    for name, rows in (more or {}).items():
        _table(read, name, rows)
    facts = read.facts
    found = Submission(facts, path=grid.path, texts=True, locate=_locator(read.places), data={"facts": facts})
    for key, text in read.header.items():
        setattr(found, key, tuple(text.replace(" ", "").split(";")) if key == "overlays" else text)
    return found


class _Read(NamedTuple):
    """What was read: the facts by the names of their cells, the header, and where each stands."""

    facts: dict[str, Any]
    header: dict[str, str]
    places: dict[str, Where]


def _locator(places: Mapping[str, Where]) -> Locate:
    def locate(keys: tuple[str | int, ...]) -> Where | None:
        name = ".".join(map(str, keys[:2])).removeprefix("facts.")
        if name in places:
            return places[name]
        inside = (place for known, place in places.items() if known.startswith((f"{name}.", f"{name}[")))
        return next(inside, places.get(""))

    return locate


def _long(grid: Grid) -> _Read:
    """One line a fact; what stands beside it for people to read is passed over."""
    canonical = {chinese: name for name, chinese in COLUMNS.items()}
    columns = [canonical.get(name, name) for name in grid.header]
    for index, name in enumerate(columns):
        if name not in COLUMNS:
            near = words.nearest(name, COLUMNS)
            key = "unknown-key.near" if near else "unknown-key"
            inside = words.Term("inside.file")
            raise grid.refuse(
                key, grid.top, index, name=name, inside=inside, near=near or "", known=tuple(COLUMNS)
            )  # fmt: skip
        if name in columns[:index]:
            raise grid.refuse("duplicate-id.column", grid.top, index, name=grid.header[index])
    at = columns.index("value") if "value" in columns else None
    read = _Read({}, {}, {"": Where(str(grid.path))})
    for number, row in grid.rows:
        cells = {name: cell.strip(" ") for name, cell in zip(columns, row, strict=True) if cell.strip(" ")}
        name = cells.pop("fact", "")
        if name in read.places or not name:
            key = "duplicate-id.fact" if name else "not-csv.no-fact"
            raise grid.refuse(key, number, 0, name=name)
        read.places[name] = grid.place(number, at)
        _say(grid, read, name, cells, number)
    return read


def _say(grid: Grid, read: _Read, name: str, cells: dict[str, str], number: int) -> None:
    """Take one line: a fact, why it is missing, or something of the header."""
    said = {key: text for key, text in cells.items() if key not in _FOR_PEOPLE}
    table, _, key = name.partition(".")
    if table == "submission":
        if key not in HEADER:
            near = words.nearest(key, HEADER)
            key_ = "unknown-key.near" if near else "unknown-key"
            raise grid.refuse(key_, number, 0, name=key, inside=("submission",), near=near or "", known=HEADER)
        if "value" in said:
            read.header[key] = said["value"]
    elif "value" in said:
        read.facts[name] = said
    elif said.keys() - {"unit"}:  # a unit alone was there before anybody filled in anything
        read.facts[name] = {**said, "missing": said.get("note", "—")}


def _wide(grid: Grid) -> _Read:
    """One row a submission, fact ids as columns; an empty cell is a missing fact."""
    if len(grid.rows) > 1:
        raise grid.refuse("not-csv.rows", grid.rows[1][0], rows=len(grid.rows))
    ((number, row),) = grid.rows
    cells = {name: cell.strip(" ") for name, cell in zip(grid.header, row, strict=True) if cell.strip(" ")}
    places = {
        f"submission.{name}" if name in HEADER else name: grid.place(number, index)
        for index, name in enumerate(grid.header)
    }
    facts = {name: cell for name, cell in cells.items() if name not in HEADER}
    header = {name: cell for name, cell in cells.items() if name in HEADER}
    return _Read(facts, header, {"": Where(str(grid.path)), **places})


def _table(read: _Read, fact: str, grid: Grid) -> None:
    """Take the rows of a fact of kind `table`: a cell is named `fact[1].column`."""
    if fact in read.places:
        raise grid.refuse("duplicate-id.fact", grid.top, name=fact)
    read.places[fact] = grid.place(grid.top, None)
    for index, (number, row) in enumerate(grid.rows, 1):
        for position, (column, cell) in enumerate(zip(grid.header, row, strict=True)):
            if cell.strip(" "):
                name = f"{fact}[{index}].{column}"
                read.facts[name] = cell.strip(" ")
                read.places[name] = grid.place(number, position)


# -- CSV ---------------------------------------------------------------------------------------------------------


def read_csv(path: Path) -> Submission:
    """A submission from a CSV file.

    Raises:
        DocumentError: It is not the CSV of a submission.
    """
    (first, cells), *rows = _rows(path)
    header = [name.strip() for name in cells]
    grid = Grid(path, "not-csv", header, rows, lambda row, _: Where(str(path), row, 1), first)
    for number, row in rows:
        if len(row) != len(header):
            raise grid.refuse("not-csv.cells", number, cells=len(row), columns=len(header))
    return submission(grid)


def _refuse(path: Path, key: str, line: int | None = None, **values: object) -> DocumentError:
    where = Where(str(path), line, 1 if line else None)
    return DocumentError(Finding("not-csv", "error", str(path), key, values, where))


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, each with its line: the header, and at least one more."""
    text = toml.read_text(path, str(path))
    if "\0" in text:
        raise _refuse(path, "not-csv.nul")
    csv.field_size_limit(_MAX_CELL)
    reader, rows, begins = csv.reader(io.StringIO(text, newline=""), strict=True), list[tuple[int, list[str]]](), 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((begins, row))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _refuse(path, "", begins, problem=str(error)) from None
    if not rows:
        raise _refuse(path, "not-csv.empty")
    first, header = rows[0]
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise _refuse(path, "not-csv.separator", first)
    if len(rows) == 1:
        raise _refuse(path, "not-csv.header-only", first)
    return rows
