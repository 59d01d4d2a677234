"""A ruleset as one TOML file without parents and overlays, with comments that say where each part and key came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import tomli_w

from perfrules import words
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset, plain_data
from perfrules.ruleset.toml import KeyPath

_RESOLVED = ("extends", "overlays", "drops", "expects")
"""Keys of the header that the resolved text has acted upon, and so does not have."""

_TABLES = ("items", "choices", "columns")
"""Keys of a part that are written as tables of their own."""


def resolved(ruleset: Ruleset, lang: str) -> str:
    """The text of the resolved ruleset: it loads as the same rules, on its own.

    Args:
        ruleset: A loaded ruleset.
        lang: The language of the comments.
    """
    data = content(ruleset)
    lines = [*_head(ruleset, lang), "", "format = 1"]
    for path, table in _parts(data):
        lines += ["", *_part(ruleset, path, table)]
    return "\n".join(lines) + "\n"


def resolved_data(ruleset: Ruleset) -> dict[str, Any]:
    """The resolved ruleset for JSON, with the place that each part and key came from."""
    data = content(ruleset)
    origins = {}
    for path, table in _parts(data):
        origins[_dotted(path)] = _place(ruleset, path)
        origins |= {_dotted((*path, key)): _place(ruleset, (*path, key)) for key in table}
    parts = [plain_data(part._asdict()) for part in ruleset.parts]
    return {"ruleset": plain_data(data), "as_of": plain_data(ruleset.as_of), "parts": parts, "origins": origins}


def content(ruleset: Ruleset) -> dict[str, Any]:
    """The merged data in the order of the format, without what is resolved; a plan says that it is one."""
    data = {"format": 1, **ruleset.merged}
    header = {key: value for key, value in data["ruleset"].items() if key not in _RESOLVED}
    data["ruleset"] = {**header, "plan": True} if ruleset.plan else header
    order = ("format", "ruleset", "rounding", "units", *model.SECTIONS, "total")
    return {section: data[section] for section in order if data.get(section)}


def _parts(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    """Every table that is written: the single ones, and the named parts of each section."""
    for section, table in data.items():
        if section in model.SECTIONS:
            yield from (((section, name), part) for name, part in table.items())
        elif section != "format":
            yield (section,), table


# -- where from --------------------------------------------------------------------------------------------------


def _head(ruleset: Ruleset, lang: str) -> Iterator[str]:
    """What was laid upon what, lowest first, and what is left out."""
    yield _comment(words.say("resolved.head", lang, {"id": ruleset.id}))
    for part, document in zip(ruleset.parts, ruleset.documents, strict=True):
        said = {"role": words.Term(f"resolved.{part.role}"), "id": part.id, "file": document.name}
        effective = words.say("resolved.effective", lang, {"effective": part.effective}) if part.effective else ""
        yield _comment("  " + words.say("resolved.part", lang, said) + effective)
    if ruleset.as_of:
        yield _comment(words.say("resolved.as-of", lang, {"as_of": ruleset.as_of}))
    yield _comment(words.say("resolved.left-out", lang, {"keys": _RESOLVED}))


def _comment(text: str) -> str:
    return f"# {words.safe(text, None)}"


def _place(ruleset: Ruleset, path: KeyPath) -> str:
    where = ruleset.origins.where(path, on_key=True)
    return f"{words.safe(where.file, None)}:{where.line}"


def _dotted(path: KeyPath) -> str:
    """A path of keys; one that holds a dot itself is quoted."""
    return ".".join(f'"{key}"' if "." in str(key) else str(key) for key in path)


# -- TOML --------------------------------------------------------------------------------------------------------


def _part(ruleset: Ruleset, path: KeyPath, table: Mapping[str, Any]) -> Iterator[str]:
    """The lines of one table: where it came from, and of each key that came from another file where that did."""
    home = None if path == ("units",) else ruleset.origins.document(path)  # each unit comes from where it does
    if home:
        yield _comment(_place(ruleset, path))
    yield f"[{'.'.join(map(_key, path))}]"
    inner = {key: value for key, value in table.items() if key in _TABLES and isinstance(value, dict) and value}
    for key, value in table.items():
        if key not in inner:
            own = ruleset.origins.document((*path, key)) is home
            yield f"{_key(key)} = {_value(value)}" + ("" if own else f"  # {_place(ruleset, (*path, key))}")
    for key, values in inner.items():
        if ruleset.origins.document((*path, key)) is not home:
            yield _comment(_place(ruleset, (*path, key)))
        yield f"[{'.'.join(map(_key, (*path, key)))}]"
        yield from (f"{_key(name)} = {_inline(one)}" for name, one in values.items())


def _value(value: Any) -> str:
    """A value behind its key: a list of tables over several lines, so that each band or step has its own."""
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return "[\n" + "".join(f"  {_inline(one)},\n" for one in value) + "]"
    if isinstance(value, str) and "\n" in value and "\r" not in value:
        written = tomli_w.dumps({"x": value}, multiline_strings=True).partition(" = ")[2].rstrip("\n")
        return "\n".join(map(_printable, written.split("\n")))
    return _inline(value)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_inline(one)}" for key, one in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, Decimal):
        return str(value)
    return _printable(tomli_w.dumps({"x": value}).partition(" = ")[2].rstrip("\n"))


def _key(key: str | int) -> str:
    return _printable(tomli_w.dumps({str(key): 0}).rpartition(" = ")[0])


def _printable(text: str) -> str:
    """TOML with escapes for what cannot be seen; such characters stand in quoted texts and keys only."""
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in text)
