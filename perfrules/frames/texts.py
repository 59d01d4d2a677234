"""Columns of texts, read as cells are: `1,086.51`, `95%`, `是`, `2023/9/1`, an option by its title.

The same reading as `perfrules.evaluation.cells`, said in expressions; what is not meant for a fact's kind is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfrules.evaluation.cells import NO, YES

_NUMBER = r"\A[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?\z"
_DASHED = r"\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\z"
_SLASHED = r"\A[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}\z"
_NAMED = r"\A[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日\z"


class Texts:
    """Reads columns of texts.

    Args:
        api: The module whose expressions are read and made: narwhals, or polars.
    """

    def __init__(self, api: Any) -> None:
        """Take the module."""
        self.api = api

    def stripped(self, text: Any) -> Any:
        """Without blanks around it; an empty cell is null."""
        bare = text.str.strip_chars(" ")
        return self.api.when(bare != "").then(bare)

    def number(self, text: Any, *, percent: bool) -> Any:
        """A number, with or without separators of thousands; of percentages the sign may stand behind it."""
        bare = self.stripped(text)
        if percent:
            bare = bare.str.replace_all(r"%\z", "")
        return (
            self.api.when(bare.str.contains(_NUMBER))
            .then(bare.str.replace_all(",", "", literal=True))
            .cast(self.api.Float64)
        )

    def truth(self, text: Any) -> Any:
        """Yes or no, in the words that cells know."""
        bare = self.stripped(text)
        no = self.api.when(bare.is_in(NO)).then(self.api.lit(value=False))
        return self.api.when(bare.is_in(YES)).then(self.api.lit(value=True)).otherwise(no)

    def option(self, text: Any, known: Mapping[str, Mapping[str, str]]) -> Any:
        """The id of an option, given by its id or by a title that only one of them has."""
        bare = self.stripped(text)
        titles = [title for titles in known.values() for title in {*titles.values()}]
        found = self.api.when(bare.is_in(list(known))).then(bare)
        for identifier, own in known.items():
            alone = [title for title in {*own.values()} if titles.count(title) == 1 and title not in known]
            if alone:
                found = self.api.when(bare.is_in(alone)).then(self.api.lit(identifier)).otherwise(found)
        return found

    def day(self, text: Any) -> Any:
        """A date with its year first; null where there is no such day."""
        bare = self.stripped(text)
        meant = bare.str.contains(_DASHED) | bare.str.contains(_SLASHED) | bare.str.contains(_NAMED)
        even = bare.str.replace_all(r"[/年月]", "-").str.replace_all("日", "", literal=True)
        parts = self.api.when(meant).then(even).otherwise(self.api.lit("1-1-1")).str.split("-")
        year, month, day_ = (parts.list.get(index).cast(self.api.Int64) for index in range(3))
        leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
        short = month.is_in([4, 6, 9, 11])
        last = (
            self.api.when(month == 2)
            .then(self.api.when(leap).then(self.api.lit(29)).otherwise(self.api.lit(28)))
            .otherwise(self.api.when(short).then(self.api.lit(30)).otherwise(self.api.lit(31)))
        )
        exists = meant & (year >= 1) & (month >= 1) & (month <= 12) & (day_ >= 1) & (day_ <= last)
        padded = self.api.concat_str(
            parts.list.get(0).str.zfill(4),
            parts.list.get(1).str.zfill(2),
            parts.list.get(2).str.zfill(2),
            separator="-",
        )
        return (
            self.api.when(exists)
            .then(padded)
            .otherwise(self.api.lit(None, dtype=self.api.String))
            .str.to_date("%Y-%m-%d")
        )
