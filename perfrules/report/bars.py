"""Bars of pages: which part of a weight is earned, which is undecided and which is lost.

The page of an evaluation and that of a portfolio draw the same ones; here is the arithmetic, and no markup.
"""

from __future__ import annotations

from fractions import Fraction

from perfrules import numbers, words
from perfrules.evaluation.results import Result, Status
from perfrules.report.page_model import Bar, Segment


def bar(result: Result, lang: str) -> Bar | None:
    """The parts of a bar: what is sure, what is open and what is out of reach; None where points are no such parts.

    That is so without bounds, and below 0.
    """
    ends = (result.exact, result.exact) if result.exact is not None else result.bounds
    if result.status is Status.NOT_APPLICABLE or ends is None or not result.weight:
        return None
    parts = {"earned": ends[0], "undecided": ends[1] - ends[0], "lost": result.weight - ends[1]}
    if min(parts.values()) < 0:
        return None
    segments, start = [], Fraction(0)
    for kind, part in parts.items():
        if kind == "undecided" and not part:
            continue
        share = part * 100 / result.weight
        label, shown = words.say(f"page.points.{kind}", lang), numbers.shown(part, 2)
        segments.append(Segment(kind, f"{float(start):.3f}", f"{float(share):.3f}", label, shown))
        start += share
    earned, undecided, lost = (numbers.shown(part, 2) for part in parts.values())
    return Bar(tuple(segments), words.say("view.bar", lang, {"earned": earned, "open": undecided, "lost": lost}))


def part_of(count: int, most: int) -> Bar:
    """A count beside the greatest one; the number stands beside it."""
    share = Fraction(count * 100, most or 1)
    return Bar((Segment("earned", "0", f"{float(share):.3f}", "", ""),), "")
