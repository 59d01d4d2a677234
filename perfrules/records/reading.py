"""JSON that nobody vouches for: read within limits, with the place of every value.

Records, the entries of ledgers and their heads are objects of texts, truth values and null; a bare number is none of
ours, since readers differ in what they make of its digits.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfrules.errors import Finding, RecordError, Where
from perfrules.ruleset import toml
from perfrules.ruleset.toml import DocumentError, KeyPath

MAX_BYTES = 20_000_000
"""Bytes of a record."""

MAX_NESTING = 10
"""Levels of objects and lists; a record needs 7."""

_SPACE = re.compile(r"[ \t\n\r]*")


class _Bare(str):
    """A number that stands in JSON without quotes."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_int=_Bare, parse_float=_Bare, parse_constant=_Bare)


@dataclass(frozen=True, eq=False)
class Json:
    """A JSON file: its name for people, its text, and the object that it holds."""

    name: str
    text: str
    data: dict[str, Any]

    def where(self, path: KeyPath) -> Where:
        """The place of the value at a path, or of the deepest one on the way to it."""
        start, end = _span(self.text, path)
        line_start = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", start)
        line_end = len(self.text) if line_end < 0 else line_end
        line, length = self.text.count("\n", 0, start) + 1, max(1, min(end, line_end) - start)
        return Where(self.name, line, start - line_start + 1, self.text[line_start:line_end], length)

    def refuse(self, key: str, path: KeyPath = (), **values: object) -> RecordError:
        """The error that this is not what it should be, at a path."""
        values = {"path": said(path), **values}
        return RecordError([Finding(key.partition(".")[0], "error", self.name, key, values, self.where(path))])


def said(path: KeyPath) -> str:
    """A path as people write it: `indicators[3].steps[1].value`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def read(path: Path) -> Json:
    """Read a JSON file that holds an object.

    Raises:
        RecordError: It cannot be read, is too large or too deep, or holds what is neither text, truth value nor null.
    """
    name = str(path)
    try:
        return parse(toml.read_text(path, name, MAX_BYTES), name)
    except DocumentError as error:
        raise RecordError([error.finding]) from None


def parse(text: str, name: str) -> Json:
    """Read JSON text; what is raised is what `read` raises."""
    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) < len(pairs):
            names = [key for key, _ in pairs]
            twice.extend(key for key in table if names.count(key) > 1)
        return table

    try:
        data = json.loads(text, parse_int=_Bare, parse_float=_Bare, parse_constant=_Bare, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        where = Where(name, error.lineno, error.colno)
        raise _refuse(name, "not-a-record.json", where, problem=error.msg) from None
    except RecursionError:
        raise _refuse(name, "not-a-record.nesting", Where(name), limit=MAX_NESTING) from None
    if twice:
        raise _refuse(name, "not-a-record.twice", Where(name), name=twice[0])
    if not isinstance(data, dict):
        raise _refuse(name, "not-a-record", Where(name))
    found = Json(name, text, data)
    _check(found)
    return found


def _refuse(file: str, key: str, where: Where, **values: object) -> RecordError:
    return RecordError([Finding("not-a-record", "error", file, key, values, where)])


def _check(found: Json) -> None:
    """Refuse depth, bare numbers, and texts that no encoding can write.

    Raises:
        RecordError: There is such a thing; the first of them.
    """
    if fault := _fault(found.data, 1):
        key, path, given = fault
        raise found.refuse(key, path, given=given, limit=MAX_NESTING)


def _fault(value: Any, depth: int) -> tuple[str, KeyPath, str] | None:
    """What is wrong inside a value, where, and what stands there; None if nothing is."""
    if isinstance(value, dict | list):
        if depth > MAX_NESTING:
            return "not-a-record.nesting", (), ""
        if isinstance(value, dict) and any(map(_half, value)):
            return "not-a-record.text", (), ""
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if fault := _fault(item, depth + 1):
                return fault[0], (key, *fault[1]), fault[2]
    elif isinstance(value, _Bare):
        return "not-a-record.number", (), value
    elif isinstance(value, str) and _half(value):
        return "not-a-record.text", (), ""
    return None


def _half(text: str) -> bool:
    """Whether a text holds half of a character."""
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)


# -- places ------------------------------------------------------------------------------------------------------


def _span(text: str, path: KeyPath) -> tuple[int, int]:
    """Where the value at a path begins and ends in JSON text, or the deepest one on the way to it."""
    start = _after_space(text, 0)
    for part in path:
        found = _member(text, start, part)
        if found is None:
            break
        start = found
    return start, _DECODER.raw_decode(text, start)[1]


def _after_space(text: str, index: int) -> int:
    match = _SPACE.match(text, index)
    return match.end() if match else index


def _member(text: str, start: int, part: str | int) -> int | None:
    """Where a member of the object, or an entry of the list, that begins here begins itself; None if there is none."""
    if text[start] != ("[" if isinstance(part, int) else "{"):
        return None
    index, count = _after_space(text, start + 1), 0
    while text[index] not in "]}":
        key: str | int = count
        if isinstance(part, str):
            key, index = _DECODER.raw_decode(text, index)
            index = _after_space(text, _after_space(text, index) + 1)  # behind the colon
        if key == part:
            return index
        index = _after_space(text, _DECODER.raw_decode(text, index)[1])
        if text[index] == ",":
            index, count = _after_space(text, index + 1), count + 1
    return None
