"""Time the scores of a million rows: perfrules on frames, queries by hand, and other engines row by row.

    python tests/bench/bulk.py [--rows 1000000] [--rounds 7] [--sample 2000] [--spark] [--sizes 10000 100000 …] [--markdown]

All score the same rows in one process and take turns, so that a machine that slows down slows down all of them; a ratio
is taken inside a round. Growth and memory are measured in processes of their own. It prints figures and asserts no time.
It does stop when a contender's scores differ from the exact ones elsewhere than on an edge (`agreement.py`).
"""

import argparse
import gc
import importlib.metadata
import os
import platform
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import rows
from agreement import Agreement, compare, exact
from contenders import BY_HAND, EQUAL, OURS, ZEN, Contender, Run, contenders, first_complete
from growth import Growth, measure

PACKAGES = (
    *("perfrules", "polars", "narwhals", "numpy", "pyarrow", "pandas", "duckdb", "pyspark", "zen-engine"),
    *("common-expression-language", "OpenFisca-Core"),
)
Cells = Sequence[str]


def main() -> None:
    """Check that all agree, time them in turns, watch growth and memory, print the tables."""
    options = _options()
    field = contenders(options.sample, options.spark)
    present = [one for one in field if not one.absent and (not options.only or options.only in one.name)]
    show = _markdown if options.markdown else _plain
    print("\n".join(machine()), end="\n\n")
    print("".join(f"{one.name}: not installed ({', '.join(one.absent)})\n" for one in field if one.absent))
    agreed = check_agreement(present, options.agree)

    def timed(title: str, some: Sequence[Contender], rounds: int) -> None:
        times = take_turns(some, options.rows, rounds)
        heads = (title, "ms", "ns a row", f"ratio to {BY_HAND}", f"ratio to {ZEN}", "rows on edges that differ")
        show(heads, [_timed(one, times, agreed[one.name], options.rows) for one in some])
        print()

    few = [one for one in present if one.name in {OURS, BY_HAND, EQUAL}]
    if len(few) > 1:
        timed(f"{options.rows:,} rows, these alone", few, 3 * options.rounds)
    timed(f"{options.rows:,} rows", present, options.rounds)
    grown = list(measure(options.sizes, options.runs))
    show(
        ("parquet to parquet", "rows", "s", "ns a row", "MB at most"), [_grown(one) for one in grown if not one.failed]
    )
    print("".join(f"\n{one.name}, {one.rows:,} rows: failed: {one.failed}" for one in grown if one.failed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sample", type=int, default=2_000, help="rows for those that go row by row")
    parser.add_argument("--agree", type=int, default=20_000, help="rows that are compared with the exact scores")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000, 10_000_000])
    parser.add_argument("--runs", type=int, default=3, help="processes for each size, of which the quickest counts")
    parser.add_argument("--spark", action="store_true", help="PySpark on two threads as well")
    parser.add_argument("--only", default="", help="those whose name has this in it")
    parser.add_argument("--markdown", action="store_true", help="tables to paste into a page")
    return parser.parse_args()


def check_agreement(present: Sequence[Contender], count: int) -> dict[str, Agreement]:
    """Compare each with the exact scores; stop with a list of differences that no edge explains."""
    drawn = rows.frame(count)
    expected = exact(drawn)
    agreed = {}
    for one in present:
        if one.sample:
            few = first_complete(drawn, one.sample)
            agreed[one.name] = compare(few, exact(few), one.read(one.prepare(few)()))
        else:
            agreed[one.name] = compare(drawn, expected, one.read(one.prepare(drawn)()))
    wrong = [f"{name}: {sentence}" for name, found in agreed.items() for sentence in found.wrong]
    if wrong:
        raise SystemExit("\n".join(wrong))
    return agreed


def take_turns(present: Sequence[Contender], count: int, rounds: int) -> dict[str, list[float]]:
    """Seconds for so many rows, by contender and round; where only some rows were scored, in proportion."""
    drawn = rows.frame(count)
    calls: dict[str, tuple[Run, float]] = {}
    for one in present:
        few = first_complete(drawn, one.sample) if one.sample else drawn
        calls[one.name] = (one.prepare(few), count / few.height)
    times: dict[str, list[float]] = {name: [] for name in calls}
    order, chance = list(calls), random.Random(0)
    for turn in range(rounds + 1):
        chance.shuffle(order)  # what one leaves in caches and allocators is not always the same one's to find
        for name in order:
            run, scale = calls[name]
            gc.collect()
            taken = _seconds(run) * scale
            if turn:  # the first warms up
                times[name].append(taken)
    return times


def _seconds(run: Run) -> float:
    begun = time.perf_counter()
    result = run()
    taken = time.perf_counter() - begun
    del result
    return taken


def _timed(one: Contender, times: Mapping[str, Sequence[float]], agreed: Agreement, count: int) -> Cells:
    taken = times[one.name]
    name = f"{one.name} ({one.sample} rows, in proportion)" if one.sample else one.name
    return (
        name, f"{median(taken) * 1e3:,.0f}", f"{median(taken) / count * 1e9:,.0f}",
        _ratio(taken, times.get(BY_HAND)), _ratio(taken, times.get(ZEN)), f"{agreed.on_edge} of {agreed.rows}",
    )  # fmt: skip


def _ratio(taken: Sequence[float], reference: Sequence[float] | None) -> str:
    """The median of the ratios of each round, and the least and greatest of them."""
    if not reference:
        return ""
    ratios = [mine / theirs for mine, theirs in zip(taken, reference, strict=True)]
    return f"{_figures(median(ratios))} ({_figures(min(ratios))} to {_figures(max(ratios))})"


def _figures(number: float) -> str:
    """Three of them: `1.05`, `341`, `0.000293`."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}" if number < 0.1 else f"{number:.2f}"


def _grown(one: Growth) -> Cells:
    return (one.name, f"{one.rows:,}", f"{one.seconds:.2f}", f"{one.seconds / one.rows * 1e9:,.0f}", f"{one.peak:,.0f}")


def machine() -> Iterator[str]:
    """The machine and the versions, a line each."""
    yield f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    yield ", ".join(f"{name} {version}" for name in PACKAGES if (version := _version(name)))


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _plain(heads: Cells, lines: Sequence[Cells]) -> None:
    widths = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
    for line in (heads, *lines):
        first, *others = line
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        print("   ".join(cells).rstrip())


def _markdown(heads: Cells, lines: Sequence[Cells]) -> None:
    for line in (heads, ["---", *["---:"] * (len(heads) - 1)], *lines):
        print(f"| {' | '.join(line)} |")


if __name__ == "__main__":
    main()
