"""A submission written down again: as data in the shape of the file, and as TOML.

What was read from a dict, a table of cells or a JSON file, and perhaps added to since, says the same in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from perfrules import numbers
from perfrules.errors import Finding, SubmissionError
from perfrules.evaluation.submission import HEADER, Claim, Submission
from perfrules.numbers import NumberError
from perfrules.rationals import Ratio


def shape(submission: Submission) -> dict[str, Any]:
    """What a submission says, in the shape of its file; empty tables are left out."""
    header = {key: getattr(submission, key) for key in HEADER}
    tables = {
        "submission": {key: list(said) if key == "overlays" else said for key, said in header.items() if said},
        "facts": dict(submission.raw),
        "claims": _claims(submission.claims),
        "notes": {name: {key: text for key, text in note._asdict().items() if text}
                  for name, note in submission.notes.items()},
        "narrative": dict(submission.narrative),
    }  # fmt: skip
    return {name: table for name, table in tables.items() if table}


def _claims(claims: tuple[Claim, ...]) -> dict[str, Any]:
    """The table of claims, each number with the decimals that it was written with."""
    table: dict[str, Any] = {}
    for claim in claims:
        section, dot, name = claim.about.partition(".")
        said: Any = claim.claimed
        if not isinstance(said, str):
            known = numbers.decimal_places(said)
            said = said if known is None else numbers.to_decimal(said, max(known, claim.places))
        if dot:
            table.setdefault(section, {})[name] = said
        else:
            table[section] = said
    return table


def toml(submission: Submission) -> str:
    """A submission as TOML, which reads as the same.

    Raises:
        SubmissionError: A fact is a fraction that no decimal says.
    """
    import tomli_w

    return tomli_w.dumps({"format": 1, **_plain(shape(submission), "")})


def _plain(value: Any, about: str) -> Any:
    """A value as TOML has it: numbers as they were written, or as decimals."""
    if isinstance(value, Mapping):
        return {key: _plain(item, f"{about}.{key}" if about else key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, about) for item in value]
    if isinstance(value, bool | date):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        return Decimal(repr(float(value)))
    if isinstance(value, Fraction | Ratio):
        return _decimal(value, about)
    whole = isinstance(value, int) or value.as_tuple().exponent == 0
    return int(value) if whole else value


def _decimal(value: Fraction | Ratio, about: str) -> Any:
    """A fraction as a decimal that reads as the same number.

    Raises:
        SubmissionError: There is none.
    """
    places = numbers.decimal_places(value)
    if places is not None:
        found = numbers.to_decimal(value, places)
        try:
            numbers.from_decimal(found)
        except NumberError:
            pass
        else:
            return found if places else int(found)
    values = {"value": numbers.plain(value)}
    raise SubmissionError([Finding("cannot-write", about=about, key="cannot-write.fraction", values=values)])
