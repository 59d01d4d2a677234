"""`test --mutate` on the console: how many changes the cases notice, and each that they do not, with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from perfrules import numbers, words
from perfrules.cases.mutated.mutants import EQUIVALENT, NOTICED, REFUSED, UNNOTICED, Mutant, Mutated
from perfrules.rationals import ratio
from perfrules.report.style import Line

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
    share = numbers.shown(numbers.round_half_away(ratio(100 * unnoticed, max(1, noticed + unnoticed)), 1))
    values = {"id": one.id, "noticed": noticed, "unnoticed": unnoticed, "share": share}
    besides = {"equivalent": len(one.of(EQUIVALENT)), "refused": len(one.of(REFUSED))}
    return Group(
        Line(words.say("mutate.count", lang, values), "red" if unnoticed else "green"),
        Padding(Line(words.say("mutate.besides", lang, besides), "dim"), (0, 0, 0, 2), expand=False),
    )


def _listed(tried: Sequence[Mutated], outcome: str, lang: str, *, everything: bool) -> Iterator[RenderableType]:
    found = [list(same) for one in tried for _, same in groupby(one.of(outcome), lambda mutant: mutant[:3])]
    if not found:
        return
    yield from (Line(), Line(words.say(f"mutate.{outcome}", lang), "bold"))
    listed = found if everything else found[:MANY]
    yield from (_changes(mutants, lang) for mutants in listed)
    if len(listed) < len(found):
        yield Line(words.say("mutate.more", lang, {"count": len(found) - len(listed)}), "dim")


def _changes(mutants: Sequence[Mutant], lang: str) -> Text:
    """The changes of one place: what it was and became; of unnoticed ones the line, and facts that would show one."""
    first = mutants[0]
    became = " | ".join(words.safe(mutant.became) for mutant in mutants)
    text = Line(f"{first.where}: ").append(f"{words.safe(first.was)} → {became}", "bold")
    if first.witness is None:
        return text
    for line in first.where.caret().split("\n"):
        text.append("\n" + line)
    facts = ", ".join(f"{key} = {given}" for key, given in first.witness.said.items())
    said = words.say("mutate.witness" if facts else "mutate.own", lang, {"facts": facts})
    return text.append("\n" + said + "\n", "dim")
