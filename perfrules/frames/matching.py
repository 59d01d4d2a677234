"""Which column of a table holds which fact: by what the caller says, by its name, or by its title and unit.

Headers are read as people write them: `全年预算数（元）` is the fact titled `全年预算数`, in 元. What is not sure
is not guessed: a title that two facts or two columns share matches nothing. Everything that is wrong is said at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from perfrules import words
from perfrules.errors import Finding, RulesetError, SubmissionError
from perfrules.formula.systems.units import PERCENT
from perfrules.frames.headers import Header, bare
from perfrules.frames.names import names_of, parts_of
from perfrules.numbers import Exact
from perfrules.ruleset import model
from perfrules.ruleset.loaded import Ruleset
from perfrules.ruleset.names import NUMERIC, fact_of
from perfrules.ruleset.units import Conversions

Facts = Mapping[str, str | tuple[str, str] | None]
"""Names of facts (or `checklist.item`, `judgement.level`) and what holds them: a column, a column and its unit, or
None where there is no such column and the fact is missing in every row."""

_NEAR = 3
"""Columns that are named as what may be meant."""

_LEFT = 6
"""Columns that are named because no others are left."""

_COMPARED = 400
"""Columns that are searched for what may be meant: the search takes 30 microseconds for each pair."""


class Column(NamedTuple):
    """A column of a frame, and what its numbers are multiplied by to be in the unit of the fact."""

    name: str
    factor: Exact = 1


def match(ruleset: Ruleset, columns: Sequence[str], facts: Facts | None = None) -> dict[str, Column | None]:
    """The column of every name that scores read: facts, items of checklists, levels of judgements.

    Args:
        ruleset: What is scored by.
        columns: The names of the table's columns.
        facts: What the caller says of them, which goes before what their names say.

    Returns:
        For each name its column. None where the caller says that there is none, and for what no score needs and no
        column holds: the level of a judgement, or what only shows a value.

    Raises:
        SubmissionError: A fact that scores need has no column, or what is said of one does not hold; all findings.
        RulesetError: Scores read a fact of kind `table`, for which a row of a frame has no room.
    """
    needed, read = names_of(ruleset.program)
    _refuse_tables(ruleset, needed)
    matching = _Matching(ruleset, columns, facts or {})
    wanted = [name for name in read if ruleset.program.facts[fact_of(name)].kind != "table"]
    found = {name: matching.column(name, name in needed) for name in wanted}
    matching.finish(found)
    if matching.findings:
        raise SubmissionError(matching.findings)
    return found


def _refuse_tables(ruleset: Ruleset, needed: set[str]) -> None:
    facts = ruleset.program.facts
    tables = dict.fromkeys(fact_of(name) for name in sorted(needed) if facts[fact_of(name)].kind == "table")
    if tables:
        said = {fact: {"fact": fact, **_title(facts, fact)} for fact in tables}
        raise RulesetError([Finding("frame-table", about=f"facts.{fact}", values=said[fact]) for fact in tables])


def _title(facts: Mapping[str, model.Fact], name: str) -> dict[str, object]:
    """What a message calls a fact, or an item of it."""
    fact = facts[fact_of(name)]
    _, _, part = name.partition(".")
    titles = fact.items.get(part) or fact.title
    return {"title": titles or name}


class _Matching:
    """The columns of one table, and what is wrong with them."""

    def __init__(self, ruleset: Ruleset, columns: Sequence[str], said: Facts) -> None:
        self.ruleset = ruleset
        self.facts = ruleset.program.facts
        self.columns = columns
        self.said = dict(said)
        self.units = Conversions(ruleset.declaration.units)
        declared = (*ruleset.declaration.units, *(fact.unit for fact in self.facts.values() if fact.unit))
        self.known_units = {bare(unit): unit for unit in declared}
        self.findings: list[Finding] = []
        self.missing: list[str] = []
        self._check_said()
        self._check_twice()
        self.titles = self._titles()
        self.headers = [Header.read(name, self._unit) for name in columns]
        self.by_title: dict[str, list[Header]] = {}
        for header in self.headers:
            for form in header.forms():
                self.by_title.setdefault(form, []).append(header)

    def column(self, name: str, needed: bool) -> Column | None:
        """The column of a name; where a needed one has none, that is noted."""
        if name in self.said:
            given = self.said[name]
            return None if given is None else self._mapped(name, given)
        if name in self.columns:
            return Column(name)
        header = self._titled(name)
        if header is not None:
            return self._converted(name, header.name, header.unit_beside(self.titles[name]))
        if needed and not name.endswith(".level"):
            self.missing.append(name)
        return None

    def finish(self, found: Mapping[str, Column | None]) -> None:
        """Say which facts have no column, now that it is known which columns are left."""
        used = {column.name for column in found.values() if column}
        free = [header for header in self.headers if header.name not in used][:_COMPARED]
        for name in self.missing:
            if found.get(f"{name}.level") is not None:
                continue
            self.findings.append(self._absent(name, free))

    def _absent(self, name: str, free: Sequence[Header]) -> Finding:
        """What is said of a fact without a column: what comes near, or else what is left, where that is little."""
        near = self._near(name, free)
        left = tuple(header.name for header in free) if len(free) <= _LEFT else ()
        columns = {"near": near, "first": near[0] if near else "", "left": left}
        values = {"fact": name, **_title(self.facts, name), **columns}
        key = "no-column.near" if near else "no-column.left" if left else "no-column"
        return Finding("no-column", "error", f"facts.{name}", key, values)

    # -- what the caller says -------------------------------------------------------------------------------------

    def _check_said(self) -> None:
        """Note what is said of facts that there are not; a checklist without columns is its items without."""
        for name in list(self.said):
            fact, part = self.facts.get(fact_of(name)), name.partition(".")[2]
            if fact and fact.kind == "checklist" and not part and self.said[name] is None:
                self.said |= {f"{name}.{item}": None for item in fact.items if f"{name}.{item}" not in self.said}
            elif not fact or (part and part not in (*fact.items, *(["level"] if fact.kind == "judgement" else []))):
                self._unknown(name)
            elif fact.kind == "checklist" and not part:
                items = tuple(f"{name}.{item}" for item in fact.items)
                self._wrong(name, "wrong-column.checklist", column=_column_of(self.said[name]), items=items)

    def _unknown(self, name: str) -> None:
        known = [part for fact, declared in self.facts.items() for part in parts_of(fact, declared)]
        near = words.nearest(name, known)
        key = "unknown-fact.near" if near else "unknown-fact"
        values = {"name": name, "ruleset": self.ruleset.id, "near": near or ""}
        self.findings.append(Finding("unknown-fact", "error", name, key, values))

    def _check_twice(self) -> None:
        twice = [name for name, count in Counter(self.columns).items() if count > 1]
        about = "duplicate-id.column"
        self.findings += [Finding("duplicate-id", about=name, key=about, values={"name": name}) for name in twice]

    def _mapped(self, name: str, given: str | tuple[str, str]) -> Column | None:
        column, unit = (given, None) if isinstance(given, str) else given
        if column not in self.columns:
            near = _closest(column, self.headers)
            key = "wrong-column.absent.near" if near else "wrong-column.absent"
            self._wrong(name, key, column=column, near=near)
            return None
        return self._converted(name, column, unit or Header.read(column, self._unit).unit)

    def _converted(self, name: str, column: str, unit: str | None) -> Column | None:
        """A column whose header, or whose user, says the unit of its numbers."""
        fact = self.facts[fact_of(name)]
        if unit is None or fact.kind not in NUMERIC or name != fact_of(name):
            return Column(column)
        wanted = fact.unit or (PERCENT if fact.kind in ("percent", "judgement") else None)
        factor = self.units.factor(unit, wanted) if wanted else None
        if factor is None:
            self._wrong(name, "wrong-column.unit", column=column, unit=unit, wanted=wanted or "—")
            return None
        return Column(column, factor)

    def _wrong(self, name: str, key: str, **values: object) -> None:
        shown = {"fact": name, **_title(self.facts, name), **values}
        self.findings.append(Finding("wrong-column", "error", f"facts.{fact_of(name)}", key, shown))

    # -- titles ---------------------------------------------------------------------------------------------------

    def _titles(self) -> dict[str, set[str]]:
        """What each name may be called in a header, in bare form; what two of them share is left out."""
        found: dict[str, set[str]] = {}
        for identifier, fact in self.facts.items():
            own = {bare(text) for text in (identifier, *fact.title.values())}
            if fact.kind != "checklist":
                unitless = {Header.read(text, self._unit).title for text in fact.title.values()}
                found[identifier] = own | unitless
            if fact.kind == "judgement":
                found[f"{identifier}.level"] = {f"{title}.level" for title in own}
            for item, titles in fact.items.items():
                parts = {bare(text) for text in (item, *titles.values())}
                joined = {f"{whole}{sign}{part}" for whole in own for part in parts for sign in ".:-/"}
                found[f"{identifier}.{item}"] = joined | {bare(text) for text in titles.values()}
        counts = Counter(title for titles in found.values() for title in titles)
        return {name: {title for title in titles if title and counts[title] == 1} for name, titles in found.items()}

    def _titled(self, name: str) -> Header | None:
        """The one column whose header is the title of a name; None where there is none, or are several."""
        known = {id(header): header for title in self.titles[name] for header in self.by_title.get(title, ())}
        exact = [header for header in known.values() if header.whole in self.titles[name]]
        found = exact if len(exact) == 1 else list(known.values())
        return found[0] if len(found) == 1 else None

    def _unit(self, text: str) -> str | None:
        """The unit that stands behind a title; None where it is a remark."""
        return self.known_units.get(text) or (text if self.units.is_money(text) or self.units.is_rate(text) else None)

    def _near(self, name: str, headers: Sequence[Header]) -> tuple[str, ...]:
        """Columns that may be meant: of the same title, or of one like it."""
        titles = self.titles[name] or {bare(name)}
        same = [header.name for header in headers if set(header.forms()) & titles]
        alike = [found for title in sorted(titles) for found in _closest(title, headers)]
        return tuple(dict.fromkeys((*same, *alike)))[:_NEAR]


def _column_of(given: str | tuple[str, str] | None) -> str:
    return given if isinstance(given, str) else given[0] if given else ""


def _closest(title: str, headers: Sequence[Header]) -> tuple[str, ...]:
    """The columns whose titles are most like one, those first that hold it or are held by it."""
    title = bare(title)
    held = [one.name for one in headers if _holds(one.title, title) or _holds(title, one.title)]
    by_title = {one.title: one.name for one in headers}
    close = get_close_matches(title, by_title, n=_NEAR, cutoff=0.5) if len(title) <= words.MAX_SHOWN else []
    return tuple(dict.fromkeys((*held, *(by_title[one] for one in close))))[:_NEAR]


def _holds(longer: str, shorter: str) -> bool:
    return len(shorter) > 1 and shorter in longer
