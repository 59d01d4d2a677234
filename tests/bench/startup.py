"""Time whole processes: `import perfrules` and `perfrules evaluate`, beside what pydantic alone takes.

    python tests/bench/startup.py [--rounds 15]

The processes take turns and a ratio is taken inside a round. The limits are what the project aims at; they are
printed beside the figures, and nothing is asserted.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SUBMISSION = "docs/examples/julu-2022/submission.toml"
MODEL = """
from pydantic import BaseModel

class Fact(BaseModel):
    id: str
    value: float

Fact(id="staff_posts", value=95)
"""


class Process(NamedTuple):
    """A command line, and where there is one the command that it is measured against and the limit for the ratio."""

    arguments: Sequence[str]
    against: str = ""
    limit: float = 0


PROCESSES = {
    "python": Process(["-c", "pass"]),
    "import pydantic": Process(["-c", "import pydantic"]),
    "import perfrules": Process(["-c", "import perfrules"], "import pydantic", 1.3),
    "pydantic and a model": Process(["-c", MODEL]),
    "perfrules evaluate": Process(["-m", "perfrules", "evaluate", SUBMISSION], "pydantic and a model", 2.0),
}


def main() -> None:
    """Run every process once to warm the caches, then in turns; print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds

    times: dict[str, list[float]] = {name: [] for name in PROCESSES}
    for process in PROCESSES.values():
        milliseconds(process.arguments)
    for _ in range(rounds):
        for name, process in PROCESSES.items():
            times[name].append(milliseconds(process.arguments))
    print(f"whole processes, {rounds} rounds, in turns; evaluates {SUBMISSION}\n")
    print_table(times)


def milliseconds(arguments: Sequence[str]) -> float:
    """How long a fresh interpreter takes from start to exit; stops if it fails (1 is no failure: facts are missing)."""
    # As installed: with the bytecode that the first round leaves behind.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, env=environment
    )
    taken = (time.perf_counter() - start) * 1000
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise SystemExit(f"python {' '.join(arguments)} exited with {done.returncode}\n{done.stderr}")
    return taken


def print_table(times: Mapping[str, Sequence[float]]) -> None:
    """A line a process: its median, and its ratio round by round beside the limit."""
    print(f"{'':22} {'median ms':>10}   {'ratio':22} {'limit':7} to")
    for name, taken in times.items():
        print(f"{name:22} {median(taken):10.1f}   {comparison(PROCESSES[name], taken, times)}".rstrip())


def comparison(process: Process, taken: Sequence[float], times: Mapping[str, Sequence[float]]) -> str:
    """`1.21 (1.15 to 1.30)   1.3x   import pydantic`, or nothing for a process that is only a yardstick."""
    if not process.against:
        return ""
    ratios = [mine / theirs for mine, theirs in zip(taken, times[process.against], strict=True)]
    middle = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    return f"{middle:22} {process.limit:.1f}x    {process.against}"


if __name__ == "__main__":
    main()
