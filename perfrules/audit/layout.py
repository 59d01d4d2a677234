"""A form written as TOML tables, laid out as it would be printed.

`[form]` becomes labelled cells, `[[money]]` and `[[row]]` become tables with a header of their keys, and `notes` lines
below them, so that a form is read in one way, whatever file it is in. The place of a cell is that of its key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfrules.audit.columns import COLUMNS, MONEY, meaning
from perfrules.audit.sheets import Sheet, refuse
from perfrules.errors import Finding, Where
from perfrules.ruleset import toml
from perfrules.ruleset.toml import Document, KeyPath

_TABLES = ("form", "money", "row", "notes")


def sheet(path: Path) -> Sheet:
    """The form that a TOML file holds.

    Raises:
        DocumentError: It cannot be read, or has no rows.
    """
    document = toml.read(path)
    layout = _Layout(document)
    for key in document.data:
        if key not in _TABLES:
            layout.odd((key,), "form-unread.key", known=_TABLES)
    layout.labels(document.data.get("form", {}))
    layout.table("money", document.data.get("money", []), MONEY)
    layout.table("row", document.data.get("row", []), COLUMNS)
    notes = document.data.get("notes", [])
    for index, note in enumerate(notes if isinstance(notes, list) else []):
        layout.line([(("notes", index), layout.text(("notes", index), note))])
    if not document.data.get("row"):
        raise refuse(path, "form-unread", "form-unread.no-rows")
    return Sheet(path, "", layout.texts, layout.place, [], layout.findings)


class _Layout:
    """The lines of a form that is written as TOML tables, with the place of each cell in the file."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.texts: dict[tuple[int, int], str] = {}
        self.paths: dict[tuple[int, int], KeyPath] = {}
        self.findings: list[Finding] = []
        self.row = 0

    def line(self, cells: list[tuple[KeyPath, str]]) -> None:
        """Add a line of cells."""
        self.row += 1
        for column, (path, text) in enumerate(cells):
            self.paths[self.row, column] = path
            if text.strip():
                self.texts[self.row, column] = text

    def labels(self, form: Any) -> None:
        """Add the title, and a line for each label with what stands beside it."""
        if not isinstance(form, dict):
            self.odd(("form",), "form-unread.value")
            return
        for key, value in form.items():
            cell = ("form", key), self.text(("form", key), value)
            self.line([cell] if key == "title" else [(("form", key), key), cell])

    def table(self, name: str, tables: Any, columns: Mapping[str, re.Pattern[str]]) -> None:
        """Add a header of all keys, and a line for each table.

        Args:
            name: The name of the tables.
            tables: What the file says.
            columns: The columns that are read; another key is noted, since it may be one of these with a slip in it.
        """
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            self.odd((name,), "form-unread.tables", name=name)
            return
        named: dict[str, list[str]] = {}
        for key in dict.fromkeys(key for one in tables for key in one):
            named.setdefault(meaning(key, columns) or key, []).append(key)
        self._unknown(name, tables, [one for one in named if one not in columns], columns)
        if tables:
            self.line([((name, 0), keys[0]) for keys in named.values()])
        for index, one in enumerate(tables):
            self.line([self._cell((name, index), one, keys) for keys in named.values()])

    def _cell(self, path: KeyPath, table: dict[str, Any], keys: list[str]) -> tuple[KeyPath, str]:
        """The cell of a column that goes by several names; of one that is not there, with the place of the table."""
        key = next((key for key in keys if key in table), None)
        if key is None:
            return (*path, next(iter(table), "")), ""
        return (*path, key), self.text((*path, key), table[key])

    def _unknown(self, name: str, tables: list[Any], keys: list[str], columns: Mapping[str, re.Pattern[str]]) -> None:
        """Note keys that no form has; the first key of `[[money]]` may be any label."""
        for key in keys:
            first = next(index for index, one in enumerate(tables) if key in one)
            if name == "row" or key != next(iter(tables[first])):
                self.odd((name, first, key), "form-unread.column", known=tuple(columns))

    def text(self, path: KeyPath, value: Any) -> str:
        """A value as it would stand in a cell."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, Decimal):
            return f"{value:f}" if value.is_finite() and abs(value.adjusted()) <= 60 else str(value)
        if isinstance(value, int):
            return str(value) if abs(value) < 10**100 else "…"
        if isinstance(value, date | datetime | time):
            return value.isoformat()
        self.odd(path, "form-unread.value")
        return ""

    def odd(self, path: KeyPath, key: str, **values: object) -> None:
        """Note what a form does not have."""
        about = ".".join(map(str, path))
        where = self.document.where(path, on_key=True)
        self.findings.append(Finding("form-unread", "warning", about, key, {"name": path[-1], **values}, where))

    def place(self, row: int, column: int) -> tuple[str, Where]:
        """The place of a key in the file; of what is not there, that of the table it would stand in."""
        path = self.paths.get((row, column), self.paths.get((row, 0), ()))
        where = self.document.where(path, on_key=True)
        return f"{Path(where.file).name}:{where.line}:{where.column}", where
