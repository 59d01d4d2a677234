"""A derivation in words and numbers, as a tree that is not drawn yet: from the formula to the facts.

The console draws it (`explain`), and so does the page: both say the same, line by line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from perfrules import numbers, words
from perfrules.evaluation import derivation
from perfrules.evaluation.derivation import Choice, Derivation, FactUse, Part
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import Result, RowResult, Status
from perfrules.formula.systems.exact import Unknown
from perfrules.numbers import Exact
from perfrules.report.style import points, value
from perfrules.report.told import Told, one_line
from perfrules.report.wording import reason_text, reasons_text
from perfrules.ruleset.program import authorities

_HIDDEN = ("live",)

SOURCES = 100
"""Rows of a rolled-up table that are shown."""


def told(evaluation: Evaluation, about: str | None = None, lang: str | None = None) -> Told:
    """How a score came about.

    Args:
        evaluation: An evaluation.
        about: The id of an indicator, dimension or named value, or `total`; the total where it is left out.
        lang: `zh` or `en`; as the locale says where it is left out.

    Raises:
        KeyError: The ruleset has nothing of that name.
    """
    lang = lang or words.default_language()
    program = evaluation.ruleset.program
    if about in program.rows:
        return _Teller(evaluation, lang).row(evaluation[str(about)])
    if about in program.branches or (about in (None, "total") and program.total):
        return _Teller(evaluation, lang).branch("" if about in (None, "total") else str(about))
    if about in evaluation.ruleset.declaration.values:
        return _Teller(evaluation, lang).named(str(about))
    raise KeyError(about)


class _Teller:
    def __init__(self, evaluation: Evaluation, lang: str) -> None:
        self.evaluation = evaluation
        self.lang = lang

    def say(self, key: str, **values: object) -> str:
        return words.say(key, self.lang, values)

    # -- roots ----------------------------------------------------------------------------------------------------

    def row(self, row: RowResult) -> Told:
        """One indicator."""
        tree = self._root(row)
        how = row.derivation
        for part in how.parts:
            if part.of not in _HIDDEN and not (part.of == "owed" and part.value is not True):
                self._part(tree, part, row)
        self._why_not(tree, row)
        self._facts(tree, how.facts)
        self._sources(tree, row)
        return tree

    def branch(self, identifier: str) -> Told:
        """A dimension, or the total."""
        found = self.evaluation.dimensions.get(identifier) if identifier else self.evaluation.total
        if found is None:
            raise KeyError(identifier)
        tree = self._root(found)
        how: Derivation = derivation.of_branch(self.evaluation, identifier)
        for part in how.parts:
            if part.of not in _HIDDEN:
                self._part(tree, part, found)
        for row in found.branch.rows:
            tree.add(self._line(self.evaluation[row]))
        for child in found.branch.dimensions:
            tree.add(self._line(self.evaluation.dimensions[child]))
        return tree

    def named(self, identifier: str) -> Told:
        """A named value."""
        result = self.evaluation.values[identifier]
        tree = Told(self._title(result.title, identifier), "strong")
        tree.say(f"  {identifier}  {self._equals(result.value, result.unit)}", "faint")
        self._part(tree, derivation.of_value(self.evaluation, identifier), None)
        return tree

    def _root(self, result: Result) -> Told:
        if result.id:
            head = self._named(result.title, result.id, "strong")
        else:
            head = Told(self._title(result.title, self.say("view.total")), "strong")
        head.say(f"   {points(result)} / {numbers.plain(result.weight)}", "strong")
        return head.say("  " + self.say(f"status.{result.status}"), result.status)

    def _line(self, result: Result) -> Told:
        line = Told(self._title(result.title, result.id))
        line.say(f"  {points(result)} / {numbers.plain(result.weight)}  ")
        return line.say(self.say(f"status.{result.status}"), result.status)

    def _title(self, titles: Any, identifier: str) -> str:
        return one_line(words.title(titles, self.lang, identifier))

    def _named(self, titles: Any, identifier: str, tone: str = "") -> Told:
        """The title of a part and behind it the id, which stands alone where they are the same."""
        title = self._title(titles, identifier)
        line = Told(title, tone)
        return line if title == identifier else line.say(f" {words.safe(identifier)}", "faint")

    # -- parts ----------------------------------------------------------------------------------------------------

    def _part(self, tree: Told, part: Part, result: Result | None) -> None:
        if part.of == "rounding":
            self._rounding(tree, part, result)
        elif part.of == "met":
            self._met(tree, part)
        elif part.of == "target":
            self._target(tree, part)
        else:
            self._formula(tree, part, result)

    def _formula(self, tree: Told, part: Part, result: Result | None) -> None:
        banded = bool(part.choices) and isinstance(result, RowResult) and bool(result.row.bands) and part.of == "score"
        listed = banded or part.of == "grade"  # nobody wrote these as one formula
        label = (
            part.name
            if part.of == "value" and part.name not in ("value", "measured")
            else self.say(f"explain.{part.of}")
        )
        head = Told(label, "strong")
        if not listed:
            head.say("  ").quote(_formula(part.text, 400))
        if part.source:
            head.say(f"  ({self.say('explain.by', source=self._source(part.source))})", "faint")
        node = tree.add(head)
        if not listed and part.filled not in (part.text, value(part.value)):
            node.add(Told().quote(one_line(part.filled)))
        for index, choice in enumerate(part.choices, 1):
            if choice.result.startswith("no_band("):  # what stands behind the last one where none holds
                break
            node.add(self._choice(choice, index if banded else 0, any(one.held for one in part.choices[: index - 1])))
        inside = {choice.condition for choice in part.choices}
        for step in part.steps:
            if step.text not in inside and not isinstance(step.value, bool) and step.value is not part.value:
                node.add(self._step(step))
        unit = result.row.unit if isinstance(result, RowResult) and part.name == "value" else None
        node.add(Told(self._equals(part.value, unit), "known" if not isinstance(part.value, Unknown) else "open"))

    def _label(self, key: str) -> Told:
        return Told(self.say(f"explain.{key}"), "strong").say("  ")

    def _step(self, step: derivation.Step) -> Told:
        shown = self._value(step.value, None)
        line = Told().quote(_formula(step.text, 200))
        if step.filled not in (step.text, shown):
            line.say(" = ", "faint").quote(_formula(step.filled, 200), "faint")
        return line.say(f" {self._equals(step.value, None)}")

    def _equals(self, found: Any, unit: str | None) -> str:
        """`= 36.8`, or `≈ 92.9968` of what has no end."""
        shown = self._value(found, unit)
        return f"≈ {shown[1:]}" if shown.startswith("≈") else f"= {shown}"

    def _value(self, found: Any, unit: str | None) -> str:
        if isinstance(found, Unknown):
            return "?  " + reasons_text(self.evaluation, sorted(found.reasons), self.lang)
        return value(found, unit, self.lang)

    def _choice(self, choice: Choice, band: int, decided: bool) -> Told:
        label = f"{self.say('explain.band', index=band)}  " if band else ""
        if not choice.reached:
            line = self._condition(f"· {label}", choice, "faint")
            return line.say("  " + self.say("explain.not-reached")) if decided else line
        said = {True: "explain.holds", False: "explain.fails", None: "explain.open"}[choice.held]
        mark = {True: "✓", False: "✗", None: "?"}[choice.held]
        line = self._condition(f"{mark} {label}", choice, "" if choice.held is not False else "faint")
        if choice.condition:
            if choice.filled != choice.condition:
                line.say("  (", "faint").quote(_formula(choice.filled, 200), "faint").say(")", "faint")
            line.say("  " + self.say(said))
        return line.say("  " + self.say("explain.taken", result=choice.result)) if choice.held else line

    def _condition(self, before: str, choice: Choice, tone: str) -> Told:
        line = Told(before, tone)
        if choice.condition:
            return line.quote(_formula(choice.condition, 200), tone)
        return line.say(self.say("explain.otherwise"), tone)

    def _target(self, tree: Told, part: Part) -> None:
        line = self._label("target").quote(_formula(part.text))
        shown = self._value(part.value, None)
        tree.add(line if part.text.endswith(shown) else line.say(f" {self._equals(part.value, None)}"))

    def _met(self, tree: Told, part: Part) -> None:
        key = "open" if isinstance(part.value, Unknown) else "met" if part.value else "not-met"
        tree.add(self._label(key).quote(_formula(part.filled), "faint"))

    def _rounding(self, tree: Told, part: Part, result: Result | None) -> None:
        """The rounding step: shown whenever there is a number, also where it changes nothing."""
        declared = self.evaluation.ruleset.declaration.rounding
        places = (
            declared.value if part.name == "value" else declared.total if result and not result.id else declared.score
        )
        if not isinstance(part.value, Exact) or places is None:
            return
        before = part.filled.removeprefix("round(").rpartition(",")[0]
        said = {"places": places, "exact": before, "rounded": numbers.plain(part.value, places)}
        tree.add(self._label("rounding").say(self.say("explain.rounded", **said)))

    def _source(self, source: str) -> str:
        section, _, name = source.partition(".")
        part = getattr(self.evaluation.ruleset.declaration, section).get(name)
        return words.title(part.title, self.lang, name) if part else name

    # -- reasons, facts, authority ---------------------------------------------------------------------------------

    def _why_not(self, tree: Told, row: RowResult) -> None:
        if row.status in (Status.SCORED, Status.NOT_APPLICABLE):
            return
        node = tree.add(Told(self.say("explain.because"), "strong"))
        for reason in row.reasons:
            node.add(Told(one_line(reason_text(self.evaluation, reason, self.lang)), row.status))
        if row.bounds:
            low, high = (numbers.shown(end) for end in row.bounds)
            node.add(Told(self.say("explain.can-be", low=low, high=high)))

    def _facts(self, tree: Told, facts: Iterable[FactUse]) -> None:
        listed = list(facts)
        if not listed:
            return
        node = tree.add(Told(self.say("explain.facts"), "strong"))
        for use in listed:
            self._sources_of(node.add(self._fact(use)), use)

    def _fact(self, use: FactUse) -> Told:
        line = self._named(use.title, use.id)
        if use.missing is not None:
            return self._absent(line, use)
        if use.sources:
            line.say("  " + self.say("rolled.from", count=len(use.sources)), "faint")
        else:
            line.say(" = ?" if isinstance(use.value, Unknown) else f" {self._equals(use.value, use.unit)}")
        if isinstance(use.submitted, Exact) and isinstance(use.value, Exact) and use.submitted != use.value:
            line.say("  " + self.say("explain.submitted", submitted=numbers.shown(use.submitted)), "faint")
        if use.level:
            line.say("  " + self.say("explain.level", level=use.level))
        if use.by:
            line.say("  " + self.say("explain.judged-by", by=use.by), "faint")
        for said in (use.source, use.note):
            if said:
                line.say("  ").say(one_line(said), "faint")
        return line

    def _sources_of(self, tree: Told, use: FactUse) -> None:
        """Under a table that is rolled up, the submission of each row and what it gave."""
        columns = self.evaluation.ruleset.program.facts[use.id].columns if use.sources else {}
        for source in use.sources[:SOURCES]:
            line = Told().name(one_line(source.subject or source.path), source.path, "strong")
            if source.subject:
                line.say(f"  {words.safe(source.path)}", "faint")
            for name, column in columns.items():
                found = source.cells.get(name)
                if found != source.subject:
                    shown = "?" if isinstance(found, Unknown) else one_line(value(found, column.unit, self.lang))
                    title = one_line(words.title(column.title, self.lang, name))
                    line.say(f"  {title} {shown}", "open" if shown == "?" else "")
            tree.add(line)
        if len(use.sources) > SOURCES:
            tree.add(Told(self.say("rolled.more", count=len(use.sources) - SOURCES), "faint"))

    def _absent(self, line: Told, use: FactUse) -> Told:
        """A fact that is not given, and why; or one that is given and does not count, such as one out of its range."""
        if use.submitted is not None:
            said = self.say("explain.not-counted", submitted=value(use.submitted, None, self.lang))
            return line.say("  " + said, "open")
        line.say("  " + self.say("explain.not-given"), "open")
        return line.say(f"  {words.safe(use.missing or '', 300)}", "faint") if use.missing else line

    def _sources(self, tree: Told, row: RowResult) -> None:
        declared = row.row.indicator
        said = {
            "standard": words.title(declared.standard, self.lang),
            "authority": " · ".join(authorities(self.evaluation.ruleset.declaration, row.row)),
            "note": row.note.reason if row.note else "",
            "improvement": row.note.improvement if row.note else "",
        }
        for key, text in said.items():
            if text:
                tree.add(self._label(key).say(one_line(text)))


def _formula(text: str, limit: int | None = words.MAX_SHOWN) -> str:
    """A formula on one line, however its author broke it."""
    return words.safe(" ".join(text.split()), limit)
