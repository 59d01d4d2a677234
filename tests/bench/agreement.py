"""Whether all who are timed give the same scores: each is compared with the exact evaluation of each row.

A score in plain floats may fall on the other side of a rounding tie or of a band's edge: 0.07 * 100 / 1 is more than 7.
Such a difference is counted, and shown beside the times. Any other stops the benchmark. A row is on an edge where the
exact score changes when one of its facts changes by one in a thousand million.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import byhand
import floor
import polars as pl
from peers import HERE

import perfrules

TOLERANCE = 1e-9
NUDGES = (1 - Fraction(1, 10**9), 1 + Fraction(1, 10**9))
SHOWN = 10


@dataclass(frozen=True)
class Agreement:
    """How the scores of one contender compare with the exact ones.

    Attributes:
        rows: The rows that were compared.
        on_edge: Rows where a score differs that lies on an edge or a tie.
        wrong: Every other difference, as a sentence.
    """

    rows: int
    on_edge: int
    wrong: Sequence[str]


def exact(rows: pl.DataFrame) -> pl.DataFrame:
    """The evaluation of each row by `perfrules.evaluate`, as the columns that frames get."""
    ruleset = perfrules.load(HERE / "ruleset.toml")
    return pl.DataFrame(
        [_columns(perfrules.evaluate(ruleset, _given(row))) for row in rows.iter_rows(named=True)],
        infer_schema_length=None,
    )


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _columns(evaluation: perfrules.Evaluation) -> dict[str, Any]:
    total = evaluation.total
    assert total is not None
    return {
        **{f"score.{name}": _float(evaluation[name].score) for name in byhand.WEIGHTS},
        **{f"subtotal.{name}": _float(one.score) for name, one in evaluation.dimensions.items()},
        "total": _float(total.score),
        "grade": total.grade,
        "status": "incomplete" if total.score is None else "scored",
        "coverage": _float(evaluation.coverage),
    }


def _float(number: Any) -> float | None:
    return None if number is None else float(number)


def compare(rows: pl.DataFrame, expected: pl.DataFrame, found: pl.DataFrame) -> Agreement:
    """Compare the columns that both have; a contender may give fewer."""
    names = [name for name in expected.columns if name in found.columns]
    different = pl.DataFrame({name: _different(expected[name], found[name]) for name in names})
    wrong, on_edge = [], 0
    for index in different.select(pl.any_horizontal(names).arg_true()).to_series():
        marked = {name for name in names if different[name][index]}
        edges = {name for name in marked if name.startswith("score.") and _on_edge(rows.row(index, named=True), name)}
        follow = {name for name in marked if not name.startswith("score.")} if edges else set()
        on_edge += bool(edges)
        wrong += [
            f"row {index}: {name} is {found[name][index]}, not {expected[name][index]}"
            for name in sorted(marked - edges - follow)
        ]
    return Agreement(rows.height, on_edge, wrong[:SHOWN])


def _different(expected: pl.Series, found: pl.Series) -> pl.Series:
    if expected.dtype == pl.String:
        return expected.ne_missing(found.cast(pl.String))
    numbers = found.cast(pl.Float64)
    apart = (expected - numbers).abs() > TOLERANCE
    return (
        apart.fill_null(value=False)
        | (expected.is_null() != numbers.is_null())
        | numbers.is_nan().fill_null(value=False)
    )


def _on_edge(row: Mapping[str, Any], column: str) -> bool:
    facts = floor.prepare(_given(row))
    formula = floor.FORMULAS[column.removeprefix("score.")]
    try:
        return len({_cents(formula(nudged)) for nudged in (facts, *_nudged(facts))}) > 1
    except (KeyError, ZeroDivisionError):
        return False


def _cents(score: Fraction | int) -> int:
    return int(score * 100 + Fraction(1, 2))


def _nudged(facts: Mapping[str, Fraction]) -> Iterator[dict[str, Fraction]]:
    for name, value in facts.items():
        for nudge in NUDGES:
            yield {**facts, name: value * nudge}
