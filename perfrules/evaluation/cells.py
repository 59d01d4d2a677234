"""Facts as people type them into the cells of a table: `1,086.51`, `95%`, `是`, `2023/9/1`, an option by its title.

A fact of several parts takes several cells, each with a name of its own: `checklist.item`, `judgement.level`,
`table[1].column`. They are gathered here into the facts of a submission.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from perfrules import numbers
from perfrules.evaluation.facts import FactReader, Unreadable
from perfrules.ruleset import model
from perfrules.ruleset.names import NUMERIC

Refuse = Callable[[str, str, Unreadable], None]
"""Takes the name of a cell that cannot be read, its text, and why."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|年([0-9]{1,2})月)([0-9]{1,2})(日?)")
YES = ("是", "true", "TRUE", "True", "yes", "1", "√", "有")
NO = ("否", "false", "FALSE", "False", "no", "0", "×", "无")
_PART = re.compile(r"(?P<fact>[^.\[]+)(?:\[(?P<row>[1-9][0-9]{0,4})\])?\.(?P<part>.+)", re.DOTALL)


def read(kind: str, unit: str | None, text: str) -> Any:
    """A cell, read as meant for a kind.

    Raises:
        Unreadable: It is not meant for this kind.
    """
    text = text.strip(" ")
    if kind in NUMERIC:
        return _number(text.removesuffix("%") if unit == "%" or kind in ("percent", "judgement") else text)
    if kind == "truth":
        if text in YES or text in NO:
            return text in YES
        raise Unreadable("unreadable-value.truth")
    if kind == "date":
        return _date(text)
    if kind in ("checklist", "table"):
        raise Unreadable(f"unreadable-value.{kind}")
    return text


def _number(text: str) -> Any:
    if not _NUMBER.fullmatch(text):
        raise Unreadable("unreadable-value.number.not-a-number")
    try:
        return numbers.parse(text.replace(",", ""))
    except numbers.NumberError as error:
        raise Unreadable(f"unreadable-value.{error.reason}") from None


def _date(text: str) -> Any:
    """A date with its year first, as spreadsheets write it; any other text as it is."""
    found = _DATE.fullmatch(text)
    if not found or bool(found[4]) != bool(found[6]):
        return text
    year, *months, day, _ = found.groups()
    try:
        return date(int(year), int(next(filter(None, months))), int(day))
    except ValueError:
        raise Unreadable("unreadable-value.date") from None


def option(known: Mapping[str, Mapping[str, str]], text: str) -> str | None:
    """The id that a text means: an id, or else a title that only one of them has; None where it means none."""
    if text in known:
        return text
    meant = [identifier for identifier, titles in known.items() if text in titles.values()]
    return meant[0] if len(meant) == 1 else None


# -- facts of one cell -------------------------------------------------------------------------------------------


def gathered(
    raw: Mapping[str, Any], readers: Mapping[str, FactReader], refuse: Refuse
) -> tuple[dict[str, Any], dict[str, str]]:
    """The facts of cells as a submission in TOML would say them; and where a name in findings is not that of a cell.

    Args:
        raw: Texts, or tables of texts such as `{"value": "95", "source": "…"}`, by the names of their cells.
        readers: The readers of a ruleset's facts.
        refuse: Is told of every cell that cannot be read, which is then left out.

    Returns:
        The facts by id; what no fact of the ruleset is stays as it is. And the names of cells by what findings say.
    """
    facts: dict[str, Any] = {}
    parts: dict[str, list[tuple[str, int, str, Any]]] = {}
    strangers: set[str] = set()
    for name, said in raw.items():
        reader = readers.get(name)
        found = None if reader else _PART.fullmatch(name)
        if found and found["fact"] in readers and _is_part(readers[found["fact"]].fact.kind, found):
            parts.setdefault(found["fact"], []).append((name, int(found["row"] or 0), found["part"], said))
        elif found and found["row"]:  # of what is no table, one cell says it for all
            if found["fact"] not in strangers:
                facts[name if found["fact"] in readers else found["fact"]] = said
            strangers.add(found["fact"])
        else:
            try:
                facts[name] = _whole(reader, said) if reader else said
            except Unreadable as error:
                refuse(name, _text(said), error)
    aliases: dict[str, str] = {}
    for fact, cells in parts.items():
        joined = _joined(readers[fact], cells, facts.get(fact), refuse, aliases)
        if joined is not None:
            facts[fact] = joined
    return facts, aliases


def _is_part(kind: str, name: re.Match[str]) -> bool:
    if kind == "table":
        return name["row"] is not None
    return name["row"] is None and (kind == "checklist" or (kind == "judgement" and name["part"] == "level"))


def _text(said: Any) -> str:
    return str(said.get("value", "") if isinstance(said, Mapping) else said)


def _whole(reader: FactReader, said: Any) -> Any:
    """What the cells of one fact say: its value read as meant, and what stands beside it."""
    if not isinstance(said, Mapping):
        return _one(reader, reader.fact.unit, said)
    if "value" not in said:
        return said
    beside = {key: text for key, text in said.items() if key != "value"}
    value = _one(reader, said.get("unit") or reader.fact.unit, said["value"])
    return {**beside, **value} if isinstance(value, dict) else {**beside, "value": value}


def _one(reader: FactReader, unit: str | None, text: str) -> Any:
    if reader.fact.kind == "choice":
        return option(reader.fact.choices, text) or text
    if reader.fact.kind == "judgement" and (level := _level(reader, text)):
        return {"level": level}
    return read(reader.fact.kind, unit, text)


def _level(reader: FactReader, text: str) -> str | None:
    return option({identifier: step.title for identifier, step in reader.steps.items()}, text)


# -- facts of several cells --------------------------------------------------------------------------------------


def _joined(
    reader: FactReader,
    cells: list[tuple[str, int, str, Any]],
    whole: Any,
    refuse: Refuse,
    aliases: dict[str, str],
) -> dict[str, Any] | None:
    """A fact of several cells, with what is said beside them; None where they say nothing."""
    read_: list[tuple[int, str, Any]] = []
    beside: dict[str, list[str]] = {}
    for name, row, part, said in cells:
        for key, text in said.items() if isinstance(said, Mapping) else ():
            if key in ("source", "note", "by"):
                beside.setdefault(key, []).append(text)
        if text := _text(said):
            try:
                read_.append((row, *_part(reader, part, text)))
            except Unreadable as error:
                refuse(name, text, error)
    texts = {key: "; ".join(dict.fromkeys(said)) for key, said in beside.items()}
    if not read_:
        return None
    if reader.fact.kind == "judgement":
        return _judged(read_[0][2], whole, texts)
    if isinstance(whole, Mapping):
        texts = {**{key: text for key, text in whole.items() if key in ("source", "note", "by")}, **texts}
    if reader.fact.kind == "checklist":
        return {"value": {item: answer for _, item, answer in read_}, **texts}
    names = {(row, column): name for name, row, column in _columns(reader, cells)}
    return {"value": _rows(reader.id, read_, names, aliases), **texts}


def _part(reader: FactReader, part: str, text: str) -> tuple[str, Any]:
    """The id of an item, level or column, and what its cell says."""
    fact = reader.fact
    if fact.kind == "judgement":
        if (level := _level(reader, text)) is None:
            raise Unreadable("unreadable-value.level", level=text, levels=tuple(reader.steps))
        return part, level
    if fact.kind == "checklist":
        if part not in fact.items:
            raise Unreadable("unreadable-value.item", item=part, items=tuple(fact.items))
        return part, read("truth", None, text)
    column = _column(fact, part)
    if column is None:
        raise Unreadable("unreadable-value.column", column=part, columns=tuple(fact.columns))
    declared = fact.columns[column]
    return column, read(declared.kind, declared.unit, text)


def _column(fact: model.Fact, part: str) -> str | None:
    return option({identifier: column.title for identifier, column in fact.columns.items()}, part)


def _columns(reader: FactReader, cells: list[tuple[str, int, str, Any]]) -> Iterator[tuple[str, int, str]]:
    for name, row, part, _ in cells:
        yield name, row, _column(reader.fact, part) or part


def _judged(level: str, whole: Any, texts: dict[str, str]) -> dict[str, Any]:
    """A level with the rate that stands under the fact's own name, where one does."""
    if whole is None:
        return {"level": level, **texts}
    said = dict(whole) if isinstance(whole, Mapping) else {"value": whole}
    rate = said.pop("value", None)
    said.pop("missing", None)
    said.pop("unit", None)
    return {**texts, **said, "level": level, **({} if rate is None else {"rate": rate})}


def _rows(
    fact: str, cells: list[tuple[int, str, Any]], names: Mapping[tuple[int, str], str], aliases: dict[str, str]
) -> list[dict[str, Any]]:
    """The rows of a table that have a cell, in order; the n-th of them is the n-th row of the fact."""
    rows: dict[int, dict[str, Any]] = {}
    for row, column, value in sorted(cells, key=lambda cell: cell[0]):
        rows.setdefault(row, {})[column] = value
        aliases[f"{fact}[{len(rows)}].{column}"] = names[row, column]
    return list(rows.values())
