"""`perfrules batch --engine spark` for real, on this machine: the file that polars writes, to the last byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import run

from .village import csv_of, ruleset

pytest.importorskip("pyspark")


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets that PySpark leaves to the end of the process
@pytest.mark.xdist_group("spark")
def test_spark_writes_the_file_that_polars_writes(tmp_path: Path) -> None:
    given, rules = csv_of(tmp_path / "a.csv", encoding="gb18030"), ruleset(tmp_path)
    for engine, more in (("polars", []), ("spark", ["--master", "local[1]"])):
        ran = run(
            "batch", rules, given, "-o", tmp_path / f"{engine}.csv", "--engine", engine, *more, "--spot-check", "4",
            "--reasons", "--lang", "en",
        )  # fmt: skip
        assert ran.status == 1, ran.err
        assert "4 rows: 2 scored, 2 incomplete" in ran.out
    assert (tmp_path / "spark.csv").read_bytes() == (tmp_path / "polars.csv").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "polars.csv", "spark.csv", "village.toml"}
