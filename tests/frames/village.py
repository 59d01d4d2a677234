"""A small ruleset for tables of submissions, and tables for it, as people would export them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import perfrules
from perfrules.ruleset.library import Ruleset

TEXT = """
format = 1

[ruleset]
id = "village"

[units]
"万元" = "10000 元"

[scales.grade]
steps = [ { id = "good", title = "良", from = 80 }, { id = "poor", title = "差", from = 0 } ]

[levels.three]
steps = [ { id = "high", title = "高", from = 60, to = 100 }, { id = "low", title = "低", from = 0, below = 60 } ]

[facts.budget]
title = { zh = "全年预算数", en = "Budget" }
kind = "amount"
unit = "万元"

[facts.spent]
title = { zh = "执行数（万元）", en = "Spent" }
kind = "amount"
unit = "万元"

[facts.points]
title = "制度要点"
kind = "checklist"
items = { written = "已制定", followed = "已执行" }

[facts.effect]
title = "社会效益"
kind = "judgement"
levels = "three"

[facts.claimed]
title = "自评得分"
kind = "number"

[dimensions.results]
title = "结果"

[indicators.execution]
dimension = "results"
title = "执行率"
weight = 50
value = "percent(spent, budget)"
unit = "%"
score = "weight * clamp(value, 0, 100) / 100"

[indicators.rules]
dimension = "results"
title = "制度"
weight = 20
value = "share(points)"
unit = "%"
score = "weight * value / 100"

[indicators.effect]
dimension = "results"
title = "效益"
weight = 30
value = "effect"
score = "weight * value / 100"

[total]
scale = "grade"

[checks.claimed]
equal = ["claimed", "spent"]
"""

NAMES = ("budget", "spent", "points.written", "points.followed", "effect")
HEADER = ("单位", "全年预算数（元）", "执行数(万元)", "已制定", "已执行", "社会效益")
ROWS = (
    ("甲村", "1,086,000.00", "108.6", "是", "是", "95%"),
    ("乙村", "500,000", "25", "是", "否", "80%"),
    ("丙村", "0", "25", "是", "否", "80%"),
    ("丁村", "500,000", "", "是", "否", "待定"),
)
TOTALS = ("98.50", "59.00", None, None)
"""What the rows come to."""


@cache
def rules(folder: Path) -> Ruleset:
    """The ruleset, loaded."""
    return perfrules.load(ruleset(folder))


def ruleset(folder: Path) -> Path:
    """The file of the ruleset."""
    path = folder / "village.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def csv_of(
    path: Path,
    rows: Iterable[Sequence[object]] = ROWS,
    header: Sequence[str] = HEADER,
    encoding: str = "utf-8",
    separator: str = ",",
) -> Path:
    """A CSV file of rows."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows([header, *rows])
    return path


def parquet_of(path: Path, rows: int = 4, **more: Sequence[Any]) -> Path:
    """A Parquet file of rows that are as good as each other, but for the columns that are given."""
    import pyarrow as pa
    from pyarrow import parquet

    columns: dict[str, Any] = {
        "id": list(range(1, rows + 1)), "budget": [100.0] * rows, "spent": [90.0] * rows,
        "points.written": [True] * rows, "points.followed": [False] * rows, "effect": [70] * rows,
    }  # fmt: skip
    parquet.write_table(pa.table({**columns, **more}), path)
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file that was written."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
