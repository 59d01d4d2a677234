"""Formulas as text, and facts for them to read, at random: what the laws of the language are tried on.

A *world* is a set of facts of which each has a value; some of them are hidden: not submitted, or judged only to a
level. Number systems see the world as a submission would show it, and the laws know what was hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from perfrules import numbers
from perfrules.formula.language import Formula
from perfrules.formula.reader import parse
from perfrules.formula.systems import intervals, kinds
from perfrules.formula.systems.exact import Reason, Unknown
from perfrules.formula.systems.intervals import EITHER, Bounds, Column, Interval, Options
from perfrules.formula.systems.kinds import DATE, NUMBER, TEXT, TRUTH, Kind

INFINITY = float("inf")
RANGES: dict[str, tuple[Any, Any]] = {
    "a": (0, 100), "b": (0, 100), "s": (-50, 50), "one_two": (1, 2), "zero_four": (0, 4), "four_down": (-4, 0),
    "amount": (0, INFINITY), "free": (-INFINITY, INFINITY), "goal": (0, 100),
}  # fmt: skip
"""The facts that are numbers, and what they range over."""

TRUTHS, DATES, ITEMS = ("p", "q"), ("began", "finished"), ("x", "y", "z")
FIRST, LAST = date(2022, 1, 1), date(2023, 12, 31)
CHOICES, GRADES, LABELS = ("grade", "before"), ("A", "B", "C", "D*"), ("", "财务部", "a, b")
LEVELS = {"achieved": (80, 100), "partly": (60, 80), "missed": (0, 60)}
COLUMNS: dict[str, tuple[Any, Any]] = {"t.cost": (0, INFINITY), "t.rate": (0, 100)}

KINDS: dict[str, Kind] = {
    **dict.fromkeys(RANGES, NUMBER), **dict.fromkeys(TRUTHS, TRUTH), **dict.fromkeys(DATES, DATE),
    **dict.fromkeys(CHOICES, Kind("choice", frozenset(GRADES))), "label": TEXT,
    "system": Kind("items"), **dict.fromkeys((f"system.{item}" for item in ITEMS), TRUTH),
    "t": Kind("rows"), **dict.fromkeys(COLUMNS, Kind("column", bits=64)),
}  # fmt: skip
"""What each name is, for the static check."""

_RANGES: dict[str, Bounds] = {
    **{name: Interval(*ends) for name, ends in RANGES.items()},
    **dict.fromkeys(DATES, Interval(FIRST, LAST)),
    **dict.fromkeys(CHOICES, Options(frozenset(GRADES))), "label": Options(None), "t": EITHER,
    **{name: Interval(*ends) for name, ends in COLUMNS.items()},
}  # fmt: skip


# -- worlds ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """Facts, all of them known to the laws, and which of them are hidden from the number systems.

    Attributes:
        values: The value of every name.
        hidden: The names that are not submitted: facts, items as `system.x`, cells as `t.cost[0]`.
        level: The level that the fact `goal` is judged to, where it is.
    """

    values: Mapping[str, Any]
    hidden: frozenset[str] = frozenset()
    level: str | None = None

    def shown(self, names: Iterable[str]) -> World:
        """The same facts, with some of them no longer hidden."""
        return World(self.values, self.hidden - set(names), self.level)

    def whole(self) -> World:
        """The same facts, with nothing hidden."""
        return World(self.values)

    def exact(self) -> dict[str, Any]:
        """What the exact number system sees."""
        return {name: self._exact(name, value) for name, value in self.values.items()}

    def bounds(self) -> dict[str, Any]:
        """What the bounds number system sees."""
        return {name: self._bounds(name, value) for name, value in self.values.items()}

    def _exact(self, name: str, value: Any) -> Any:
        fact = "t" if name in COLUMNS else name
        if fact in self.hidden:
            return Unknown([Reason("judged" if fact == "goal" and self.level else "missing", fact)])
        if isinstance(value, tuple):
            return tuple(self._exact(label, cell) for label, cell in _cells(name, value))
        return value

    def _bounds(self, name: str, value: Any) -> Any:
        fact, column = ("t" if name in COLUMNS else name), name.partition("[")[0]
        if fact == "goal" and self.level and fact in self.hidden:
            return Interval(*LEVELS[self.level])
        if fact in self.hidden:
            return Column(_RANGES[name]) if fact == "t" else _RANGES.get(column, EITHER)
        if isinstance(value, tuple):
            return tuple(self._bounds(label, cell) for label, cell in _cells(name, value))
        return intervals.point(value)


def _cells(name: str, value: tuple[Any, ...]) -> list[tuple[str, Any]]:
    """The items of a checklist or the cells of a column, each with the name it is hidden by."""
    if name == "system":
        return [(f"system.{item}", cell) for item, cell in zip(ITEMS, value, strict=True)]
    return [(f"{name}[{index}]", cell) for index, cell in enumerate(value)]


def exacts(low: float, high: float) -> st.SearchStrategy[numbers.Exact]:
    """Numbers of a range: often its ends and round ones, sometimes ones that no decimal says."""
    least, most = (-1000 if low == -INFINITY else int(low)), (1000 if high == INFINITY else int(high))
    ends = [least, most, numbers.read(Fraction(least + most, 2)), max(least, min(most, 10))]
    return st.one_of(
        st.sampled_from(ends),
        st.integers(least, most),
        st.fractions(least, most, max_denominator=100).map(numbers.read),
    )


@st.composite
def worlds(draw: st.DrawFn, names: Iterable[str]) -> World:
    """The facts that some names are of, at random, about half of them hidden."""
    facts = sorted({name if name in RANGES else name.partition(".")[0] for name in names})
    level = draw(st.sampled_from([None, *LEVELS])) if "goal" in facts else None
    values: dict[str, Any] = {}
    for fact in facts:
        values |= draw(_values(fact, level))
    labels = [name for name in values if name != "system" and name not in COLUMNS]
    labels += [label for name in COLUMNS if name in values for label, _ in _cells(name, values[name])]
    hidden = frozenset(label for label in labels if draw(st.booleans()))
    return World(values, hidden, level)


@st.composite
def _values(draw: st.DrawFn, fact: str, level: str | None) -> dict[str, Any]:
    """The value of a fact, and of its items or columns."""
    if fact == "system":
        items = {f"system.{item}": draw(st.booleans()) for item in ITEMS}
        return {"system": tuple(items.values()), **items}
    if fact == "t":
        rows = draw(st.integers(0, 3))
        columns = {name: tuple(draw(exacts(0, 100)) for _ in range(rows)) for name in COLUMNS}
        return {"t": (True,) * rows, **columns}
    if fact in RANGES:
        ends = LEVELS[level] if fact == "goal" and level else RANGES[fact]
        return {fact: draw(exacts(*ends))}
    if fact in CHOICES or fact == "label":
        return {fact: draw(st.sampled_from(LABELS if fact == "label" else GRADES))}
    return {fact: draw(st.dates(FIRST, LAST) if fact in DATES else st.booleans())}


# -- formulas ----------------------------------------------------------------------------------------------------

_LEAVES = {
    "n": (
        "a",
        "a",
        "a",
        "b",
        "s",
        "s",
        *RANGES,
        "0",
        "1",
        "2",
        "3",
        "5",
        "10",
        "60",
        "100",
        "0.5",
        "1.005",
        "33.3",
        "1e2",
        ".25",
    ),
    "t": (*TRUTHS, *(f"system.{item}" for item in ITEMS), 'grade == "A"', "grade != before", 'label != ""', "True"),
    "d": (*DATES, '"2022-01-01"', '"2022-06-30"', "'2023-03-01'"),
}
_SPECIAL = {
    "places": ("0", "1", "2", "10"),
    "points": (
        "(0, 0), (50, 80), (100, 100)",
        "(-10, 100), (10, 60)",
        "(0, 0), (30, 10), (60, 0)",
        "(1.5, 3), (2, -3)",
    ),
    "list": ("(1, 5, 10)", "[0]", "(-1, 60, 0.5)"),
    "few": ("a", "a", "b", "s"),
    "op": ("<", "<=", ">", ">=", "==", "!="),
}
_WORD = re.compile(r"[\w.]+")
# A small letter is a part in parentheses, a capital one the part as it is, where the grammar takes it.
_FORMS = {
    "n": (
        "{n} + {n}", "{n} - {n}", "{n} * {n}", "{n} / {n}", "{N} + {N}", "{N} - {N}", "{N} * {N}", "{N} / {N}",
        "-{n}", "+{n}", "{n} if {t} else {n}", "{n} if {t} else {n}", "{n} if {T} else {N}", "{N} if {T} else\n {N}",
        "{few} if {few} {op} {few} else {few}", "{n} - {few} if {few} {op} {few} else {n}",
        "days(began, {d}) if began {op} {d} else {n}",
        "min({N}, {N})", "max({N}, {N}, {N})", "abs({N})", "clamp({N}, {N}, {N})", "percent({N}, {N})",
        "round({N}, {places})", "round({N})", "floor({N})", "ceil({N})", "started({N}, {N})", "completed({N}, {N})",
        "interpolate({N}, {points})", "sum(t.cost)", "mean(t.rate)", "weighted_mean(t.rate, t.cost)", "count(t)",
        "lowest_of(t.rate)", "highest_of(t.cost)", "share(system)", "count(system)", "days({D}, {D})",
    ),
    "t": (
        "{n} {op} {n}", "{n} {op} {n}", "{n} {op} {n}", "{n} < {n} <= {n}", "{n} >= {n} != {n}", "{n} in {list}",
        "{n} not in {list}", "{t} and {t}", "{t} or {t}", "{t} and {t} and {t}", "not {t}", "{t} == {t}",
        "{t} != {t}", "{d} {op} {d}", "{t} if {t} else {t}", 'grade in ("A", "C")', 'grade != "B"', 'label == "财务部"',
        "grade == before", "grade != before",
    ),
    "d": ("{d} if {t} else {d}",),
}  # fmt: skip


@st.composite
def texts(draw: st.DrawFn, kind: str = "n", depth: int = 3, values: tuple[str, ...] = ()) -> str:
    """A formula at random.

    Args:
        draw: Given by hypothesis.
        kind: `n`, `t` or `d`: a number, a truth value or a date.
        depth: How deep it may nest.
        values: Names of named values that it may read; those of truth values begin with `holds`.
    """
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        named = [name for name in values if name.startswith("holds") is (kind == "t")] if kind != "d" else []
        return draw(st.sampled_from([*named * 5, *_LEAVES[kind]]))

    def fill(hole: re.Match[str]) -> str:
        if hole[1] in _SPECIAL:
            return draw(st.sampled_from(_SPECIAL[hole[1]]))
        part = draw(texts(hole[1].lower(), depth - 1, values))
        bare = hole[1] == "N" or (hole[1].isupper() and " if " not in part) or _WORD.fullmatch(part)
        return part if bare else f"({part})"

    return re.sub(r"\{(\w+)\}", fill, draw(st.sampled_from(_FORMS[kind])))


def read(text: str, values: Mapping[str, Kind] | None = None) -> Formula:
    """A formula that was made here, read and checked; gives up on one that is too large."""
    formula = parse(text)
    _, findings = kinds.check(formula.tree, {**KINDS, **(values or {})})
    assume(not any(finding.code == "too-large" for finding in findings))
    assert not findings, text
    return formula


@st.composite
def situations(draw: st.DrawFn, kind: str = "n") -> tuple[Formula, World]:
    """A formula, and the facts that it reads."""
    formula = read(draw(texts(kind)))
    return formula, draw(worlds(formula.names & KINDS.keys()))
