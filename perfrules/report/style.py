"""What all console views share: foreign text as plain text, Chinese lines, status marks, numbers for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.containers import Lines
from rich.text import Text

from perfrules import numbers, words
from perfrules.evaluation.results import Result, Status
from perfrules.formula.systems.exact import Unknown
from perfrules.numbers import Exact

COLOURS = {
    "scored": "green", "missing": "yellow", "undefined": "red", "judged": "cyan", "not_applicable": "dim",
    "pass": "green", "fail": "red", "confirmed": "green", "refuted": "red", "permitted": "cyan",
    "unsupported": "yellow", "error": "red", "warning": "yellow", "note": "dim",
}  # fmt: skip


NO_START = "、，。；：？！）〕》〉」』】”’…)],.;:%"
NO_END = "（〔《〈「『【“‘(["
"""Characters that begin no line, and that end none (CLREQ, 行首行尾禁则)."""


class Line(Text):
    """Text whose lines may also break between Chinese characters, which stand without spaces."""

    def wrap(self, console: Console, width: int, **options: Any) -> Lines:
        """Break into lines: ours first, then what rich does with each."""
        if options.get("no_wrap") or self.no_wrap:
            return super().wrap(console, width, **options)
        lines = Lines()
        for line in self.split(allow_blank=True):
            for piece in line.divide(list(_breaks(line.plain, width, self.may_break))):
                piece.rstrip_end(width)
                lines.extend(piece.wrap(console, width, **options))
        return lines

    @staticmethod
    def may_break(before: str, after: str) -> bool:
        """Whether a line may end between two characters: after spaces, and beside Chinese characters."""
        if before == " " or after == " ":
            return after != " "
        return cell_len(before + after) > 2 and after not in NO_START and before not in NO_END


class Identifier(Line):
    """The id or path of a ruleset, which breaks behind its slashes and hyphens."""

    @staticmethod
    def may_break(before: str, after: str) -> bool:
        """Whether a line may end between two characters."""
        return before in "/-" or Line.may_break(before, after)


def _breaks(text: str, width: int, may_break: Callable[[str, str], bool]) -> Iterator[int]:
    """Where lines begin, but the first: where one may end, or else where the line is full."""
    start = used = 0
    last = None
    for index, char in enumerate(text):
        if index > start and may_break(text[index - 1], char):
            last = index
        used += cell_len(char)
        if used > width and char != " " and index > start:
            start, last = last or index, None
            used = cell_len(text[start : index + 1])
            yield start


def plain(text: object, style: str = "") -> Text:
    """Text from a file: never markup, never a terminal escape; its lines become one."""
    return Line(words.safe(" ".join(str(text).split()), None), style=style)


def say(key: str, lang: str, **values: object) -> Text:
    """A message as rich text."""
    return Line(words.say(key, lang, values))


def titled(titles: Any, identifier: str, lang: str, style: str = "") -> Text:
    """The title of a part, or its id where it has none."""
    return plain(words.title(titles, lang, identifier), style)


def named(titles: Any, identifier: str, lang: str, style: str = "") -> Text:
    """The title of a part and behind it the id, which stands alone where they are the same."""
    line = titled(titles, identifier, lang, style)
    return line if line.plain == identifier else line.append(f" {words.safe(identifier)}", "dim")


def value(found: Any, unit: str | None = None, lang: str = "en") -> str:
    """A value for people, with its unit; `—` while unknown."""
    if found is None or isinstance(found, Unknown):
        return "—"
    if isinstance(found, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][found]
    if isinstance(found, Exact):
        shown = numbers.shown(found)
        return f"{shown} {words.safe(unit)}" if unit else shown
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, dict):
        return ", ".join(f"{key}: {value(item, None, lang)}" for key, item in found.items())
    if isinstance(found, tuple | list):
        return words.shorten(", ".join(value(item, None, lang) for item in found), 80)
    return words.safe(str(found))


def points(result: Result) -> str:
    """The score, or what it can be."""
    if result.score is not None:
        return f"{result.score:f}"
    if result.status is Status.NOT_APPLICABLE:
        return "—"
    bounds = result.bounds
    return f"{numbers.shown(bounds[0], 2)} … {numbers.shown(bounds[1], 2)}" if bounds else "?"
