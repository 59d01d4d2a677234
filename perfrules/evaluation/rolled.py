"""The rows of a table fact that were rolled up from other submissions, as they are written down and read again.

A row says which submission it is of, by path, subject and digests, and what its evaluation gave for each column. It is
read without that submission: so a record stands alone, and the findings of a row follow from the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from perfrules import numbers
from perfrules.errors import Finding
from perfrules.evaluation.facts import MAX_ROWS, MAX_TEXT, FactReader, Facts, Unreadable, cell_within, read_cell
from perfrules.formula.systems.exact import Reason, Unknown
from perfrules.numbers import Exact
from perfrules.rationals import ratio
from perfrules.ruleset import model
from perfrules.ruleset.names import NUMERIC

if TYPE_CHECKING:
    from perfrules.evaluation.evaluation import Evaluation

_SAID = ("path", "subject", "ruleset", "rules", "digest")
_KEYS = (*_SAID, "cells", "missing", "unfilled", "unread")

UNFILLED = ("absent", "kind", "unit", "size")
"""Why a column takes nothing from an evaluation: there is no such thing, or it is of another kind, unit or size."""

MAX_NUMBER = 2_000
"""Digits of a number in a cell: what a project computes may be longer than what people submit."""

_PLAIN = 200
"""Bits up to which a number is written as a decimal where it ends; a longer one is written as a fraction."""

_NUMBER = re.compile(r"(-?)(\d+)(?:\.(\d+)|/([1-9]\d*))?", re.ASCII)
_REASON = re.compile(r"[a-z_-]{1,20}:.{1,400}", re.DOTALL)


class Source(NamedTuple):
    """One row of a rolled-up table: the submission that it is of, and what that gave.

    Attributes:
        path: The file, from the folder of the submission that it was rolled up into.
        subject: Who is evaluated in it.
        ruleset, rules: The id of its ruleset, and the digest of that.
        digest: The digest of the submission.
        cells: The value of each column, or an `Unknown`.
        missing: Of columns without a value, the reasons that the submission has for it.
        unfilled: Of columns that take nothing from it, why: one of `UNFILLED`.
        unread: The codes of the findings for which it could not be evaluated; empty where it was.
        evaluation: Its evaluation; None where it was not evaluated now, as in a record.
    """

    path: str
    subject: str = ""
    ruleset: str = ""
    rules: str = ""
    digest: str = ""
    cells: Mapping[str, Any] = {}
    missing: Mapping[str, tuple[Reason, ...]] = {}
    unfilled: Mapping[str, str] = {}
    unread: tuple[str, ...] = ()
    evaluation: Evaluation | None = None

    @property
    def name(self) -> str:
        """The subject and the path, or the path alone."""
        return f"{self.subject} ({self.path})" if self.subject else self.path


# -- as data -----------------------------------------------------------------------------------------------------


def as_data(source: Source) -> dict[str, Any]:
    """A row as it is written down: numbers as texts, and what is empty left out."""
    cells = {name: written(value) for name, value in source.cells.items() if not isinstance(value, Unknown)}
    missing = {name: [f"{kind}:{about}" for kind, about in why] for name, why in source.missing.items()}
    said = {key: getattr(source, key) for key in _SAID}
    tables = {"cells": cells, "missing": missing, "unfilled": dict(source.unfilled), "unread": list(source.unread)}
    return {"path": source.path, **{key: value for key, value in {**said, **tables}.items() if value}}


def written(value: Any) -> Any:
    """The value of a cell as it is written down."""
    if isinstance(value, bool) or not isinstance(value, Exact):
        return value
    return numbers.plain(value) if _bits(value) <= _PLAIN else f"{value.numerator}/{value.denominator}"


def fits(value: Exact) -> bool:
    """Whether a number is short enough to be written into a cell."""
    return _bits(value) <= 3 * MAX_NUMBER


def _bits(value: Exact) -> int:
    return max(abs(value.numerator), value.denominator).bit_length()


def is_written(rows: object) -> bool:
    """Whether the rows of `submissions` are written out, and not the names of files."""
    return isinstance(rows, list) and bool(rows) and all(isinstance(row, Mapping) for row in rows)


# -- read --------------------------------------------------------------------------------------------------------


def read_rows(reader: FactReader, rows: list[Mapping[str, Any]], facts: Facts) -> None:
    """Put the names of a table into `facts`, and its sources; what a row lacks is a finding or an unknown cell.

    Raises:
        Unreadable: The rows are not as `as_data` writes them.
    """
    if len(rows) > MAX_ROWS:
        raise Unreadable("unreadable-value.rows", limit=MAX_ROWS)
    sources = tuple(_Row(reader, index, row).source(facts) for index, row in enumerate(rows))
    facts.names[reader.id] = (True,) * len(sources)
    for name in reader.fact.columns:
        facts.names[f"{reader.id}.{name}"] = tuple(source.cells[name] for source in sources)
    facts.sources[reader.id] = sources


class _Row:
    """One row as it is read."""

    def __init__(self, reader: FactReader, index: int, row: Mapping[str, Any]) -> None:
        self.reader = reader
        self.label = f"{reader.id}[{index + 1}]"
        self.row = row

    def source(self, facts: Facts) -> Source:
        for key in self.row:
            if key not in _KEYS:
                raise self.unreadable(key)
        missing = {name: tuple(self.reasons(said)) for name, said in self.table("missing").items()}
        unfilled = {name: self.text(said, "unfilled") for name, said in self.table("unfilled").items()}
        said = {key: self.text(self.row.get(key, ""), key) for key in _SAID}
        unread = tuple(self.text(one, "unread") for one in self.listed(self.row.get("unread", []), "unread"))
        if not said["path"] or not set(unfilled.values()) <= set(UNFILLED):
            raise self.unreadable("unfilled" if said["path"] else "path")
        cells = {name: self.cell(name, column, facts) for name, column in self.reader.fact.columns.items()}
        source = Source(
            path=said["path"], subject=said["subject"], ruleset=said["ruleset"], rules=said["rules"],
            digest=said["digest"], cells=cells, missing=missing, unfilled=unfilled, unread=unread,
        )  # fmt: skip
        facts.findings += self.findings(source)
        return source

    def unreadable(self, key: str) -> Unreadable:
        return Unreadable("unreadable-value.rolled", row=self.label, part=key)

    def text(self, value: Any, key: str) -> str:
        if not isinstance(value, str) or len(value) > MAX_TEXT or any("\ud800" <= char <= "\udfff" for char in value):
            raise self.unreadable(key)
        return value

    def listed(self, value: Any, key: str) -> list[Any]:
        if not isinstance(value, list) or len(value) > MAX_ROWS:
            raise self.unreadable(key)
        return value

    def table(self, key: str) -> Mapping[str, Any]:
        table = self.row.get(key, {})
        if not isinstance(table, Mapping) or not table.keys() <= self.reader.fact.columns.keys():
            raise self.unreadable(key)
        return table

    def reasons(self, said: Any) -> Iterator[Reason]:
        for one in self.listed(said, "missing"):
            if not _REASON.fullmatch(self.text(one, "missing")):
                raise self.unreadable("missing")
            kind, _, about = one.partition(":")
            yield Reason(kind, about)

    def cell(self, name: str, column: model.Column, facts: Facts) -> Any:
        """The value of a column; unknown where the row gives none, or one out of the column's range."""
        label, given = f"{self.label}.{name}", self.table("cells").get(name)
        if given is None:
            return Unknown([Reason("missing", label)])
        value = self.number(given) if column.kind in NUMERIC else read_cell(label, column, given)
        return cell_within(self.reader, label, column, value, facts)

    def number(self, given: Any) -> Exact:
        found = _NUMBER.fullmatch(given) if isinstance(given, str) and len(given) <= 2 * MAX_NUMBER + 2 else None
        if found is None:
            raise self.unreadable("cells")
        sign, whole, decimals, below = found.groups()
        scale = int(below) if below else 10 ** len(decimals or "")
        number = int(whole + (decimals or "")) * (-1 if sign else 1)
        return numbers.normal(ratio(number, scale))

    def findings(self, source: Source) -> Iterator[Finding]:
        about = f"facts.{self.label}"
        if source.unread:
            codes = tuple(dict.fromkeys(source.unread))
            yield Finding("row-unread", "error", about, "", {"path": source.path, "codes": codes})
        for name, why in source.unfilled.items():
            column = self.reader.fact.columns[name]
            values = {"path": source.path, "from": column.from_ or "", "ruleset": source.ruleset, "column": name}
            values["wanted"] = column.unit or column.kind
            yield Finding("column-unfilled", "error", f"{about}.{name}", f"column-unfilled.{why}", values)


# -- from an evaluation ------------------------------------------------------------------------------------------


def is_value_of(column: model.Column, value: Any) -> bool:
    """Whether a value is of the kind of a column."""
    if column.kind in NUMERIC:
        return isinstance(value, Exact) and not isinstance(value, bool)
    kinds: dict[str, type] = {"truth": bool, "date": date, "text": str}
    return isinstance(value, kinds[column.kind])
