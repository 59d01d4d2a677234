"""A ruleset as Markdown (CommonMark with GitHub's tables), for papers, reviews and web pages.

Texts of the ruleset are data: what would be markup in them is escaped, and a line break in a cell is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from perfrules import words
from perfrules.report.overview import FactItem, Item, Overview, Said, Section, overview
from perfrules.ruleset.library import Ruleset

_MARKUP = re.compile(r"[\\`*_\[\]<>|#~!&$^{}]")
_FORMULAS = ("explain.value", "explain.target", "explain.applies")


def ruleset_markdown(ruleset: Ruleset, lang: str) -> str:
    """The text of a Markdown file that shows a ruleset.

    Args:
        ruleset: The ruleset.
        lang: The language of titles and headings.
    """
    read = overview(ruleset, lang)
    parts = [f"# {text(read.title)}", *map(paragraph, read.about)]
    if read.rows:
        parts += [_heading("view.indicator", lang), "\n".join(_rows(read, lang))]
    for section in read.sections:
        parts += [_heading(section.key, lang, section.id), "\n".join(_section(section, lang))]
    if read.facts:
        parts += [_heading("show.facts", lang), "\n".join(_facts(read.facts, lang))]
    return "\n\n".join(parts) + "\n"


def _heading(key: str, lang: str, identifier: str = "") -> str:
    return f"## {words.say(key, lang)}" + (f" {code(identifier)}" if identifier else "")


# -- data in Markdown --------------------------------------------------------------------------------------------


def text(data: str) -> str:
    """A text on one line, in which nothing is markup."""
    return _MARKUP.sub(lambda match: f"\\{match[0]}", words.safe(" ".join(data.split()), None))


def paragraph(data: str) -> str:
    """A text as a paragraph of its own."""
    return re.sub(r"^([0-9]{0,9})([-+=:.)])", r"\1\\\2", text(data))


def code(data: str) -> str:
    """A formula or an id as code; as text where it holds what would end the code or the cell."""
    line = words.safe(" ".join(data.split()), None)
    return f"`{line}`" if line and not set(line) & set("`|\\") else text(data)


def _said(said: Sequence[Said]) -> str:
    return "<br>".join(code(one.text) if one.code else text(one.text) for one in said)


def _named(title: str, identifier: str) -> str:
    return code(identifier) if title == identifier else f"{text(title)}<br>{code(identifier)}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Iterator[str]:
    """A table without the columns that are empty in every row."""
    kept = [index for index, _ in enumerate(header) if any(row[index] for row in rows)]
    yield "| " + " | ".join(header[index] for index in kept) + " |"
    yield "| " + " | ".join("---:" if index in right else "---" for index in kept) + " |"
    for row in rows:
        yield "| " + " | ".join(row[index] for index in kept) + " |"


# -- the parts ---------------------------------------------------------------------------------------------------


def _rows(read: Overview, lang: str) -> Iterator[str]:
    """The tree: a column for each level of dimensions, then the indicator and what is said of it."""
    levels = max((row.depth for row in read.rows if not row.leaf), default=-1) + 1
    header = [words.say("show.level", lang, {"level": words.ordinal(level, lang)}) for level in range(levels)]
    header += [words.say("view.indicator", lang), words.say("show.weight", lang)]
    header += [words.say(key, lang).capitalize() for key in _FORMULAS]
    header += [words.say(key, lang).capitalize() for key in ("explain.score", "explain.standard", "explain.authority")]
    rows = [_row(row, levels, lang) for row in read.rows]
    return _table(header, rows, right=[levels + 1])


def _row(row: Item, levels: int, lang: str) -> list[str]:
    places = [""] * (levels + 1)
    places[levels if row.leaf else row.depth] = _named(row.title, row.id)
    measured = [_said([one for one in row.said if one.key == key]) for key in _FORMULAS]
    score = [_said([one for one in row.said if one.key == "explain.score"])]
    beside = [one for one in row.said if one.key in ("show.instead-of", "show.note-when")]
    score += [f"{words.say(one.key, lang)}: {code(one.text)}" for one in beside]
    in_words = _said([one for one in row.said if one.key in ("show.explanation", "explain.standard")])
    authority = _said([one for one in row.said if one.key == "explain.authority"])
    weight = row.weight if row.leaf else f"**{row.weight}**"
    return [*places, weight, *measured, "<br>".join(filter(None, score)), in_words, authority]


def _section(section: Section, lang: str) -> Iterator[str]:
    keys = list(dict.fromkeys(one.key for item in section.items for one in item.said))
    header = [words.say("show.title", lang), *(words.say(key, lang).capitalize() for key in keys)]
    rows = [
        [_named(item.title, item.id), *(_said([one for one in item.said if one.key == key]) for key in keys)]
        for item in section.items
    ]
    return _table(header, rows)


def _facts(facts: Sequence[FactItem], lang: str) -> Iterator[str]:
    header = [words.say(key, lang) for key in ("show.fact", "show.kind", "show.unit", "show.can-be")]
    header.append(words.say("show.explanation", lang).capitalize())
    rows = [
        [
            _named(fact.title, fact.id), text(fact.kind), text(fact.unit),
            "<br>".join(map(text, fact.can_be)), _said(fact.said),
        ]
        for fact in facts
    ]  # fmt: skip
    return _table(header, rows)
