"""A ruleset as an annotated table: 指标解释, 计算公式, 目标, 评分标准, 依据; the page and the workbook draw it.

It lays out what `overview` says of a ruleset, and decides nothing of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from perfrules import words
from perfrules.report.overview import FactItem, Item, Overview, Said, Section, overview
from perfrules.ruleset.library import Ruleset

COLUMNS = ("explanation", "formula", "target", "standard", "authority")

_COLUMN_OF = {
    "show.explanation": "explanation", "explain.value": "formula", "explain.target": "target",
    "explain.applies": "target", "explain.standard": "standard", "explain.score": "standard",
    "show.instead-of": "standard", "show.note-when": "standard", "explain.authority": "authority",
}  # fmt: skip
_LABELLED = ("explain.applies", "show.instead-of", "show.note-when")


class Entry(NamedTuple):
    """A line of a cell: what it is, where the column does not say it; the text, and whether it is a formula."""

    label: str
    text: str
    code: bool


class Row(NamedTuple):
    """A dimension or an indicator; `cells` stand in the order of `COLUMNS`."""

    id: str
    title: str
    depth: int
    leaf: bool
    weight: str
    cells: tuple[tuple[Entry, ...], ...]


class Part(NamedTuple):
    """A value, method, check or the like, with all that is said of it."""

    id: str
    title: str
    entries: tuple[Entry, ...]


class Group(NamedTuple):
    """Parts of one sort under their heading."""

    heading: str
    id: str
    parts: tuple[Part, ...]


class FactRow(NamedTuple):
    """A fact: its kind and unit, what it can be, line by line, and what is said of it."""

    id: str
    title: str
    kind: str
    unit: str
    can_be: tuple[str, ...]
    said: tuple[Entry, ...]


class RulesTable(NamedTuple):
    """All of a ruleset."""

    title: str
    about: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    facts: tuple[FactRow, ...]
    groups: tuple[Group, ...]


def rules_table(ruleset: Ruleset, lang: str) -> RulesTable:
    """A ruleset laid out as a table, in a language."""
    read: Overview = overview(ruleset, lang)
    return RulesTable(
        read.title, read.about, tuple(words.say(f"listing.{column}", lang) for column in COLUMNS),
        tuple(_row(item, lang) for item in read.rows), tuple(_fact(fact, lang) for fact in read.facts),
        tuple(_group(section, lang) for section in read.sections),
    )  # fmt: skip


def _row(item: Item, lang: str) -> Row:
    cells: dict[str, list[Entry]] = {column: [] for column in COLUMNS}
    # What a standard says in words stands before its formulas.
    for said in sorted(item.said, key=lambda one: one.key != "explain.standard"):
        label = words.say(said.key, lang) if said.key in _LABELLED else ""
        cells[_COLUMN_OF[said.key]].append(Entry(label, said.text, said.code))
    return Row(item.id, item.title, item.depth, item.leaf, item.weight, tuple(map(tuple, cells.values())))


def _fact(fact: FactItem, lang: str) -> FactRow:
    return FactRow(fact.id, fact.title, fact.kind, fact.unit, fact.can_be, tuple(_entries(fact.said, lang)))


def _group(section: Section, lang: str) -> Group:
    parts = (Part(item.id, item.title, tuple(_entries(item.said, lang))) for item in section.items)
    return Group(words.say(section.key, lang), section.id, tuple(parts))


def _entries(said: Iterable[Said], lang: str) -> Iterator[Entry]:
    """All that is said, each with what it is; a label that repeats stands once."""
    before = ""
    for one in said:
        yield Entry(words.say(one.key, lang) if one.key != before else "", one.text, one.code)
        before = one.key
