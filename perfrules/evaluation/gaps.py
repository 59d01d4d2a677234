"""What would raise the coverage most: the facts that rows lack, and the weight that each set of them would settle."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import Status


class Gap(NamedTuple):
    """Some facts that are missing together, and the weight of the rows that would be scored with them."""

    facts: tuple[str, ...]
    weight: Fraction


def gaps(evaluation: Evaluation) -> list[Gap]:
    """The sets of missing facts, the ones that settle most weight for each fact first."""
    weights: dict[tuple[str, ...], Fraction] = {}
    for row in evaluation.counted:
        if row.status is Status.MISSING and {reason.kind for reason in row.reasons} == {"missing"}:
            weights[row.missing] = weights.get(row.missing, Fraction(0)) + row.weight
    settled = {
        facts: sum((weight for other, weight in weights.items() if set(other) <= set(facts)), Fraction(0))
        for facts in weights
    }
    ranked = [Gap(facts, weight) for facts, weight in settled.items()]
    return sorted(ranked, key=lambda gap: (-gap.weight / len(gap.facts), -gap.weight, gap.facts))
