"""What a report is made of, as plain data: sections of headings, paragraphs, lists and tables.

Markdown and Word show the same data, so that they cannot say different things. Every piece of text says what it is: a
sentence of this program, the submitter's own words, or an explicit gap where nothing is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from perfrules import words
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.submission import NARRATIVE

Style = Literal["said", "strong", "code", "quoted", "gap"]

_CODE = re.compile(r"`([^`]*)`")


class Words(NamedTuple):
    """A piece of text, and what it is.

    Attributes:
        text: The text; what of it comes from files is not made safe yet.
        style: `said` by this program, `strong`, `code` (a formula, an id), `quoted` (the submitter's), or a `gap`.
    """

    text: str
    style: Style = "said"


Line = tuple[Words, ...]
Cell = tuple[Line, ...]


class Heading(NamedTuple):
    """A heading within a section."""

    text: str


class Paragraph(NamedTuple):
    """A paragraph; `quoted` where all of it is the submitter's own text."""

    line: Line
    quoted: bool = False


class Listed(NamedTuple):
    """A list."""

    items: tuple[Line, ...]


class Column(NamedTuple):
    """A column of a table: its heading, its share of the width, and whether it holds numbers."""

    heading: str
    share: int
    right: bool = False


class Grid(NamedTuple):
    """A table.

    Attributes:
        columns: What its columns are; no headings are shown where all are empty.
        rows: Its cells, row by row, each of some lines; None where a cell is the one above it.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell | None, ...], ...]


Block = Heading | Paragraph | Listed | Grid


class Section(NamedTuple):
    """A section of a report."""

    title: str
    blocks: tuple[Block, ...]


class Outline(NamedTuple):
    """A report: its title in one or two lines, what is said before the first section, and the sections."""

    titles: tuple[Line, ...]
    about: tuple[Line, ...]
    sections: tuple[Section, ...]


def filled(columns: tuple[Column, ...], rows: Iterable[tuple[Cell | None, ...]]) -> Grid:
    """A table without the columns in which nothing stands."""
    listed = list(rows)
    kept = [at for at, _ in enumerate(columns) if any(row[at] for row in listed)]
    return Grid(tuple(columns[at] for at in kept), tuple(tuple(row[at] for at in kept) for row in listed))


def one(text: str, style: Style = "said") -> Cell:
    """A cell of one text."""
    return ((Words(text, style),),)


def marked(message: str) -> Line:
    """A message, in which what stands between backticks is code."""
    return tuple(
        Words(part, "code" if index % 2 else "said") for index, part in enumerate(_CODE.split(message)) if part
    )


class Teller:
    """What all sections share: the evaluation, the language, and how gaps and the submitter's words are shown."""

    def __init__(self, evaluation: Evaluation, lang: str) -> None:
        """Take what is told, and in which language."""
        self.evaluation = evaluation
        self.lang = lang

    def say(self, key: str, /, **values: object) -> str:
        """A message of the reports."""
        return words.say(f"reported.{key}", self.lang, values)

    def sentence(self, key: str, /, **values: object) -> str:
        """A message of the reports that stands as a sentence."""
        return self.say(key, **values) + ("。" if self.lang == "zh" else ".")

    def title(self, titles: Mapping[str, str] | str | None, default: str = "") -> str:
        """A title in the language of the report."""
        return words.title(titles, self.lang, default)

    def columns(self, *columns: tuple[str, int] | tuple[str, int, bool]) -> tuple[Column, ...]:
        """The columns of a table, by the keys of their headings."""
        return tuple(
            Column(self.say(f"column.{column[0]}") if column[0] else "", column[1], len(column) > 2)
            for column in columns
        )

    def gap(self, key: str, /, **values: object) -> Words:
        """That something is not given."""
        return Words(self.say("gap", what=self.say(f"gap.{key}", **values)), "gap")

    def label(self, name: str) -> Line:
        """What the rest of a line is, and a colon."""
        return Words(name, "strong"), Words(self.say("colon"))

    def theirs(self, text: str, key: str) -> Words:
        """The submitter's own words, or that they are not given."""
        return Words(text, "quoted") if text.strip() else self.gap(key)

    def section(self, key: str, parts: Iterable[tuple[str, Iterable[Block]]]) -> Section:
        """A section: its parts under numbered headings, and at its end what the submitter writes of it."""
        listed = [*((heading, tuple(blocks)) for heading, blocks in parts), ("theirs", tuple(self._narrative(key)))]
        blocks: list[Block] = []
        shown = [(heading, inner) for heading, inner in listed if inner]
        for number, (heading, inner) in enumerate(shown):
            ordinal = words.ordinal(number, self.lang)
            ordinal = f"（{ordinal}）" if self.lang == "zh" else f"{NARRATIVE.index(key) + 1}.{ordinal} "
            blocks += [Heading(ordinal + self.say(f"heading.{heading}")), *inner]
        return Section(self.say(f"section.{key}"), tuple(blocks))

    def _narrative(self, key: str) -> Iterator[Block]:
        """The submitter's own text for a section, paragraph by paragraph."""
        text = self.evaluation.submission.narrative.get(key, "")
        paragraphs = [line.strip() for line in re.split(r"\r\n|\r|\n", text) if line.strip()]
        if not paragraphs:
            yield Paragraph((self.gap("narrative", key=f"narrative.{key}"),))
        for paragraph in paragraphs:
            yield Paragraph((Words(paragraph, "quoted"),), quoted=True)
