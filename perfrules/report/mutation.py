"""`test --mutate` on the console: how many changes the cases notice, and each that they do not, with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding

from perfrules import numbers, words
from perfrules.evaluation.mutants import EQUIVALENT, NOTICED, REFUSED, UNNOTICED, Mutant, Mutated
from perfrules.numbers import Ratio
from perfrules.report.style import Line, plain

MANY = 20
"""Changes that are listed without being asked for all."""


def mutated_view(tried: Sequence[Mutated], lang: str, *, everything: bool) -> RenderableType:
    """One line a ruleset, then the changes that no case notices; with `everything` those without effect as well."""
    parts: list[RenderableType] = [_counts(one, lang) for one in tried]
    parts += _listed(tried, UNNOTICED, lang, everything=everything)
    if everything:
        parts += _listed(tried, EQUIVALENT, lang, everything=True)
    return Group(*parts)


def _counts(one: Mutated, lang: str) -> RenderableType:
    noticed, unnoticed = len(one.of(NOTICED)), len(one.of(UNNOTICED))
    share = numbers.shown(Ratio(100 * unnoticed, max(1, noticed + unnoticed)), 1)
    values = {"id": one.id, "noticed": noticed, "unnoticed": unnoticed, "share": share}
    besides = {"equivalent": len(one.of(EQUIVALENT)), "refused": len(one.of(REFUSED))}
    return Group(
        Line(words.say("mutate.count", lang, values), "red" if unnoticed else "green"),
        Padding(Line(words.say("mutate.besides", lang, besides), "dim"), (0, 0, 0, 2)),
    )


def _listed(tried: Sequence[Mutated], outcome: str, lang: str, *, everything: bool) -> Iterator[RenderableType]:
    found = [mutant for one in tried for mutant in one.of(outcome)]
    if not found:
        return
    yield from (Line(), Line(words.say(f"mutate.{outcome}", lang), "bold"))
    listed = found if everything else found[:MANY]
    for mutant in listed:
        yield Padding(_mutant(mutant, lang), (0, 0, 0, 2))
    if len(listed) < len(found):
        rest = words.say("mutate.more", lang, {"count": len(found) - len(listed)})
        yield Padding(Line(rest, "dim"), (0, 0, 0, 2))


def _mutant(mutant: Mutant, lang: str) -> RenderableType:
    """Place, key, what it was and became; and for one that goes unnoticed the line, and facts that would show it."""
    was, became = words.safe(mutant.was), words.safe(mutant.became)
    head = Line.assemble((f"{mutant.where}: ", "bold"), f"{was} → ", (became, "bold"))
    if mutant.outcome != UNNOTICED:
        return head
    lines: list[RenderableType] = [head, *(plain(line) for line in mutant.where.caret().split("\n"))]
    if mutant.witness is not None:
        said = mutant.witness.said
        facts = ", ".join(f"{key} = {given}" for key, given in said.items())
        lines.append(Line(words.say("mutate.witness" if said else "mutate.own", lang, {"facts": facts}), "dim"))
    return Group(*lines, Line())
