"""The blank Word document that reports are written into: A4, styles with Chinese fonts, page numbers, no time stamps.

What python-docx brings along is replaced as far as it shows: its template has blue headings in fonts of a theme, which
have no Chinese. Elements of WordprocessingML are made here for all that is written.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

from perfrules import words

FIRST_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  (a document says no zone; the same evaluation gives the same file)
TEXT_WIDTH = 9411
"""Twips between the margins: 21 cm less 2.2 cm on either side."""
_MARGIN = 1247
SONG, HEI, KAI, LATIN, SANS, MONO = "宋体", "黑体", "楷体", "Times New Roman", "Arial", "Courier New"
_ALIKE = {SONG: "Noto Serif CJK SC", HEI: "Noto Sans CJK SC", KAI: "Noto Serif CJK SC"}
"""What stands in for the fonts where they are not installed."""
_DROPPED = ("thumbnail", "stylesWithEffects", "customXml")
"""Parts of the template that no document needs."""


def blank(lang: str, title: str) -> Any:
    """A document without content.

    Args:
        lang: The language of what is in the footer.
        title: What its properties say it is.

    Raises:
        ImportError: python-docx is not installed.
    """
    import docx

    file = docx.Document()
    for relations in (file.part.package.rels, file.part.rels):
        for key in [key for key, one in relations.items() if one.reltype.rpartition("/")[2] in _DROPPED]:
            del relations[key]
    _prepare(file, lang)
    said = file.core_properties
    said.title = xml_text(title)[:255]
    said.author = said.last_modified_by = "perfrules"
    said.comments = said.keywords = said.subject = ""
    said.created = said.modified = FIRST_DAY
    said.revision = 1
    return file


def saved(file: Any) -> bytes:
    """The content of the file, which does not say when its parts were written."""
    first, content = io.BytesIO(), io.BytesIO()
    file.save(first)
    with zipfile.ZipFile(first) as archive, zipfile.ZipFile(content, "w") as undated:
        for name in archive.namelist():
            entry = zipfile.ZipInfo(name, FIRST_DAY.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            undated.writestr(entry, archive.read(name))
    return content.getvalue()


# -- elements -----------------------------------------------------------------------------------------------------


def element(tag: str, *children: Any, **attributes: object) -> Any:
    """An element of WordprocessingML with its attributes and children."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    found = OxmlElement(f"w:{tag}")
    for name, said in attributes.items():
        found.set(qn(f"w:{name}"), str(said))
    for child in children:
        found.append(child)
    return found


def xml_text(text: str) -> str:
    """A text that XML can hold."""
    shown = words.safe(text, None)
    return "".join(f"\\u{ord(char):04x}" if char in "\ufffe\uffff" else char for char in shown)


def run(text: str, *look: Any) -> Any:
    """A piece of text, with what its look is made of."""
    shown = element("t")
    shown.text = xml_text(text)
    shown.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return element("r", element("rPr", *look), shown)


def size(half_points: int) -> tuple[Any, Any]:
    """How large letters are, in half points."""
    return element("sz", val=half_points), element("szCs", val=half_points)


def fonts(latin: str, chinese: str) -> Any:
    """The fonts of letters: one for Chinese, one for all others."""
    return element("rFonts", ascii=latin, hAnsi=latin, cs=latin, eastAsia=chinese)


# -- styles, page and properties ----------------------------------------------------------------------------------

_STYLES: dict[str, dict[str, Any]] = {
    "Normal": {"size": 21, "after": 60}, "Body Text": {"size": 21, "after": 80, "line": 320},
    "Before Table": {"size": 21, "after": 80, "line": 320, "keep": True},
    "Title": {"size": 36, "sans": True, "center": True, "after": 200, "keep": True},
    "Subtitle": {"size": 30, "sans": True, "center": True, "before": 240, "after": 40, "keep": True},
    "About": {"size": 18, "after": 120, "colour": "595959"},
    "Heading 1": {"size": 30, "sans": True, "before": 320, "after": 120, "keep": True, "level": 0},
    "Heading 2": {"size": 24, "sans": True, "before": 200, "after": 80, "keep": True, "level": 1},
    "Quote": {"size": 21, "after": 80, "line": 320, "bar": True}, "List Bullet": {"size": 21, "after": 40},
    "Table Text": {"size": 18, "after": 0}, "Table Number": {"size": 18, "after": 0, "right": True},
    "Table Head": {"size": 18, "sans": True, "after": 0, "keep": True},
    "Table Number Head": {"size": 18, "sans": True, "after": 0, "keep": True, "right": True},
    "After Table": {"size": 8, "after": 60},
}  # fmt: skip


def _prepare(file: Any, lang: str) -> None:
    """Styles with Chinese fonts, an A4 page, its number in the footer."""
    from docx.enum.style import WD_STYLE_TYPE

    for name, look in _STYLES.items():
        if name not in file.styles:
            file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = file.styles["Normal"]
        _style(file.styles[name].element, look, lang)
    defaults = file.styles.element.find(_name("docDefaults"))
    themed = next(defaults.iter(_name("rFonts")))
    themed.getparent().replace(themed, fonts(LATIN, SONG))
    for spoken in defaults.iter(_name("lang")):
        spoken.set(_name("val"), "en-US")
        spoken.set(_name("eastAsia"), "zh-CN")
    _page(file.sections[0])
    _footer(file.sections[0].footer, lang)
    _stand_ins(file)


def _name(tag: str) -> str:
    from docx.oxml.ns import qn

    found: str = qn(f"w:{tag}")
    return found


def _style(style: Any, look: dict[str, Any], lang: str) -> None:
    """Write the look of a paragraph style, and nothing of what the template says of it."""
    for tag in ("pPr", "rPr"):
        for old in style.findall(_name(tag)):
            numbered = old.find(_name("numPr"))
            style.remove(old)
            if numbered is not None:
                look = {**look, "list": numbered}
    shape = element("pPr")
    if look.get("keep"):
        shape.extend([element("keepNext"), element("keepLines")])
    if "list" in look:
        shape.append(look["list"])
    if look.get("bar"):
        shape.append(element("pBdr", element("left", val="single", sz=12, space=8, color="1F3864")))
    room = {"before": look.get("before", 0), "after": look["after"], "line": look.get("line", 260)}
    shape.append(element("spacing", **room, lineRule="auto"))
    if look.get("bar"):
        shape.append(element("ind", left=240))
    shape.append(element("jc", val="center" if look.get("center") else "right" if look.get("right") else "left"))
    if "level" in look:
        shape.append(element("outlineLvl", val=look["level"]))
    letters = element("rPr", fonts(SANS, HEI) if look.get("sans") else fonts(LATIN, SONG))
    if look.get("sans") and lang == "en":
        letters.extend([element("b"), element("bCs")])
    letters.append(element("color", val=look.get("colour", "000000")))
    letters.extend(size(look["size"]))
    style.extend([shape, letters])


def _page(section: Any) -> None:
    paper = section._sectPr.find(_name("pgSz"))
    paper.set(_name("w"), "11906")
    paper.set(_name("h"), "16838")
    margins = section._sectPr.find(_name("pgMar"))
    for edge in ("top", "bottom", "left", "right"):
        margins.set(_name(edge), str(_MARGIN))


def _footer(footer: Any, lang: str) -> None:
    """The number of the page and of all pages, which the reader's program counts."""
    line = footer.paragraphs[0]._p
    line.insert(0, element("pPr", element("jc", val="center")))
    said = words.say("reported.page", lang, {"page": "|", "pages": "|"}).split("|")
    line.append(run(said[0], *size(18)))
    for counted, after in zip(("PAGE", "NUMPAGES"), said[1:], strict=True):
        line.append(element("fldSimple", run("1", *size(18)), instr=counted))
        line.append(run(after, *size(18)))


def _stand_ins(file: Any) -> None:
    """Say in the table of fonts what may stand in for those that are not installed."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.oxml import serialize_part_xml
    from docx.oxml import parse_xml

    for relation in file.part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.FONT_TABLE:
            table = parse_xml(relation.target_part.blob)
            for old in list(table):
                table.remove(old)
            for font, alike in _ALIKE.items():
                table.append(element("font", element("altName", val=alike), name=font))
            relation.target_part._blob = serialize_part_xml(table)
