"""What an author writes: the parts of a ruleset, as they stand in its TOML file.

The models check shapes only: keys, types, numbers. What the parts mean together (names, kinds, weights) is checked in
`structure`, and what formulas say in `program`. Formulas stay text here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError, core_schema

from perfrules import numbers
from perfrules.numbers import Exact

MAX_TITLE = 20_000
"""Characters of a text in a ruleset: room for an explanation, not for a file of 100 MB."""


MAX_WEIGHT = 1_000_000
"""Points that a weight can be. Published tables add up to 100 or 1,000; far more is a slip of the keyboard."""


def _problem(key: str, **values: Any) -> PydanticCustomError:
    # The type of a custom error must be a plain word; the table of messages knows it by this name.
    return PydanticCustomError("perfrules", "{key}", {"key": key, **values})


def _number(value: object) -> Exact:
    try:
        return numbers.read(value)
    except numbers.NumberError as error:
        raise _problem(f"bad-value.{error.reason}") from None


def _weight(value: object) -> Exact:
    weight = _number(value)
    if weight > MAX_WEIGHT:
        raise _problem("bad-value.weight", limit=MAX_WEIGHT)
    return weight


def _formula(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise _problem("bad-value.formula")
    return value if isinstance(value, str) else numbers.plain(_number(value))


def _target(value: object) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return _formula(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _problem("bad-value.text")
    if len(value) > MAX_TITLE:
        raise _problem("bad-value.long", limit=MAX_TITLE)
    return value


def _titles(value: object) -> dict[str, str]:
    if isinstance(value, str):
        return {"": _text(value)}
    if not isinstance(value, dict) or not value or not all(isinstance(text, str) for text in value.values()):
        raise _problem("bad-value.title")
    return {language: _text(text) for language, text in value.items()}


def _places(value: object) -> int | None:
    if value == "none":
        return None
    if type(value) is int and 0 <= value <= 10:
        return value
    raise _problem("bad-value.places")


def _range(value: object) -> tuple[Exact, Exact]:
    if not isinstance(value, list) or len(value) != 2:
        raise _problem("bad-value.range")
    low, high = map(_number, value)
    if low > high:
        raise _problem("bad-value.range")
    return low, high


def _dates_or_numbers(value: object) -> tuple[Any, Any]:
    if isinstance(value, list) and len(value) == 2 and all(type(end) is date for end in value) and value[0] <= value[1]:
        return value[0], value[1]
    return _range(value)


def _replaces(value: object) -> bool | tuple[str, ...]:
    if value is True:
        return True
    if isinstance(value, list) and all(isinstance(key, str) for key in value):
        return tuple(value)
    raise _problem("bad-value.replaces")


def _identifier(value: object) -> str:
    """A ruleset id: names with hyphens, joined by slashes."""
    text = _text(value)
    parts = text.split("/")
    if len(text) > 200 or not all(_is_slug(part) for part in parts):
        raise _problem("bad-value.ruleset-id")
    return text


def _is_slug(part: str) -> bool:
    return (
        bool(part)
        and part[0] not in "-."
        and part.replace("-", "_").replace(".", "_").isprintable()
        and ("_" + part.replace("-", "_").replace(".", "_")).isidentifier()
        and unicodedata.normalize("NFKC", part) == part
    )


ROLLED = r"subject|total|grade|(facts|values|scores|dimensions)\..{1,80}"
"""What a column that is rolled up can take from the evaluation of another submission."""


def _rolled(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(ROLLED, text):
        raise _problem("bad-value.from")
    return text


class _ReadBy:
    """How a field is read: by a function, and what JSON Schema says of it.

    `PlainValidator` would inspect the function's signature for each of a hundred fields, at each start.
    """

    def __init__(self, read: Callable[[object], object], schema: dict[str, Any]) -> None:
        self.read = read
        self.schema = schema

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        return deepcopy(self.schema)  # pydantic writes defaults into what it gets


_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "object", "additionalProperties": _TEXT}
_PLACES: dict[str, Any] = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 10}, {"const": "none"}]}
_KEYS: dict[str, Any] = {"anyOf": [{"const": True}, {"type": "array", "items": _TEXT}]}

Number = Annotated[Exact, _ReadBy(_number, {"type": "number"})]
Weight = Annotated[Exact, _ReadBy(_weight, {"type": "number", "minimum": 0, "maximum": MAX_WEIGHT})]
FormulaText = Annotated[str, _ReadBy(_formula, {"type": ["string", "number"]})]
TargetText = Annotated[str, _ReadBy(_target, {"type": ["string", "number"]})]
Text = Annotated[str, _ReadBy(_text, _TEXT)]
Titles = Annotated[dict[str, str], _ReadBy(_titles, {"anyOf": [_TEXT, _TEXTS]})]
Places = Annotated[int | None, _ReadBy(_places, _PLACES)]
Range = Annotated[tuple[Any, Any], _ReadBy(_dates_or_numbers, {"type": "array", "minItems": 2, "maxItems": 2})]
RolledFrom = Annotated[str, _ReadBy(_rolled, {**_TEXT, "pattern": f"^({ROLLED})$"})]
RulesetId = Annotated[str, _ReadBy(_identifier, _TEXT)]
Replaces = Annotated[bool | tuple[str, ...], _ReadBy(_replaces, _KEYS)]

FactKind = Literal[
    "number", "amount", "count", "percent", "truth", "choice", "date", "text", "judgement", "checklist", "table"
]
CellKind = Literal["number", "amount", "count", "percent", "truth", "date", "text"]
NotApplicable = Literal["rescale", "full", "zero"]
Level = Literal["error", "warning"]


class Part(BaseModel):
    """Any table of a ruleset: unknown keys are errors, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, strict=True)


class Named(Part):
    """A part with a title, which may change a part of a parent."""

    title: Titles = {}
    replaces: Replaces = False


class Header(Part):
    """`[ruleset]`: what this is, where it comes from, and what it stands on."""

    id: RulesetId
    title: Titles = {}
    authority: Text = ""
    effective: date | None = None
    family: RulesetId | None = None
    provenance: Titles = {}
    framework: bool = False
    plan: bool = False
    extends: Text | None = None
    overlays: list[Text] = []
    drops: list[Text] = []
    expects: list[Text] = []


class Rounding(Part):
    """`[rounding]`: decimal places of values, scores and totals; None keeps them exact."""

    replaces: Replaces = False
    value: Places = None
    score: Places = 2
    total: Places = 2


class ScaleStep(Part):
    """One step of a scale: reached from a number on, or when a condition holds."""

    id: Text
    title: Titles = {}
    from_: Number | None = Field(default=None, alias="from")
    when: FormulaText | None = None


class Scale(Named):
    """`[scales.x]`: grades, from the top; the first step reached."""

    steps: list[ScaleStep] = Field(min_length=1, max_length=100)
    of: Literal["percent", "score"] = "percent"


class LevelStep(Part):
    """One level of a judged fact, and the band that its rate must lie in, in percent."""

    id: Text
    title: Titles = {}
    from_: Number | None = Field(default=None, alias="from")
    above: Number | None = None
    to: Number | None = None
    below: Number | None = None


class Levels(Named):
    """`[levels.x]`: the levels that a judged fact can be given."""

    steps: list[LevelStep] = Field(min_length=1, max_length=100)


class Column(Part):
    """One column of a table fact."""

    title: Titles = {}
    kind: CellKind
    unit: Text | None = None
    range: Range | None = None
    from_: RolledFrom | None = Field(default=None, alias="from")


class Fact(Named):
    """`[facts.x]`: what a submission may say."""

    kind: FactKind
    unit: Text | None = None
    range: Range | None = None
    explanation: Titles = {}
    note: Titles = {}
    for_record: bool = False
    items: dict[str, Titles] = {}
    levels: Text | None = None
    choices: dict[str, Titles] = {}
    columns: dict[str, Column] = {}
    from_: Literal["submissions"] | None = Field(default=None, alias="from")


class Value(Named):
    """`[values.x]`: a named intermediate value."""

    formula: FormulaText
    unit: Text | None = None
    explanation: Titles = {}
    authority: Text = ""


class Band(Part):
    """One row of a band table: edges on the value, or a condition, and the score."""

    from_: Number | None = Field(default=None, alias="from")
    above: Number | None = None
    to: Number | None = None
    below: Number | None = None
    when: FormulaText | None = None
    score: FormulaText


class Method(Named):
    """`[methods.x]`: a standard that many indicators share."""

    authority: Text = ""
    explanation: Titles = {}
    parameters: dict[str, Number] = {}
    score: FormulaText | None = None
    bands: list[Band] | None = Field(default=None, max_length=100)
    note_when: FormulaText | None = None


class Dimension(Named):
    """`[dimensions.x]`: a branch of the tree of indicators."""

    within: Text | None = None
    weight: Weight | None = None
    method: Text | None = None
    with_: dict[str, Number] = Field(default={}, alias="with")
    score: FormulaText | None = None
    scale: Text | None = None
    not_applicable: NotApplicable | None = None
    explanation: Titles = {}
    authority: Text = ""


class Indicator(Named):
    """`[indicators.x]`: one row: what is measured, against what, and how it scores."""

    dimension: Text
    weight: Weight | None = None
    explanation: Titles = {}
    standard: Titles = {}
    authority: Text = ""
    value: FormulaText | None = None
    unit: Text | None = None
    target: TargetText | None = None
    applies: FormulaText | None = None
    not_applicable: NotApplicable | None = None
    note_when: FormulaText | None = None
    score: FormulaText | None = None
    method: Text | None = None
    with_: dict[str, Number] = Field(default={}, alias="with")
    bands: list[Band] | None = Field(default=None, max_length=100)
    instead_of: Text | None = None


class Adjustment(Named):
    """`[adjustments.x]`: what happens to scores before they are rounded."""

    each: Literal["indicator", "dimension", "total"]
    score: FormulaText
    authority: Text = ""


class Check(Named):
    """`[checks.x]`: two amounts that must be equal, or a condition that must hold."""

    equal: list[FormulaText] | None = Field(default=None, min_length=2, max_length=2)
    assert_: FormulaText | None = Field(default=None, alias="assert")
    tolerance: Number = 0
    severity: Level = "error"
    authority: Text = ""


class Total(Named):
    """`[total]`: what the dimensions add up to."""

    weight: Weight | None = None
    scale: Text | None = None
    score: FormulaText | None = None
    none: bool = False
    not_applicable: NotApplicable | None = None


class Declaration(Part):
    """A whole ruleset as declared, merged with what it stands on."""

    format: Literal[1]
    ruleset: Header
    rounding: Rounding = Field(default_factory=Rounding)
    units: dict[str, Text] = {}
    scales: dict[str, Scale] = {}
    levels: dict[str, Levels] = {}
    facts: dict[str, Fact] = {}
    values: dict[str, Value] = {}
    methods: dict[str, Method] = {}
    dimensions: dict[str, Dimension] = {}
    indicators: dict[str, Indicator] = {}
    adjustments: dict[str, Adjustment] = {}
    checks: dict[str, Check] = {}
    total: Total = Field(default_factory=Total)

    def outwards(self, dimension: str | None) -> Iterator[tuple[str, Dimension]]:
        """A dimension and those that it stands within, each once, also where they stand in a circle."""
        seen: set[str] = set()
        while dimension is not None and dimension not in seen and dimension in self.dimensions:
            seen.add(dimension)
            yield dimension, self.dimensions[dimension]
            dimension = self.dimensions[dimension].within


SECTIONS: dict[str, type[Part]] = {
    "scales": Scale, "levels": Levels, "facts": Fact, "values": Value, "methods": Method, "dimensions": Dimension,
    "indicators": Indicator, "adjustments": Adjustment, "checks": Check,
}  # fmt: skip
"""The tables of named parts, and what each part is."""

SINGLE: dict[str, type[Part]] = {"ruleset": Header, "rounding": Rounding, "total": Total}
"""The tables that a ruleset has once."""


def is_identifier(name: str) -> bool:
    """Whether a name can be an id: a Python identifier, in Unicode's composed form, of at most 80 characters."""
    return len(name) <= 80 and name.isidentifier() and unicodedata.normalize("NFKC", name) == name
