"""Cases as a TOML file: exact numbers, one key a line, inline tables for facts and expectations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from perfrules import numbers, words
from perfrules.evaluation.export import text

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def value(given: Any) -> str:
    """A value of a fact or expectation in TOML; a number that no decimal says becomes a text such as `"2/3"`.

    Raises:
        TypeError: TOML has no such value.
    """
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, str):
        return quoted(given)
    if isinstance(given, date):
        return given.isoformat()
    if isinstance(given, int | Decimal | Fraction):
        return _number(given)
    if isinstance(given, Mapping):
        inside = ", ".join(f"{key(name)} = {value(item)}" for name, item in given.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(given, list | tuple):
        return f"[{', '.join(map(value, given))}]"
    raise TypeError(f"not a value of TOML: {given!r}")


def _number(given: int | Decimal | Fraction) -> str:
    try:
        exact = numbers.read(given)
    except numbers.NumberError:  # longer than a number that is read may be
        return quoted(str(text(given)))
    if numbers.decimal_places(exact) is None:
        return quoted(numbers.plain(exact))
    return numbers.plain(exact)


def key(name: str) -> str:
    """A key, in quotes where it needs them."""
    return name if _BARE.fullmatch(name) else quoted(name)


def quoted(given: str) -> str:
    """A text in quotes, with every character that could end or hide it escaped."""
    if given.isascii() and given.isprintable():
        return json.dumps(given)
    return '"' + "".join(_ESCAPES.get(char) or _visible(char) for char in given) + '"'


def _visible(char: str) -> str:
    safe = words.safe(char)
    return safe if safe == char else f"\\U{ord(char):08X}"


def comment(lines: Iterable[str]) -> str:
    """Lines of comment; each a single line, whatever stands in it."""
    return "\n".join(f"# {words.safe(line, None)}".rstrip() for line in lines)


def case(name: str, expect: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    """One case: its name, what it is tried on and sets, what it expects."""
    lines = ["[[case]]", f"name = {quoted(name)}"]
    lines += [f"{word} = {value(given)}" for word, given in said.items()]
    lines.append("[case.expect]")
    lines += [f"{word} = {value(wanted)}" for word, wanted in expect.items()]
    return "\n".join(lines)
