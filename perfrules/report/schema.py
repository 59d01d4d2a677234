"""JSON Schemas (draft 2020-12) of the files that people write: editors then complete keys, and say what each is.

The schema of a ruleset comes from its models, those of submissions and cases from the keys that their readers take.
A schema checks shapes; what the parts mean together, `perfrules check` says.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import quote

from perfrules import numbers, words
from perfrules.cases import run as cases
from perfrules.evaluation import submission
from perfrules.evaluation.results import Status
from perfrules.formula.language import FUNCTIONS, RESERVED_NAMES
from perfrules.numbers import Exact
from perfrules.ruleset import model
from perfrules.ruleset.declare import is_reserved
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.names import NUMERIC
from perfrules.ruleset.ranges import limits

Of = Literal["ruleset", "submission", "cases"]
Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_NUMBER: Schema = {"type": "number"}
_EXACT: Schema = {"type": ["number", "string"]}
_ID = r"^[^\x00-/0-9:-@\[-^`{-\x7f][^\x00-/:-@\[-^`{-\x7f]*$"
"""An id: letters, digits, underscores and what is not ASCII, no digit first; JSON Schema knows no class of letters."""

_SLUGS = r"^[^\s/\\.-][^\s/\\]*(/[^\s/\\.-][^\s/\\]*)*$"
"""An id of a ruleset: names joined by slashes."""


def schema(of: Of, lang: str, ruleset: Ruleset | None = None) -> Schema:
    """The schema of a kind of file, with what each key is in a language.

    Args:
        of: Which kind of file.
        lang: The language of titles and descriptions.
        ruleset: For a submission: the ruleset whose facts, indicators and so on it is about; any unless given.
    """
    made = (
        {"ruleset": _ruleset, "cases": _cases}[of](lang) if of != "submission" else _Submissions(lang, ruleset).file()
    )
    about = f":{quote(ruleset.id)}" if ruleset and of == "submission" else ""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:perfrules:{of}:1{about}",
        "title": words.say(f"schema.{of}", lang),
    }
    return {**head, **made}


def _said(part: str, key: str, lang: str) -> str:
    """What a key is: where a part means something of its own by it, that."""
    common = words.say(f"key.{key}", lang, default="")
    return words.say(f"key.{part}.{key}", lang, default=common)


def _table(part: str, keys: Mapping[str, Schema], lang: str, required: Iterable[str] = ()) -> Schema:
    """A table that has these keys and no others."""
    said = {key: {"description": _said(part, key, lang), **schema} for key, schema in keys.items()}
    found: Schema = {"type": "object", "additionalProperties": False, "properties": said}
    return {**found, "required": list(required)} if required else found


# -- rulesets ----------------------------------------------------------------------------------------------------

_PARTS = {
    "Declaration": "file", "Header": "ruleset", "Rounding": "rounding", "Scale": "scale", "ScaleStep": "step",
    "Levels": "levels", "LevelStep": "level", "Fact": "fact", "Column": "column", "Value": "value", "Method": "method",
    "Band": "band", "Dimension": "dimension", "Indicator": "indicator", "Adjustment": "adjustment", "Check": "check",
    "Total": "total",
}  # fmt: skip
"""What the parts of a ruleset are called in the table of messages."""

_FORMULA_NAMES = ("facts", "values")
_ANY_NAMES = ("scales", "levels", "units")
_ONE_OF = {"Check": ("equal", "assert"), "ScaleStep": ("from", "when")}


def _ruleset(lang: str) -> Schema:
    made = model.Declaration.model_json_schema(by_alias=True)
    found = _part("Declaration", made, lang)
    for section, property_ in found["properties"].items():
        if section not in _ANY_NAMES and "additionalProperties" in property_:
            names: Schema = {"pattern": _ID, "maxLength": 80}
            property_["propertyNames"] = names | _unreserved() if section in _FORMULA_NAMES else names
    found["$defs"] = {name: _part(name, part, lang) for name, part in made["$defs"].items()}
    return found


def _unreserved() -> Schema:
    """Names that formulas cannot read, since they mean something else there."""
    reserved = {*keyword.kwlist, *FUNCTIONS, *RESERVED_NAMES}
    return {"not": {"enum": sorted(name for name in reserved if is_reserved(name) and name.isidentifier())}}


def _part(name: str, made: Mapping[str, Any], lang: str) -> Schema:
    """The schema of a part as pydantic makes it, in our words, and open for what changes a part of a parent."""
    keys = {key: _plain(property_) for key, property_ in made["properties"].items()}
    found = _table(_PARTS[name], keys, lang, made.get("required", ()))
    if required := found.pop("required", None):
        if "replaces" in keys:
            changes: Schema = {"required": ["replaces"], "properties": {"replaces": {"type": "array"}}}
            found["anyOf"] = [{"required": required}, changes]
        else:
            found["required"] = required
    if name == "Header":
        for key in ("id", "family"):
            found["properties"][key] |= {"pattern": _SLUGS, "maxLength": 200}
    if name in _ONE_OF and "replaces" not in keys:
        found["oneOf"] = [{"required": [key]} for key in _ONE_OF[name]]
    return {"description": words.say(f"part.{_PARTS[name]}", lang), **found}


def _plain(made: Mapping[str, Any]) -> Schema:
    """A property without null, which TOML does not have, without titles that repeat the key and empty defaults."""
    found = {key: value for key, value in made.items() if key != "title"}
    options = [option for option in found.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        del found["anyOf"]
        found = {**options[0], **found}
    elif options:
        found["anyOf"] = [_plain(option) for option in options]
    if not (found.get("default") or found.get("type") == "boolean"):
        found.pop("default", None)
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = _plain(found[key])
    return found


# -- submissions -------------------------------------------------------------------------------------------------


_ROLLED_UP: Schema = {"anyOf": [_TEXTS, {"type": "array", "items": {"type": "object", "required": ["path"]}}]}
"""Names of files, or the rows that came of them, as a record has them."""


class _Submissions:
    """The schema of submissions: of any, or of those of one ruleset."""

    def __init__(self, lang: str, ruleset: Ruleset | None = None) -> None:
        self.lang = lang
        self.ruleset = ruleset

    def file(self) -> Schema:
        """The schema of a file."""
        header = dict.fromkeys(submission.HEADER, _TEXT) | {"overlays": _TEXTS}
        header["period"] = {"type": ["string", "integer"]}
        noted = _table("note", dict.fromkeys(submission._NOTED, _TEXT), self.lang)
        keys: dict[str, Schema] = {
            "submission": _table("submission", header, self.lang),
            "facts": self.facts(),
            "claims": _table("claims", {key: self._claimed(key) for key in submission._CLAIMED}, self.lang),
            "notes": self._by_id("indicators", noted),
            "narrative": _table("narrative", dict.fromkeys(submission.NARRATED, _TEXT), self.lang),
            "format": {"const": 1},
        }
        return _table("submitted", {key: keys[key] for key in submission._TABLES}, self.lang)

    def _claimed(self, key: str) -> Schema:
        if key in ("total", "grade"):
            return _NUMBER if key == "total" else _TEXT
        return self._by_id("indicators" if key == "weights" else key, _NUMBER)

    def _by_id(self, section: str, content: Schema) -> Schema:
        """A table whose keys are ids of one section of the ruleset."""
        if self.ruleset is None:
            return {"type": "object", "additionalProperties": content}
        program = self.ruleset.program
        titles: dict[str, dict[str, Mapping[str, str]]] = {
            "indicators": {name: row.indicator.title for name, row in program.rows.items()},
            "dimensions": {name: branch.title for name, branch in program.branches.items()},
            "values": {name: value.title for name, value in self.ruleset.declaration.values.items()},
        }
        said = {name: words.title(title, self.lang, name) for name, title in titles[section].items()}
        known = {name: {"description": title, **content} for name, title in said.items()}
        return {"type": "object", "additionalProperties": False, "properties": known}

    # -- facts ----------------------------------------------------------------------------------------------------

    def facts(self) -> Schema:
        """The table of facts."""
        if self.ruleset is None:
            answers: Schema = {"type": "object", "additionalProperties": {"type": "boolean"}}
            rows: Schema = {"type": "array", "items": {"type": "object"}}
            plain = {"anyOf": [{"type": ["number", "string", "boolean"]}, answers, rows]}
            return {"type": "object", "additionalProperties": {"anyOf": [plain, self._given(plain)]}}
        known = {name: self._fact(name, fact) for name, fact in self.ruleset.program.facts.items()}
        return {"type": "object", "additionalProperties": False, "properties": known}

    def _fact(self, identifier: str, fact: model.Fact) -> Schema:
        about = [
            words.title(fact.title, self.lang, identifier),
            fact.unit or "",
            words.title(fact.explanation, self.lang),
        ]
        plain = self._value(fact)
        levels = self.ruleset.declaration.levels.get(fact.levels or "") if self.ruleset else None
        given = self._given(_NUMBER if fact.unit and fact.kind in NUMERIC else plain, levels)  # in any unit
        return {"description": " · ".join(filter(None, about)), "anyOf": [plain, given]}

    def _value(self, fact: model.Fact | model.Column) -> Schema:
        """What the value of a fact, or a cell, can be."""
        match fact.kind:
            case "truth":
                return {"type": "boolean"}
            case "text":
                return _TEXT
            case "date":
                return {"type": "string", "format": "date"}
        if isinstance(fact, model.Fact):
            if fact.kind == "choice":
                return {"enum": list(fact.choices)}
            if fact.kind == "checklist":
                said = {item: words.title(titles, self.lang, item) for item, titles in fact.items.items()}
                items = {item: {"type": "boolean", "description": title} for item, title in said.items()}
                return {"type": "object", "additionalProperties": False, "properties": items}
            if fact.kind == "table":
                cells = {name: self._column(name, column) for name, column in fact.columns.items()}
                row = {"type": "object", "additionalProperties": False, "properties": cells}
                return {"type": "array", "items": row}
        return {**_NUMBER, **_range(fact)} if fact.kind in NUMERIC else {}

    def _column(self, identifier: str, column: model.Column) -> Schema:
        about = words.title(column.title, self.lang, identifier), column.unit or ""
        return {"description": " · ".join(filter(None, about)), **self._value(column)}

    def _given(self, plain: Schema, levels: model.Levels | None = None) -> Schema:
        """A fact that is given as a table: exactly one of value, level and missing, and what is said beside it."""
        keys = dict.fromkeys(submission._GIVEN, _TEXT) | {"value": plain, "rate": _NUMBER, "submissions": _ROLLED_UP}
        if levels:
            keys["level"] = {"enum": [step.id for step in levels.steps]}
        found = _table("given", {key: keys[key] for key in submission._GIVEN}, self.lang)
        found["oneOf"] = [{"required": [key]} for key in submission._GIVEN if key in submission._SAID]
        return {**found, "dependentRequired": {"rate": ["level"]}}


def _range(fact: model.Fact | model.Column) -> Schema:
    """The ends of a range, both included."""
    ends = zip(("minimum", "maximum"), limits(fact.kind, fact.range), strict=True)
    return {key: _number(end) for key, end in ends if isinstance(end, Exact)}


def _number(value: Exact) -> int | float:
    return value if isinstance(value, int) else float(numbers.shown(value, 15))


# -- cases -------------------------------------------------------------------------------------------------------


_CHECKED = ("pass", "fail", "missing", "undefined")
_VERDICTS = ("confirmed", "refuted", "permitted", "unsupported")


def _cases(lang: str) -> Schema:
    by_id = {"type": "object", "additionalProperties": _EXACT}
    expected: dict[str, Schema] = {
        "total": _EXACT, "coverage": _EXACT, "grade": _TEXT, "status": {"enum": ["scored", "incomplete"]},
        "bounds": {"type": "array", "items": _EXACT, "minItems": 2, "maxItems": 2},
        "indicators": by_id, "dimensions": by_id, "values": {"type": "object"},
        "grades": _each(_TEXT), "statuses": _each({"enum": list(Status)}), "checks": _each({"enum": list(_CHECKED)}),
        "verdicts": _each({"enum": list(_VERDICTS)}), "findings": _TEXTS,
    }  # fmt: skip
    keys: dict[str, Schema] = {
        "name": _TEXT, "ruleset": _TEXT, "base": _TEXT, "set": _Submissions(lang).facts(), "unset": _TEXTS,
        "expect": _table("expect", {key: expected[key] for key in cases._EXPECTED}, lang),
    }  # fmt: skip
    case = _table("case", {key: keys[key] for key in cases._KEYS}, lang, ["expect"])
    return _table("cases", {"case": {"type": "array", "items": case}}, lang)


def _each(content: Schema) -> Schema:
    return {"type": "object", "additionalProperties": content}
