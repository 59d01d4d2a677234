"""Small changes of a ruleset's document, one at a time: what an author's slip of the keyboard would be.

Formulas are changed token by token, so that the place of a change is a place in the file; weights in pairs, so that
the sums still hold. Whether a changed document can be loaded is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from perfrules.formula.language import literal_date
from perfrules.ruleset.toml import Document, KeyPath

_FORMULAS = ("formula", "score", "when", "note_when", "value", "applies", "assert")
_SECTIONS = ("values", "methods", "dimensions", "indicators", "adjustments", "checks", "scales", "total")
_EDGES = {"from": "above", "above": "from", "to": "below", "below": "to"}
_NUMBERS = ("parameters", "with")

_TOKEN = re.compile(
    r"(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<word>not\s+in\b|[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*)"
    r"|(?P<sign><=|>=|==|!=|[<>+*/-])"
)
_SWAPS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "*": "/", "/": "*",
    "and": "or", "or": "and", "in": "not in", "not in": "in", "not": "",
}  # fmt: skip
_CALLS = {
    "min": "max", "max": "min", "started": "completed", "completed": "started", "floor": "ceil", "ceil": "floor",
    "lowest_of": "highest_of", "highest_of": "lowest_of",
}  # fmt: skip
_OPERATOR = re.compile(r"\s*(<=|>=|==|[<>≤≥=])")
_TARGETS = {
    ">=": (">", "<="), "≥": (">", "<="), ">": (">=",), "<=": ("<", ">="), "≤": ("<", ">="), "<": ("<=",),
    "==": (">=", "<="), "=": (">=", "<="),
}  # fmt: skip


class Edit(NamedTuple):
    """One key of a document that is changed: its new value, or its new name."""

    path: KeyPath
    value: Any
    name: str | None = None


class Change(NamedTuple):
    """One change: what was there and what is there instead, and where; weights change in several places at once."""

    path: KeyPath
    span: tuple[int, int] | None
    was: str
    became: str
    edits: tuple[Edit, ...]

    @property
    def on_key(self) -> bool:
        """Whether the change is of a key's name."""
        return self.edits[0].name is not None


def changed(document: Document, change: Change) -> Document:
    """The document with a change made; its text, and with it every place, stays as it is."""
    data = document.data
    for edit in change.edits:
        data = _edited(data, edit.path, edit)
    return Document(document.name, document.path, document.text, data)


def _edited(node: Any, path: KeyPath, edit: Edit) -> Any:
    """A copy of a node in which what stands at a path is changed; what is not on the path is shared."""
    if isinstance(node, dict) and len(path) == 1:
        name = path[0] if edit.name is None else edit.name
        return {name if key == path[0] else key: edit.value if key == path[0] else one for key, one in node.items()}
    inner = edit.value if len(path) == 1 else _edited(node[path[0]], path[1:], edit)
    if isinstance(node, dict):
        return {**node, path[0]: inner}
    return [*node[: int(path[0])], inner, *node[int(path[0]) + 1 :]]


def changes(document: Document) -> Iterator[Change]:
    """Every change of a document but for those of its weights, in the order of its keys."""
    for path, value in _leaves((), document.data):
        yield from _of(path, value)


def _leaves(path: KeyPath, node: object) -> Iterator[tuple[KeyPath, Any]]:
    """The values of a document that are no tables or arrays, each with its path."""
    items: Iterator[tuple[str | int, Any]]
    if isinstance(node, dict):
        items = iter(node.items())
    elif isinstance(node, list):
        items = iter(enumerate(node))
    else:
        yield path, node
        return
    for key, inner in items:
        yield from _leaves((*path, key), inner)


def _of(path: KeyPath, value: Any) -> Iterator[Change]:
    """The changes of one value, by what it is."""
    section, key = path[0], path[-1]
    within = path[2] if len(path) > 2 else None
    if section == "rounding" and isinstance(value, int):
        yield from (_set(path, value, value + shift) for shift in (1, -1) if value + shift >= 0)
    elif section in ("scales", "levels") and within == "steps" and key in _EDGES:
        yield from _edge(path, value, closedness=section == "levels")
    elif section not in _SECTIONS:
        return
    elif within == "bands" and key in _EDGES:
        yield from _edge(path, value, closedness=True)
    elif within in _NUMBERS or (section == "checks" and key == "tolerance"):
        yield from _shifted(path, value)
    elif section == "indicators" and key == "target" and len(path) == 3:
        yield from _target(path, value)
    elif (key in _FORMULAS and len(path) in (2, 3, 5)) or within == "equal":
        yield from _formula(path, value)


def _set(path: KeyPath, was: Any, became: Any) -> Change:
    return Change(path, None, str(was), str(became), (Edit(path, became),))


def step(value: int | Decimal) -> int | Decimal:
    """A small step for a number: 1, or one of its last decimal."""
    places = -int(value.as_tuple().exponent) if isinstance(value, Decimal) else 0
    return Decimal(1).scaleb(-places) if places > 0 else 1


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _shifted(path: KeyPath, value: Any) -> Iterator[Change]:
    if _is_number(value):
        yield from (_set(path, value, value + sign * step(value)) for sign in (1, -1))


def _edge(path: KeyPath, value: Any, *, closedness: bool) -> Iterator[Change]:
    """An edge a step higher or lower; and open where it was closed."""
    yield from _shifted(path, value)
    if closedness:
        key = str(path[-1])
        other = _EDGES[key]
        yield Change(path, None, f"{key} = {value}", f"{other} = {value}", (Edit(path, value, other),))


# -- formulas ----------------------------------------------------------------------------------------------------


def _formula(path: KeyPath, value: Any) -> Iterator[Change]:
    if _is_number(value):
        yield from _shifted(path, value)
    elif isinstance(value, str):
        yield from _tokens(path, value, 0)


def _target(path: KeyPath, value: Any) -> Iterator[Change]:
    """A target with another operator, a shifted number, or another day."""
    if isinstance(value, date):
        yield from (_set(path, value, value + timedelta(days)) for days in (1, -1))
        return
    if not isinstance(value, str):
        yield from _shifted(path, value)
        return
    rest = 0
    if found := _OPERATOR.match(value):
        yield from (_replaced(path, value, found.span(1), instead) for instead in _TARGETS[found[1]])
        rest = found.end()
    day = literal_date(value[rest:].strip())
    if day is None:
        yield from _tokens(path, value, rest)
        return
    start = value.index(day.isoformat(), rest)
    for days in (1, -1):
        yield _replaced(path, value, (start, start + 10), (day + timedelta(days)).isoformat())


def _tokens(path: KeyPath, text: str, start: int) -> Iterator[Change]:
    """The changes of a formula's tokens, from a character on."""
    for token in _TOKEN.finditer(text, start):
        for instead in _instead(text, token):
            yield _replaced(path, text, token.span(), instead)


def _replaced(path: KeyPath, text: str, span: tuple[int, int], instead: str) -> Change:
    changed_text = text[: span[0]] + instead + text[span[1] :]
    was = " ".join(text[slice(*span)].split())
    return Change(path, span, was, instead or "—", (Edit(path, changed_text),))


def _instead(text: str, token: re.Match[str]) -> Iterator[str]:
    """What may stand in place of a token."""
    said = " ".join(token.group().split())
    if token.lastgroup == "number":
        number = Decimal(said)
        yield from (f"{number + sign * step(number):f}" for sign in (1, -1))
    elif token.lastgroup == "text":
        day = literal_date(said[1:-1])
        if day is not None:
            yield from (f"{said[0]}{(day + timedelta(days)).isoformat()}{said[0]}" for days in (1, -1))
    elif said in _CALLS and text[token.end() :].lstrip().startswith("("):
        yield _CALLS[said]
    elif said in _SWAPS:
        yield _SWAPS[said]


# -- weights -----------------------------------------------------------------------------------------------------


class Weighed(NamedTuple):
    """Something that has a weight of its own: where it stands, what it weighs, the weights that it adds up to."""

    path: KeyPath
    weight: int | Decimal
    above: tuple[KeyPath, ...]


def moved(document: Document, weighed: list[Weighed]) -> Iterator[Change]:
    """A point moved from each weight to the one before it, and in everything that either adds up to."""
    if len(weighed) == 1:
        only = weighed[0]
        edits = _weights(document.data, dict.fromkeys((only.path, *only.above), 1))
        yield Change(only.path, None, str(only.weight), str(only.weight + 1), edits)
    for one, two in pairwise(weighed):
        shift: int | Decimal = 1 if two.weight > 1 else Decimal(two.weight) / 2
        shifts: dict[KeyPath, int | Decimal] = {}
        for item, by in ((one, shift), (two, -shift)):
            for path in (item.path, *item.above):
                shifts[path] = shifts.get(path, 0) + by
        was, became = f"{one.weight}, {two.weight}", f"{one.weight + shift}, {two.weight - shift}"
        yield Change(one.path, None, was, became, _weights(document.data, shifts))


def _weights(data: Mapping[str, Any], shifts: Mapping[KeyPath, int | Decimal]) -> tuple[Edit, ...]:
    """The edits that shift some weights; what the document does not say stays as it is."""
    edits = []
    for path, shift in shifts.items():
        value: Any = data
        for part in path:
            value = value.get(part, {}) if isinstance(value, dict) else {}
        if shift and _is_number(value):
            edits.append(Edit(path, value + shift))
    return tuple(edits)
