"""A ruleset as people read it, in words but not yet drawn: its rows, its other parts, its facts.

The console and Markdown draw the same overview. Texts of the ruleset are foreign: who draws them makes them safe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from perfrules import numbers, words
from perfrules.numbers import Exact
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.ranges import band as ends
from perfrules.ruleset.ranges import limits


class Said(NamedTuple):
    """One thing that is said of a part.

    Attributes:
        key: What it is, as an entry of the table of messages.
        text: The text.
        code: Whether it is a formula.
    """

    key: str
    text: str
    code: bool = False


class Item(NamedTuple):
    """A dimension, an indicator, or another part of a ruleset.

    Attributes:
        depth: How many dimensions are above it.
        weight: Its weight; `—` for a dimension that plans fill.
        leaf: Whether it is no dimension.
    """

    id: str
    title: str
    said: tuple[Said, ...] = ()
    depth: int = 0
    weight: str = ""
    leaf: bool = True


class FactItem(NamedTuple):
    """A fact: what it is called, of which kind, and what it can be."""

    id: str
    title: str
    kind: str
    unit: str
    can_be: tuple[str, ...]
    said: tuple[Said, ...]


class Section(NamedTuple):
    """Parts of one sort, under a heading; of those that have parts of their own one."""

    key: str
    id: str
    items: tuple[Item, ...]


class Overview(NamedTuple):
    """All of a ruleset."""

    title: str
    about: tuple[str, ...]
    rows: tuple[Item, ...]
    sections: tuple[Section, ...]
    facts: tuple[FactItem, ...]


def overview(ruleset: Ruleset, lang: str) -> Overview:
    """What is worth reading of a ruleset, in a language."""
    header = ruleset.declaration.ruleset
    return Overview(
        words.title(header.title, lang, header.id),
        tuple(_about(ruleset, lang)),
        tuple(_rows(ruleset, lang)),
        tuple(_sections(ruleset.declaration, lang)),
        tuple(_fact(identifier, fact, lang) for identifier, fact in ruleset.program.facts.items()),
    )


def _about(ruleset: Ruleset, lang: str) -> Iterator[str]:
    header = ruleset.declaration.ruleset
    effective = header.effective.isoformat() if header.effective else ""
    yield " · ".join(part for part in (header.id, header.authority, effective) if part)
    for role, key in (("parent", "show.extends"), ("overlay", "show.overlays")):
        named = tuple(part.id for part in ruleset.parts if part.role == role)
        if named:
            yield words.say(key, lang, {"rulesets": ", ".join(named)})
    if header.provenance:
        yield words.title(header.provenance, lang)
    if header.framework:
        yield words.say("show.frame", lang)
    rounding = ruleset.declaration.rounding
    places = {
        name: words.Term("show.exact") if digits is None else digits
        for name, digits in (("value", rounding.value), ("score", rounding.score), ("total", rounding.total))
    }
    yield words.say("show.rounding", lang, places)


# -- dimensions and indicators -----------------------------------------------------------------------------------


def _rows(ruleset: Ruleset, lang: str) -> Iterator[Item]:
    """The tree of dimensions, each with its indicators below it."""
    program = ruleset.program
    waiting = [(branch, 0) for branch in program.branches.values() if branch.within is None][::-1]
    while waiting:
        branch, depth = waiting.pop()
        declared = ruleset.declaration.dimensions[branch.id]
        weight = branch.weight if declared.weight is None else declared.weight
        filled_by_plans = declared.weight is None and not branch.rows and not branch.dimensions
        title = words.title(branch.title, lang, branch.id)
        said = tuple(_of_dimension(ruleset.declaration, declared, lang))
        yield Item(branch.id, title, said, depth, "—" if filled_by_plans else numbers.plain(weight), leaf=False)
        for identifier in branch.rows:
            row = program.rows[identifier]
            said = tuple(_of_indicator(ruleset, row.indicator, row.method, lang))
            title = words.title(row.indicator.title, lang, identifier)
            yield Item(identifier, title, said, depth + 1, numbers.plain(row.weight))
        waiting += [(program.branches[child], depth + 1) for child in branch.dimensions[::-1]]


def _of_dimension(declared: model.Declaration, dimension: model.Dimension, lang: str) -> Iterator[Said]:
    if dimension.score:
        yield Said("explain.score", dimension.score, code=True)
    if dimension.method:
        yield from _method(declared, dimension.method, dimension.with_, lang, formula=False)
    if dimension.authority:
        yield Said("explain.authority", dimension.authority)


def _of_indicator(ruleset: Ruleset, indicator: model.Indicator, method: str | None, lang: str) -> Iterator[Said]:
    """What is measured, against what, how it scores, and where that is from."""
    if explanation := words.title(indicator.explanation, lang):
        yield Said("show.explanation", explanation)
    for key, formula in (
        ("explain.value", indicator.value),
        ("explain.target", indicator.target),
        ("explain.applies", indicator.applies),
        ("explain.score", indicator.score),
    ):
        if formula:
            yield Said(key, formula, code=True)
    for band in indicator.bands or ():
        yield Said("explain.score", _band(band, lang), code=True)
    if method and not indicator.score and indicator.bands is None:
        yield from _method(ruleset.declaration, method, indicator.with_, lang)
    if indicator.instead_of:
        yield Said("show.instead-of", indicator.instead_of)
    if standard := words.title(indicator.standard, lang):
        yield Said("explain.standard", standard)
    if indicator.note_when:
        yield Said("show.note-when", indicator.note_when, code=True)
    if indicator.authority:
        yield Said("explain.authority", indicator.authority)


def _method(
    declared: model.Declaration, name: str, given: Mapping[str, Exact], lang: str, *, formula: bool = True
) -> Iterator[Said]:
    """That something scores by a method, with the parameters that it sets; and the method's formulas."""
    method = declared.methods.get(name)
    title = words.title(method.title if method else None, lang, name)
    parameters = ", ".join(f"{key} = {numbers.plain(number)}" for key, number in given.items())
    by = words.say("explain.by", lang, {"source": title})
    yield Said("explain.score", f"{by} ({parameters})" if parameters else by)
    if method and formula:
        yield from _scores(method, lang)


def _scores(method: model.Method, lang: str) -> Iterator[Said]:
    if method.score:
        yield Said("explain.score", method.score, code=True)
    for band in method.bands or ():
        yield Said("explain.score", _band(band, lang), code=True)


def _band(band: model.Band, lang: str) -> str:
    edges = ((">=", band.from_), (">", band.above), ("<=", band.to), ("<", band.below))
    tests = [f"{sign} {numbers.plain(edge)}" for sign, edge in edges if edge is not None]
    tests += [band.when] if band.when else []
    return f"{', '.join(tests) or words.say('explain.otherwise', lang)} → {band.score}"


# -- the other parts ---------------------------------------------------------------------------------------------


def _sections(declared: model.Declaration, lang: str) -> Iterator[Section]:
    """Values, methods, adjustments, checks, units, levels and grades, where there are any."""
    found: dict[str, Mapping[str, tuple[Mapping[str, str], tuple[Said, ...]]]] = {
        "show.values": {key: (one.title, tuple(_of_value(one, lang))) for key, one in declared.values.items()},
        "show.methods": {key: (one.title, tuple(_of_method(one, lang))) for key, one in declared.methods.items()},
        "show.adjustments": {
            key: (one.title, tuple(_of_adjustment(one, lang))) for key, one in declared.adjustments.items()
        },
        "show.checks": {key: (one.title, tuple(_of_check(one, lang))) for key, one in declared.checks.items()},
        "show.units": {key: ({}, (Said("show.unit", meaning),)) for key, meaning in declared.units.items()},
    }
    for key, parts in found.items():
        if parts:
            items = (Item(name, words.title(title, lang, name), said) for name, (title, said) in parts.items())
            yield Section(key, "", tuple(items))
    for name, levels in declared.levels.items():
        items = (Item(one.id, words.title(one.title, lang, one.id), (_level(one),)) for one in levels.steps)
        yield Section("show.levels", name, tuple(items))
    for name, scale in declared.scales.items():
        items = (Item(one.id, words.title(one.title, lang, one.id), (_grade(one),)) for one in scale.steps)
        yield Section("show.grades", name, tuple(items))


def _of_value(value: model.Value, lang: str) -> Iterator[Said]:
    yield Said("show.formula", value.formula, code=True)
    yield from _beside(value.unit or "", words.title(value.explanation, lang), value.authority)


def _of_method(method: model.Method, lang: str) -> Iterator[Said]:
    yield from _scores(method, lang)
    for name, number in method.parameters.items():
        yield Said("show.parameter", f"{name} = {numbers.plain(number)}", code=True)
    if method.note_when:
        yield Said("show.note-when", method.note_when, code=True)
    yield from _beside("", words.title(method.explanation, lang), method.authority)


def _of_adjustment(adjustment: model.Adjustment, lang: str) -> Iterator[Said]:
    yield Said("show.each", words.say(f"each.{adjustment.each}", lang))
    yield Said("explain.score", adjustment.score, code=True)
    yield from _beside("", "", adjustment.authority)


def _of_check(check: model.Check, lang: str) -> Iterator[Said]:
    yield Said("show.holds", check.assert_ or " == ".join(check.equal or ()), code=True)
    if check.tolerance:
        yield Said("show.tolerance", numbers.plain(check.tolerance))
    yield Said("show.severity", words.say(f"severity.{check.severity}", lang))
    yield from _beside("", "", check.authority)


def _beside(unit: str, explanation: str, authority: str) -> Iterator[Said]:
    for key, text in (("show.unit", unit), ("show.explanation", explanation), ("explain.authority", authority)):
        if text:
            yield Said(key, text)


def _level(step: model.LevelStep) -> Said:
    low, high = map(numbers.plain, ends(step))
    tests = f"> {low}" if step.above is not None else f">= {low}", f"< {high}" if step.to is None else f"<= {high}"
    return Said("show.range", ", ".join(tests), code=True)


def _grade(step: model.ScaleStep) -> Said:
    return Said("show.range", step.when or f">= {numbers.plain(step.from_ or 0)}", code=True)


# -- facts -------------------------------------------------------------------------------------------------------


def _fact(identifier: str, fact: model.Fact, lang: str) -> FactItem:
    title, unit = words.title(fact.title, lang, identifier), fact.unit or ""
    can_be = tuple(_can_be(fact, lang))
    said = tuple(_beside("", words.title(fact.explanation, lang), ""))
    if note := words.title(fact.note, lang):
        said += (Said("explain.note", note),)
    if fact.for_record:
        said += (Said("explain.note", words.say("show.for-record", lang)),)
    return FactItem(identifier, title, words.say(f"fact.{fact.kind}", lang), unit, can_be, said)


def _can_be(fact: model.Fact, lang: str) -> Iterator[str]:
    """What a fact can be, in lines: its range and levels; the items, options or columns that it has."""
    if said := range_text(fact):
        yield f"{said} · {fact.levels}" if fact.levels else said
    for identifier, titles in (*fact.items.items(), *fact.choices.items()):
        title = words.title(titles, lang, identifier)
        yield identifier if title == identifier else f"{identifier}: {title}"
    for identifier, column in fact.columns.items():
        kind = words.say(f"fact.{column.kind}", lang)
        source = f"← {column.from_}" if column.from_ else ""
        parts = words.title(column.title, lang), kind, column.unit or "", range_text(column), source
        yield f"{identifier}: " + " · ".join(part for part in parts if part)


def range_text(fact: model.Fact | model.Column) -> str:
    """The range of a fact or column for people; empty where its kind has none."""
    if fact.kind in ("truth", "choice", "text", "checklist", "table") or (fact.kind == "date" and fact.range is None):
        return ""
    return " – ".join(_end(end) for end in limits(fact.kind, fact.range))


def _end(end: object) -> str:
    if isinstance(end, float):
        return "∞" if end > 0 else "-∞"
    return numbers.plain(end) if isinstance(end, Exact) else str(end)
