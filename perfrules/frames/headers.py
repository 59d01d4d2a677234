"""Headers of columns as people write them: a title, and behind it its unit, in brackets of any kind or after a sign.

Two spellings of one title are told to be the same: spaces and line breaks, full-width characters, quotation marks and
the star of a required column make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

_BRACKETS = str.maketrans("【〔［｛〈《[{】〕］｝〉》]}", "((((((((" + "))))))))")
_MARKS = re.compile(r"[\s\"'“”‘’「」『』*]+")
_BRACKETED = re.compile(r"(?P<title>.+)\((?:单位:)?(?P<unit>[^()]+)\)", re.DOTALL)
_BEHIND = re.compile(r"(?P<title>.+)[_/,,:-](?:单位:)?(?P<unit>[^_/,:()-]+)", re.DOTALL)


def bare(text: str) -> str:
    """A title without what makes no difference: `“三公经费” 预算数` is `三公经费预算数`."""
    plain = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    return _MARKS.sub("", plain).rstrip(":").casefold()


class Header(NamedTuple):
    """The header of a column.

    Attributes:
        name: The header as it stands.
        whole: All of it, in bare form.
        title: It without the unit, in bare form.
        unit: The unit that stands behind the title; None where none does.
    """

    name: str
    whole: str
    title: str
    unit: str | None

    @classmethod
    def read(cls, name: str, unit_of: Callable[[str], str | None]) -> Header:
        """Tell the title of a header from its unit.

        Args:
            name: The header.
            unit_of: The unit that a text in bare form is: `元` is one, and a remark in brackets is none.
        """
        whole = bare(name)
        for pattern in (_BRACKETED, _BEHIND):
            found = pattern.fullmatch(whole)
            if found and (unit := unit_of(found["unit"])):
                return cls(name, whole, found["title"], unit)
        return cls(name, whole, whole, None)

    def forms(self) -> Iterator[str]:
        """What the header may be the title of: all of it, or without the unit."""
        yield self.whole
        if self.unit is not None:
            yield self.title

    def unit_beside(self, titles: set[str]) -> str | None:
        """The unit that its numbers are in; None where it is a title as it stands, which may end in a unit itself."""
        return None if self.whole in titles else self.unit
