"""Values as TOML writes them, with a comment behind that says where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import tomli_w

from perfrules import numbers, words
from perfrules.numbers import Exact


def key(name: str) -> str:
    """A key; one of Chinese characters is quoted."""
    return _printable(tomli_w.dumps({name: 0}).rpartition(" = ")[0])


def table(section: str, name: str) -> str:
    """The head of a table of a section."""
    return f"[{section}.{key(name)}]"


def value(said: Any) -> str:
    """A value on one line."""
    if isinstance(said, Mapping):
        return "{ " + ", ".join(f"{key(name)} = {value(one)}" for name, one in said.items()) + " }"
    if isinstance(said, list | tuple):
        return "[" + ", ".join(map(value, said)) + "]"
    if isinstance(said, Decimal):
        return f"{said:f}"  # with the decimals that it was typed with
    if isinstance(said, bool | date):
        return tomli_w.dumps({"x": said}).removeprefix("x = ").rstrip("\n")
    if isinstance(said, Exact):
        return numbers.plain(said)
    return _printable(tomli_w.dumps({"x": str(said)}).removeprefix("x = ").rstrip("\n"))


def line(name: str, said: Any, comment: str = "") -> str:
    """A key with its value, and a comment behind."""
    return f"{key(name)} = {value(said)}" + (f"  {remark(comment)}" if comment else "")


def listed(name: str, said: list[str], comment: str = "") -> list[str]:
    """A key with a list, several to a line where it is long."""
    if len(said) <= 4:
        return [line(name, said, comment)]
    rows = [", ".join(map(value, said[start : start + 4])) for start in range(0, len(said), 4)]
    return [f"{key(name)} = [" + (f"  {remark(comment)}" if comment else ""), *(f"  {row}," for row in rows), "]"]


def remark(text: str) -> str:
    """A comment on one line, harmless whatever it quotes."""
    return f"# {words.safe(' '.join(text.split()), None)}"


def _printable(text: str) -> str:
    """TOML with escapes for what cannot be seen; such characters stand in quoted texts and keys only."""
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in text)
