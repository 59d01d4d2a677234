"""The 26 formulas of `ruleset.toml` over numpy arrays, by hand; what is missing is NaN, truth values are 1 and 0.

NaN is neither above nor below anything, so the last branch of a case distinction is tested too, and `np.minimum` keeps
it. A score that can only be one of a few numbers is not rounded. It is a module of its own because OpenFisca, whose
formulas are numpy too, runs these functions as they stand.
"""

from collections.abc import Callable, Iterable
from functools import reduce
from operator import add
from typing import Any, Protocol, TypeAlias

import numpy as np
import polars as pl
from byhand import GRADES, PARTS, ROWS, WEIGHTS, WHOLE
from numpy.typing import NDArray

Column: TypeAlias = NDArray[np.float64]


class Facts(Protocol):
    """Whatever gives a fact's column by its name."""

    def __getitem__(self, name: str, /) -> Column: ...


def prepare(frame: pl.DataFrame) -> dict[str, Column]:
    """The facts as floats, NaN where they are missing."""
    return {column.name: column.cast(pl.Float64).fill_null(float("nan")).to_numpy() for column in frame}


def score(facts: Facts) -> dict[str, NDArray[Any]]:
    """Scores, subtotals, total, grade, status and coverage, by the names that perfrules gives their columns."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rows = {name: formula(facts) for name, formula in FORMULAS.items()}
        sums = subtotals(rows)
        total = rounded(total_of(sums[name] for name in ROWS))
        return {
            **{f"score.{name}": column for name, column in rows.items()},
            **{f"subtotal.{name}": column for name, column in sums.items()},
            "total": total,
            "grade": grade(total),
            "status": np.where(np.isnan(total), "incomplete", "scored"),
            "coverage": coverage(rows),
        }


def subtotals(rows: dict[str, Column]) -> dict[str, Column]:
    """Each dimension's sum, rounded where a term is."""
    sums = {name: total_of(rows[row] for row in listed) for name, listed in ROWS.items()}
    sums |= {name: total_of(sums[part] for part in parts) for name, parts in PARTS.items()}
    return {name: column if name in WHOLE else rounded(column) for name, column in sums.items()}


def grade(total: Column) -> NDArray[Any]:
    """The first step of the scale that the total reaches; an empty text where there is none."""
    names = np.array(["", *(name for _, name in reversed(GRADES))])
    steps: NDArray[np.int8] = total_of((total >= edge).astype(np.int8) for edge, _ in GRADES)
    return names[steps]


def coverage(rows: dict[str, Column]) -> Column:
    """The weight of the rows with a score in percent of all weight, which is 100."""
    lost: NDArray[np.int8] = total_of(np.isnan(column) * np.int8(WEIGHTS[name]) for name, column in rows.items())
    return np.float64(100) - lost


def total_of(terms: Iterable[Any]) -> Any:
    """The sum; NaN where a term is."""
    return reduce(add, terms)


def rounded(number: Column) -> Column:
    """Half up to 2 places; no number here is below 0."""
    return np.floor(number * 100 + 0.5) / 100


def ratio(part: Column, whole: Column) -> Column:
    """The quotient; NaN where the divisor is 0."""
    return np.where(whole != 0, part / whole, np.nan)


def percent(part: Column, whole: Column) -> Column:
    """`part` in percent of `whole`."""
    return ratio(part * 100, whole)


def less(weight: int, points: float, steps: Column) -> Column:
    """`weight` less so many points for each started step; no steps below 0, no score below 0."""
    return np.clip(weight - points * np.ceil(steps), 0, weight)


def share(weight: int, part: Column) -> Column:
    """`weight` times a ratio that counts from 0 to 1."""
    return rounded(weight * np.clip(part, 0, 1))


def reached(value: Column, *bands: tuple[int, float]) -> Column:
    """The points of the first band that starts at or below the value, else 0."""
    points = np.where(value < bands[-1][0], 0.0, np.nan)
    for edge, earned in reversed(bands):
        points = np.where(value >= edge, earned, points)
    return points


def budget_adjustment_rate(f: Facts) -> Column:
    value = percent(np.maximum(f["adjusted"] - f["adjusted_excluded"], 0), f["full_year_budget"])
    points = np.where(value > 30, 0.0, np.nan)
    for edge, earned in ((30, 0.5), (20, 1), (10, 2), (0, 3)):
        points = np.where(value <= edge, earned, points)
    return points


def carry_over_change(f: Facts) -> Column:
    now, before = f["carry_over"], f["carry_over_before"]
    return np.where(now == 0, 3, np.where(now <= before, 2, np.where(now > before, 0, np.nan)))


def disclosure(f: Facts) -> Column:
    content = f["disclosed_content"]
    return np.where(content == 1, 1 + f["disclosed_in_time"], content)


def issues_fixed_rate(f: Facts) -> Column:
    return np.where(f["issues_found"] == 0, 3, share(3, f["issues_fixed"] / f["issues_found"]))


def on_time_rate(f: Facts) -> Column:
    value = percent(f["works_on_time"], f["works_planned"])
    return np.where(value < 60, 0, share(5, value / 100))


def beneficiaries_reached(f: Facts) -> Column:
    value = percent(f["beneficiaries"], f["beneficiaries_planned"])
    return np.where(value >= 130, 4, share(6, value / 100))


def response_time(f: Facts) -> Column:
    earned, is_open = share(4, ratio(f["response_promised"], f["response_days"])), f["hotline_open"]
    return np.where(is_open == 1, earned, is_open)


def satisfaction(f: Facts) -> Column:
    points = reached(percent(f["satisfied"], f["answers"]), (90, 6), (80, 4.8), (60, 3))
    return np.where(f["answers"] < 30, 0, points)


FORMULAS: dict[str, Callable[[Facts], Column]] = {
    "goal_reasonable": lambda f: f["goal_lawful"] + f["goal_in_duties"] + f["goal_in_plan"],
    "targets_clear": lambda f: f["targets_split"] + f["targets_numbered"],
    "staffing_control_rate": lambda f: less(5, 0.5, percent(f["staff_in_post"], f["staff_posts"]) - 100),
    "three_public_change_rate": lambda f: less(
        5, 0.5, percent(f["three_public_now"] - f["three_public_before"], f["three_public_before"])
    ),
    "priority_share": lambda f: reached(
        percent(f["priority_spending"], f["project_spending"]), (90, 5), (80, 4), (70, 3), (60, 2)
    ),
    "budget_completion_rate": lambda f: less(4, 2, (100 - percent(f["executed"], f["full_year_budget"])) / 5),
    "budget_adjustment_rate": budget_adjustment_rate,
    "payment_progress_rate": lambda f: share(
        3, ratio(percent(f["paid_by_september"], f["full_year_budget"]), f["planned_progress"])
    ),
    "carry_over_rate": lambda f: share(3, 1 - percent(f["carry_over"], f["full_year_budget"]) / 20),
    "carry_over_change": carry_over_change,
    "operating_control_rate": lambda f: share(4, 100 / percent(f["operating_actual"], f["operating_budget"])),
    "three_public_control_rate": lambda f: less(4, 1, percent(f["three_public_spent"], f["three_public_now"]) - 100),
    "procurement_rate": lambda f: share(3, ratio(f["procured"], f["procurement_budget"])),
    "funds_received_rate": lambda f: share(3, ratio(f["funds_received"], f["full_year_budget"])),
    "compliance": lambda f: np.maximum(3 - f["violations"], 0),
    "disclosure": disclosure,
    "asset_use_rate": lambda f: reached(percent(f["assets_in_use"], f["assets_total"]), (95, 2), (85, 1.5), (75, 1)),
    "issues_fixed_rate": issues_fixed_rate,
    "completion_rate": lambda f: share(6, ratio(f["works_done"], f["works_planned"])),
    "on_time_rate": on_time_rate,
    "quality_rate": lambda f: share(5, ratio(percent(f["works_to_standard"], f["works_done"]), f["quality_target"])),
    "priority_closed_rate": lambda f: less(4, 0.5, (100 - percent(f["priority_closed"], f["priority_tasks"])) / 2),
    "unit_cost": lambda f: share(4, ratio(f["cost_planned"], ratio(f["cost_actual"], f["works_done"]))),
    "beneficiaries_reached": beneficiaries_reached,
    "response_time": response_time,
    "satisfaction": satisfaction,
}
