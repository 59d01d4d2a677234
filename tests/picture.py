"""Draws the picture of README.md: what `evaluate` and `explain` write of the Julu report, as a terminal shows it.

`python tests/picture.py` draws it anew; `test_picture.py` fails where it no longer shows what the commands write.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from html import unescape
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment, Segments
from rich.text import Text

import perfrules
from perfrules.report.console import evaluation_view

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "derivation.svg"
SUBMISSION = ROOT / "docs" / "examples" / "julu-2022" / "submission.toml"
WIDTH = 96
CUTS = (("预算执行", "申报"), ("最能提高", None))
"""What is left out of the table: from the line that begins so, up to the one that begins so."""

FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
    font-family: "Fira Code", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace;
    font-size: {char_height}px; line-height: {line_height}px;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
  <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""As rich draws it, but without fonts from elsewhere."""


def draw() -> str:
    """The picture as SVG."""
    evaluation = perfrules.evaluate(None, SUBMISSION)
    row = "staffing_control_rate"
    shown = SUBMISSION.relative_to(ROOT).as_posix()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(width=WIDTH, record=True, file=nowhere, color_system="truecolor", force_terminal=True)
        for command in (f"evaluate {shown}", f"explain {shown} {row}"):
            view = evaluation_view(evaluation, "zh") if command[1] == "v" else perfrules.explain(evaluation, row, "zh")
            console.print(Text.assemble(("$ ", "green"), (f"perfrules {command}", "bold")), highlight=False)
            console.print(Segments(_told_apart(_kept(console.render_lines(view, pad=False)))), end="")
        return _stretched(console.export_svg(title="perfrules", code_format=FORMAT, unique_id="derivation"))


def _kept(lines: Iterable[list[Segment]]) -> Iterator[list[Segment]]:
    """The lines that are not cut."""
    cuts = iter(CUTS)
    start, end = next(cuts)
    cutting = False
    for line in lines:
        text = "".join(segment.text for segment in line).strip()
        if cutting and end is not None and text.startswith(end):
            cutting = False
            start, end = next(cuts, ("$", None))
        elif not cutting and text.startswith(start):
            cutting = True
            yield [Segment("  ⋮")] if end else []
        if not cutting:
            yield line


def _told_apart(lines: Iterable[list[Segment]]) -> Iterator[Segment]:
    """Chinese and other characters as pieces of their own, so that each is as wide as its columns in any font."""
    for line in lines:
        for text, style, _ in line:
            for _, characters in groupby(text, cell_len):
                yield Segment("".join(characters), style)
        yield Segment.line()


def _stretched(svg: str) -> str:
    """The same picture, each piece as long as its columns: rich counts a Chinese character as one."""

    def stretch(found: re.Match[str]) -> str:
        text = unescape(found["text"])
        length = float(found["length"]) / len(text) * cell_len(text)
        wide = ' lengthAdjust="spacingAndGlyphs"' if cell_len(text) > len(text) else ""
        return f'{found["before"]}textLength="{length:g}"{wide}{found["after"]}{found["text"]}</text>'

    return re.sub(
        r'(?P<before><text [^>]*?)textLength="(?P<length>[^"]*)"(?P<after>[^>]*>)(?P<text>.*?)</text>', stretch, svg
    )


def words(svg: str) -> list[str]:
    """What a picture says, line by line, without spaces: they are drawn as distance."""
    lines: dict[str, str] = {}
    for attributes, text in re.findall(r"<text ([^>]*)>(.*?)</text>", svg):
        place = re.search(r'clip-path="url\(#(.*?)\)"', attributes)
        key = place[1] if place else ""
        lines[key] = lines.get(key, "") + re.sub(r"\s", "", unescape(text))
    return list(lines.values())


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8", newline="\n")
