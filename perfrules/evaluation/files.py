"""Submissions from files, by the ending of their names: TOML, JSON, CSV, and workbooks (.xlsx)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfrules.errors import Finding, PerfrulesError, SubmissionError, Where
from perfrules.evaluation import grids
from perfrules.evaluation.submission import Locate, Submission, from_data
from perfrules.ruleset import toml
from perfrules.ruleset.toml import DocumentError

ENDINGS = (".toml", ".json", ".csv", ".xlsx")
"""How the names of submissions end."""


_RULES = re.compile(rb"^\s*\[\s*(ruleset|\[\s*case\s*\])\s*\]", re.MULTILINE)


def is_submission(path: Path) -> bool:
    """Whether a file of a folder is meant as a submission: by its ending, and not a ruleset or cases in TOML."""
    if path.suffix.lower() not in ENDINGS or path.name.startswith(".") or not path.is_file():
        return False
    try:
        return path.suffix.lower() != ".toml" or not _RULES.search(path.read_bytes())
    except OSError:  # which its reader says
        return True


def files_in(given: Path, wanted: Callable[[Path], bool], none: str) -> list[Path]:
    """A file itself; of a folder, the wanted files in it, sorted by name.

    Args:
        given: A file or a folder.
        wanted: Says which files of a folder are meant; what Excel keeps beside an open workbook (`~$…`) never is.
        none: The message where a folder has none.

    Raises:
        PerfrulesError: There is none.
    """
    try:
        if not given.is_dir():
            return [given]
    except OSError:  # no file can be called so, which its reader says
        return [given]
    found = sorted(path for path in given.iterdir() if not path.name.startswith("~$") and wanted(path))
    if not found:
        raise PerfrulesError([Finding("no-file", about=str(given), key=none)])
    return found


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
            return grids.read_csv(path)
        if path.suffix.lower() == ".xlsx":
            from perfrules.evaluation import workbook

            return workbook.read(path)
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
