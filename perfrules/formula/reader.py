"""From the text of a formula to a checked tree.

The text is put on one line, character for character, so that every place in Python's tree is a place in the text.
A full-width character is a finding, and is then read as the ASCII character it stands for, so that the mistakes
behind it are found in the same go.
"""

from __future__ import annotations

import ast
import re
import warnings

from perfrules.errors import Finding, FormulaError
from perfrules.formula.core import Rebuilder, Refused
from perfrules.formula.language import MAX_DEPTH, MAX_TEXT, Formula

_ASCII_FOR = {
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    "，": ",", "、": ",", "。": ".", "：": ":", "；": ";", "“": '"', "”": '"', "‘": "'", "’": "'", "「": '"', "」": '"',
    "『": '"', "』": '"', "《": '"', "》": '"', "【": "(", "】": ")", "〔": "(", "〕": ")",
    "×": "*", "✕": "*", "·": "*", "∙": "*",
    "÷": "/", "⁄": "/", "∕": "/", "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "≥": ">=", "≤": "<=", "≠": "!=",
    "＝": "=", "\u3000": " ", "﹣": "-", "﹢": "+",
}  # fmt: skip
_WORDS_FOR = {"且": "and", "或": "or", "非": "not"}
_SIGNS_FOR = {"<>": "!=", "===": "==", "=<": "<=", "=>": ">=", "&&": "and", "||": "or", "!": "not"}
_TELLING = frozenset("\"'#\\`$?@;[{")
_SIGN = re.compile(r"<>|===|=<|=>|&&|\|\||!(?!=)")
_STRAY_PERCENT = re.compile(r"\d\s*%(?!\s*(?!(?:if|else|and|or|in|not)\b)[\w.(])")
_ASSIGNMENT = re.compile(r"(?<![=!<>])=(?!=)")


def parse(text: str, about: str = "") -> Formula:
    """Read a formula.

    Args:
        text: The formula as written.
        about: What it belongs to, for the findings.

    Raises:
        FormulaError: The language refuses it; every finding carries its `span` (characters, from 0) in `values`.
    """
    formula, findings = read(text, about)
    if findings or formula is None:
        raise FormulaError(findings)
    return formula


def read(text: str, about: str = "") -> tuple[Formula | None, list[Finding]]:
    """What a formula says as far as it can be told, and everything that the language refuses in it.

    Args:
        text: The formula as written.
        about: What it belongs to, for the findings; each carries its `span` (characters, from 0) in `values`.
    """
    reader = _Reader(text, about)
    tree = reader.read()
    if tree is None:
        return None, reader.findings
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return Formula(text, tree, names), reader.findings


class _Reader:
    """Reads one formula, and notes every finding it can."""

    def __init__(self, text: str, about: str) -> None:
        self.text = text
        self.about = about
        self.findings: list[Finding] = []

    def note(self, code: str, span: tuple[int, int], key: str = "", **values: object) -> None:
        """Add a finding about a span of the text."""
        self.findings.append(Finding(code, "error", self.about, key, {"span": span, **values}))

    def read(self) -> ast.expr | None:
        """The tree in the core language; None where there is none to be had."""
        if len(self.text) > MAX_TEXT:
            self.note("too-large", (0, 1), "too-large.text", limit=MAX_TEXT, size=len(self.text))
            return None
        flat = self._in_ascii()
        if flat is None:
            return None
        if not flat.strip():
            self.note("syntax", (0, 1), "syntax.empty")
            return None
        return self._parse(flat)

    def _in_ascii(self) -> str | None:
        """The text on one line, full-width characters noted and read as ASCII; None where that is hopeless."""
        if self._is_plain():
            return self.text
        chars: list[str] = []
        quote, hopeless, depth = "", False, 0
        for index, char in enumerate(self.text):
            if quote:
                chars.append(char)
                quote = "" if char == quote else quote
                hopeless |= char not in "\"'" and self._is_bad(index, char, printable=" ")
                continue
            chars.append(self._one(index, char))
            quote = char if char in "\"'" else ""
            lone = char == "\r" and self.text[index + 1 : index + 2] != "\n"
            hopeless |= not quote and self._is_bad(index, char, printable=" \t\n" if lone else " \t\r\n")
            depth += (chars[-1] in "([{") - (chars[-1] in ")]}")
            if depth > MAX_DEPTH:
                self.note("too-large", (index, index + 1), "too-large.depth", limit=MAX_DEPTH)
                return None
        flat = "".join(chars)
        hopeless |= self._comment(flat)
        return None if hopeless else self._words(flat)

    def _is_plain(self) -> bool:
        """Whether there is nothing to look for, as in most formulas: printable ASCII without quotes or comments."""
        text = self.text
        return text.isascii() and text.isprintable() and text.count("(") <= MAX_DEPTH and _TELLING.isdisjoint(text)

    def _one(self, index: int, char: str) -> str:
        """The ASCII character to read instead of one outside quotes."""
        if char in "\t\r\n":
            return " "
        if char in _ASCII_FOR:
            instead = _ASCII_FOR[char]
            if instead == "%":
                self.note("full-width", (index, index + 1), "full-width.percent", char=char)
                return " "
            self.note("full-width", (index, index + 1), char=char, ascii=instead)
            return instead[0]
        return char

    def _is_bad(self, index: int, char: str, printable: str) -> bool:
        """Whether a character can stand nowhere in a formula; notes it."""
        if char in printable or char in _ASCII_FOR:
            return False
        in_text = printable == " "
        known = char.isascii() and char not in "\\`$?@;"
        if char.isprintable() and (in_text or known or (not char.isascii() and ("_" + char).isidentifier())):
            return False
        self.note("not-allowed", (index, index + 1), "not-allowed.character", char=char, point=f"U+{ord(char):04X}")
        return True

    def _comment(self, flat: str) -> bool:
        """Whether the text holds a comment, which would hide what stands behind it."""
        if (start := _bare(flat).find("#")) < 0:
            return False
        self.note("not-allowed", (start, len(flat)), "not-allowed.comment")
        return True

    def _words(self, flat: str) -> str:
        """The text, with Chinese words for operators noted."""
        bare = _bare(flat)
        for word, instead in _WORDS_FOR.items():
            for match in re.finditer(rf"(?<!\w){word}(?!\w)", bare) if word in bare else ():
                self.note("syntax", match.span(), "syntax.word", word=word, instead=instead)
        return flat

    def _parse(self, flat: str) -> ast.expr | None:
        indent = len(flat) - len(flat.lstrip())
        source = flat.strip()
        rebuilder = Rebuilder(self.text, source, indent, self.note)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(source, mode="eval")
            return rebuilder.rebuild(tree.body, 1)
        except Refused:
            return None
        except (RecursionError, MemoryError):
            self.note("too-large", (0, len(self.text)), "too-large.depth", limit=MAX_DEPTH)
        except (SyntaxError, ValueError) as error:
            if not any(finding.code == "full-width" or finding.key == "syntax.word" for finding in self.findings):
                self._syntax(source, indent, error)
        return None

    def _syntax(self, source: str, indent: int, error: Exception) -> None:
        """Note a syntax error: one of the usual ones where it is one, else where Python's parser gave up."""
        bare = _bare(source)
        if percent := _STRAY_PERCENT.search(bare):
            self.note("syntax", (indent + percent.start(), indent + percent.end()), "syntax.percent")
        elif sign := _SIGN.search(bare):
            span, instead = (indent + sign.start(), indent + sign.end()), _SIGNS_FOR[sign.group()]
            self.note("syntax", span, "syntax.word", word=sign.group(), instead=instead)
        elif assign := _ASSIGNMENT.search(bare):
            self.note("syntax", (indent + assign.start(), indent + assign.end()), "syntax.assignment")
        else:
            offset = getattr(error, "offset", 1)  # 0 says: at the end
            start = min((offset or len(source)) - 1, len(source) - 1)
            self.note("syntax", (indent + start, indent + start + 1))


def _bare(flat: str) -> str:
    """The text with every quoted text blanked, so that nothing in one is taken for part of the formula."""
    return re.sub(r"\"[^\"]*\"|'[^']*'", lambda match: "_" * len(match.group()), flat)
