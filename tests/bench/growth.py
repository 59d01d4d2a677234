"""How time and memory grow with rows: each run a process of its own, so that its peak is its own.

    python tests/bench/growth.py "perfrules, polars lazy" INPUT OUTPUT

as a program scores one parquet file into another, streaming; `bulk.py` starts it for files of several sizes, and
`perfrules batch` on the same files. The peak is the most memory that the process held, which includes the interpreter and
what it imported; a small process starts it and asks the system, since a child that a large one starts begins with that
one's peak.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import byhand
import polars as pl
import rows
from peers import HERE

COMMANDS = ("perfrules, polars lazy", "polars by hand", "perfrules batch")
WATCH = """
import json, resource, subprocess, sys, time
begun = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
print(json.dumps({
    "status": done.returncode, "seconds": time.perf_counter() - begun, "out": done.stdout, "err": done.stderr[-2000:],
    "peak": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
}))
"""


@dataclass(frozen=True)
class Growth:
    """One process on one file.

    Attributes:
        name: Who scored.
        rows: How many rows.
        seconds: Of the whole process, for `batch`; else of scoring alone, the file read and written.
        peak: Megabytes at most.
        failed: The last line that it said, where it failed.
    """

    name: str
    rows: int
    seconds: float
    peak: float
    failed: str = ""


def measure(sizes: list[int], runs: int) -> Iterator[Growth]:
    """Every size in turn, all on the same file; each `runs` times, of which the quickest and its peak count."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in sizes:
            source = folder / "facts.parquet"
            rows.write_parquet(size, source)
            for who in COMMANDS:
                yield min(
                    (_one(who, size, source, folder / "scores.parquet") for _ in range(runs)),
                    key=lambda one: (bool(one.failed), one.seconds),
                )


def _one(who: str, size: int, source: Path, target: Path) -> Growth:
    if who == "perfrules batch":
        command = ["-m", "perfrules", "batch", str(HERE / "ruleset.toml"), str(source), "-o", str(target)]
    else:
        command = [str(HERE / "growth.py"), who, str(source), str(target)]
    target.unlink(missing_ok=True)
    said = subprocess.run(
        [sys.executable, "-c", WATCH, sys.executable, *command], stdout=subprocess.PIPE, check=True, text=True
    )
    found = json.loads(said.stdout)
    peak = found["peak"] / (1 if sys.platform == "darwin" else 1024) / (1024 if sys.platform == "darwin" else 1)
    if not target.exists():
        return Growth(who, size, 0, peak, (found["err"].strip() or "no output").splitlines()[-1])
    seconds = found["seconds"] if who == "perfrules batch" else float(found["out"])
    return Growth(who, size, seconds, peak)


def main() -> None:
    """Score one file into another and print the seconds that took."""
    who, source, target = sys.argv[1:]
    begun = time.perf_counter()
    _scored(who, pl.scan_parquet(source)).sink_parquet(target)
    print(time.perf_counter() - begun)


def _scored(who: str, frame: pl.LazyFrame) -> pl.LazyFrame:
    if who == "polars by hand":
        return byhand.score(frame)
    from perfrules.frames.scoring import score_frame

    scored: pl.LazyFrame = score_frame(HERE / "ruleset.toml", frame)
    return scored


if __name__ == "__main__":
    main()
