"""The 26 formulas of `ruleset.toml` as plain Python over `Fraction`, by hand: what that arithmetic alone costs.

Nothing is read, checked or recorded here, and the facts are rationals beforehand. It is a module of its own because it
is also the reference that every engine's scores are compared with.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil

Facts = Mapping[str, Fraction]

ZERO, HALF, ONE, TWO = Fraction(0), Fraction(1, 2), Fraction(1), Fraction(2)


def prepare(submission: Mapping[str, bool | int | float]) -> dict[str, Fraction]:
    """The submitted facts as rationals: floats by their shortest decimal text, truth values as 1 and 0."""
    return {name: Fraction(repr(v)) if isinstance(v, float) else Fraction(v) for name, v in submission.items()}


def score(facts: Facts) -> dict[str, Fraction]:
    """Every indicator's score rounded half up to 2 places, and their sum under `total`; none may be negative."""
    cents = {name: _cents(formula(facts)) for name, formula in FORMULAS.items()}
    cents["total"] = sum(cents.values())
    return {name: Fraction(number, 100) for name, number in cents.items()}


def _cents(score: Fraction | int) -> int:
    numerator, denominator = score.numerator, score.denominator
    return (200 * numerator + denominator) // (2 * denominator)


def percent(part: Fraction, whole: Fraction) -> Fraction:
    """`part` in percent of `whole`; a `whole` of 0 raises ZeroDivisionError."""
    return part * 100 / whole


def clamp(number: Fraction) -> Fraction:
    """`number`, but at least 0 and at most 1."""
    return max(ZERO, min(ONE, number))


def deduct(weight: int, points: Fraction, excess: Fraction, step: int) -> Fraction:
    """`weight` less `points` for each started `step` of a positive `excess`, but at least 0."""
    return max(ZERO, weight - points * ceil(max(ZERO, excess) / step))


def reached(value: Fraction, *bands: tuple[int, Fraction | int]) -> Fraction | int:
    """The score of the first band whose lower edge `value` reaches, else 0."""
    for edge, points in bands:
        if value >= edge:
            return points
    return 0


def goal_reasonable(facts: Facts) -> Fraction | int:
    """One point for each of three things that are so."""
    lawful, duties, plan = facts["goal_lawful"], facts["goal_in_duties"], facts["goal_in_plan"]
    return (1 if lawful else 0) + (1 if duties else 0) + (1 if plan else 0)


def targets_clear(facts: Facts) -> Fraction | int:
    """Full when both are so, half when one is."""
    if facts["targets_split"] and facts["targets_numbered"]:
        return 2
    return 1 if facts["targets_split"] or facts["targets_numbered"] else 0


def budget_adjustment_rate(facts: Facts) -> Fraction | int:
    """Bands closed on the right, on the part of the adjustments that counts."""
    value = percent(max(ZERO, facts["adjusted"] - facts["adjusted_excluded"]), facts["full_year_budget"])
    return 3 if value == 0 else 2 if value <= 10 else 1 if value <= 20 else HALF if value <= 30 else 0


def carry_over_change(facts: Facts) -> Fraction | int:
    """Nothing carried over, or no more than last year."""
    return 3 if facts["carry_over"] == 0 else 2 if facts["carry_over"] <= facts["carry_over_before"] else 0


def operating_control_rate(facts: Facts) -> Fraction | int:
    """Full up to 100 %, then in inverse proportion."""
    value = percent(facts["operating_actual"], facts["operating_budget"])
    return 4 if value <= 100 else 4 * clamp(100 / value)


def disclosure(facts: Facts) -> Fraction | int:
    """Full when both are so, 1 when only the content is."""
    if facts["disclosed_content"] and facts["disclosed_in_time"]:
        return 2
    return 1 if facts["disclosed_content"] else 0


def issues_fixed_rate(facts: Facts) -> Fraction | int:
    """Full where nothing was found, else in proportion."""
    return 3 if facts["issues_found"] == 0 else 3 * clamp(facts["issues_fixed"] / facts["issues_found"])


def on_time_rate(facts: Facts) -> Fraction | int:
    """In proportion, with a pass mark of 60 %."""
    value = percent(facts["works_on_time"], facts["works_planned"])
    return 0 if value < 60 else 5 * clamp(value / 100)


def beneficiaries_reached(facts: Facts) -> Fraction | int:
    """In proportion, and two points off from 130 %."""
    value = percent(facts["beneficiaries"], facts["beneficiaries_planned"])
    return 4 if value >= 130 else 6 * clamp(value / 100)


def satisfaction(facts: Facts) -> Fraction | int:
    """Bands on the share of satisfied answers, where there are enough answers."""
    value = percent(facts["satisfied"], facts["answers"])
    return 0 if facts["answers"] < 30 else reached(value, (90, 6), (80, Fraction(24, 5)), (60, 3))


FORMULAS: dict[str, Callable[[Facts], Fraction | int]] = {
    "goal_reasonable": goal_reasonable,
    "targets_clear": targets_clear,
    "staffing_control_rate": lambda f: deduct(5, HALF, percent(f["staff_in_post"], f["staff_posts"]) - 100, 1),
    "three_public_change_rate": lambda f: deduct(
        5, HALF, percent(f["three_public_now"] - f["three_public_before"], f["three_public_before"]), 1
    ),
    "priority_share": lambda f: reached(
        percent(f["priority_spending"], f["project_spending"]), (90, 5), (80, 4), (70, 3), (60, 2)
    ),
    "budget_completion_rate": lambda f: deduct(4, TWO, 100 - percent(f["executed"], f["full_year_budget"]), 5),
    "budget_adjustment_rate": budget_adjustment_rate,
    "payment_progress_rate": lambda f: (
        3 * clamp(percent(f["paid_by_september"], f["full_year_budget"]) / f["planned_progress"])
    ),
    "carry_over_rate": lambda f: 3 * clamp(1 - percent(f["carry_over"], f["full_year_budget"]) / 20),
    "carry_over_change": carry_over_change,
    "operating_control_rate": operating_control_rate,
    "three_public_control_rate": lambda f: deduct(
        4, ONE, percent(f["three_public_spent"], f["three_public_now"]) - 100, 1
    ),
    "procurement_rate": lambda f: 3 * clamp(percent(f["procured"], f["procurement_budget"]) / 100),
    "funds_received_rate": lambda f: 3 * clamp(percent(f["funds_received"], f["full_year_budget"]) / 100),
    "compliance": lambda f: max(ZERO, 3 - f["violations"]),
    "disclosure": disclosure,
    "asset_use_rate": lambda f: reached(
        percent(f["assets_in_use"], f["assets_total"]), (95, 2), (85, Fraction(3, 2)), (75, 1)
    ),
    "issues_fixed_rate": issues_fixed_rate,
    "completion_rate": lambda f: 6 * clamp(percent(f["works_done"], f["works_planned"]) / 100),
    "on_time_rate": on_time_rate,
    "quality_rate": lambda f: 5 * clamp(percent(f["works_to_standard"], f["works_done"]) / f["quality_target"]),
    "priority_closed_rate": lambda f: deduct(4, HALF, 100 - percent(f["priority_closed"], f["priority_tasks"]), 2),
    "unit_cost": lambda f: 4 * clamp(f["cost_planned"] / (f["cost_actual"] / f["works_done"])),
    "beneficiaries_reached": beneficiaries_reached,
    "response_time": lambda f: 4 * clamp(f["response_promised"] / f["response_days"]) if f["hotline_open"] else 0,
    "satisfaction": satisfaction,
}
