"""What a million scores come to: counts, grades, a histogram of totals, and where the points are lost.

Every figure is a sum, so that the sums of parts of a table add up to those of the whole; they are asked of a frame in
one query, whichever engine holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from perfrules import numbers
from perfrules.ruleset.loaded import Ruleset

BINS = 10
"""Parts of the weight that totals are counted in."""


class Lost(NamedTuple):
    """What an indicator loses: mean points among the rows scored there, and how many rows have no score."""

    id: str
    title: Mapping[str, str]
    weight: Fraction
    mean: float | None
    unscored: int


@dataclass
class Summary:
    """The sums over the rows that were scored so far.

    Attributes:
        ruleset: What they were scored by.
        sums: `rows`, `scored`, `inexact`, `grade.x`, `bin.0` to `bin.9`, and of each indicator `sum.x` and `count.x`.
    """

    ruleset: Ruleset
    sums: dict[str, float] = field(default_factory=dict)

    def add(self, frame: Any) -> None:
        """Count the rows of a frame that has the appended columns: polars, pyarrow, DuckDB or Spark."""
        for name, value in sums(self.ruleset, frame).items():
            self.sums[name] = self.sums.get(name, 0) + (value or 0)

    def _count(self, name: str) -> int:
        return int(self.sums.get(name, 0))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self._count("rows")

    @property
    def scored(self) -> int:
        """How many of them have every score."""
        return self._count("scored")

    @property
    def incomplete(self) -> int:
        """How many lack a score, and so the total."""
        return self.rows - self.scored

    @property
    def inexact(self) -> int:
        """How many hold a decision that floats are too coarse for."""
        return self._count("inexact")

    @property
    def grades(self) -> dict[str, int]:
        """How many rows have each grade, from the top; empty where there are no grades."""
        return {step.id: self._count(f"grade.{step.id}") for step in _steps(self.ruleset)}

    @property
    def histogram(self) -> list[tuple[Fraction, Fraction, int]]:
        """How many totals lie in each tenth of the weight; those beyond its ends count into the first and last."""
        total = self.ruleset.program.total
        if total is None or not total.weight:
            return []
        width = numbers.to_fraction(total.weight) / BINS
        return [(width * index, width * (index + 1), self._count(f"bin.{index}")) for index in range(BINS)]

    @property
    def lost(self) -> list[Lost]:
        """The indicators, those first that lose most points where they are scored."""
        found = []
        for identifier, row in self.ruleset.program.rows.items():
            count = self._count(f"count.{identifier}")
            mean = float(numbers.to_fraction(row.weight)) - self.sums[f"sum.{identifier}"] / count if count else None
            weight = numbers.to_fraction(row.weight)
            found.append(Lost(identifier, row.indicator.title, weight, mean, self.rows - count))
        return sorted(found, key=lambda one: -(one.mean or 0))


def _steps(ruleset: Ruleset) -> list[Any]:
    scale = ruleset.declaration.scales.get(ruleset.declaration.total.scale or "")
    total = ruleset.program.total
    return scale.steps if scale and total and total.grade else []


def sums(ruleset: Ruleset, frame: Any) -> dict[str, float]:
    """The sums over one frame, in one query."""
    import narwhals as nw

    native = nw.from_native(frame)
    asked = list(_asked(ruleset, nw).items())
    found = native.select(*(expression.alias(f"c{index}") for index, (_, expression) in enumerate(asked)))
    row = (found.collect() if isinstance(found, nw.LazyFrame) else found).row(0)
    return {name: value or 0 for (name, _), value in zip(asked, row, strict=True)}


def _asked(ruleset: Ruleset, nw: Any) -> dict[str, Any]:
    program = ruleset.program

    def counted(test: Any) -> Any:
        return nw.when(test).then(nw.lit(1)).otherwise(nw.lit(0)).sum()

    asked = {
        "rows": nw.len(),
        "scored": counted(nw.col("status") == "scored"),
        "inexact": counted(~nw.col("exact")),
    }
    for step in _steps(ruleset):
        asked[f"grade.{step.id}"] = counted(nw.col("grade") == step.id)
    if program.total and program.total.weight:
        width = float(numbers.to_fraction(program.total.weight)) / BINS
        for index in range(BINS):
            test = ~nw.col("total").is_null()
            if index:
                test &= nw.col("total") >= width * index
            if index < BINS - 1:
                test &= nw.col("total") < width * (index + 1)
            asked[f"bin.{index}"] = counted(test)
    for identifier in program.rows:
        asked[f"sum.{identifier}"] = nw.col(f"score.{identifier}").sum()
        asked[f"count.{identifier}"] = nw.col(f"score.{identifier}").count()
    return asked
