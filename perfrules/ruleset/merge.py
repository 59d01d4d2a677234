"""Lay documents one upon the other: parts are added, replaced by key or whole, and dropped.

Every part and key remembers the document it came from. What a document does to another without saying so, and what
an overlay expects and does not find, are findings at their place in the document that is laid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perfrules import words
from perfrules.errors import Finding
from perfrules.ruleset import model
from perfrules.ruleset.declare import Origins, Reading, head_findings
from perfrules.ruleset.resolve import Layer, header
from perfrules.ruleset.toml import Document, KeyPath

_READ_BY_NAME = ("facts", "values", "indicators")
"""Where a name that an overlay expects may be, if it does not say where."""


def merged(layers: Sequence[Layer]) -> Reading:
    """A reading of all documents of a stack; the header and the format are those of the ruleset's own document."""
    top = next(layer.document for layer in layers if layer.role == "ruleset")
    reading = Reading({}, Origins(top))
    below = top
    for layer in layers:
        _lay(reading, layer, below)
        below = below if layer.role == "overlay" else layer.document
    return reading


def _lay(reading: Reading, layer: Layer, below: Document) -> None:
    """Lay one document upon what was laid so far, of which `below` is the last that is no overlay."""
    document, said = layer.document, header(layer.document)
    if layer.role != "ruleset":
        for finding in head_findings(document):
            reading.add(finding)
    _expect(reading, document, said.get("expects"), str(header(below).get("id", below.name)))
    _drop(reading, document, said.get("drops"))
    for section, content in document.data.items():
        if section in ("format", "ruleset"):
            if layer.role == "ruleset":
                _set(reading, section, content, document)
        elif section in (*model.SECTIONS, "units") and isinstance(content, dict):
            _lay_section(reading, document, section, content)
        elif section in ("rounding", "total"):
            _lay_part(reading, document, (section,), reading.data, content)
        else:
            _set(reading, section, content, document)


def _lay_section(reading: Reading, document: Document, section: str, content: dict[str, Any]) -> None:
    parts = reading.data.setdefault(section, {})
    if not isinstance(parts, dict):  # in the document below, which is told so
        return
    for name, part in content.items():
        if section == "units":
            parts[name] = part
            reading.origins.note((section, name), document)
        else:
            _lay_part(reading, document, (section, name), parts, part)


def _set(reading: Reading, section: str, content: Any, document: Document) -> None:
    reading.data[section] = content
    reading.origins.note((section,), document)


def _expect(reading: Reading, document: Document, expects: object, base: str) -> None:
    """Note what a document expects of those below, and they do not have."""
    for index, name in enumerate(expects if isinstance(expects, list) else []):
        if not isinstance(name, str):
            continue
        section, dot, inner = name.partition(".")
        in_sections = (section,) if dot and section in model.SECTIONS else _READ_BY_NAME
        known = [one for here in in_sections for one in _names(reading, here)]
        wanted = inner if in_sections == (section,) else name
        if wanted in known:
            continue
        near = words.nearest(wanted, known)
        values = {"name": name, "near": f"{section}.{near}" if near and wanted == inner else near or "", "base": base}
        where = document.where(("ruleset", "expects", index))
        key = "unmet-expectation.near" if near else ""
        reading.add(Finding("unmet-expectation", "error", "ruleset.expects", key, values, where))
        reading.omitted.add(f"{in_sections[0]}.{wanted}")  # said once, not at every formula that reads it


def _names(reading: Reading, section: str) -> Sequence[str]:
    content = reading.data.get(section)
    return list(content) if isinstance(content, dict) else []


def _drop(reading: Reading, document: Document, drops: object) -> None:
    for index, dropped in enumerate(drops if isinstance(drops, list) else []):
        section, _, name = str(dropped).partition(".")
        if section in (*model.SECTIONS, "units") and name in _names(reading, section):
            del reading.data[section][name]
            reading.origins.forget((section, name))
        else:
            where = document.where(("ruleset", "drops", index))
            values = {"name": dropped}
            reading.add(Finding("unknown-reference", "error", "ruleset.drops", "unknown-reference.drop", values, where))


def _lay_part(reading: Reading, document: Document, path: KeyPath, parts: dict[str, Any], part: Any) -> None:
    """Add a part, or lay it upon the one of that name: whole, or key by key."""
    name, about = str(path[-1]), ".".join(map(str, path))
    replaces = part.get("replaces", ()) if isinstance(part, dict) else ()
    if name in parts and replaces is True:
        reading.origins.forget(path)
    elif name not in parts and replaces:
        where = document.where((*path, "replaces"))
        values: dict[str, object] = {"name": about}
        reading.add(Finding("unknown-reference", "error", about, "unknown-reference.replaces", values, where))
    if name not in parts or replaces is True or not isinstance(part, dict):
        parts[name] = _without_replaces(part)
        reading.origins.note(path, document)
    elif isinstance(parts[name], dict):  # else it is no table in the document below, which is told so
        _declared(reading, document, path, parts[name], part)
        parts[name] = {**parts[name], **_without_replaces(part)}
        for key in part:
            reading.origins.note((*path, key), document)


def _declared(reading: Reading, document: Document, path: KeyPath, old: dict[str, Any], part: dict[str, Any]) -> None:
    """Note keys that are changed without saying so, and keys that are said to be and are not."""
    about, replaces = ".".join(map(str, path)), part.get("replaces")
    listed = [key for key in replaces if isinstance(key, str)] if isinstance(replaces, list) else []
    given = [key for key in part if key != "replaces"]
    changed = tuple(key for key in given if key not in listed and (key in old or not replaces))
    if changed:
        values: dict[str, object] = {"keys": changed, "file": reading.origins.document((*path, changed[0])).name}
        where = document.where(path, on_key=True)
        reading.add(Finding("undeclared-replace", "error", about, "", values, where))
    for index, key in enumerate(replaces if isinstance(replaces, list) else []):
        if key not in given:
            where = document.where((*path, "replaces", index))
            values = {"name": about, "key_name": key}
            reading.add(Finding("unknown-reference", "error", about, "unknown-reference.replaces-key", values, where))


def _without_replaces(part: Any) -> Any:
    return {key: value for key, value in part.items() if key != "replaces"} if isinstance(part, dict) else part
