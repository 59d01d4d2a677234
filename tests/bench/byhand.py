"""The 26 formulas of `ruleset.toml` as a polars query, written by hand as somebody who knows polars well would.

What a row misses stays missing: a test on a missing value is neither so nor not so, hence the last branch of a case
distinction is tested too. What can only be one of a few numbers, or a sum of halves, is not rounded; all else is, since
a sum of floats is 94.03999999999999 where the table prints 94.04. (Hundredths that are divided by 100 at the end are
hardly quicker, and wrong in the last digit: polars multiplies by 0.01.) A divisor of 0 gives no score.

It is a module of its own because it is the opponent in what perfrules claims about bulk scoring, and has to be read by
whoever doubts the claim.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, TypeAlias

import polars as pl
from polars import UInt8, col, when

Expr: TypeAlias = pl.Expr
Range: TypeAlias = tuple[float, float]

WEIGHTS = {
    "goal_reasonable": 3, "targets_clear": 2, "staffing_control_rate": 5, "three_public_change_rate": 5,
    "priority_share": 5, "budget_completion_rate": 4, "budget_adjustment_rate": 3, "payment_progress_rate": 3,
    "carry_over_rate": 3, "carry_over_change": 3, "operating_control_rate": 4, "three_public_control_rate": 4,
    "procurement_rate": 3, "funds_received_rate": 3, "compliance": 3, "disclosure": 2, "asset_use_rate": 2,
    "issues_fixed_rate": 3, "completion_rate": 6, "on_time_rate": 5, "quality_rate": 5, "priority_closed_rate": 4,
    "unit_cost": 4, "beneficiaries_reached": 6, "response_time": 4, "satisfaction": 6,
}  # fmt: skip
ROWS = {  # the rows of each dimension that has rows
    "goals": ("goal_reasonable", "targets_clear"),
    "allocation": ("staffing_control_rate", "three_public_change_rate", "priority_share"),
    "execution": (
        *("budget_completion_rate", "budget_adjustment_rate", "payment_progress_rate", "carry_over_rate"),
        *("carry_over_change", "operating_control_rate", "three_public_control_rate", "procurement_rate"),
        "funds_received_rate",
    ),
    "management": ("compliance", "disclosure", "asset_use_rate", "issues_fixed_rate"),
    "output": ("completion_rate", "on_time_rate", "quality_rate", "priority_closed_rate", "unit_cost"),
    "effect": ("beneficiaries_reached", "response_time", "satisfaction"),
}
PARTS = {"input": ("goals", "allocation"), "process": ("execution", "management")}
TOP = ("input", "process", "output", "effect")
WHOLE = ("goals", "allocation", "input")  # whole and half points only
GRADES = ((90, "excellent"), (80, "good"), (60, "fair"), (0, "poor"))


@dataclass(frozen=True)
class Care:
    """What the query takes care of.

    Attributes:
        round_all: Round every score and sum, also those that cannot have more places.
        zero: Give no score where a divisor is 0.
        ranges: Take what is outside its fact's range, and so what is not a number, for missing.
    """

    round_all: bool = False
    zero: bool = True
    ranges: Mapping[str, Range] | None = None


REFERENCE = Care()


def score(frame: pl.LazyFrame, care: Care = REFERENCE) -> pl.LazyFrame:
    """The frame with scores, subtotals, total, grade, status and coverage beside what it held."""
    if care.ranges:
        frame = frame.with_columns(when(col(name).is_between(*ends)).then(name) for name, ends in care.ranges.items())
    scores = {**_input(care), **_execution(care), **_management(care), **_output(care), **_effect(care)}
    leaves = {name: total_of(col(f"score.{row}") for row in listed) for name, listed in ROWS.items()}
    branches = {name: total_of(col(f"subtotal.{part}") for part in parts) for name, parts in PARTS.items()}
    total = total_of(col(f"subtotal.{name}") for name in ROWS)
    return (
        frame.with_columns(_rounded(one, not care.round_all).alias(f"score.{name}") for name, one in scores.items())
        .with_columns(*_subtotals(leaves, care), coverage().alias("coverage"))
        .with_columns(*_subtotals(branches, care), _rounded(total).alias("total"))
        .with_columns(
            grade(col("total")).alias("grade"),
            when(col("total").is_null()).then(pl.lit("incomplete")).otherwise(pl.lit("scored")).alias("status"),
        )
    )


def _subtotals(sums: Mapping[str, Expr], care: Care) -> Iterable[Expr]:
    return (_rounded(one, not care.round_all and name in WHOLE).alias(f"subtotal.{name}") for name, one in sums.items())


def _rounded(number: Expr, as_it_is: bool = False) -> Expr:
    return number if as_it_is else number.round(2, mode="half_away_from_zero")


def total_of(terms: Iterable[Expr]) -> Expr:
    """The sum, missing where a term is."""
    return reduce(add, terms)


def coverage() -> Expr:
    """The weight of the rows with a score in percent of all weight, which is 100; small whole numbers are quickest."""
    lost = (
        when(col(f"score.{name}").is_null()).then(pl.lit(weight, UInt8)).otherwise(pl.lit(0, UInt8))
        for name, weight in WEIGHTS.items()
    )
    return (100 - total_of(lost)).cast(pl.Float64)


def grade(total: Expr) -> Expr:
    """The first step of the scale that the total reaches; steps are counted, since choosing among texts is slow."""
    reached = total_of((total >= edge).cast(UInt8) for edge, _ in GRADES[:-1])
    return pl.lit(pl.Series([name for _, name in reversed(GRADES)])).gather(reached)


def _input(care: Care) -> dict[str, Expr]:
    grown = _percent(col("three_public_now") - col("three_public_before"), "three_public_before", care)
    return {
        "goal_reasonable": _points("goal_lawful", "goal_in_duties", "goal_in_plan"),
        "targets_clear": _points("targets_split", "targets_numbered"),
        "staffing_control_rate": _less(5, 0.5, _percent(col("staff_in_post"), "staff_posts", care) - 100),
        "three_public_change_rate": _less(5, 0.5, grown),
        "priority_share": _from(
            _percent(col("priority_spending"), "project_spending", care), (90, 5), (80, 4), (70, 3), (60, 2)
        ),
    }


def _execution(care: Care) -> dict[str, Expr]:
    done = _percent(col("executed"), "full_year_budget", care)
    carried = _ratio(col("carry_over"), "full_year_budget", care)
    spent = _percent(col("three_public_spent"), "three_public_now", care)
    return {
        "budget_completion_rate": _less(4, 2, (100 - done) / 5),
        "budget_adjustment_rate": _adjustment(care),
        "payment_progress_rate": _share(
            3, _ratio(_percent(col("paid_by_september"), "full_year_budget", care), "planned_progress", care), care
        ),
        "carry_over_rate": _share(3, 1 - 5 * carried, care),
        "carry_over_change": _carry_over_change(),
        "operating_control_rate": _share(  # nothing spent: infinity, and so full marks
            4, 100 / _percent(col("operating_actual"), "operating_budget", care), care
        ),
        "three_public_control_rate": _less(4, 1, spent - 100),
        "procurement_rate": _share(3, _ratio(col("procured"), "procurement_budget", care), care),
        "funds_received_rate": _share(3, _ratio(col("funds_received"), "full_year_budget", care), care),
    }


def _adjustment(care: Care) -> Expr:
    value = _percent((col("adjusted") - col("adjusted_excluded")).clip(0), "full_year_budget", care)
    low = when(value == 0).then(3.0).when(value <= 10).then(2.0).when(value <= 20).then(1.0)
    return low.when(value <= 30).then(0.5).when(value > 30).then(0.0)


def _carry_over_change() -> Expr:
    now, before = col("carry_over"), col("carry_over_before")
    return when(now == 0).then(3.0).when(now <= before).then(2.0).when(now > before).then(0.0)


def _management(care: Care) -> dict[str, Expr]:
    content, in_time, found = col("disclosed_content"), col("disclosed_in_time"), col("issues_found")
    fixed = _share(3, col("issues_fixed") / found, care)
    return {
        "compliance": (3.0 - col("violations")).clip(0),
        "disclosure": when(content).then(in_time.cast(UInt8) + 1.0).when(~content).then(0.0),
        "asset_use_rate": _from(_percent(col("assets_in_use"), "assets_total", care), (95, 2), (85, 1.5), (75, 1)),
        "issues_fixed_rate": when(found == 0).then(3.0).when(found != 0).then(fixed),
    }


def _output(care: Care) -> dict[str, Expr]:
    on_time = _percent(col("works_on_time"), "works_planned", care)
    cost = _ratio(col("cost_actual"), "works_done", care)
    to_standard = _percent(col("works_to_standard"), "works_done", care)
    return {
        "completion_rate": _share(6, _ratio(col("works_done"), "works_planned", care), care),
        "on_time_rate": when(on_time < 60).then(0.0).otherwise(_share(5, on_time / 100, care)),
        "quality_rate": _share(5, _ratio(to_standard, "quality_target", care), care),
        "priority_closed_rate": _less(4, 0.5, (100 - _percent(col("priority_closed"), "priority_tasks", care)) / 2),
        "unit_cost": _share(4, _ratio(col("cost_planned"), cost, care), care),
    }


def _effect(care: Care) -> dict[str, Expr]:
    reached = _percent(col("beneficiaries"), "beneficiaries_planned", care)
    is_open, promised = col("hotline_open"), _ratio(col("response_promised"), "response_days", care)
    satisfied = _percent(col("satisfied"), "answers", care)
    return {
        "beneficiaries_reached": when(reached >= 130).then(4.0).otherwise(_share(6, reached / 100, care)),
        "response_time": when(is_open).then(_share(4, promised, care)).when(~is_open).then(0.0),
        "satisfaction": when(col("answers") < 30).then(0.0).otherwise(_from(satisfied, (90, 6), (80, 4.8), (60, 3))),
    }


def _ratio(part: Expr, whole: str | Expr, care: Care) -> Expr:
    """The quotient; missing where the divisor is 0."""
    divisor = col(whole) if isinstance(whole, str) else whole
    return part / (when(divisor != 0).then(divisor) if care.zero else divisor)


def _percent(part: Expr, whole: str, care: Care) -> Expr:
    return _ratio(part * 100, whole, care)


def _points(*truths: str) -> Expr:
    """A point for each."""
    return total_of(col(name).cast(UInt8) for name in truths).cast(pl.Float64)


def _less(weight: int, points: float, steps: Expr) -> Expr:
    """`weight` less so many points for each started step; no steps below 0, no score below 0."""
    return (weight - points * steps.ceil()).clip(0, weight)


def _share(weight: int, ratio: Expr, care: Care) -> Expr:
    """`weight` times the ratio, which counts from 0 to 1."""
    return _rounded(ratio.clip(0, 1) * weight, as_it_is=care.round_all)


def _from(value: Expr, *bands: tuple[int, float]) -> Expr:
    """The points of the first band that starts at or below the value, else 0; missing where the value is."""
    chain: Any = pl
    for edge, points in bands:
        chain = chain.when(value >= edge).then(float(points))
    chosen: Expr = chain.when(value < bands[-1][0]).then(0.0)
    return chosen
