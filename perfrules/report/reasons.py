"""Why an indicator has the score that it has, in sentences: formula with values, band taken, what is missing.

The sentences say what the derivation holds and nothing else. What the submitter says of a row stands beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from perfrules import numbers, words
from perfrules.evaluation.derivation import Derivation, FactUse, Part, fact_use
from perfrules.evaluation.results import RowResult
from perfrules.formula.systems.exact import Reason, Unknown
from perfrules.report.outline import Cell, Line, Teller, Words
from perfrules.report.style import value
from perfrules.report.wording import fact_titles, reason_text
from perfrules.ruleset.names import fact_of

MAX_FORMULA = 400
"""Characters of a formula in a sentence; `explain` shows all of it."""


# -- rows with a score --------------------------------------------------------------------------------------------


def scored(teller: Teller, row: RowResult) -> Cell:
    """How the score of a row came about, line by line: value, target, score, what it rests on."""
    how = row.derivation
    lines = [line for part in how.parts for line in _part(teller, row, how, part)]
    lines += _unmet_items(teller, how.facts)
    if standard := teller.title(row.row.indicator.standard):
        lines.append((*_label(teller, "explain.standard"), Words(standard)))
    if legend := _legend(teller, how.facts):
        lines.append((*_label(teller, "explain.facts"), Words(legend)))
    return tuple(lines)


def _label(teller: Teller, key: str) -> Line:
    return teller.label(words.say(key, teller.lang))


def _part(teller: Teller, row: RowResult, how: Derivation, part: Part) -> Iterator[Line]:
    """One line of the program as a line of the report; those that only prepare another have none."""
    if part.of == "value" and part.text.strip() not in (*_names(how), part.name):
        yield (*_named(teller, part), *_equation(teller, part, row.row.unit if part.name == "value" else None))
    elif part.of == "met":
        key = "explain.met" if part.value is True else "explain.not-met"
        yield (*_label(teller, key), _code(part.filled))
    elif part.of == "score":
        yield (*_label(teller, "explain.score"), *_choice(teller, row, part), *_equation(teller, part, None))
    elif part.of == "adjustment":
        yield (*_label(teller, "explain.adjustment"), Words(_source(teller, part)), *_equation(teller, part, None))
    elif part.of == "rounding" and part.name == "score" and (said := _rounded(teller, part)):
        yield (*_label(teller, "explain.rounding"), Words(said))


def _rounded(teller: Teller, part: Part) -> str:
    """What rounding made of a score; empty where it changed nothing."""
    before = part.filled.removeprefix("round(").rpartition(",")[0]
    places = teller.evaluation.ruleset.declaration.rounding.score
    if places is None or not isinstance(part.value, numbers.Exact) or before == numbers.shown(part.value):
        return ""
    return f"{before} → {numbers.plain(part.value, places)}"


def _names(how: Derivation) -> tuple[str, ...]:
    """The names that a derivation already tells of: its facts, and the values worked out before."""
    return (*(use.id for use in how.facts), *(part.name for part in how.parts if part.of == "value"))


def _named(teller: Teller, part: Part) -> Line:
    declared = teller.evaluation.ruleset.declaration.values.get(part.name)
    if part.name in ("value", "measured") or declared is None:
        return _label(teller, "explain.value")
    return teller.label(teller.title(declared.title, part.name))


def _source(teller: Teller, part: Part) -> str:
    name = part.source.partition(".")[2]
    declared = teller.evaluation.ruleset.declaration.adjustments.get(name)
    return (teller.title(declared.title, name) if declared else name) + " "


def _code(text: str) -> Words:
    return Words(words.shorten(" ".join(text.split()), MAX_FORMULA), "code")


def _equation(teller: Teller, part: Part, unit: str | None) -> Line:
    """A formula with the values in it, and what it comes to."""
    shown = value(part.value, unit, teller.lang)
    taken = [choice.result_filled for choice in part.choices if choice.held]
    filled = taken[0] if taken else part.filled
    equals = f" ≈ {shown[1:]}" if shown.startswith("≈") else f" = {shown}"
    return (_code(filled), Words(equals)) if filled and filled != shown else (Words(shown),)


def _choice(teller: Teller, row: RowResult, part: Part) -> Line:
    """Which band or branch was taken, and by which condition."""
    for index, choice in enumerate(part.choices, 1):
        if choice.held:
            band = teller.say("band", index=index) if row.row.bands else ""
            if not choice.condition:
                return (Words(band + teller.say("otherwise")),)
            return (Words(band), _code(choice.condition), Words(" "), *_filled(teller, choice.condition, choice.filled))
    return ()


def _filled(teller: Teller, condition: str, filled: str) -> Line:
    holds = Words(teller.say("holds"))
    return (holds,) if filled == condition else (Words("("), _code(filled), Words(") "), holds)


def _unmet_items(teller: Teller, facts: Iterable[FactUse]) -> Iterator[Line]:
    """Of each checklist, the items that were answered no."""
    for use in facts:
        items = teller.evaluation.ruleset.program.facts[use.id].items
        if not items:
            continue
        unmet = [teller.title(items[name], name) for name, found in use.value.items() if found is False]
        if unmet:
            yield (*teller.label(teller.say("items-unmet")), Words(words.separator(teller.lang).join(unmet)))


def _legend(teller: Teller, facts: Iterable[FactUse]) -> str:
    """The facts that are single values, with their titles, so that the numbers in formulas have names."""
    named = [
        f"{teller.title(use.title, use.id)} {value(use.value, use.unit, teller.lang)}"
        for use in facts
        if not isinstance(use.value, dict | Unknown)
    ]
    return words.say("reason.next", teller.lang).join(named)


# -- rows without a score -----------------------------------------------------------------------------------------


def unscored(teller: Teller, row: RowResult) -> Cell:
    """Why a row has no score: each fact that it lacks with what the submission says of it, and what it can be."""
    order = {about: index for index, about in enumerate(row.missing)}
    ranked = sorted(row.reasons, key=lambda reason: order.get(reason.about, len(order)))
    told = [line for reason in ranked for line in _reason(teller, reason)]
    lines = list(dict.fromkeys(told))
    if row.bounds:
        low, high = (numbers.shown(end) for end in row.bounds)
        lines.append((Words(words.say("explain.can-be", teller.lang, {"low": low, "high": high})),))
    return tuple(lines)


def _reason(teller: Teller, reason: Reason) -> Iterator[Line]:
    name = fact_of(reason.about.partition("[")[0])
    if reason.kind != "missing" or name not in teller.evaluation.ruleset.program.facts:
        yield (Words(reason_text(teller.evaluation, reason, teller.lang)),)
        return
    title = fact_titles(teller.evaluation, [reason.about], teller.lang)[0]
    lacks = words.say("reason.missing", teller.lang, {"about": title})
    yield (Words(lacks + teller.say("colon")), why_missing(teller, fact_use(teller.evaluation, name)))


def why_missing(teller: Teller, use: FactUse) -> Words:
    """What the submission says of a fact that is missing, or does not count; a gap where it says nothing."""
    if use.submitted is not None and not isinstance(use.value, dict):
        shown = value(use.submitted, None, teller.lang)
        return Words(words.say("explain.not-counted", teller.lang, {"submitted": shown}))
    return teller.theirs(use.missing or "", "why-missing")


# -- the submitter's own words of a row ---------------------------------------------------------------------------


def noted(teller: Teller, row: RowResult, *, asked: bool = True) -> Cell:
    """The submitter's reason and improvement of a row; gaps for what is asked for and not given."""
    note: Any = row.note
    owed = bool(row.row.owed) and teller.evaluation.results[str(row.row.owed)] is True
    lines = []
    for key, text in (("reason", note.reason if note else ""), ("improvement", note.improvement if note else "")):
        if text.strip() or asked:
            gap = "owed" if owed and key == "reason" else key
            lines.append((*teller.label(teller.say(f"note.{key}")), teller.theirs(text, gap)))
    return tuple(lines)
