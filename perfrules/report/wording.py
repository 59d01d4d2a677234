"""Words for the parts of an evaluation, as plain texts: the console, the page and the derivations say the same ones.

Texts of rulesets and submissions in them are foreign: who draws them makes them safe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from perfrules import numbers, words
from perfrules.evaluation.claims import ClaimResult
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import BranchResult, CheckResult, Result, RowResult, Status
from perfrules.formula.systems.exact import Reason
from perfrules.report.style import value
from perfrules.ruleset.names import fact_of

_CELL = re.compile(r"([^\[]+)\[([0-9]{1,6})\]\.(.+)")

# -- scores and grades -------------------------------------------------------------------------------------------


def between(result: Result, lang: str) -> str:
    """What a score that is not decided can be."""
    if result.bounds is None:
        return words.say("view.unbounded", lang)
    low, high = (numbers.plain(numbers.round_half_away(end, 2), 2) for end in result.bounds)
    return words.say("view.between", lang, {"low": low, "high": high})


def grade(evaluation: Evaluation, result: BranchResult, lang: str) -> str:
    """The grade, or those that are possible; empty where there is no scale."""
    if result.branch.grade is None:
        return ""
    steps = {step.id: words.title(step.title, lang, step.id) for step in evaluation.scale_of(result.branch).steps}
    possible = [steps[step] for step in ((result.grade,) if result.grade else result.grades)]
    if len(possible) == 1:
        return words.say("view.grade", lang, {"grade": possible[0]})
    return words.say("view.grades", lang, {"grades": words.separator(lang).join(possible)}) if possible else ""


def spread(evaluation: Evaluation) -> tuple[Fraction, Fraction, Fraction]:
    """Points that are earned, lost, and still open; of a scored total as it stands, else row by row.

    Where the weights of the rows are not the points of the total, as under a dimension that scales them, the bounds
    say what is sure and what is out of reach.
    """
    total = evaluation.total
    if total is not None and total.exact is not None:
        return total.exact, total.weight - total.exact, Fraction(0)
    rows = evaluation.counted
    scored = [row for row in rows if row.exact is not None]
    earned = sum((row.exact or Fraction(0) for row in scored), Fraction(0))
    lost = sum((row.lost or Fraction(0) for row in scored), Fraction(0))
    undecided = sum((row.weight for row in rows if row.exact is None), Fraction(0))
    if total is not None and total.bounds is not None and earned + lost + undecided != total.weight:
        low, high = total.bounds
        return low, total.weight - high, high - low
    return earned, lost, undecided


def measured(row: RowResult, lang: str) -> str:
    """What was measured; of a rate that is not known, what is: `? / 3167.2`."""
    return _halves(row) or value(row.value, row.row.unit, lang)


def _halves(row: RowResult) -> str | None:
    """Of a rate that is not known, what is: `? / 3167.2`; None for any other value, or where nothing is."""
    part = next((part for part in row.derivation.parts if part.name == "value"), None) if row.value is None else None
    if part is None or not part.filled.startswith("percent(") or part.filled.count(",") != 1:
        return None
    above, _, below = part.filled.removeprefix("percent(").removesuffix(")").partition(", ")
    return None if " " in above + below or above == below == "?" else f"{above} / {below}"


# -- states and reasons ------------------------------------------------------------------------------------------


def state(evaluation: Evaluation, row: RowResult, lang: str) -> str:
    """The state of a row, and for one without a score, why."""
    if not row.reasons or row.status is Status.NOT_APPLICABLE:
        return words.say(f"status.{row.status}", lang)
    if row.status is Status.MISSING:
        listed = words.separator(lang).join(fact_titles(evaluation, row.missing, lang))
        return words.say("reason.missing", lang, {"about": listed})
    kinds = {reason.kind for reason in row.reasons}
    first = [reason for reason in row.reasons if reason.kind != "missing"] if kinds != {"missing"} else row.reasons
    return reasons_text(evaluation, first, lang)


def fact_titles(evaluation: Evaluation, names: Iterable[str], lang: str) -> list[str]:
    """The titles of facts; of an item of a checklist its own."""
    return [_fact_title(evaluation, name, lang) for name in names]


def _cell_title(evaluation: Evaluation, name: str, lang: str) -> str:
    """A cell of a table that is rolled up: the submission that its row is of, and what that lacks."""
    found = _CELL.fullmatch(name)
    sources = evaluation.facts.sources.get(found[1], ()) if found else ()
    if not found or int(found[2]) > len(sources):
        return ""
    source, column = sources[int(found[2]) - 1], evaluation.ruleset.program.facts[found[1]].columns[found[3]]
    named = words.title(column.title, lang, found[3])
    lacks = [reason.about for reason in source.missing.get(found[3], ())]
    if source.evaluation is not None:
        lacks = fact_titles(source.evaluation, lacks, lang)
    if lacks and lacks != [named]:
        said = {"column": named, "lacks": words.separator(lang).join(dict.fromkeys(lacks))}
        named = words.say("rolled.lacks", lang, said)
    return words.say("rolled.cell", lang, {"source": source.name, "column": named})


def _fact_title(evaluation: Evaluation, name: str, lang: str) -> str:
    fact = evaluation.ruleset.program.facts.get(fact_of(name.partition("[")[0]))
    if fact is None:
        return name
    if fact_of(name) == name:
        return words.title(fact.title, lang, name)
    if said := _cell_title(evaluation, name, lang):
        return said
    item = name.partition(".")[2]
    return words.title(fact.items.get(item), lang, name) if item in fact.items else name


def reason_text(evaluation: Evaluation, reason: Reason, lang: str) -> str:
    """Why something is unknown, in words."""
    about = reason.about
    if reason.kind in ("missing", "judged"):
        about = _fact_title(evaluation, about, lang)
    return words.say(f"reason.{reason.kind}", lang, {"about": about})


def reasons_text(evaluation: Evaluation, reasons: Iterable[Reason], lang: str) -> str:
    """All the reasons, in words."""
    return words.say("reason.next", lang).join(reason_text(evaluation, reason, lang) for reason in reasons)


# -- checks and claims -------------------------------------------------------------------------------------------


def difference(evaluation: Evaluation, check: CheckResult, lang: str) -> str:
    """By how much a check is off, also within its tolerance; else why that is not known."""
    if check.difference is not None:
        return words.say("view.difference", lang, {"difference": numbers.shown(check.difference)})
    if check.reasons:
        return reasons_text(evaluation, check.reasons, lang)
    return words.say(f"status.{check.status}", lang)


def claimed_of(evaluation: Evaluation, claim: ClaimResult, lang: str) -> str:
    """What a claim is about."""
    section, _, name = claim.about.partition(".")
    declared: dict[str, Any] = {
        "indicators": evaluation.ruleset.program.rows, "dimensions": evaluation.ruleset.program.branches,
        "values": evaluation.ruleset.declaration.values, "weights": evaluation.ruleset.program.rows,
    }  # fmt: skip
    if section not in declared:
        return words.say("view.total" if section == "total" else "explain.grade", lang)
    part = declared[section][name]
    title = words.title(part.indicator.title if hasattr(part, "indicator") else part.title, lang, name)
    return words.say("view.weight-of", lang, {"about": title}) if section == "weights" else title


def consequence(evaluation: Evaluation, claim: ClaimResult, lang: str) -> str:
    """What follows from the facts instead of a claim; empty where it is confirmed."""
    if claim.verdict == "confirmed":
        return ""
    if claim.derived is not None:
        derived = claim.derived if isinstance(claim.derived, str) else numbers.shown(claim.derived)
        return words.say("view.derived", lang, {"derived": derived})
    ends = [end if isinstance(end, str) else numbers.shown(end, 2) for end in claim.bounds or ()]
    if claim.about == "total" and claim.verdict == "unsupported" and len(ends) == 2:
        said = {"low": ends[0], "high": ends[1], "earned": numbers.shown(spread(evaluation)[0], 2)}
        return words.say("view.claim-open", lang, said)
    key = "view.claim-outside" if claim.verdict == "refuted" else "view.claim-within"
    return words.say(key, lang, {"bounds": " – ".join(ends)}) if ends else ""
