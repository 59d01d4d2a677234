"""LibreOffice for tests: workbooks calculated again, and what their cells then hold, to the last digit."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

SOFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>
"""


def calculated(folder: Path, books: Mapping[str, bytes]) -> dict[str, dict[str, dict[str, Any]]]:
    """The cells of some workbooks once LibreOffice has calculated all of them again, in one run.

    Args:
        folder: An empty folder.
        books: The workbooks by the names of their files, without `.xlsx`.
    """
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(_ALWAYS, encoding="utf-8")
    made = folder / "made"
    made.mkdir()
    for name, content in books.items():
        (folder / f"{name}.xlsx").write_bytes(content)
    command = [str(SOFFICE), "--headless", f"-env:UserInstallation={profile.parent.as_uri()}", "--convert-to", "xlsx"]
    files = [str(folder / f"{name}.xlsx") for name in books]
    done = subprocess.run(
        [*command, "--outdir", str(made), *files], capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
    assert all((made / f"{name}.xlsx").exists() for name in books), done.stdout + done.stderr
    return {name: cells((made / f"{name}.xlsx").read_bytes()) for name in books}


def cells(content: bytes) -> dict[str, dict[str, Any]]:
    """What stands in the cells of a workbook: floats, truth values, texts; errors as `#N/A` and the like."""
    import io

    with zipfile.ZipFile(io.BytesIO(content)) as package:
        shared = _shared(package)
        return {
            name: {cell.get("r", ""): _value(cell, shared) for cell in _tree(package, path).iter(_MAIN + "c")}
            for name, path in _sheets(package).items()
        }  # fmt: skip


def _tree(package: zipfile.ZipFile, path: str) -> ET.Element:
    return ET.fromstring(package.read(path))  # noqa: S314  (of a workbook that LibreOffice or we wrote)


def _sheets(package: zipfile.ZipFile) -> dict[str, str]:
    links = _tree(package, "xl/_rels/workbook.xml.rels")
    targets = {link.get("Id"): str(link.get("Target")).removeprefix("/xl/") for link in links}
    book = _tree(package, "xl/workbook.xml")
    return {str(sheet.get("name")): f"xl/{targets[sheet.get(_REL)]}" for sheet in book.iter(_MAIN + "sheet")}


def _shared(package: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in package.namelist():
        return []
    table = _tree(package, "xl/sharedStrings.xml")
    return ["".join(text.text or "" for text in entry.iter(_MAIN + "t")) for entry in table]


def _value(cell: ET.Element, shared: list[str]) -> Any:
    found = cell.find(_MAIN + "v")
    if found is None or found.text is None:
        return "" if cell.get("t") == "str" else None
    kind = cell.get("t", "n")
    if kind == "s":
        return shared[int(found.text)]
    if kind == "b":
        return found.text == "1"
    return float(found.text) if kind == "n" else found.text


def changed(content: bytes, sheet: str, reference: str, value: float | str | None) -> bytes:
    """A workbook with another number or text in one cell, or with nothing in it."""
    import io

    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        path = _sheets(package)[sheet]
        for name in package.namelist():
            part = package.read(name)
            new.writestr(name, _with_cell(part.decode(), reference, value).encode() if name == path else part)
    return written.getvalue()


def _with_cell(sheet: str, reference: str, value: float | str | None) -> str:
    from xml.sax.saxutils import escape

    inner = "" if value is None else f"<v>{value}</v>"
    kind = ""
    if isinstance(value, str):
        kind, inner = ' t="inlineStr"', f"<is><t>{escape(value)}</t></is>"
    pattern = rf'<c r="{reference}"( s="\d+")?(?: t="\w+")?(?:/>|>.*?</c>)'
    text, count = re.subn(pattern, lambda old: f'<c r="{reference}"{old[1] or ""}{kind}>{inner}</c>', sheet, count=1)
    assert count == 1, f"there is no cell {reference}"
    return text


def find(sheet: Mapping[str, Any], text: Any) -> Iterable[str]:
    """Where a text stands on a sheet."""
    return [reference for reference, value in sheet.items() if value == text]
