"""Excel workbooks for tests, written by hand: what stands in the cells is exactly what the test says."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = {"plain": "General", "percent": "0.0%", "date": 'yyyy"年"m"月"d"日"', "text": "@", "red": "[Red]0.00;-0.00"}
"""Number formats by the names that cells are given them by."""


def text(written: str) -> str:
    """A cell that holds a text."""
    return f't="inlineStr"><is><t xml:space="preserve">{escape(written)}</t></is>'


def number(written: object, style: str = "plain") -> str:
    """A cell that holds a number, in a format."""
    return f's="{list(STYLES).index(style)}"><v>{written}</v>'


def sheet(cells: Mapping[str, str]) -> str:
    """The part of a sheet, of cells by their references."""
    rows: dict[int, list[str]] = {}
    for reference, cell in cells.items():
        rows.setdefault(int(re.sub("[A-Z]+", "", reference)), []).append(f'<c r="{reference}" {cell}</c>')
    data = "".join(f'<row r="{row}">{"".join(listed)}</row>' for row, listed in rows.items())
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{data}</sheetData></worksheet>'


def table(rows: list[list[str]]) -> dict[str, str]:
    """The cells of a table of texts."""
    return {
        f"{chr(ord('A') + column)}{row}": text(cell)
        for row, cells in enumerate(rows, 1)
        for column, cell in enumerate(cells)
        if cell
    }


def parts(sheets: Mapping[str, Mapping[str, str] | str]) -> dict[str, str]:
    """The parts of a workbook by their names."""
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(sheets, 1))
    links = "".join(
        f'<Relationship Id="r{at}" Type="{_KINDS}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at, _ in enumerate(sheets, 1)
    )
    styles = "".join(
        f'<numFmt numFmtId="{200 + at}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for at, code in enumerate(STYLES.values())
    )
    used = "".join(f'<xf numFmtId="{200 + at}"/>' for at, _ in enumerate(STYLES))
    found = {
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_LINKS}"><Relationship Id="r1" Type="{_KINDS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_KINDS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_LINKS}">{links}<Relationship Id="s" Type="{_KINDS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="9">{styles}</numFmts><cellXfs>{used}</cellXfs></styleSheet>',
    }
    return found | {
        f"xl/worksheets/sheet{at}.xml": cells if isinstance(cells, str) else sheet(cells)
        for at, cells in enumerate(sheets.values(), 1)
    }


def packed(found: Mapping[str, str | bytes]) -> bytes:
    """Parts as a file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.items():
            archive.writestr(name, content)
    return file.getvalue()


def write(path: Path, sheets: Mapping[str, Mapping[str, str] | str]) -> Path:
    """Write a workbook."""
    path.write_bytes(packed(parts(sheets)))
    return path


def filled(path: Path, cells: Mapping[tuple[str, str], str]) -> None:
    """Fill blank cells of a workbook, by sheet and reference, and leave the rest of it as it is."""
    with zipfile.ZipFile(path) as archive:
        found = {name: archive.read(name).decode() for name in archive.namelist()}
    names = re.findall(r'<sheet name="([^"]*)"', found["xl/workbook.xml"])
    for (name, reference), cell in cells.items():
        part = f"xl/worksheets/sheet{names.index(name) + 1}.xml"
        style = re.search(rf'<c r="{reference}" (s="\d+")/>', found[part])
        row = int(re.sub("[A-Z]+", "", reference))
        if style:
            kept = "" if cell.startswith("s=") else style[1] + " "
            found[part] = found[part].replace(style[0], f'<c r="{reference}" {kept}{cell}</c>')
        elif f'<row r="{row}"' in found[part]:
            more = f'<c r="{reference}" {cell}</c>'
            before, after = re.split(rf'(?<=<row r="{row}")', found[part], maxsplit=1)
            found[part] = before + after.replace("</row>", f"{more}</row>", 1)
        else:
            found[part] = found[part].replace(
                "</sheetData>", f'<row r="{row}"><c r="{reference}" {cell}</c></row></sheetData>'
            )
    path.write_bytes(packed(found))
