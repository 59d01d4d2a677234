"""Submissions from files: TOML, JSON, and CSV in its long and its one-row wide form."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfrules import words
from perfrules.errors import Finding, SubmissionError, Where
from perfrules.evaluation.submission import Locate, Submission, from_data
from perfrules.ruleset import toml
from perfrules.ruleset.toml import DocumentError

_LONG = ("fact", "value", "unit", "source", "note")
_META = ("ruleset", "subject", "period", "prepared_by", "source")
_MAX_CELL = 100_000


def read(path: str | Path) -> Submission:
    """Read a submission from a file, by the ending of its name.

    Raises:
        SubmissionError: The file cannot be read as what its name says.
    """
    path = Path(path)
    try:
        if path.suffix.lower() == ".toml":
            document = toml.read(path)
            return _filled(from_data(document.data, document.where, path))
        if path.suffix.lower() == ".json":
            return _json(path)
        if path.suffix.lower() == ".csv":
            return _csv(path)
    except DocumentError as error:
        raise SubmissionError([error.finding]) from None
    values = {"ending": path.suffix or "—"}
    raise SubmissionError(
        [Finding("no-file", about=str(path), key="no-file.ending", values=values, where=Where(str(path)))]
    )


def _filled(submission: Submission) -> Submission:
    """A submission from a file, which must say something: an empty file is a mistake, not a lack of facts."""
    if not submission.data:
        submission.note("bad-value", ("facts",), "bad-value.no-facts")
    return submission


def _refuse(path: Path, code: str, key: str, line: int | None = None, **values: object) -> DocumentError:
    return DocumentError(Finding(code, "error", str(path), key, values, Where(str(path), line, 1 if line else None)))


# -- JSON --------------------------------------------------------------------------------------------------------


def _json(path: Path) -> Submission:
    text = toml.read_text(path, str(path))
    duplicates: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) < len(pairs):
            duplicates.extend(key for key in table if [name for name, _ in pairs].count(key) > 1)
        return table

    try:
        # A long integer goes by way of Decimal: Python refuses to read one of more than 4,300 digits as an int.
        data = json.loads(
            text, parse_float=Decimal, parse_int=lambda digits: int(digits) if len(digits) < 40 else Decimal(digits),
            parse_constant=Decimal, object_pairs_hook=unique,
        )  # fmt: skip
    except json.JSONDecodeError as error:
        raise _refuse(path, "not-json", "", error.lineno, problem=error.msg) from None
    except (RecursionError, ValueError, ArithmeticError):
        raise _refuse(path, "not-json", "not-json.nesting") from None
    if duplicates:
        raise _refuse(path, "duplicate-id", "duplicate-id.json", name=duplicates[0])
    if not isinstance(data, Mapping):
        raise _refuse(path, "not-json", "not-json.table")
    return _filled(from_data(data, _json_locator(path, text), path))


def _json_locator(path: Path, text: str) -> Locate:
    """The place of a key in JSON text: where the key is written once; else the file."""

    def locate(keys: tuple[str | int, ...]) -> Where:
        names = [key for key in keys if isinstance(key, str)]
        found = [
            match.start() for match in re.finditer(re.escape(json.dumps(names[-1], ensure_ascii=False)) + r"\s*:", text)
        ]
        if len(found) != 1:
            return Where(str(path))
        start = found[0]
        line_start = text.rfind("\n", 0, start) + 1
        shown = text[line_start:].split("\n", 1)[0]
        return Where(str(path), text.count("\n", 0, start) + 1, start - line_start + 1, shown, len(names[-1]) + 2)

    return locate


# -- CSV ---------------------------------------------------------------------------------------------------------


Row = tuple[int, list[str]]
"""The line of the file that a row begins on, and its cells."""


def _csv(path: Path) -> Submission:
    (first, cells), *rows = _rows(path)
    header = [name.strip() for name in cells]
    for name in header:
        if header.count(name) > 1:
            raise _refuse(path, "duplicate-id", "duplicate-id.column", first, name=name)
    for number, row in rows:
        if len(row) != len(header):
            raise _refuse(path, "not-csv", "not-csv.cells", number, cells=len(row), columns=len(header))
    if header[0] == "fact":
        return _long(path, header, first, rows)
    return _wide(path, header, rows)


def _rows(path: Path) -> list[Row]:
    """The rows that are not blank, the header first and at least one more."""
    text = toml.read_text(path, str(path))
    if "\0" in text:
        raise _refuse(path, "not-csv", "not-csv.nul")
    csv.field_size_limit(_MAX_CELL)
    reader, rows, begins = csv.reader(io.StringIO(text, newline=""), strict=True), list[Row](), 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((begins, row))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _refuse(path, "not-csv", "", begins, problem=str(error)) from None
    if not rows:
        raise _refuse(path, "not-csv", "not-csv.empty")
    first, header = rows[0]
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise _refuse(path, "not-csv", "not-csv.separator", first)
    if len(rows) == 1:
        raise _refuse(path, "not-csv", "not-csv.header-only", first)
    return rows


def _long(path: Path, header: list[str], first: int, rows: list[Row]) -> Submission:
    """One line a fact: `fact,value,unit,source,note`."""
    for name in header:
        if name not in _LONG:
            near = words.nearest(name, _LONG)
            key = "unknown-key.near" if near else "unknown-key"
            inside = words.Term("inside.file")
            raise _refuse(path, "unknown-key", key, first, name=name, inside=inside, near=near or "", known=_LONG)
    facts: dict[str, dict[str, str]] = {}
    lines: dict[str, int] = {}
    for number, row in rows:
        cells = {name: cell.strip(" ") for name, cell in zip(header, row, strict=True) if cell.strip(" ")}
        name = cells.pop("fact", "")
        if name in lines or not name:
            key = "duplicate-id.fact" if name else "not-csv.no-fact"
            raise _refuse(path, key.partition(".")[0], key, number, name=name)
        lines[name] = number
        if cells:
            facts[name] = cells if "value" in cells else {**cells, "missing": cells.get("note", "—")}
    return _submission(path, facts, lines)


def _wide(path: Path, header: list[str], rows: list[Row]) -> Submission:
    """One row a submission, fact ids as columns; an empty cell is a missing fact."""
    if len(rows) > 1:
        raise _refuse(path, "not-csv", "not-csv.rows", rows[1][0], rows=len(rows))
    number, row = rows[0]
    cells = {name: cell.strip(" ") for name, cell in zip(header, row, strict=True) if cell.strip(" ")}
    facts = {name: cell for name, cell in cells.items() if name not in _META}
    submission = _submission(path, facts, dict.fromkeys(facts, number))
    for name in _META:
        if name in cells:
            setattr(submission, name, cells[name])
    return submission


def _submission(path: Path, facts: Mapping[str, Any], lines: Mapping[str, int]) -> Submission:
    def locate(keys: tuple[str | int, ...]) -> Where:
        return Where(str(path), lines.get(str(keys[-1])), 1 if str(keys[-1]) in lines else None)

    return Submission(facts, path=path, texts=True, locate=locate, data={"facts": dict(facts)})
