"""A portfolio of many projects with a department on top: how long it takes to evaluate, and to draw.

    python tests/bench/portfolio.py [PROJECTS]

Prints seconds and sizes: evaluation of the folder, the page, the workbook, all together; 500 projects unless said.
"""

from __future__ import annotations

import random
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from perfrules.evaluation.portfolio import portfolio
from perfrules.report.portfolio_page import portfolio_page
from perfrules.report.portfolio_workbook import portfolio_workbook

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "department"


def folder_of(count: int, folder: Path) -> Path:
    """The example department, with as many projects as asked for."""
    random.seed(6)
    target = folder / "department"
    shutil.copytree(EXAMPLE, target)
    text = (EXAMPLE / "projects" / "hedong-2022.toml").read_text(encoding="utf-8")
    for path in target.glob("projects/*-2022.toml"):
        path.unlink()
    for number in range(count):
        budget = random.randint(100_000, 90_000_000) / 100
        spent = round(budget * random.uniform(0.4, 1.0), 2)
        said = text.replace("河东片", f"第{number}片").replace("118.36", str(budget)).replace("112.4", str(spent))
        said = said.replace("96.5", str(random.randint(600, 1000) / 10))
        (target / "projects" / f"p{number:04}-2022.toml").write_text(said, encoding="utf-8")
    for name in ("department.toml", "projects/plan.toml"):
        path = target / name
        wide = path.read_text(encoding="utf-8").replace("range = [0.01, 100000]", "range = [0.01, 100000000]")
        path.write_text(wide, encoding="utf-8")
    rules = target / "ruleset.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("100000]", "100000000]"), encoding="utf-8")
    return target


def main(count: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = folder_of(count, Path(scratch))
        began = last = time.perf_counter()
        found = portfolio(folder)
        sizes = {"projects": len(found.projects), "department": found.departments[0].score}
        steps = [("evaluated", "")]
        times = [time.perf_counter() - last]
        for name, draw in (("page", portfolio_page), ("workbook", portfolio_workbook)):
            last = time.perf_counter()
            steps.append((name, f"{len(draw(found, 'zh')):,} bytes"))
            times.append(time.perf_counter() - last)
        print(", ".join(f"{key} {value}" for key, value in sizes.items()))
        for (name, size), seconds in zip(steps, times, strict=True):
            print(f"{name:10} {seconds:7.2f} s  {size}")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{'together':10} {time.perf_counter() - began:7.2f} s  {memory:,.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
