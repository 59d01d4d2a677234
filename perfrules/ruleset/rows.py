"""Indicators as formulas: value, target, whether it is met, the standard (formula, method or bands), adjustments."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from perfrules.formula.language import COMPARISONS
from perfrules.formula.systems import kinds
from perfrules.formula.systems.kinds import NUMBER, TRUTH, Kind
from perfrules.numbers import Exact
from perfrules.ruleset import model
from perfrules.ruleset.builder import Builder
from perfrules.ruleset.declare import is_reserved
from perfrules.ruleset.names import kinds as kinds_of_facts
from perfrules.ruleset.program import Row, bind, call, choose, compare, constant, every, name, negate
from perfrules.ruleset.toml import KeyPath

_READS_VALUE = frozenset(("value", "met", "target", "lower_is_better"))
Scope = dict[str, tuple[str, Kind]]


class Rows:
    """Builds the rows of a program."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.declared = builder.declared
        self.note = builder.reading.note

    def declare_own_facts(self) -> None:
        """Declare the facts that indicators without a `value` are measured by: those with their own ids."""
        for identifier, indicator in self.declared.indicators.items():
            if (
                indicator.value is None
                and identifier not in self.builder.facts
                and self._reads_value(identifier, indicator)
            ):
                if identifier in self.declared.values:
                    continue
                if is_reserved(identifier):
                    self.note("reserved-name", ("indicators", identifier), on_key=True, name=identifier)
                kind: Any = "percent" if indicator.unit == "%" else "number"
                fact = model.Fact.model_construct(title=indicator.title, kind=kind, unit=indicator.unit)
                self.builder.facts[identifier] = fact
                self.builder.kinds.update(kinds_of_facts({identifier: fact}))

    def _reads_value(self, identifier: str, indicator: model.Indicator) -> bool:
        path: KeyPath = ("indicators", identifier)
        if indicator.target is not None or indicator.method:
            return True
        if indicator.bands is not None:
            bands = enumerate(indicator.bands)
            return any(self._band_reads_value((*path, "bands", index), band) for index, band in bands)
        return indicator.score is None or self._formula_reads_value((*path, "score"), indicator.score)

    def _band_reads_value(self, path: KeyPath, band: model.Band) -> bool:
        edges = (band.from_, band.above, band.to, band.below)
        texts = {"when": band.when, "score": band.score}
        return edges != (None,) * 4 or any(
            self._formula_reads_value((*path, key), text) for key, text in texts.items() if text is not None
        )

    def _formula_reads_value(self, path: KeyPath, text: str) -> bool:
        formula = self.builder.formula(path, text)
        return formula is not None and bool(formula.names & _READS_VALUE)

    def build(self) -> dict[str, Row]:
        """Append the lines of every indicator, in file order."""
        self._methods()
        return {
            identifier: row
            for identifier, indicator in self.declared.indicators.items()
            if (row := _RowBuilder(self, identifier, indicator).build()) is not None
        }

    def _methods(self) -> None:
        """Note methods that say no way to score, or two."""
        for identifier, method in self.declared.methods.items():
            if method.score is None and method.bands is None:
                self.note("bad-value", ("methods", identifier), "bad-value.method", on_key=True)
            elif method.score is not None and method.bands is not None:
                path = ("methods", identifier, "bands")
                self.note("bad-value", path, "bad-value.standards", on_key=True, keys=("score", "bands"))

    def weight(self, identifier: str) -> Exact | None:
        """The weight of an indicator: its own, or that of the one it stands instead of."""
        indicator = self.declared.indicators.get(identifier)
        if indicator is None or indicator.weight is not None or indicator.instead_of is None:
            return indicator.weight if indicator else None
        other = self.declared.indicators.get(indicator.instead_of)
        return other.weight if other else None


class _RowBuilder:
    def __init__(self, rows: Rows, identifier: str, indicator: model.Indicator) -> None:
        self.rows = rows
        self.builder = rows.builder
        self.declared = rows.declared
        self.note = rows.note
        self.id = identifier
        self.indicator = indicator
        self.path: KeyPath = ("indicators", identifier)
        self.about = f"indicators.{identifier}"
        self.scope: Scope = {}
        self.first_line = len(self.builder.lines)

    def build(self) -> Row | None:
        """Append the row's lines; None where it has no weight or no standard that can be read."""
        indicator = self.indicator
        weight = self._weight()
        value = self._value()
        target, operator = self._target()
        met = self._met(value, operator)
        self.scope["lower_is_better"] = self._fixed("lower_is_better", operator in ("<", "<="))
        if target is None:
            del self.scope["lower_is_better"]
        self._alternative()
        applies = self._applies()
        method_id, score = self._standard()
        if weight is None or score is None:
            self._owed(method_id)
            return None
        score = self._adjust(score)
        score = self.builder.rounded(f"{self.about}#score", score, self.declared.rounding.score, self.about)
        owed = self._owed(method_id)
        unit = indicator.unit or (self.builder.facts[self.id].unit if self.id in self.builder.facts else None)
        return Row(
            self.id, indicator, weight, unit, score, self._lines(), value, target, operator, met, applies, owed,
            method_id, tuple(self._bands(method_id)), alternative=indicator.instead_of,
        )  # fmt: skip

    def _lines(self) -> tuple[str, ...]:
        return tuple(line.name for line in self.builder.lines[self.first_line :])

    def _fixed(self, label: str, value: Exact | bool) -> tuple[str, Kind]:
        kind = TRUTH if isinstance(value, bool) else NUMBER
        return self.builder.fix(f"{self.about}#{label}", value), kind

    def _weight(self) -> Exact | None:
        weight = self.rows.weight(self.id)
        alternative = self.indicator.instead_of
        if weight is None and (alternative is None or alternative in self.declared.indicators):
            self.note("bad-value", (*self.path, "weight"), "bad-value.missing", on_key=True, key_name="weight")
        elif weight is not None and weight < 0:
            self.note("bad-value", (*self.path, "weight"), "bad-value.negative-weight")
        other = self.declared.indicators.get(alternative or "")
        if other and None not in (self.indicator.weight, other.weight) and self.indicator.weight != other.weight:
            self.note("bad-value", (*self.path, "weight"), "bad-value.shared-weight", other=alternative)
        self.scope["weight"] = self._fixed("weight", weight or 0)
        return weight

    # -- value and target -----------------------------------------------------------------------------------------

    def _value(self) -> str | None:
        line = f"{self.about}#value"
        if self.indicator.value is not None:
            found = self.builder.tree((*self.path, "value"), self.indicator.value, wanted=None)
            if found is None:
                self.scope["value"] = (line, kinds.ANY)
                return None
            tree, kind = found
            kind = self.builder.measures.declared((*self.path, "value"), kind, self.indicator.unit)
            text = self.indicator.value
        elif self.builder.kinds.get(self.id, kinds.ANY).name in ("number", "truth", "choice", "date"):
            tree, kind, text = name(self.id), self.builder.kinds[self.id], self.id
            kind = self.builder.measures.declared((*self.path, "unit"), kind, self.indicator.unit, own=self.id)
            self.builder.used.add(self.id)
        else:
            return None
        places = self.declared.rounding.value
        if places is not None and kind.name == "number":
            measured = self.builder.add(f"{self.about}#measured", tree, "value", self.about, text)
            self.builder.rounded(line, measured, places, self.about)
        else:
            self.builder.add(line, tree, "value", self.about, text)
        self.scope["value"] = (line, kind)
        return line

    def _target(self) -> tuple[str | None, str]:
        if self.indicator.target is None:
            return None, ""
        found = self.builder.target((*self.path, "target"), self.indicator.target)
        if found is None:
            self.scope["target"] = (f"{self.about}#target", kinds.ANY)
            self.scope["met"] = (f"{self.about}#met", TRUTH)
            return None, ">="
        operator, tree, kind = found
        line = self.builder.add(f"{self.about}#target", tree, "target", self.about, self.indicator.target)
        self.scope["target"] = (line, kind)
        return line, operator

    def _met(self, value: str | None, operator: str) -> str | None:
        if value is None or "target" not in self.scope:
            return None
        target, target_kind = self.scope["target"]
        tree = compare(name(value), COMPARISONS[operator](), name(target))
        _, findings = kinds.check(tree, {value: self.scope["value"][1], target: target_kind})
        if findings:
            self.note("wrong-kind", (*self.path, "target"), "wrong-kind.target")
        elif not self.builder.measures.target(
            (*self.path, "target"), self.scope["value"][1], target_kind, self.indicator.target or ""
        ):
            self.scope["target"] = (target, target_kind._replace(unit=None))
        line = self.builder.add(f"{self.about}#met", tree, "met", self.about)
        self.scope["met"] = (line, TRUTH)
        return line

    def _alternative(self) -> None:
        """Check what the row stands instead of: another row of its dimension, which nothing else replaces."""
        other_id, rows = self.indicator.instead_of, self.declared.indicators
        if other_id is None:
            return
        if other_id not in rows:
            self.builder.reference((*self.path, "instead_of"), "indicators", other_id)
            return
        first = next(identifier for identifier, row in rows.items() if row.instead_of == other_id)
        other = rows[other_id]
        if other_id == self.id or other.instead_of or first != self.id or other.dimension != self.indicator.dimension:
            self.note("bad-value", (*self.path, "instead_of"), "bad-value.alternative-of", other=other_id)

    def _applies(self) -> str | None:
        """The condition under which the row applies; of two alternatives, one may be the other's negation."""
        own = self.indicator.applies
        line = f"{self.about}#applies"
        if own is not None:
            found = self.builder.tree((*self.path, "applies"), own, wanted="truth")
            return found and self.builder.add(line, found[0], "applies", self.about, own)
        other_id = self.indicator.instead_of or next(
            (key for key, row in self.declared.indicators.items() if row.instead_of == self.id), None
        )
        other = self.declared.indicators.get(other_id or "")
        if other is None or other_id is None:
            return None
        if other.applies is None:
            if self.indicator.instead_of:
                self.note("bad-value", (*self.path, "instead_of"), "bad-value.alternatives", other=other_id)
            return None
        found = self.builder.tree(("indicators", other_id, "applies"), other.applies, wanted="truth")
        if found is None:
            return None
        tree = negate(bind(found[0], {}, len("not (")))
        return self.builder.add(line, tree, "applies", self.about, f"not ({other.applies})")

    # -- the standard ---------------------------------------------------------------------------------------------

    def _standard(self) -> tuple[str | None, str | None]:
        """The method's id, if any, and the line of the score before adjustments."""
        indicator = self.indicator
        said = [key for key in ("score", "method", "bands") if getattr(indicator, key) is not None]
        if len(said) > 1:
            self.note("bad-value", (*self.path, said[1]), "bad-value.standards", on_key=True, keys=tuple(said))
        if indicator.score is not None:
            return None, self._formula((*self.path, "score"), indicator.score, self.scope, "")
        if indicator.bands is not None:
            return None, self._banded((*self.path, "bands"), indicator.bands, self.scope, "")
        method_id, place = self._method()
        if method_id is None:
            if indicator.dimension not in self.builder.reading.omitted:
                self.note("bad-value", self.path, "bad-value.no-standard", on_key=True)
            return None, None
        method = self.declared.methods.get(method_id)
        if method is None:
            self.builder.reference((*place, "method"), "methods", method_id)
            return method_id, None
        scope = {**self.scope, **self._parameters(method_id, method, place)}
        if "target" not in scope and (lacking := self._reads_target(method_id, method)):
            self.note("unknown-name", self.path, "unknown-name.target", on_key=True, method=method_id, names=lacking)
            return method_id, None
        if method.score is not None:
            return method_id, self._formula(
                ("methods", method_id, "score"), method.score, scope, f"methods.{method_id}"
            )
        if method.bands is not None:
            return method_id, self._banded(("methods", method_id, "bands"), method.bands, scope, f"methods.{method_id}")
        return method_id, None

    def _reads_target(self, method_id: str, method: model.Method) -> tuple[str, ...]:
        """What a method reads that only a row with a target has."""
        path = ("methods", method_id, "score")
        formula = self.builder.formula(path, method.score) if method.score is not None else None
        names = formula.names if formula else frozenset[str]()
        return tuple(label for label in ("met", "target", "lower_is_better") if label in names)

    def _method(self) -> tuple[str | None, KeyPath]:
        """The method of the row: its own, or the nearest dimension's; and where that is said."""
        if self.indicator.method is not None:
            return self.indicator.method, self.path
        for identifier, dimension in self.declared.outwards(self.indicator.dimension):
            if dimension.method is not None:
                return dimension.method, ("dimensions", identifier)
        return None, self.path

    def _parameters(self, method_id: str, method: model.Method, place: KeyPath) -> Scope:
        given = dict(self.declared.dimensions[str(place[1])].with_) if place[0] == "dimensions" else {}
        given.update(self.indicator.with_)
        for key in given:
            if key not in method.parameters:
                at = self.path if key in self.indicator.with_ else place
                where, known = (*at, "with", key), tuple(method.parameters) or "—"
                self.note(
                    "unknown-name",
                    where,
                    "unknown-name.parameter",
                    on_key=True,
                    name=key,
                    method=method_id,
                    known=known,
                )
        merged = {**method.parameters, **{key: value for key, value in given.items() if key in method.parameters}}
        return {key: self._fixed(key, value) for key, value in merged.items()}

    def _formula(self, path: KeyPath, text: str, scope: Scope, source: str) -> str | None:
        found = self.builder.tree(path, text, scope)
        return found and self.builder.add(f"{self.about}#earned", found[0], "score", self.about, text, source)

    def _banded(self, path: KeyPath, bands: list[model.Band], scope: Scope, source: str) -> str | None:
        """The bands as one nested condition; first match wins, and none is a reason of its own."""
        about = self.indicator.value or self.id
        tree: ast.expr | None = call("no_band", constant(about))
        for index, band in reversed(list(enumerate(bands))):
            score = self.builder.tree((*path, index, "score"), band.score, scope)
            tests = list(self._edges((*path, index), band, scope))
            if score is None or None in tests:
                tree = None
            elif tree is not None:
                tree = choose(score[0], every([test for test in tests if test]), tree) if tests else score[0]
        return None if tree is None else self.builder.add(f"{self.about}#earned", tree, "score", self.about, "", source)

    def _edges(self, path: KeyPath, band: model.Band, scope: Scope) -> Iterator[ast.expr | None]:
        edges: list[tuple[ast.cmpop, Exact | None]] = [
            (ast.GtE(), band.from_), (ast.Gt(), band.above), (ast.LtE(), band.to), (ast.Lt(), band.below),
        ]  # fmt: skip
        for op, edge in edges:
            if edge is not None:
                if "value" not in scope or scope["value"][1].name not in ("number", "any"):
                    self.note("wrong-kind", path, "wrong-kind.band")
                    yield None
                    return
                yield compare(name(scope["value"][0]), op, constant(edge))
        if band.when is not None:
            found = self.builder.tree((*path, "when"), band.when, scope, wanted="truth")
            yield found and found[0]

    def _bands(self, method_id: str | None) -> list[model.Band]:
        if self.indicator.bands is not None:
            return self.indicator.bands
        method = self.declared.methods.get(method_id or "")
        return (method.bands or []) if method and self.indicator.score is None else []

    # -- after scoring --------------------------------------------------------------------------------------------

    def _adjust(self, score: str) -> str:
        """Append the adjustments of every indicator, in order; one that needs a number skips rows without."""
        numeric = {
            label for label in ("value", "target") if label in self.scope and self.scope[label][1].name == "number"
        }
        for identifier, adjustment in self.declared.adjustments.items():
            if adjustment.each != "indicator":
                continue
            path = ("adjustments", identifier, "score")
            formula = self.builder.formula(path, adjustment.score)
            if formula is None or (formula.names & {"value", "target"}) - numeric:
                continue
            if formula.names & {"met", "lower_is_better"} and "target" not in numeric:
                continue
            scope = {**self.scope, "earned": (score, NUMBER)}
            found = self.builder.tree(path, adjustment.score, scope)
            if found:
                line = f"{self.about}#earned after {identifier}"
                source = f"adjustments.{identifier}"
                score = self.builder.add(line, found[0], "adjustment", self.about, adjustment.score, source)
        return score

    def _owed(self, method_id: str | None) -> str | None:
        text, path, scope = self.indicator.note_when, (*self.path, "note_when"), dict(self.scope)
        method = self.declared.methods.get(method_id or "")
        if text is None and method and method.note_when:
            text, path = method.note_when, ("methods", str(method_id), "note_when")
            scope.update(self._parameters(str(method_id), method, self._method()[1]))
            formula = self.builder.formula(path, text)
            if formula and formula.names & {"target", "met", "lower_is_better"} and "target" not in scope:
                return None
        if text is None:
            return None
        found = self.builder.tree(path, text, scope, wanted="truth")
        return found and self.builder.add(f"{self.about}#owed", found[0], "owed", self.about, text)
