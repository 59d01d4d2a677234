"""Rows of the 48 facts of `ruleset.toml`, drawn with a fixed seed: what `bulk.py` scores.

Facts are whole numbers, amounts with 2 places and truth values, in the ranges that the ruleset declares. One row in
twenty lies on an edge of a band or a step, and one in fifty on a rounding tie, for each indicator that has such; one
value in a hundred is missing. It is a module of its own because every contender, in whatever process, draws its rows here.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

SEED = 20240101
MISSING = 0.01
ON_EDGE = 0.05
ON_TIE = 0.02
ROUND_SUM = 12_000  # a multiple of 200 * weight for every weight here, so that ties exist
CHUNK = 1_000_000

Units = NDArray[np.int64]


def frame(rows: int, seed: int = SEED) -> pl.DataFrame:
    """So many rows, the same for the same seed."""
    return pl.concat(chunks(rows, seed), rechunk=True)


def chunks(rows: int, seed: int = SEED) -> Iterator[pl.DataFrame]:
    """The same rows in frames of at most a million, each drawn when it is asked for."""
    for index, start in enumerate(range(0, rows, CHUNK)):
        yield _Draw(min(CHUNK, rows - start), np.random.default_rng((seed, index))).frame()


def write_parquet(rows: int, path: Path) -> None:
    """The same rows in one file; no more than one chunk of them is ever in memory."""
    import pyarrow.parquet as pq

    parts = chunks(rows)
    first = next(parts).to_arrow()
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first, row_group_size=100_000)
        for part in parts:
            writer.write_table(part.to_arrow(), row_group_size=100_000)


class _Draw:
    """One chunk of rows; amounts are drawn as whole hundredths, so that edges are hit exactly."""

    def __init__(self, rows: int, chance: np.random.Generator) -> None:
        self.rows, self.chance = rows, chance
        self.columns: dict[str, pl.Series] = {}

    def frame(self) -> pl.DataFrame:
        self._truths()
        self._budget()
        self._process()
        self._output()
        self._effect()
        return pl.DataFrame({name: self._with_missing(column) for name, column in self.columns.items()})

    def _with_missing(self, column: pl.Series) -> pl.Series:
        missing = pl.Series(self.chance.random(self.rows) < MISSING)
        return pl.select(pl.when(~missing).then(column)).to_series()

    def _truths(self) -> None:
        for name in (
            *("goal_lawful", "goal_in_duties", "goal_in_plan", "targets_split", "targets_numbered"),
            *("disclosed_content", "disclosed_in_time", "hotline_open"),
        ):
            self.columns[name] = pl.Series(self.chance.random(self.rows) < 0.9)

    def _budget(self) -> None:
        posts = self._count("staff_posts", self._whole(1, 10_000))
        self._count("staff_in_post", np.minimum(self._part(posts, 0.85, 1.05, range(100, 111)), 10_000))
        before = self._amount("three_public_before", self._whole(100, 7_000_000))
        now = self._amount("three_public_now", np.maximum(self._part(before, 0.8, 1.04, range(100, 111)), 1))
        self._amount("three_public_spent", self._part(now, 0.7, 1.03, range(100, 105)))
        whole = self._amount("project_spending", self._whole(100, 90_000_000))
        self._amount("priority_spending", self._part(whole, 0.65, 1, (60, 70, 80, 90, 100)))

    def _process(self) -> None:
        budget = self._amount("full_year_budget", self._whole(10_000, 90_000_000))
        self._amount("executed", self._part(budget, 0.92, 1.02, range(85, 101, 5)))
        excluded = self._amount("adjusted_excluded", self._part(budget, 0, 0.1, (0,)))
        self._amount("adjusted", excluded + self._part(budget, 0, 0.25, (0, 10, 20, 30)))
        progress = self._amount("planned_progress", 100 * self.chance.integers(60, 81, self.rows))
        self._amount("paid_by_september", np.minimum(self._part(budget, 0.4, 0.9, (60, 75)), budget * progress // 9000))
        carried = self._amount("carry_over", self._part(budget, 0, 0.12, (0, 20), weight=15))
        self._amount("carry_over_before", self._part(carried, 0.5, 2, (100,)))
        operating = self._amount("operating_budget", self._whole(100, 9_000_000))
        self._amount("operating_actual", self._part(operating, 0.8, 1.1, (0, 100)))
        procurement = self._amount("procurement_budget", self._whole(100, 9_000_000))
        self._amount("procured", self._part(procurement, 0.7, 1.05, (100,), weight=3))
        self._amount("funds_received", self._part(budget, 0.7, 1.05, (100,), weight=3))
        self._count("violations", self.chance.binomial(6, 0.1, self.rows))
        found = self._count("issues_found", self.chance.binomial(12, 0.3, self.rows))
        self._count("issues_fixed", self._part(found, 0.5, 1, (100,)))
        assets = self._amount("assets_total", self._whole(100, 90_000_000))
        self._amount("assets_in_use", self._part(assets, 0.8, 1, (75, 85, 95, 100)))

    def _output(self) -> None:
        planned = self._count("works_planned", self._whole(10, 90_000))
        done = self._count("works_done", np.maximum(self._part(planned, 0.7, 1.1, (100,), weight=6), 1))
        self._count("works_on_time", self._part(planned, 0.5, 1, (60, 100), weight=5))
        target = self._amount("quality_target", 100 * self.chance.integers(80, 101, self.rows))
        self._count("works_to_standard", np.minimum(self._part(done, 0.8, 1, (90, 95, 100)), done * target // 9000))
        tasks = self._count("priority_tasks", self._whole(1, 9_000))
        self._count("priority_closed", self._part(tasks, 0.9, 1, range(84, 101, 2)))
        unit = self._amount("cost_planned", self._whole(100, 100_000) // 10)
        cost = np.rint(np.minimum(unit * done * self.chance.uniform(0.8, 1.3, self.rows), 100_000_000))
        self._amount("cost_actual", np.maximum(cost.astype(np.int64), 1))

    def _effect(self) -> None:
        planned = self._count("beneficiaries_planned", self._whole(100, 7_000_000))
        self._count("beneficiaries", self._part(planned, 0.7, 1.4, (100, 130), weight=6))
        days = self._amount("response_days", self.chance.integers(1, 4, self.rows) * 800)
        self._amount("response_promised", self._part(days, 0.6, 1.2, (50, 75, 100), weight=4))
        answers = self._count("answers", self._whole(20, 100_000))
        self._count("satisfied", self._part(answers, 0.7, 1, (60, 80, 90)))

    def _count(self, name: str, units: Units) -> Units:
        self.columns[name] = pl.Series(units)
        return units

    def _amount(self, name: str, units: Units) -> Units:
        """The nearest float to so many hundredths."""
        self.columns[name] = pl.Series(units / 100)
        return units

    def _whole(self, low: int, high: int) -> Units:
        """From `low` to `high`, of any size alike; half of them round sums where the range has room."""
        drawn = np.rint(np.exp(self.chance.uniform(np.log(low), np.log(high), self.rows))).astype(np.int64)
        for step in (100, ROUND_SUM):
            even = (self.chance.random(self.rows) < 0.5) & (drawn >= step)
            drawn = np.where(even, drawn // step * step, drawn)
        return drawn

    def _part(self, whole: Units, low: float, high: float, edges: Sequence[int], weight: int = 0) -> Units:
        """A share of `whole` from `low` to `high`, or on an edge in percent, or such that `weight` times it is a tie."""
        drawn = np.rint(whole * self.chance.uniform(low, high, self.rows)).astype(np.int64)
        edge = self.chance.choice(np.array(edges), self.rows)
        drawn = np.where(self.chance.random(self.rows) < ON_EDGE, whole * edge // 100, drawn)
        if not weight:
            return drawn
        parts = 200 * weight
        odd = 2 * (self.chance.uniform(low, min(high, 1), self.rows) * parts // 2).astype(np.int64) + 1
        tie = (self.chance.random(self.rows) < ON_TIE) & (whole % parts == 0)
        return np.where(tie, whole // parts * odd, drawn)
