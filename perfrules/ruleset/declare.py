"""From merged data to a declaration: read every part on its own.

A part that cannot be read is left out with its findings, so that the mistakes of all other parts are found in the
same go. `Origins` remembers which document each key came from, for the place of every later complaint.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from perfrules import words
from perfrules.errors import Finding, Severity, Where
from perfrules.formula.language import FUNCTIONS, RESERVED_NAMES
from perfrules.ruleset import model
from perfrules.ruleset.toml import Document, KeyPath
from perfrules.ruleset.units import definition

_FORMULA_NAMES = ("facts", "values")
_IDENTIFIERS = ("facts", "values", "methods", "dimensions", "indicators", "adjustments", "checks")


@dataclass(slots=True)
class Origins:
    """Which document each part, and each key of it, was declared in."""

    top: Document
    documents: dict[KeyPath, Document] = field(default_factory=dict)

    def note(self, path: KeyPath, document: Document) -> None:
        """Remember the document of a part (`indicators`, id) or of one key of it."""
        self.documents[path] = document

    def forget(self, path: KeyPath) -> None:
        """Forget a part and its keys: it was dropped, or replaced whole."""
        for known in [known for known in self.documents if known[: len(path)] == path]:
            del self.documents[known]

    def document(self, path: KeyPath) -> Document:
        """The document that the longest known beginning of a path came from."""
        for length in range(min(len(path), 3), 0, -1):
            if found := self.documents.get(path[:length]):
                return found
        return self.top

    def where(self, path: KeyPath, span: tuple[int, int] | None = None, *, on_key: bool = False) -> Where:
        """The place of a value, of its key, or of a span of characters in it."""
        return self.document(path).where(path, span, on_key=on_key)


@dataclass(slots=True)
class Reading:
    """A declaration in the making: merged data, where it came from, what is wrong, and which names formulas read."""

    data: dict[str, Any]
    origins: Origins
    findings: list[Finding] = field(default_factory=list)
    omitted: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def note(
        self,
        code: str,
        path: KeyPath,
        key: str = "",
        severity: Severity = "error",
        span: tuple[int, int] | None = None,
        on_key: bool = False,
        **values: object,
    ) -> None:
        """Add a finding about a part of the ruleset, with its place."""
        about = ".".join(map(str, path[:2]))
        self.add(Finding(code, severity, about, key, values, self.origins.where(path, span, on_key=on_key)))

    def add(self, finding: Finding) -> None:
        """Add a finding; one that many rows lead to counts once."""
        if finding not in self.findings:
            self.findings.append(finding)

    def is_omitted(self, section: str, name: str) -> bool:
        """Whether a part may well be declared, and could not be read."""
        return section in self.omitted or f"{section}.{name}" in self.omitted


# -- reading the parts -------------------------------------------------------------------------------------------


def declaration(reading: Reading) -> model.Declaration:
    """Read every part of the merged data; what cannot be read is noted, and left out."""
    known = (*model.SECTIONS, *model.SINGLE, "units", "format")
    for section in reading.data:
        if section not in known:
            _unknown_key(reading, (section,), known)
    _check_head(reading)
    sections: dict[str, Any] = {
        name: _single(reading, name, part) for name, part in model.SINGLE.items() if name in reading.data
    }
    for name, part in model.SECTIONS.items():
        sections[name] = _parts(reading, name, part)
    sections["units"] = _units(reading)
    _shared_names(reading)
    if sections.get("ruleset") is None:
        # Its mistakes are noted; those of the other parts are found in the same go.
        sections["ruleset"] = model.Header.model_construct(id="")
        reading.omitted.add("ruleset")
    sections = {name: content for name, content in sections.items() if content is not None}
    return model.Declaration.model_construct(format=1, **sections)


def head_findings(document: Document) -> list[Finding]:
    """What is wrong with the format and the header of a document that is no ruleset's own: a parent, an overlay."""
    head: dict[str, Any] = {key: document.data[key] for key in ("format", "ruleset") if key in document.data}
    reading = Reading(head, Origins(document))
    _check_head(reading)
    if "ruleset" in head:
        _single(reading, "ruleset", model.Header)
    return reading.findings


def _check_head(reading: Reading) -> None:
    if reading.data.get("format") != 1 or isinstance(reading.data.get("format"), bool):
        reading.note("bad-value", ("format",), "bad-value.format")
    if "ruleset" not in reading.data:
        reading.note("bad-value", ("ruleset",), "bad-value.no-header")


def _single(reading: Reading, section: str, part: type[model.Part]) -> model.Part | None:
    return _read_part(reading, (section,), part, reading.data[section])


def _parts(reading: Reading, section: str, part: type[model.Part]) -> dict[str, model.Part]:
    content = reading.data.get(section, {})
    if not isinstance(content, dict):
        reading.note("bad-value", (section,), "bad-value.table", on_key=True)
        reading.omitted.add(section)
        return {}
    parts = {}
    for name, raw in content.items():
        path = (section, name)
        _check_id(reading, path, name, formula_name=section in _FORMULA_NAMES, identifier=section in _IDENTIFIERS)
        if (read := _read_part(reading, path, part, raw)) is not None:
            parts[name] = read
        else:
            reading.omitted.add(f"{section}.{name}")
    return parts


def _check_id(reading: Reading, path: KeyPath, name: str, *, formula_name: bool, identifier: bool) -> None:
    if (identifier and not model.is_identifier(name)) or not name.strip() or not name.isprintable() or len(name) > 200:
        reading.note("bad-value", path, "bad-value.id", on_key=True, name=name)
    elif formula_name and is_reserved(name):
        reading.note("reserved-name", path, on_key=True, name=name)


def is_reserved(name: str) -> bool:
    """Whether a name means something else in formulas, so that no fact or value can have it."""
    return keyword.iskeyword(name) or name in FUNCTIONS or name in RESERVED_NAMES


def _read_part(reading: Reading, path: KeyPath, part: type[model.Part], raw: object) -> model.Part | None:
    if not isinstance(raw, dict):
        reading.note("bad-value", path, "bad-value.table", on_key=True)
        return None
    try:
        return part.model_validate(raw)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=True)
    for problem in problems:
        _note_problem(reading, path, part, problem)
    surplus = [problem["loc"] for problem in problems if problem["type"] == "extra_forbidden"]
    if len(surplus) < len(problems):
        return None
    # Only keys too many: read the part without them, so that it is not missed elsewhere.
    try:
        return part.model_validate(_pruned(raw, surplus))
    except ValidationError:
        return None


def _pruned(raw: Any, surplus: list[tuple[int | str, ...]]) -> Any:
    if isinstance(raw, dict):
        kept = {key: value for key, value in raw.items() if (key,) not in surplus}
        return {key: _pruned(value, [loc[1:] for loc in surplus if loc[:1] == (key,)]) for key, value in kept.items()}
    if isinstance(raw, list):
        return [_pruned(item, [loc[1:] for loc in surplus if loc[:1] == (index,)]) for index, item in enumerate(raw)]
    return raw


_EXPECTED = {
    "string_type": "expected.text", "bool_type": "expected.truth", "list_type": "expected.list",
    "dict_type": "expected.table", "model_type": "expected.table", "date_type": "expected.date",
    "int_type": "expected.whole", "date_from_datetime_inexact": "expected.date",
}  # fmt: skip


def _note_problem(reading: Reading, path: KeyPath, part: type[model.Part], problem: Any) -> None:
    where: KeyPath = (*path, *problem["loc"])
    name = str(problem["loc"][-1]) if problem["loc"] else ""
    match problem["type"]:
        case "extra_forbidden":
            _unknown_key(reading, where, _keys_at(part, problem["loc"][:-1]))
        case "missing":
            reading.note("bad-value", where, "bad-value.missing", on_key=True, key_name=name)
        case "perfrules":
            context = dict(problem["ctx"])
            reading.note("bad-value", where, context.pop("key"), **{"key_name": name, **context})
        case "literal_error":
            expected = tuple(problem["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", "))
            near = words.nearest(str(problem["input"]), expected)
            key = "bad-value.one-of-near" if near else "bad-value.one-of"
            reading.note("bad-value", where, key, key_name=name, expected=expected, near=near or "")
        case "too_short" | "too_long":
            reading.note("bad-value", where, "bad-value.length", key_name=name)
        case kind:
            expected_term = words.Term(_EXPECTED.get(kind, "expected.other"))
            reading.note("bad-value", where, "bad-value.kind", key_name=name, expected=expected_term)


def _keys_at(part: type[model.Part], loc: tuple[int | str, ...]) -> tuple[str, ...]:
    """The keys that the table at a place in a part may have."""
    nested: dict[str, type[model.Part]] = {"bands": model.Band, "columns": model.Column, "steps": model.ScaleStep}
    for step in loc:
        if part is model.Levels and step == "steps":
            part = model.LevelStep
        elif isinstance(step, str) and step in nested:
            part = nested[step]
    return tuple(field.alias or name for name, field in part.model_fields.items())


def dotted(path: KeyPath) -> str:
    """A path as people read it: `indicators.x.bands[1]`, counted from 1."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _unknown_key(reading: Reading, path: KeyPath, known: Iterable[str]) -> None:
    name = str(path[-1])
    near = words.nearest(name, known)
    key = "unknown-key.near" if near else "unknown-key"
    inside = (dotted(path[:-1]),) if len(path) > 1 else words.Term("inside.file")
    reading.note("unknown-key", path, key, on_key=True, name=name, inside=inside, near=near or "", known=tuple(known))


def _units(reading: Reading) -> dict[str, str]:
    units = reading.data.get("units", {})
    if not isinstance(units, dict):
        reading.note("bad-value", ("units",), "bad-value.table", on_key=True)
        return {}
    for name, meaning in units.items():
        if not isinstance(meaning, str) or definition(meaning) is None:
            reading.note("bad-value", ("units", name), "bad-value.unit", name=name)
    return {name: meaning for name, meaning in units.items() if isinstance(meaning, str)}


def _shared_names(reading: Reading) -> None:
    facts: Mapping[str, object] = reading.data.get("facts", {})
    values: Mapping[str, object] = reading.data.get("values", {})
    if isinstance(facts, dict) and isinstance(values, dict):
        for name in values:
            if name in facts:
                reading.note("duplicate-id", ("values", name), on_key=True, name=name)
