"""A report as a Word document: A4, real headings, tables that repeat their heads, page numbers.

python-docx is asked for here alone. Every text goes in as a text, with what XML or a reader would not bear written as
escapes. The same evaluation gives the same bytes: nothing in the file says when it was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from perfrules.errors import Finding, PerfrulesError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.report.outline import Block, Cell, Column, Grid, Heading, Line, Listed, Outline, Paragraph, Words
from perfrules.report.paper import KAI, LATIN, MONO, SONG, TEXT_WIDTH, blank, element, fonts, run, saved, size
from perfrules.report.reported import outline

_ROOM = {"top": 20, "left": 85, "bottom": 20, "right": 85}
"""Twips between the lines of a table and its texts."""
_SPLITS = 500
"""Characters of a cell from which on its row may go over the end of a page, since it may not fit on one."""
_LOOKS: dict[str, dict[str, Any]] = {
    "said": {}, "strong": {"bold": True}, "code": {"font": (MONO, SONG), "less": 2},
    "quoted": {"font": (LATIN, KAI), "color": "1F3864"}, "gap": {"color": "9C0006"},
}  # fmt: skip


def document(evaluation: Evaluation, lang: str) -> bytes:
    """The content of a Word document that reports an evaluation.

    Args:
        evaluation: The evaluation.
        lang: The language of headings, sentences and titles.

    Raises:
        PerfrulesError: python-docx is not installed.
    """
    read = outline(evaluation, lang)
    try:
        file = blank(lang, " ".join(one.text for line in read.titles for one in line))
    except ImportError:
        raise PerfrulesError([Finding("needs-extra", about=".docx", values={"extra": "office"})]) from None
    body = file.element.body
    for made in _content(read):
        body.insert(len(body) - 1, made)  # the last one holds the page
    return saved(file)


# -- texts --------------------------------------------------------------------------------------------------------


def _run(one: Words, half_points: int) -> Any:
    """A piece of text, looking as what it is."""
    look = _LOOKS[one.style]
    made = [fonts(*look["font"])] if "font" in look else []
    if look.get("bold"):
        made += [element("b"), element("bCs")]
    if "color" in look:
        made.append(element("color", val=look["color"]))
    if "less" in look:
        made += size(half_points - look["less"])
    return run(one.text, *made)


def _paragraph(line: Line, style: str, half_points: int = 21) -> Any:
    found = element("p", element("pPr", element("pStyle", val=style.replace(" ", ""))))
    found.extend(_run(one, half_points) for one in line)
    return found


# -- what stands in the document ----------------------------------------------------------------------------------


def _content(read: Outline) -> Iterable[Any]:
    *first, last = read.titles
    yield from (_paragraph(line, "Subtitle") for line in first)
    yield _paragraph(last, "Title")
    yield from (_paragraph(line, "About", 18) for line in read.about)
    for section in read.sections:
        yield _paragraph((Words(section.title),), "Heading 1")
        for block, after in zip(section.blocks, (*section.blocks[1:], None), strict=True):
            yield from _block(block, after)


def _block(block: Block, after: Block | None) -> Iterable[Any]:
    if isinstance(block, Heading):
        yield _paragraph((Words(block.text),), "Heading 2")
    elif isinstance(block, Paragraph):
        plain = "Before Table" if isinstance(after, Grid) else "Body Text"
        yield _paragraph(block.line, "Quote" if block.quoted else plain)
    elif isinstance(block, Listed):
        yield from (_paragraph(item, "List Bullet") for item in block.items)
    else:
        yield from (_table(block), _paragraph((), "After Table"))


def _table(grid: Grid) -> Any:
    """A table as wide as the page, whose head stands on every page that it goes over."""
    shares = sum(column.share for column in grid.columns)
    widths = [TEXT_WIDTH * column.share // shares for column in grid.columns]
    columns = (element("gridCol", w=width) for width in widths)
    found = element("tbl", _table_format(sum(widths)), element("tblGrid", *columns))
    if any(column.heading for column in grid.columns):
        cells = map(_head, grid.columns, widths)
        found.append(element("tr", element("trPr", element("cantSplit"), element("tblHeader")), *cells))
    for index, row in enumerate(grid.rows):
        after = grid.rows[index + 1] if index + 1 < len(grid.rows) else ()
        found.append(_row(grid, row, widths, [at < len(after) and after[at] is None for at in range(len(row))]))
    return found


def _table_format(width: int) -> Any:
    line = {"val": "single", "sz": 4, "space": 0, "color": "A6A6A6"}
    edges = (element(edge, **line) for edge in ("top", "left", "bottom", "right", "insideH", "insideV"))
    margins = (element(edge, w=room, type="dxa") for edge, room in _ROOM.items())
    return element(
        "tblPr", element("tblW", w=width, type="dxa"), element("tblBorders", *edges),
        element("tblLayout", type="fixed"), element("tblCellMar", *margins),
    )  # fmt: skip


def _row(grid: Grid, row: tuple[Cell | None, ...], widths: list[int], opens: list[bool]) -> Any:
    """A row, kept on one page unless it is very long; cells that are those above are joined with them."""
    cells = []
    for cell, width, column, open_ in zip(row, widths, grid.columns, opens, strict=True):
        made = _cell(cell or ((),), width, "Table Number" if column.right else "Table Text")
        if cell is None or open_:
            made[0].append(element("vMerge", val="continue" if cell is None else "restart"))
        cells.append(made)
    longest = max(sum(len(one.text) for line in cell or () for one in line) for cell in row)
    return element("tr", element("trPr", *([element("cantSplit")] if longest < _SPLITS else [])), *cells)


def _head(column: Column, width: int) -> Any:
    made = _cell(((Words(column.heading),),), width, "Table Number Head" if column.right else "Table Head")
    made[0].append(element("shd", val="clear", color="auto", fill="DDE6F0"))
    return made


def _cell(cell: Cell, width: int, style: str) -> Any:
    format_ = element("tcPr", element("tcW", w=width, type="dxa"))
    return element("tc", format_, *(_paragraph(line, style, 18) for line in cell or ((),)))
