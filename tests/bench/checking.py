"""Time what an author waits for: loading a ruleset of 200 indicators, and checking it whole.

    python tests/bench/checking.py [--rounds 7] [--indicators 200]

The ruleset is made for the occasion: rates with deductions, band tables on one value and on two facts, proportional rows
with targets, rows that may not apply; every score is provable. The limits are what the project aims at; they are printed
beside the figures, and nothing is asserted.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from perfrules.ruleset.library import check, load
from perfrules.ruleset.proofs import Prover

HEAD = """\
format = 1
[ruleset]
id = "test/large"
title = "a large ruleset"
authority = "made for the benchmark"
[methods.proportional]
title = "in proportion"
score = "weight if met else weight * clamp(target / value if lower_is_better else value / target, 0, 1)"
"""
ROWS = (
    'score = "max(0, weight - 0.5 * started(value - 100, 1))"',
    'bands = [{ to = 60, score = 0 }, { above = 60, to = 80, score = "weight / 2" }, { above = 80, score = "weight" }]',
    'method = "proportional"\ntarget = ">= 90"',
    'score = "weight if a{i} <= b{i} else max(0, weight - (a{i} - b{i}) / b{i} * weight)"',
    'method = "proportional"\ntarget = "<= 90"\napplies = "a{i} > 0"',
    'bands = [{{ when = "a{i} == 0", score = "weight" }}, {{ when = "a{i} <= b{i}", score = 0.1 }}, {{ score = 0 }}]',
)
LIMITS = {"load": 0.3, "check": 2.0}


def large(indicators: int) -> str:
    """A ruleset of so many indicators, in dimensions of ten."""
    lines = [HEAD]
    for index in range(indicators):
        if index % 10 == 0:
            lines.append(f'[dimensions.d{index // 10}]\ntitle = "dimension {index // 10}"')
        for name, low in (("a", 0), ("b", 1)):
            lines.append(
                f'[facts.{name}{index}]\ntitle = "{name} {index}"\nkind = "amount"\nrange = [{low}, 100000000]'
            )
        row = ROWS[index % len(ROWS)]
        row = row.format(i=index) if "{i}" in row else row.replace("{{", "{").replace("}}", "}")
        lines.append(
            f'[indicators.i{index}]\ntitle = "indicator {index}"\ndimension = "d{index // 10}"\nweight = 0.5\n'
            f'unit = "%"\nvalue = "percent(a{index}, b{index})"\n{row}'
        )
    return "\n".join(lines) + "\n"


def timed(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Load and check in turns; print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--indicators", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ruleset.toml"
        path.write_text(large(arguments.indicators), encoding="utf-8")
        loaded = load(path)
        times: dict[str, list[float]] = {"load": [], "check": []}
        for _ in range(arguments.rounds):
            times["load"].append(timed(lambda: load(path)))
            times["check"].append(timed(lambda: check(path)))
        answers = [proof.answer for proof in Prover(loaded.program).rows()]
    print(f"{arguments.indicators} indicators, {answers.count('proved')} proved; seconds, {arguments.rounds} rounds")
    for name, figures in times.items():
        print(
            f"{name:8} median {median(figures):.3f}  least {min(figures):.3f}  most {max(figures):.3f}  aim {LIMITS[name]}"
        )


if __name__ == "__main__":
    main()
