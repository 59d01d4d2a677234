"""Time one evaluation of 26 indicators: perfrules, other rules engines, and plain Python over `Fraction`.

    python tests/bench/single.py [--rounds 15] [--calls 200]

All engines run in one process and take turns, so that a machine that slows down slows down all of them; a ratio is
taken inside a round. It prints figures and asserts no time. It does stop when the engines disagree on a score.
"""

import argparse
import gc
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from statistics import median

import floor
from peers import HERE, Run, Scores, Submission, load_submission, peers

import perfrules

TOLERANCE = 1e-9
FLOOR = "floor: plain Fraction"
REFERENCES = ("zen, decision", "zen, engine", FLOOR)


def main() -> None:
    """Check that all agree, time them in turns, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--calls", type=int, default=200, help="calls of each engine in a round")
    options = parser.parse_args()

    submission = load_submission()
    engines, everything = contenders(submission)
    check_agreement(everything, floor.score(floor.prepare(submission)))
    times = take_turns(engines, options.rounds, options.calls)
    print(f"26 indicators, {len(submission)} facts; {options.rounds} rounds of {options.calls} calls, in turns\n")
    print_table(times)


def contenders(submission: Submission) -> tuple[dict[str, Callable[[], object]], dict[str, Run]]:
    """What is timed, and the part of it that returns every score and so can be compared."""
    ruleset = perfrules.load(HERE / "ruleset.toml")
    facts = dict(submission)
    fractions = floor.prepare(submission)

    def every_row() -> Scores:
        evaluation = perfrules.evaluate(ruleset, facts)
        scores = {name: evaluation[name].score for name in floor.FORMULAS}
        scores["total"] = total_of(evaluation)
        return scores

    def total_of(evaluation: perfrules.Evaluation) -> Decimal | None:
        return evaluation.total.score if evaluation.total else None

    def total_only() -> object:
        return total_of(perfrules.evaluate(ruleset, facts))

    everything: dict[str, Run] = {
        "perfrules, every row": every_row,
        **peers(submission),
        FLOOR: lambda: floor.score(fractions),
    }
    return {"perfrules, total only": total_only, **everything}, everything


def check_agreement(engines: Mapping[str, Run], expected: Mapping[str, Fraction]) -> None:
    """Stop with a list of differences unless every engine gives the expected 26 scores and total."""
    differences = [
        f"{engine}: {name} is {scores.get(name)}, not {float(value)}"
        for engine, scores in ((engine, run()) for engine, run in engines.items())
        for name, value in expected.items()
        if not _same(scores.get(name), value)
    ]
    if differences:
        raise SystemExit("\n".join(differences))


def _same(score: object, expected: Fraction) -> bool:
    """Floats may differ from the exact score by `TOLERANCE`; decimals and fractions may not differ at all."""
    if isinstance(score, float):
        return abs(score - float(expected)) <= TOLERANCE
    return score == expected


def take_turns(engines: Mapping[str, Callable[[], object]], rounds: int, calls: int) -> dict[str, list[float]]:
    """Microseconds a call, by engine and round; the garbage collector stays on, as it does for a caller."""
    times: dict[str, list[float]] = {name: [] for name in engines}
    for run in engines.values():
        _microseconds(run, calls)
    for _ in range(rounds):
        for name, run in engines.items():
            gc.collect()
            times[name].append(_microseconds(run, calls))
    return times


def _microseconds(run: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls * 1e6


def print_table(times: Mapping[str, Sequence[float]]) -> None:
    """A line an engine: its median, and its ratio to ZEN and to the floor round by round (median, and from least to most)."""
    heads = "".join(f"   {'ratio to ' + name:32}" for name in REFERENCES)
    print(f"{'':24} {'median µs':>10}{heads}".rstrip())
    for name, taken in times.items():
        cells = "".join(f"   {ratio(taken, times[reference]):32}" for reference in REFERENCES)
        print(f"{name:24} {median(taken):10.1f}{cells}".rstrip())


def ratio(taken: Sequence[float], reference: Sequence[float]) -> str:
    """`1.02 (0.98 to 1.07)`: the median of the ratios of each round, and the least and greatest of them."""
    ratios = [mine / theirs for mine, theirs in zip(taken, reference, strict=True)]
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    main()
