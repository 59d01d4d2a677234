"""Measure single and bulk scoring in one go, and write the tables into docs/benchmarks.md.

    python tests/bench/measure.py [--rounds 7] [--runs 1] [--print]

It runs `single.py`, on one core where the machine has `taskset`, and `bulk.py`, one after the other, and puts what they
print between the marks of the page. What the figures mean is written there by hand, and read again after each run.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "benchmarks.md"


def main() -> None:
    """Run both, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--runs", type=int, default=1, help="processes for each size of the growth table")
    parser.add_argument("--print", action="store_true", help="print the tables, and leave the page as it is")
    options = parser.parse_args()
    one_core = ["taskset", "-c", "1"] if shutil.which("taskset") else []
    rounds = str(options.rounds)
    found = {
        "single": "```text\n"
        + _run([*one_core, sys.executable, str(HERE / "single.py"), "--rounds", rounds])
        + "```\n",
        "bulk": _run(
            [sys.executable, str(HERE / "bulk.py"), "--rounds", rounds, "--runs", str(options.runs), "--markdown"]
        ),
    }
    text = PAGE.read_text(encoding="utf-8")
    for name, table in found.items():
        text = _filled(text, name, table)
    if options.print:
        print("\n".join(found.values()))
    else:
        PAGE.write_text(text, encoding="utf-8")


def _filled(text: str, name: str, table: str) -> str:
    marks = rf"(<!-- measured: {name} -->\n).*?(<!-- end -->\n)"
    return re.sub(marks, lambda match: match[1] + table + match[2], text, flags=re.DOTALL)


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.rstrip("\n") + "\n"


if __name__ == "__main__":
    main()
