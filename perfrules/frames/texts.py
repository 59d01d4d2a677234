"""Columns of texts, read as cells are: `1,086.51`, `95%`, `是`, `2023/9/1`, an option by its title.

The same reading as `perfrules.evaluation.cells`, said in expressions; what is not meant for a fact's kind is null.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from perfrules.evaluation.cells import NO, YES

_NUMBER = r"\A[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?\z"
_DASHED = r"\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\z"
_SLASHED = r"\A[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}\z"
_NAMED = r"\A[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日\z"


def stripped(text: nw.Expr) -> nw.Expr:
    """Without blanks around it; an empty cell is null."""
    bare = text.str.strip_chars(" ")
    return nw.when(bare != "").then(bare)


def number(text: nw.Expr, *, percent: bool) -> nw.Expr:
    """A number, with or without separators of thousands; of percentages the sign may stand behind it."""
    bare = stripped(text)
    if percent:
        bare = bare.str.replace_all(r"%\z", "")
    return nw.when(bare.str.contains(_NUMBER)).then(bare.str.replace_all(",", "", literal=True)).cast(nw.Float64)


def truth(text: nw.Expr) -> nw.Expr:
    """Yes or no, in the words that cells know."""
    bare = stripped(text)
    no = nw.when(bare.is_in(NO)).then(nw.lit(value=False))
    return nw.when(bare.is_in(YES)).then(nw.lit(value=True)).otherwise(no)


def option(text: nw.Expr, known: Mapping[str, Mapping[str, str]]) -> nw.Expr:
    """The id of an option, given by its id or by a title that only one of them has."""
    bare = stripped(text)
    titles = [title for titles in known.values() for title in {*titles.values()}]
    found = nw.when(bare.is_in(list(known))).then(bare)
    for identifier, own in known.items():
        alone = [title for title in {*own.values()} if titles.count(title) == 1 and title not in known]
        if alone:
            found = nw.when(bare.is_in(alone)).then(nw.lit(identifier)).otherwise(found)
    return found


def day(text: nw.Expr) -> nw.Expr:
    """A date with its year first; null where there is no such day."""
    bare = stripped(text)
    meant = bare.str.contains(_DASHED) | bare.str.contains(_SLASHED) | bare.str.contains(_NAMED)
    even = bare.str.replace_all(r"[/年月]", "-").str.replace_all("日", "", literal=True)
    parts = nw.when(meant).then(even).otherwise(nw.lit("1-1-1")).str.split("-")
    year, month, day_ = (parts.list.get(index).cast(nw.Int64) for index in range(3))
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    short = month.is_in([4, 6, 9, 11])
    last = (
        nw.when(month == 2)
        .then(nw.when(leap).then(nw.lit(29)).otherwise(nw.lit(28)))
        .otherwise(nw.when(short).then(nw.lit(30)).otherwise(nw.lit(31)))
    )
    exists = meant & (year >= 1) & (month >= 1) & (month <= 12) & (day_ >= 1) & (day_ <= last)
    padded = nw.concat_str(
        parts.list.get(0).str.zfill(4), parts.list.get(1).str.zfill(2), parts.list.get(2).str.zfill(2), separator="-"
    )
    return nw.when(exists).then(padded).otherwise(nw.lit(None, dtype=nw.String)).str.to_date("%Y-%m-%d")
