"""TOML files, with a place for every complaint.

Values come from `tomli`, places from `spanned_toml`, which reads TOML 1.0 only and so refuses what 1.1 added. Sizes
and nesting are limited before either could be made slow.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import tomli

from perfrules import words
from perfrules.errors import Finding, Where

MAX_BYTES = 5_000_000
"""Bytes of a file. A ruleset of 200 indicators takes 200,000."""

MAX_NESTING = 12
"""Levels of tables and arrays; the formats need 6, and a dotted key of thousands of parts is an attack."""

KeyPath = tuple[str | int, ...]


class DocumentError(Exception):
    """A file that cannot be read as what it should be; carries one finding."""

    def __init__(self, finding: Finding) -> None:
        """Take the finding."""
        super().__init__(finding.message())
        self.finding = finding


def read_bytes(path: Path, name: str, limit: int = MAX_BYTES) -> bytes:
    """The content of a file of at most `limit` bytes.

    Raises:
        DocumentError: There is no such file, or it is too large.
    """
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= limit and path.is_file() else None
    except OSError as error:
        values = {"reason": words.os_reason(error)}
        raise DocumentError(Finding("no-file", about=name, values=values, where=Where(name))) from None
    except ValueError:
        raise DocumentError(Finding("no-file", about=name, values={"reason": "?"}, where=Where(name))) from None
    if raw is None:
        key = "too-large.file" if path.is_file() else "no-file.folder"
        code = key.partition(".")[0]
        raise DocumentError(Finding(code, about=name, key=key, values={"limit": limit}, where=Where(name)))
    return raw


def read_text(path: Path, name: str, limit: int = MAX_BYTES) -> str:
    """The text of a file in UTF-8, of at most `limit` bytes.

    Raises:
        DocumentError: There is no such file, it is too large, or it is not UTF-8.
    """
    raw = read_bytes(path, name, limit)
    try:
        return raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        key = "not-utf8.utf16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in raw[:200] else "not-utf8"
        raise DocumentError(Finding("not-utf8", about=name, key=key, where=Where(name, line, 1))) from None


@dataclass(frozen=True, eq=False)
class Document:
    """One TOML file: its name for people, its text, its data, and the places of its keys and values."""

    name: str
    path: Path | None
    text: str
    data: dict[str, Any]

    @cached_property
    def spans(self) -> Any:
        """The same data, each key and value with its place; read when the first place is asked for."""
        import spanned_toml

        return spanned_toml.loads(self.text, parse_float=Decimal)

    def where(self, path: KeyPath, span: tuple[int, int] | None = None, *, on_key: bool = False) -> Where:
        """The place of a value (or its key), or of a span of characters inside a text value."""
        key_span, value_span, reached = self._find(path)
        start, end = key_span if on_key or value_span == (0, 0) or not reached else value_span
        if span and reached and not on_key and value_span != (0, 0):
            inner = self._inside(value_span, path)
            if inner is not None:
                start, end = inner + span[0], inner + max(span[1], span[0] + 1)
        return self.place(start, end)

    def place(self, start: int, end: int) -> Where:
        """The place of a span of characters of the file."""
        line_start = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", start)
        line_end = len(self.text) if line_end < 0 else line_end
        line = self.text.count("\n", 0, start) + 1
        length = max(1, min(end, line_end) - start)
        return Where(self.name, line, start - line_start + 1, self.text[line_start:line_end], length)

    @cached_property
    def _keys_of(self) -> dict[int, dict[Any, Any]]:
        return {}

    def _keys(self, table: dict[Any, Any]) -> dict[Any, Any]:
        """The keys of a table of `spans` as they stand there, by themselves: a key equals its text."""
        if id(table) not in self._keys_of:
            self._keys_of[id(table)] = {key: key for key in table}
        return self._keys_of[id(table)]

    def _find(self, path: KeyPath) -> tuple[tuple[int, int], tuple[int, int], bool]:
        """The places of the deepest key on a path and of its value, and whether the whole path is there."""
        node, key_span, value_span = self.spans, (0, 1), (0, 0)
        for part in path:
            content = node.inner()
            if isinstance(content, dict) and part in content:
                key_span, node = _ends(self._keys(content)[part]), content[part]
            elif isinstance(content, list) and isinstance(part, int) and part < len(content):
                node = content[part]
                key_span = _ends(node) if _ends(node) != (0, 0) else key_span
            else:
                return key_span, value_span, False
            value_span = _ends(node)
        return key_span, value_span, True

    def _inside(self, span: tuple[int, int], path: KeyPath) -> int | None:
        """Where the text of a string value begins in the file, if it stands there without escapes."""
        raw = self.text[span[0] : span[1]]
        value: Any = self.data
        for part in path:
            value = value[part]
        if not isinstance(value, str):
            return span[0]
        for quote in ('"""', "'''", '"', "'"):
            if raw.startswith(quote) and len(raw) >= 2 * len(quote):
                skipped = len(quote) + (len(quote) == 3 and raw[3:4] == "\n")
                return span[0] + skipped if raw[skipped : -len(quote)] == value else None
        return None


def _ends(spanned: Any) -> tuple[int, int]:
    span = spanned.span()
    return span.start, span.stop


def read(path: Path, name: str | None = None) -> Document:
    """Read a TOML file.

    Raises:
        DocumentError: It cannot be read, is not TOML 1.0, or is nested too deeply.
    """
    shown = name or str(path)
    return parse(read_text(path, shown), shown, path)


def parse(text: str, name: str, path: Path | None = None) -> Document:
    """Read TOML text.

    Raises:
        DocumentError: It is not TOML 1.0, or nested too deeply.
    """
    text = text.replace("\r\n", "\n")
    try:
        data = tomli.loads(text, parse_float=Decimal)
    except tomli.TOMLDecodeError as error:
        raise _not_toml(name, text, error.msg, error.lineno, error.colno) from None
    except (RecursionError, ValueError, ArithmeticError):
        raise _not_toml(name, text, "toml.too-deep", 1, 1) from None
    if _nesting(data) > MAX_NESTING:
        values = {"limit": MAX_NESTING}
        raise DocumentError(Finding("too-large", about=name, key="too-large.nesting", values=values, where=Where(name)))
    document = Document(name, path, text, data)
    if _looks_newer(text):
        try:
            document.spans  # noqa: B018  (reading them refuses what TOML 1.0 does not have)
        except ValueError as error:
            found = re.search(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
            message, line, column = found.groups() if found else (str(error), None, None)
            raise _not_toml(name, text, message, int(line or 1), int(column or 1), "not-toml.newer") from None
    return document


_QUOTED = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|\#[^\n]*', re.DOTALL)
_NEWER = re.compile(r"\{[^{}]*\n|,\s*\}|\d\d:\d\d(?!:)")


def _looks_newer(text: str) -> bool:
    """Whether valid TOML may use what 1.1 added: line ends or a last comma in `{ }`, short times, new escapes."""
    escapes = any(quoted[0] == '"' and re.search(r"(?<!\\)(?:\\\\)*\\[ex]", quoted) for quoted in _QUOTED.findall(text))
    return escapes or _NEWER.search(_QUOTED.sub("_", text)) is not None


def _nesting(data: object) -> int:
    """Levels of tables and arrays; counted without recursion."""
    depth, level = 0, [data]
    while level:
        depth += 1
        if depth > MAX_NESTING:
            break
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
            if isinstance(child, dict | list)
        ]
    return depth


_BARE_KEY = re.compile(r"^\s*\[{0,2}\s*(?:[A-Za-z0-9_\-\"]+\.)*[^\x00-\x7f\s\"'#=]+")
_QUOTES = {"“": '"', "”": '"', "‘": "'", "’": "'", "「": '"', "」": '"', "【": "[", "】": "]", "、": ","}
_PROBLEMS = {
    "Cannot": "toml.twice", "Duplicate": "toml.twice", "Illegal character '\\n'": "toml.text",
    "Unterminated": "toml.text", "Illegal": "toml.character", "Found": "toml.character", "Unescaped": "toml.backslash",
    "Escaped": "toml.escape", "Invalid hex": "toml.escape", "Expected '='": "toml.equals",
    "Expected ']": "toml.bracket",
    "Expected newline": "toml.end", "Invalid initial": "toml.key", "Invalid value": "toml.value",
    "Invalid statement": "toml.statement", "Unclosed": "toml.bracket", "Invalid date": "toml.date",
}  # fmt: skip
"""How the readers' complaints begin, and the entries of the table of messages that say them in both languages."""


def _not_toml(name: str, text: str, message: str, line: int, column: int, key: str = "") -> DocumentError:
    """The finding: what the usual mistakes are, by the character at which the reader gave up."""
    lines: Sequence[str] = text.split("\n")
    shown = lines[line - 1] if 0 < line <= len(lines) else ""
    char = shown[column - 1 : column]
    ascii_char = _QUOTES.get(char) or unicodedata.normalize("NFKC", char)
    if char and not char.isascii() and ascii_char.isascii() and not ascii_char.isalnum():
        key = "not-toml.full-width"
    elif "\t" not in shown and _BARE_KEY.match(shown) and not shown.lstrip().startswith(('"', "'")):
        key = "not-toml.bare-key"
    problem = next((entry for start, entry in _PROBLEMS.items() if message.startswith(start)), message)
    where = Where(name, line, column, shown)
    if problem == "toml.twice":  # the readers notice it behind the key
        where = Where(name, line, len(shown) - len(shown.lstrip()) + 1, shown, max(1, len(shown.strip())))
    elif problem == "toml.backslash":  # and here behind the character that is no escape
        where = Where(name, line, max(1, column - 2), shown, 2)
    values = {"problem": words.Term(problem), "char": char, "ascii": ascii_char}
    return DocumentError(Finding("not-toml", about=name, key=key, values=values, where=where))
