"""Excel workbooks (.xlsx) as tables of texts: what stands in each cell, as a person sees it.

An own reader, since the formats of numbers decide what they mean: a cell that shows 95% holds 0.95, and readers of
values alone give the latter. Sizes are limited before anything is unpacked, nothing grows with the place of a cell,
and document types are refused. ECMA-376 parts 1 (cells, number formats) and 2 (packages).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from perfrules.errors import Finding, Where
from perfrules.evaluation import grids
from perfrules.evaluation.grids import Grid
from perfrules.evaluation.number_formats import kind, shown
from perfrules.evaluation.submission import Submission
from perfrules.ruleset import toml
from perfrules.ruleset.toml import DocumentError

MAX_UNPACKED = 20_000_000
"""Bytes of the parts of a workbook that are read, unpacked. A form of 1,000 facts takes 500,000."""

_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, IndexError, RuntimeError,
    OverflowError, struct.error, ET.ParseError,
)  # fmt: skip


class _Cell(NamedTuple):
    row: int
    column: int
    text: str


class Sheet(NamedTuple):
    """A worksheet: its cells that are not blank, rows from 1 and columns from 0, and what of it is merged.

    Attributes:
        merged: The ends of merged cells: first row, first column, last row, last column.
        odd: The cells that show no value, and why, as entries of the table of messages: a formula without its result,
            an error.
    """

    name: str
    cells: list[_Cell]
    merged: list[tuple[int, int, int, int]]
    odd: dict[tuple[int, int], str]


def read(path: Path) -> Submission:
    """A submission from a workbook: facts on its first sheet, and each fact of kind `table` on a sheet of its name.

    Raises:
        DocumentError: It is no workbook, or not that of a submission.
    """
    first, *others = sheets(path)
    for sheet in (first, *others):
        for (row, column), key in sheet.odd.items():
            raise _refuse(path, key, f"{sheet.name}!{letters(column)}{row}")
    grid = _grid(path, first.name, first.cells)
    if not grid.rows:
        raise grid.refuse("not-csv.header-only", grid.top)
    return grids.submission(grid, {sheet.name: _grid(path, sheet.name, sheet.cells) for sheet in others})


def sheets(path: Path, *, packed: int = toml.MAX_BYTES, unpacked: int = MAX_UNPACKED) -> list[Sheet]:
    """The worksheets of a workbook that have any cell that is not blank, at least one.

    Args:
        path: Where it is.
        packed: Bytes that the file may have.
        unpacked: Bytes that the parts that are read may have.

    Raises:
        DocumentError: It is no workbook, too large, or empty.
    """
    raw = toml.read_bytes(path, str(path), packed)
    try:
        found = list(_Workbook(path, raw, unpacked).sheets())
    except _BROKEN:
        key = "not-xlsx.old" if raw[:4] == b"\xd0\xcf\x11\xe0" else "not-xlsx"
        raise _refuse(path, key) from None
    if not found:
        raise _refuse(path, "not-xlsx.empty")
    return found


def _refuse(path: Path, key: str, place: str = "", limit: int = MAX_UNPACKED) -> DocumentError:
    where = Where(f"{path}:{place}" if place else str(path))
    return DocumentError(Finding(key.partition(".")[0], "error", str(path), key, {"limit": limit}, where))


def _grid(path: Path, sheet: str, cells: list[_Cell]) -> Grid:
    """A table of the cells of a sheet that are not blank: the first row of them is the header."""

    def place(row: int, column: int | None) -> Where:
        return Where(f"{path}:{sheet}!{letters(columns[column or 0])}{row}")

    rows: dict[int, dict[int, str]] = {}
    for cell in cells:
        rows.setdefault(cell.row, {})[cell.column] = cell.text
    top = min(rows)
    header = rows.pop(top)
    columns = sorted(header)
    grid = Grid(path, "not-xlsx", [header[column].strip() for column in columns], [], place, top)
    for number in sorted(rows):
        beside = rows[number].keys() - header.keys()
        if beside:
            raise _refuse(path, "not-xlsx.beside", f"{sheet}!{letters(min(beside))}{number}")
        grid.rows.append((number, [rows[number].get(column, "") for column in columns]))
    return grid


def letters(column: int) -> str:
    """The name of a column that is counted from 0: A to Z, then AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


class _Tree(ET.TreeBuilder):
    """Builds a tree without namespaces, which differ between the two dialects of the standard."""

    def doctype(self, *_: object) -> None:
        """Refuse a document type: a workbook has none, and an attack does."""
        raise ValueError("document type")

    def start(self, tag: str, attrs: Any) -> ET.Element:
        """Begin an element."""
        return super().start(tag.rpartition("}")[2], {key.rpartition("}")[2]: text for key, text in attrs.items()})

    def end(self, tag: str) -> ET.Element:
        """End an element."""
        return super().end(tag.rpartition("}")[2])


class _Workbook:
    """The parts of a workbook, each read when it is needed."""

    def __init__(self, path: Path, raw: bytes, limit: int = MAX_UNPACKED) -> None:
        self.path = path
        self.zip = zipfile.ZipFile(io.BytesIO(raw))
        self.room = self.limit = limit
        main = dict(self._related("").values())["officeDocument"]
        self.book = self._xml(main)
        self.related = self._related(main)
        settings = self.book.find("workbookPr")
        self.from_1904 = settings is not None and settings.get("date1904") in ("1", "true")

    def sheets(self) -> Iterator[Sheet]:
        """Every worksheet that has a cell that is not blank, in their order."""
        for sheet in self.book.iterfind("sheets/sheet"):
            of, target = self.related[sheet.get("id", "")]
            if of != "worksheet":
                continue
            part, odd = self._xml(target), dict[tuple[int, int], str]()
            cells = list(self._cells(part, odd))
            if cells or odd:
                yield Sheet(sheet.get("name", ""), cells, list(_merged(part)), odd)

    # -- parts ----------------------------------------------------------------------------------------------------

    def _xml(self, name: str) -> ET.Element:
        """A part as a tree."""
        entry = self.zip.getinfo(name)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(name)
        with self.zip.open(entry) as file:
            content = file.read(self.room + 1)
        self.room -= len(content)
        if self.room < 0:
            raise _refuse(self.path, "too-large.workbook", limit=self.limit)
        parser = ET.XMLParser(target=_Tree())  # noqa: S314  (without document types there are no entities)
        parser.feed(content)
        root: ET.Element = parser.close()
        return root

    def _related(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: the kind and the name of each, by id; `""` is the package."""
        folder, _, name = part.rpartition("/")
        listed = f"{folder}/_rels/{name}.rels".removeprefix("/")
        if listed not in self.zip.NameToInfo:
            return {}
        related = {}
        for one in self._xml(listed):
            target = one.get("Target", "")
            target = target.removeprefix("/") if target.startswith("/") else f"{folder}/{target}".removeprefix("/")
            related[one.get("Id", "")] = one.get("Type", "").rpartition("/")[2], target
        return related

    def _part(self, of: str) -> ET.Element | None:
        target = next((target for found, target in self.related.values() if found == of), None)
        return None if target is None else self._xml(target)

    @cached_property
    def texts(self) -> list[str]:
        """The texts that cells share."""
        part = self._part("sharedStrings")
        return [] if part is None else [_text(item) for item in part.iterfind("si")]

    @cached_property
    def formats(self) -> list[str]:
        """What the number format of each cell style shows: `percent`, `date`, or nothing special."""
        part = self._part("styles")
        if part is None:
            return []
        codes = {one.get("numFmtId"): one.get("formatCode", "") for one in part.iterfind("numFmts/numFmt")}
        return [kind(style.get("numFmtId", "0"), codes) for style in part.iterfind("cellXfs/xf")]

    # -- cells ----------------------------------------------------------------------------------------------------

    def _cells(self, part: ET.Element, odd: dict[tuple[int, int], str]) -> Iterator[_Cell]:
        """The cells of a worksheet that are not blank; those that show no value are put aside."""
        row = 0
        for line in part.iterfind("sheetData/row"):
            row = int(line.get("r", row + 1))
            column = -1
            for cell in line.iterfind("c"):
                column = _column(cell.get("r")) if cell.get("r") else column + 1
                if key := _odd(cell):
                    odd[row, column] = key
                elif (text := self._shown(cell)).strip():
                    yield _Cell(row, column, text)

    def _shown(self, cell: ET.Element) -> str:
        """The text of a cell, as a person sees it."""
        type_, value = cell.get("t", "n"), cell.findtext("v")
        if type_ == "inlineStr":
            inline = cell.find("is")
            return "" if inline is None else _text(inline)
        if not value:
            return ""
        if type_ == "s":
            return self.texts[int(value)]
        if type_ == "b":
            return "true" if value == "1" else "false"
        return self._number(value, int(cell.get("s", 0))) if type_ == "n" else value

    def _number(self, value: str, style: int) -> str:
        return shown(value, self.formats[style] if style < len(self.formats) else "", self.from_1904)


def _odd(cell: ET.Element) -> str:
    """Why a cell shows no value, as an entry of the table of messages; empty where it shows one, or is blank."""
    type_, value = cell.get("t", "n"), cell.findtext("v")
    if type_ == "e" and value:
        return "not-xlsx.error"
    return "not-xlsx.formula" if type_ == "n" and not value and cell.find("f") is not None else ""


def _merged(part: ET.Element) -> Iterator[tuple[int, int, int, int]]:
    """The ends of the merged cells of a worksheet: first row, first column, last row, last column."""
    for one in part.iterfind("mergeCells/mergeCell"):
        first, _, last = one.get("ref", "").partition(":")
        last = last or first
        yield _row(first), _column(first), _row(last), _column(last)


def _row(reference: str) -> int:
    """The row of a reference such as `AB12`."""
    return int(reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def _text(item: ET.Element) -> str:
    """A text of one or several runs; what only says how it is pronounced is left out."""
    runs = [item, *item.iterfind("r")]
    return "".join(part.text or "" for run in runs for part in run.iterfind("t"))


def _column(reference: str | None) -> int:
    """The column of a reference such as `AB12`, counted from 0."""
    found = re.match("[A-Z]{1,3}", reference or "")
    if not found:
        raise ValueError(reference)
    column = 0
    for letter in found[0]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1
