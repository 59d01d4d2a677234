"""What a JSON file must have to be read as a record: the sources, of the right kinds, and nothing that nobody reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from perfrules.records.reading import Json
from perfrules.ruleset import resolve
from perfrules.ruleset.toml import KeyPath

FORMAT = "1"
_DOCUMENT = ("digest", "id", "name", "role", "text")
_HANDED: dict[str, Any] = {"name": str | None, "cells": bool, "text": str, "digest": str}
_SOURCES = ("as_of", "documents", "submission")
ROLES = ("parent", "ruleset", "overlay")
_MAX_DOCUMENTS = resolve.MAX_PARENTS + 1 + resolve.MAX_OVERLAYS


def check_shape(file: Json) -> None:
    """Refuse what has not the parts that are read of a record.

    Raises:
        RecordError: A part is missing, or is not what it should be.
    """
    data = file.data
    if data.get("record") != FORMAT:
        known = isinstance(data.get("record"), str)
        raise file.refuse("not-a-record.newer" if known else "not-a-record", ("record",), format=data.get("record"))
    _expect(file, ("digest",), str)
    _expect(file, ("engine",), str)
    _expect(file, ("sources",), dict)
    _expect(file, ("sources", "submission"), dict)
    for key, kind in _HANDED.items():
        _expect(file, ("sources", "submission", key), kind)
    _expect_only(file, ("sources",), _SOURCES, data["sources"])
    _expect_only(file, ("sources", "submission"), _HANDED, data["sources"]["submission"])
    documents = _expect(file, ("sources", "documents"), list)
    for index, document in enumerate(documents):
        _expect(file, ("sources", "documents", index), dict)
        for key in _DOCUMENT:
            _expect(file, ("sources", "documents", index, key), str)
        _expect_only(file, ("sources", "documents", index), _DOCUMENT, document)
        if document["role"] not in ROLES:
            raise file.refuse("not-a-record.role", ("sources", "documents", index, "role"))
    if len(documents) > _MAX_DOCUMENTS or [one["role"] for one in documents].count("ruleset") != 1:
        raise file.refuse("not-a-record.documents", ("sources", "documents"), limit=_MAX_DOCUMENTS)
    _check_entry(file)
    as_of = _expect(file, ("sources", "as_of"), str | None)
    if as_of is not None and as_date(as_of) is None:
        raise file.refuse("not-a-record.date", ("sources", "as_of"))


def _check_entry(file: Json) -> None:
    """Refuse what does not say an entry's place in its ledger, where it says anything.

    Raises:
        RecordError: It is something else.
    """
    if "ledger" in file.data:
        _expect_only(file, ("ledger",), ("number", "before"), _expect(file, ("ledger",), dict))
        _expect(file, ("ledger", "number"), str)
        _expect(file, ("ledger", "before"), str | None)


def _expect(file: Json, path: KeyPath, kind: Any) -> Any:
    """The value at a path.

    Raises:
        RecordError: There is none, or it is of another kind.
    """
    value: Any = file.data
    for part in path[:-1]:
        value = value[part]
    last = path[-1]
    if isinstance(value, dict) and last not in value:
        raise file.refuse("not-a-record.missing", path)
    if not isinstance(value[last], kind):
        raise file.refuse("not-a-record.kind", path)
    return value[last]


def _expect_only(file: Json, path: KeyPath, known: Iterable[str], table: Mapping[str, Any]) -> None:
    """Refuse what nobody reads, and so nobody verifies.

    Raises:
        RecordError: There is such a key.
    """
    for key in table:
        if key not in known:
            raise file.refuse("not-a-record.unknown", (*path, key))


def as_date(text: str) -> date | None:
    """A date as a record writes it; None for what is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None
