"""What people type into the cells of a form: `≥266米`, `＞=90%`, `1,234.5`, `2022年6月底前`, `达成年度指标`.

A text is read as one thing or as words; what could be two things (`约50人`, `80%-90%`, `30余户`) is words, since a
number that nobody wrote would be judged as if somebody had. Numbers are exact, and a percentage is 0-100.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from perfrules import numbers
from perfrules.numbers import Exact
from perfrules.ruleset import targets

Kind = Literal["empty", "number", "date", "level", "options", "words"]
Sign = Literal["", ">=", ">", "<=", "<", "=="]
Level = Literal["", "achieved", "partly", "missed"]

MAX_TEXT = 200
"""Characters from which on a text is words without a look: a number with its unit is shorter."""


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it is said: the year, month or day may be missing."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a cell says.

    Attributes:
        text: As typed, spaces at the ends left out.
        kind: What it is: nothing (`—`, `/`), a number, a date, a level (`达成年度指标`), a list of options (`好坏`,
            `优/良/中/差`), or any other words.
        sign: The sign before a number or date, also where it is said in words: `不超过` and `以内` are `<=`; `9月前` is
            `<`, `6月底前` and `6月30日前` are `<=`.
        number: Exactly; of a percentage 0-100.
        unit: What stands behind the number; `%` for `百分比` too.
        day: The date.
        level: `achieved`, `partly` or `missed`.
    """

    text: str = ""
    kind: Kind = "empty"
    sign: Sign = ""
    number: Exact | None = None
    unit: str = ""
    day: Day | None = None
    level: Level = ""

    def normal(self) -> str:
        """The same, written in one way: `>=1234.5米`, `<=2022-06`; words as they are."""
        if self.number is not None:
            return f"{self.sign}{numbers.plain(self.number)}{self.unit}"
        if self.day is not None:
            parts = (self.day.year, self.day.month, self.day.day)
            words = "".join(f"{part}{name}" for part, name in zip(parts, "年月日", strict=True) if part is not None)
            return f"{self.sign}{words}"
        return self.text


EMPTY = Said()

_SIGNS: dict[str, Sign] = {">=": ">=", "=>": ">=", "<=": "<=", "=<": "<=", ">": ">", "<": "<", "==": "==", "=": "=="}
_SAID: dict[Sign, str] = {
    ">=": "(?:不得?|不能|不应?)(?:低于|少于|小于)|(?:大于|高于)或?等于|至少|最[低少]",
    "<=": "(?:最[高多])?(?:不得?|不能|不应?)(?:超过|高于|大于|多于|超)|(?:小于|低于)或?等于|至多|控制在",
    ">": "大于|高于|超过|多于|超",
    "<": "小于|低于|少于",
    "==": "等于",
}
_FIRST = re.compile("|".join(f"(?P<s{index}>{words})" for index, words in enumerate(_SAID.values())))
_REACHED = re.compile("(?:已|均|全部)?(?:达到|完成|实现|达|为)(?:了)?")
_LAST: dict[str, Sign] = {
    "及以上": ">=", "以上": ">=", "及以下": "<=", "以下": "<=", "以内": "<=", "之内": "<=", "内": "<=",
}  # fmt: skip
"""What stands behind a number, the longer first."""

_NUMBER = re.compile(r"(?P<number>[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)(?P<rest>[^0-9].*)?", re.DOTALL)
_UNIT = re.compile(r"(?:[^\W\d_]|[\u3371-\u33df℃])[^\s\d,;:、，；：。!?！？~<>=%+\-—]{0,15}[23]?|[%‰°][A-Z]?")
_ROUGHLY = re.compile("^[余多来几]|[左右上下余内]$")
_TAIL = re.compile("(?![未不无没约])[\u4e00-\u9fff]{1,6}")
_PERCENT = ("百分比", "百分数", "百分号", "百分率")
_EMPTY = re.compile(r"[-—–―−_/\\|·.…*。、\s]*|[nN]/?[aA]")

_DAY = re.compile(
    r"(?:(?P<year>(?:19|20)[0-9]{2})年)?(?:(?P<month>[0-9]{1,2})月)?(?:份)?(?:(?P<day>[0-9]{1,2})[日号])?"
    r"(?P<part>上旬|中旬|下旬|底|末|年底|年末)?(?P<before>之?前|以前)?(?:全部)?(?:完成|竣工|完工|到位|发放到位)?"
)
_ISO = re.compile(r"(?P<year>(?:19|20)[0-9]{2})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?:(?P=mark)(?P<day>[0-9]{1,2}))?")
_TENTHS = {"上旬": 10, "中旬": 20}

_OF_WHAT = "(?:本?年度|预期|年初|既定|计划|全年)?(?:绩效)?(?:的)?(?:指标|目标|任务|效果|要求)?值?"
_LEVELS: dict[Level, re.Pattern[str]] = {
    "missed": re.compile(f"(?:尚?未|没有?)(?:能)?(?:达成|完成|实现|达到){_OF_WHAT}(?:[,，]?(?:且|并).{{0,12}})?"),
    "partly": re.compile(f"部分(?:达成|完成|实现|达到){_OF_WHAT}(?:[,，]?(?:并|且|具有).{{0,12}})?"),
    "achieved": re.compile(f"(?:均?已|均|全部|已全部|全面)?(?:达成|完成|实现|达到|符合){_OF_WHAT}"),
}

_SAME = str.maketrans(
    {"≧": ">=", "≥": ">=", "⩾": ">=", "≦": "<=", "≤": "<=", "⩽": "<=", "−": "-", "﹣": "-", "\u3000": " "}
    | {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
)
"""Full-width forms and signs in one way. Not NFKC, which makes ① a 1 and ㎡ an m2."""


def bare(text: str) -> str:
    """A text as it is compared: full-width forms and signs in one way, nothing that cannot be seen, no spaces."""
    seen = "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Cc") or char.isspace())
    return "".join(seen.translate(_SAME).split())


def number(text: str) -> Exact | None:
    """A plain number such as a weight or score, `10分` and `86.20%` included; None where it is none.

    A percentage is 0-100; `8.62/10` is no number.
    """
    said = read(text)
    return said.number if said.kind == "number" and not said.sign and said.unit in ("", "%", "分") else None


def is_empty(text: str) -> bool:
    """Whether nothing is said: a blank, or a stroke in its place."""
    return _EMPTY.fullmatch(text.strip()) is not None


def note(text: str) -> str:
    """A reason or remark as typed; `""` where it says that there is none."""
    found = text.strip()
    return "" if is_empty(found) or bare(found).strip("。.") in ("无", "无偏差", "没有", "不涉及", "不适用") else found


def read(text: str, *, unit: str = "", sign: str = "", target: bool = False) -> Said:
    """What a cell says.

    Args:
        text: The text of the cell.
        unit: What the form says of its unit elsewhere, in a column of its own; what stands in the text goes first.
        sign: The same of its sign.
        target: Whether it is a target, where `达到95%` is at least 95 %; of an actual it is 95 %.
    """
    shown = text.strip()
    plain = bare(shown).rstrip("。;；")
    if is_empty(plain):
        return replace(EMPTY, text=shown)
    said = Said(shown, "words")
    if len(plain) <= MAX_TEXT:
        said = _day(said, plain) or _number(said, plain, target) or _words(said, plain)
    if said.kind == "number" and not said.unit:
        said = replace(said, unit=measure(unit))
    if said.kind in ("number", "date") and not said.sign:
        said = replace(said, sign=direction(sign))
    return said


def measure(text: str) -> str:
    """A unit as it is compared: `百分比` is `%`; a stroke, and what is no unit, is none."""
    plain = bare(text)
    return "%" if plain in _PERCENT else plain if _UNIT.fullmatch(plain) else ""


def direction(text: str) -> Sign:
    """A sign that stands alone: `≥`, `＞=`, `不低于`; empty where it is none, such as `定性`."""
    plain = bare(text)
    found = _FIRST.fullmatch(plain)
    return _SIGNS.get(plain) or (_named(found) if found else "")


def _named(found: re.Match[str]) -> Sign:
    return list(_SAID)[int((found.lastgroup or "s0")[1:])]


def _signed(plain: str, target: bool) -> tuple[Sign, str]:
    """The sign that a text begins with, and the rest of it."""
    for length in (2, 1):
        if plain[:length] in _SIGNS and len(plain) > length:
            return _SIGNS[plain[:length]], plain[length:]
    if found := _FIRST.match(plain):
        return _named(found), plain[found.end() :]
    if (found := _REACHED.match(plain)) and plain[found.end() : found.end() + 1].isdigit():
        return ">=" if target else "", plain[found.end() :]
    return "", plain


# -- numbers -----------------------------------------------------------------------------------------------------


def _number(said: Said, plain: str, target: bool) -> Said | None:
    """A number with its sign and unit; None where it is not certain to be one."""
    sign, rest = _signed(plain, target)
    if rest.startswith("百分之"):
        rest = rest.removeprefix("百分之") + "%"
    found = _NUMBER.fullmatch(rest)
    if not found:
        return None
    behind = found["rest"] or ""
    for ending, meant in _LAST.items():
        inner = behind.removesuffix("(含)").removesuffix("含").removesuffix("(")
        if inner.endswith(ending) and (not sign or sign == meant):
            sign, behind = meant, inner.removesuffix(ending).removesuffix("(含)")
            break
    unit = _behind(behind)
    if unit is None:
        return None
    try:
        exact = numbers.parse(found["number"].replace(",", ""))
    except numbers.NumberError:
        return None
    return replace(said, kind="number", sign=sign, number=exact, unit=measure(unit))


def _behind(behind: str) -> str | None:
    """The unit that stands behind a number; None where it is no unit."""
    if not behind:
        return ""
    if behind[0] == "%" and (len(behind) == 1 or _TAIL.fullmatch(behind[1:])):
        return "%"
    return behind if _UNIT.fullmatch(behind) and not _ROUGHLY.search(behind) else None


# -- dates -------------------------------------------------------------------------------------------------------


def _day(said: Said, plain: str) -> Said | None:
    """A date, or a time before one; None where it is none."""
    sign, rest = _signed(plain.removeprefix("截至").removeprefix("截止").removeprefix("于").removeprefix("在"), False)
    if found := _ISO.fullmatch(rest):
        if found["mark"] == "." and not found["day"]:
            return None  # 2022.12 may be a number
        return _dated(said, sign, found, "", "")
    found = _DAY.fullmatch(rest)
    if not found or not (found["year"] or found["month"] or found["part"] in ("年底", "年末")):
        return None
    part, before = found["part"] or "", found["before"] or ""
    return _dated(said, sign, found, part, before)


def _dated(said: Said, sign: Sign, found: re.Match[str], part: str, before: str) -> Said | None:
    """The date of what was found, if there is such a day."""
    year, month, day = (int(text) if text else None for text in found.group("year", "month", "day"))
    if day is not None and (month is None or part):
        return None
    if part in ("年底", "年末") or (month is None and part in ("底", "末")):
        month, day = 12, 31 if before else None
    elif part in _TENTHS and before:
        day = _TENTHS[part]
    if not _exists(year, month, day):
        return None
    if before and sign in ("", "<=", "<"):
        sign = "<=" if day or part else "<"
    return replace(said, kind="date", sign=sign, day=Day(year, month, day))


def _exists(year: int | None, month: int | None, day: int | None) -> bool:
    try:
        date(year or 2000, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return False
    return True


# -- words -------------------------------------------------------------------------------------------------------


def _words(said: Said, plain: str) -> Said:
    """A level, a list of options, or words."""
    for level, pattern in _LEVELS.items():
        if pattern.fullmatch(plain):
            return replace(said, kind="level", level=level)
    return replace(said, kind="options") if targets.problem(plain) == "options" else said
