"""What a ruleset leaves out, or has too much of: parts that nothing reads, titles, authority, cases.

Only what a ruleset and the overlays on it declare themselves is looked at: a parent answers for its own parts, and
what a framework offers is there for its plans to choose from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from perfrules import words
from perfrules.errors import Finding
from perfrules.formula.reader import read
from perfrules.ruleset import model, toml
from perfrules.ruleset.declare import dotted
from perfrules.ruleset.examination import Examination
from perfrules.ruleset.names import fact_of
from perfrules.ruleset.program import authorities
from perfrules.ruleset.resolve import Layer, header
from perfrules.ruleset.toml import KeyPath

# -- what nothing reads --------------------------------------------------------------------------------------------


def unused(examination: Examination) -> Iterator[Finding]:
    """Parts that nothing reads, and parameters that their method does not; of a framework only the latter."""
    yield from _parameters(examination)
    if not examination.declared.ruleset.framework:
        names = _read(examination)
        yield from _facts(examination, names)
        yield from _values(examination, names)
        yield from _references(examination)
        yield from _dimensions(examination)


def _read(examination: Examination) -> set[str]:
    """The names that formulas read, those of methods, adjustments and scales that nothing uses included."""
    declared = examination.declared
    texts = [text for method in declared.methods.values() for text in _formulas(method)]
    texts += [adjustment.score for adjustment in declared.adjustments.values()]
    texts += [step.when for scale in declared.scales.values() for step in scale.steps if step.when is not None]
    return set(examination.ruleset.used).union(*(_names(text) for text in texts))


def _names(text: str) -> frozenset[str]:
    formula, _ = read(text)
    return formula.names if formula else frozenset()


def _formulas(method: model.Method) -> list[str]:
    bands = [text for band in method.bands or () for text in (band.when, band.score)]
    return [text for text in (method.score, method.note_when, *bands) if text is not None]


def _facts(examination: Examination, names: set[str]) -> Iterator[Finding]:
    """Facts that nothing reads, and items of a checklist whose others are read one by one."""
    owners = {fact_of(name) for name in names}
    for identifier, fact in examination.declared.facts.items():
        if fact.for_record or not examination.is_own("facts", identifier):
            continue
        if identifier not in owners:
            yield examination.finding("unused", ("facts", identifier), "unused.fact", on_key=True)
        elif identifier not in names and fact.kind == "checklist":
            for item in fact.items:
                if f"{identifier}.{item}" not in names:
                    path = ("facts", identifier, "items", item)
                    yield examination.finding("unused", path, "unused.item", on_key=True, values={"item": item})


def _values(examination: Examination, names: set[str]) -> Iterator[Finding]:
    """Values that no formula reads, and no overlay expects."""
    asked = names | {str(name) for layer in examination.ruleset.layers for name in _expected(layer)}
    for identifier in examination.declared.values:
        if not {identifier, f"values.{identifier}"} & asked and examination.is_own("values", identifier):
            yield examination.finding("unused", ("values", identifier), "unused.value", on_key=True)


def _expected(layer: Layer) -> list[object]:
    names = header(layer.document).get("expects")
    return names if isinstance(names, list) else []


def _references(examination: Examination) -> Iterator[Finding]:
    """Methods, scales and levels that no other part names."""
    declared = examination.declared
    dimensions, indicators = declared.dimensions.values(), declared.indicators.values()
    named = {
        "methods": {part.method for part in dimensions} | {part.method for part in indicators},
        "scales": {declared.total.scale, *(dimension.scale for dimension in dimensions)},
        "levels": {fact.levels for fact in declared.facts.values()},
    }
    for section, names in named.items():
        for identifier in getattr(declared, section):
            if identifier not in names and examination.is_own(section, identifier):
                yield examination.finding("unused", (section, identifier), f"unused.{section}", on_key=True)


def _dimensions(examination: Examination) -> Iterator[Finding]:
    """Dimensions without indicators, in them or further below; of some within each other the outermost."""
    dimensions = examination.declared.dimensions
    lived: set[str | None] = {None}
    for indicator in examination.declared.indicators.values():
        at: str | None = indicator.dimension
        while at not in lived:
            lived.add(at)
            at = dimensions[at].within if at in dimensions else None
    for identifier, dimension in dimensions.items():
        if identifier not in lived and dimension.within in lived and examination.is_own("dimensions", identifier):
            yield examination.finding("unused", ("dimensions", identifier), "unused.dimension", on_key=True)


def _parameters(examination: Examination) -> Iterator[Finding]:
    for identifier, method in examination.declared.methods.items():
        names = frozenset[str]().union(*map(_names, _formulas(method)))
        for parameter in method.parameters:
            path = ("methods", identifier, "parameters", parameter)
            if parameter not in names and examination.is_own("methods", identifier):
                values = {"name": parameter}
                yield examination.finding("unused", path, "unused.parameter", on_key=True, values=values)


# -- titles --------------------------------------------------------------------------------------------------------

_TITLED = ("facts", "dimensions", "indicators")
"""The sections whose parts stand in forms and reports by their titles."""


def titles(examination: Examination) -> Iterator[Finding]:
    """Parts without a title; where some are in Chinese and English, those that lack one of the two.

    A Chinese id is its own title: `[facts."预算数"]` reads in a form as it stands.
    """
    if not _said(examination.declared.ruleset.title) and _has_header(examination):
        yield examination.finding("no-title", ("ruleset",), "no-title.ruleset", on_key=True)
    for section in _TITLED:
        for identifier, part in getattr(examination.declared, section).items():
            if identifier.isascii() and not _said(part.title) and examination.is_own(section, identifier):
                yield examination.finding("no-title", (section, identifier), on_key=True)
    given = {path: said for path, title in _titles(examination) if (said := _said(title)) and "" not in said}
    if any(said.issuperset(words.LANGUAGES) for said in given.values()):
        for path, said in given.items():
            for language in words.LANGUAGES:
                if language not in said:
                    term = words.Term(f"language.{language}")
                    values = {"name": dotted(path), "language": term, "code": language}
                    yield examination.finding("no-title", path, "no-title.language", values=values)


def _has_header(examination: Examination) -> bool:
    """Whether the header could be read: what an error in it hides is not missing."""
    return not any(about.partition(".")[0] == "ruleset" for about in examination.broken)


def _said(title: Mapping[str, str]) -> frozenset[str]:
    """The languages that a title is given in; the empty one stands for a title that is one text."""
    return frozenset(language for language, text in title.items() if text.strip())


def _titles(examination: Examination) -> Iterator[tuple[KeyPath, Mapping[str, str]]]:
    """Every title that the ruleset declares itself, with its place: of parts, steps, items, choices and columns."""
    declared = examination.declared
    yield ("ruleset", "title"), declared.ruleset.title
    for section in model.SECTIONS:
        for identifier, part in getattr(declared, section).items():
            if not examination.is_own(section, identifier):
                continue
            path: KeyPath = (section, identifier)
            yield (*path, "title"), part.title
            for index, step in enumerate(getattr(part, "steps", ())):
                yield (*path, "steps", index, "title"), step.title
            for key in ("items", "choices"):
                yield from (((*path, key, name), title) for name, title in getattr(part, key, {}).items())
            for name, column in getattr(part, "columns", {}).items():
                yield (*path, "columns", name, "title"), column.title


# -- authority and cases -------------------------------------------------------------------------------------------


def authority(examination: Examination) -> Iterator[Finding]:
    """A ruleset that does not say which text it encodes, and the indicators that no other part speaks for."""
    if examination.ruleset.plan or examination.declared.ruleset.authority.strip() or not _has_header(examination):
        return
    rows = examination.program.rows.values()
    lacking = tuple(row.id for row in rows if not authorities(examination.declared, row))
    key = "no-authority.rows" if lacking else "no-authority"
    shown = (*lacking[:5], "…") if len(lacking) > 5 else lacking
    yield examination.finding("no-authority", ("ruleset",), key, on_key=True, values={"indicators": shown})


def cases(examination: Examination) -> Iterator[Finding]:
    """A ruleset without a single case beside it; a file of cases that cannot be read is for `test` to tell."""
    path = examination.own.path
    if path is not None and not examination.ruleset.plan and not any(map(_has_case, path.parent.glob("cases/*.toml"))):
        yield examination.finding("no-cases", ("ruleset",), on_key=True)


def _has_case(path: Path) -> bool:
    try:
        return bool(toml.read(path).data.get("case"))
    except toml.DocumentError:
        return True
