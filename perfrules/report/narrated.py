"""A report as Markdown (CommonMark with GitHub's tables), to be read, compared and put into other documents.

Texts of rulesets and submissions are data: what would be markup in them is escaped. The submitter's own paragraphs are
block quotes, and within a line their words stand behind a label that says whose they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfrules.evaluation.evaluation import Evaluation
from perfrules.report.markdown import code, paragraph, text
from perfrules.report.outline import Block, Cell, Grid, Heading, Line, Listed, Outline, Paragraph, Words
from perfrules.report.reported import outline


def report_text(evaluation: Evaluation, lang: str) -> str:
    """The text of a Markdown file that reports an evaluation.

    Args:
        evaluation: The evaluation.
        lang: The language of headings, sentences and titles.
    """
    return markdown(outline(evaluation, lang))


def markdown(read: Outline) -> str:
    """A report as Markdown."""
    title = " ".join(_plain(line) for line in read.titles)
    parts = [f"# {title}", *(_paragraph(line) for line in read.about)]
    for section in read.sections:
        parts += [f"## {text(section.title)}", *("\n".join(_block(block)) for block in section.blocks)]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"### {text(block.text)}"
    elif isinstance(block, Paragraph):
        yield ("> " if block.quoted else "") + _paragraph(block.line)
    elif isinstance(block, Listed):
        yield from (f"- {_paragraph(item)}" for item in block.items)
    else:
        yield from _table(block)


def _paragraph(line: Line) -> str:
    """A line that stands on its own, so that its beginning is no list or heading either."""
    first = line[0]
    return (_words(first) if first.style in ("strong", "code") else paragraph(first.text) + _space(first)) + "".join(
        _words(one) for one in line[1:]
    )


def _space(one: Words) -> str:
    return " " if one.text.endswith(" ") else ""


def _line(line: Line) -> str:
    return "".join(map(_words, line))


def _words(one: Words) -> str:
    """A piece of text between others: spaces at its ends are kept, and stand outside of what is strong."""
    if not one.text.strip():
        return " " if one.text else ""
    before = " " if one.text.startswith(" ") else ""
    if one.style == "code":
        return code(one.text)
    if one.style == "strong":
        return f"{before}**{text(one.text)}**{_space(one)}"
    return before + text(one.text) + _space(one)


def _plain(line: Line) -> str:
    return "".join(text(one.text) for one in line)


def _table(grid: Grid) -> Iterator[str]:
    yield "| " + " | ".join(text(column.heading) for column in grid.columns) + " |"
    yield "| " + " | ".join("---:" if column.right else "---" for column in grid.columns) + " |"
    for row in grid.rows:
        yield "| " + " | ".join(map(_cell, row)) + " |"


def _cell(cell: Cell | None) -> str:
    return "<br>".join(map(_line, cell)) if cell else ""
