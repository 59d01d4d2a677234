"""explain(): a derivation in words and numbers, as a tree that reads from the formula to the facts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from perfrules import numbers, words
from perfrules.evaluation import derivation
from perfrules.evaluation.derivation import Choice, Derivation, FactUse, Part
from perfrules.evaluation.results import Evaluation, Result, RowResult, Status
from perfrules.formula.systems.exact import Unknown
from perfrules.numbers import Exact
from perfrules.report.console import reason_text, reasons_text
from perfrules.report.style import COLOURS, Line, named, plain, points, titled, value
from perfrules.ruleset.program import authorities

_HIDDEN = ("live",)

SOURCES = 100
"""Rows of a rolled-up table that are shown."""


def explain(evaluation: Evaluation, about: str | None = None, lang: str | None = None) -> RenderableType:
    """How a score came about, as something that rich can print.

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
        return _Explainer(evaluation, lang).row(evaluation[str(about)])
    if about in program.branches or (about in (None, "total") and program.total):
        return _Explainer(evaluation, lang).branch("" if about in (None, "total") else str(about))
    if about in evaluation.ruleset.declaration.values:
        return _Explainer(evaluation, lang).named(str(about))
    raise KeyError(about)


def subjects(evaluation: Evaluation) -> tuple[str, ...]:
    """Everything that can be explained."""
    program = evaluation.ruleset.program
    return (*program.rows, *program.branches, *evaluation.ruleset.declaration.values, "total")


class _Explainer:
    def __init__(self, evaluation: Evaluation, lang: str) -> None:
        self.evaluation = evaluation
        self.lang = lang

    def say(self, key: str, **values: object) -> str:
        return words.say(key, self.lang, values)

    # -- roots ----------------------------------------------------------------------------------------------------

    def row(self, row: RowResult) -> Tree:
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

    def branch(self, identifier: str) -> Tree:
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

    def named(self, identifier: str) -> Tree:
        """A named value."""
        result = self.evaluation.values[identifier]
        head = titled(result.title, identifier, self.lang, "bold")
        tree = Tree(head.append(f"  {identifier}  {self._equals(result.value, result.unit)}", "dim"))
        self._part(tree, derivation.of_value(self.evaluation, identifier), None)
        return tree

    def _root(self, result: Result) -> Tree:
        default = self.say("view.total") if not result.id else result.id
        say_name = named if result.id else titled
        head = say_name(result.title, default, self.lang, "bold")
        head.append(f"   {points(result)} / {numbers.plain(result.weight)}", "bold")
        return Tree(head.append("  " + self.say(f"status.{result.status}"), COLOURS[result.status]))

    def _line(self, result: Result) -> Text:
        line = titled(result.title, result.id, self.lang)
        line.append(f"  {points(result)} / {numbers.plain(result.weight)}  ")
        return line.append(self.say(f"status.{result.status}"), COLOURS[result.status])

    # -- parts ----------------------------------------------------------------------------------------------------

    def _part(self, tree: Tree, part: Part, result: Result | None) -> None:
        if part.of == "rounding":
            self._rounding(tree, part, result)
        elif part.of == "met":
            self._met(tree, part)
        elif part.of == "target":
            self._target(tree, part)
        else:
            self._formula(tree, part, result)

    def _formula(self, tree: Tree, part: Part, result: Result | None) -> None:
        banded = bool(part.choices) and isinstance(result, RowResult) and bool(result.row.bands) and part.of == "score"
        listed = banded or part.of == "grade"  # nobody wrote these as one formula
        label = (
            part.name
            if part.of == "value" and part.name not in ("value", "measured")
            else self.say(f"explain.{part.of}")
        )
        head = Line().append(label, "bold")
        head.append("" if listed else f"  {_formula(part.text, 400)}")
        if part.source:
            head.append(f"  ({self.say('explain.by', source=self._source(part.source))})", "dim")
        node = tree.add(head)
        if not listed and part.filled not in (part.text, value(part.value)):
            node.add(plain(part.filled))
        for index, choice in enumerate(part.choices, 1):
            if choice.result.startswith("no_band("):  # what stands behind the last one where none holds
                break
            node.add(self._choice(choice, index if banded else 0, any(one.held for one in part.choices[: index - 1])))
        inside = {choice.condition for choice in part.choices}
        for step in part.steps:
            if step.text not in inside and not isinstance(step.value, bool) and step.value is not part.value:
                node.add(self._step(step))
        unit = result.row.unit if isinstance(result, RowResult) and part.name == "value" else None
        node.add(Line(self._equals(part.value, unit), "green" if not isinstance(part.value, Unknown) else "yellow"))

    def _label(self, key: str) -> Text:
        return Line().append(self.say(f"explain.{key}"), "bold").append("  ")

    def _step(self, step: derivation.Step) -> Text:
        shown = self._value(step.value, None)
        line = Line(_formula(step.text, 200))
        if step.filled not in (step.text, shown):
            line.append(f" = {_formula(step.filled, 200)}", "dim")
        return line.append(f" {self._equals(step.value, None)}")

    def _equals(self, found: Any, unit: str | None) -> str:
        """`= 36.8`, or `≈ 92.9968` of what has no end."""
        shown = self._value(found, unit)
        return f"≈ {shown[1:]}" if shown.startswith("≈") else f"= {shown}"

    def _value(self, found: Any, unit: str | None) -> str:
        if isinstance(found, Unknown):
            return "?  " + reasons_text(self.evaluation, sorted(found.reasons), self.lang)
        return value(found, unit, self.lang)

    def _choice(self, choice: Choice, band: int, decided: bool) -> Text:
        label = f"{self.say('explain.band', index=band)}  " if band else ""
        condition = _formula(choice.condition, 200) or self.say("explain.otherwise")
        if not choice.reached:
            line = Line(f"· {label}{condition}", "dim")
            return line.append("  " + self.say("explain.not-reached")) if decided else line
        said = {True: "explain.holds", False: "explain.fails", None: "explain.open"}[choice.held]
        mark = {True: "✓", False: "✗", None: "?"}[choice.held]
        line = Line(f"{mark} {label}{condition}", "" if choice.held is not False else "dim")
        if choice.condition:
            if choice.filled != choice.condition:
                line.append(f"  ({_formula(choice.filled, 200)})", "dim")
            line.append("  " + self.say(said))
        return line.append("  " + self.say("explain.taken", result=choice.result)) if choice.held else line

    def _target(self, tree: Tree, part: Part) -> None:
        line = self._label("target").append(_formula(part.text))
        shown = self._value(part.value, None)
        tree.add(line if part.text.endswith(shown) else line.append(f" {self._equals(part.value, None)}"))

    def _met(self, tree: Tree, part: Part) -> None:
        key = "open" if isinstance(part.value, Unknown) else "met" if part.value else "not-met"
        tree.add(self._label(key).append(_formula(part.filled), "dim"))

    def _rounding(self, tree: Tree, part: Part, result: Result | None) -> None:
        """The rounding step: shown whenever there is a number, also where it changes nothing."""
        declared = self.evaluation.ruleset.declaration.rounding
        places = (
            declared.value if part.name == "value" else declared.total if result and not result.id else declared.score
        )
        if not isinstance(part.value, Exact) or places is None:
            return
        before = part.filled.removeprefix("round(").rpartition(",")[0]
        said = {"places": places, "exact": before, "rounded": numbers.plain(part.value, places)}
        tree.add(self._label("rounding").append(self.say("explain.rounded", **said)))

    def _source(self, source: str) -> str:
        section, _, name = source.partition(".")
        part = getattr(self.evaluation.ruleset.declaration, section).get(name)
        return words.title(part.title, self.lang, name) if part else name

    # -- reasons, facts, authority ---------------------------------------------------------------------------------

    def _why_not(self, tree: Tree, row: RowResult) -> None:
        if row.status in (Status.SCORED, Status.NOT_APPLICABLE):
            return
        node = tree.add(Line(self.say("explain.because"), "bold"))
        for reason in row.reasons:
            node.add(plain(reason_text(self.evaluation, reason, self.lang), COLOURS[row.status]))
        if row.bounds:
            low, high = (numbers.shown(end) for end in row.bounds)
            node.add(Line(self.say("explain.can-be", low=low, high=high)))

    def _facts(self, tree: Tree, facts: Iterable[FactUse]) -> None:
        listed = list(facts)
        if not listed:
            return
        node = tree.add(Line(self.say("explain.facts"), "bold"))
        for use in listed:
            self._sources_of(node.add(self._fact(use)), use)

    def _fact(self, use: FactUse) -> Text:
        line = named(use.title, use.id, self.lang)
        if use.missing is not None:
            return self._absent(line, use)
        if use.sources:
            line.append("  " + self.say("rolled.from", count=len(use.sources)), "dim")
        else:
            line.append(" = ?" if isinstance(use.value, Unknown) else f" {self._equals(use.value, use.unit)}")
        if isinstance(use.submitted, Exact) and isinstance(use.value, Exact) and use.submitted != use.value:
            line.append("  " + self.say("explain.submitted", submitted=numbers.shown(use.submitted)), "dim")
        if use.level:
            line.append("  " + self.say("explain.level", level=use.level))
        if use.by:
            line.append("  " + self.say("explain.judged-by", by=use.by), "dim")
        for said in (use.source, use.note):
            if said:
                line.append("  ").append_text(plain(said, "dim"))
        return line

    def _sources_of(self, tree: Tree, use: FactUse) -> None:
        """Under a table that is rolled up, the submission of each row and what it gave."""
        columns = self.evaluation.ruleset.program.facts[use.id].columns
        for source in use.sources[:SOURCES]:
            line = plain(source.subject or source.path, "bold")
            if source.subject:
                line.append(f"  {words.safe(source.path)}", "dim")
            for name, column in columns.items():
                found = source.cells.get(name)
                if found != source.subject:
                    shown = "?" if isinstance(found, Unknown) else value(found, column.unit, self.lang)
                    title = words.safe(words.title(column.title, self.lang, name))
                    line.append(f"  {title} {shown}", "yellow" if shown == "?" else "")
            tree.add(line)
        if len(use.sources) > SOURCES:
            tree.add(Line(self.say("rolled.more", count=len(use.sources) - SOURCES), "dim"))

    def _absent(self, line: Text, use: FactUse) -> Text:
        """A fact that is not given, and why; or one that is given and does not count, such as one out of its range."""
        if use.submitted is not None:
            said = self.say("explain.not-counted", submitted=value(use.submitted, None, self.lang))
            return line.append("  " + said, "yellow")
        line.append("  " + self.say("explain.not-given"), "yellow")
        return line.append(f"  {words.safe(use.missing or '', 300)}", "dim") if use.missing else line

    def _sources(self, tree: Tree, row: RowResult) -> None:
        declared = row.row.indicator
        said = {
            "standard": words.title(declared.standard, self.lang),
            "authority": " · ".join(authorities(self.evaluation.ruleset.declaration, row.row)),
            "note": row.note.reason if row.note else "",
            "improvement": row.note.improvement if row.note else "",
        }
        for key, text in said.items():
            if text:
                tree.add(self._label(key).append_text(plain(text)))


def _formula(text: str, limit: int | None = words.MAX_SHOWN) -> str:
    """A formula on one line, however its author broke it."""
    return words.safe(" ".join(text.split()), limit)
