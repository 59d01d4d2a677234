"""Rulesets on the console: the library, one ruleset as a table, findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perfrules import numbers, words
from perfrules.errors import Finding
from perfrules.evaluation.cases import CaseResult
from perfrules.numbers import Exact
from perfrules.report.style import COLOURS, Line, named, plain, titled
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.ranges import limits


def library_view(headers: Iterable[model.Header], lang: str) -> RenderableType:
    """The rulesets of the library, one a line."""
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    drawn.add_column(words.say("show.id", lang), overflow="fold")
    drawn.add_column(words.say("show.effective", lang), no_wrap=True)
    drawn.add_column(words.say("show.authority", lang), overflow="fold")
    for header in headers:
        name = Group(plain(header.id, "bold"), titled(header.title, header.id, lang))
        effective = header.effective.isoformat() if header.effective else "—"
        drawn.add_row(name, effective, plain(header.authority))
    return drawn


def findings_view(findings: Iterable[Finding], lang: str) -> RenderableType:
    """Findings with place, line and caret; then how many there are."""
    listed = list(findings)
    lines: list[RenderableType] = [_finding(finding, lang) for finding in listed]
    if not listed:
        return Line(words.say("check.sound", lang), "green")
    counts = {
        f"{severity}s": sum(one.severity == severity for one in listed) for severity in ("error", "warning", "note")
    }
    lines.append(Line(words.say("check.count", lang, counts), "bold"))
    return Group(*lines)


def cases_view(results: Sequence[CaseResult], lang: str) -> RenderableType:
    """The cases that failed, each with what came out; and how many passed."""
    if not results:
        return Line(words.say("cases.none", lang), "yellow")
    failed = [result for result in results if result.findings]
    lines: list[RenderableType] = []
    for result in failed:
        lines.append(plain(f"{result.file}: {result.name}", "bold red"))
        lines += [_finding(finding, lang) for finding in result.findings]
    counts = {"passed": len(results) - len(failed), "failed": len(failed)}
    lines.append(Line(words.say("cases.count", lang, counts), "red" if failed else "green"))
    return Group(*lines)


def _finding(finding: Finding, lang: str) -> Text:
    head, *rest = finding.format(lang).split("\n")
    text = Line(words.say(f"severity.{finding.severity}", lang) + " ", COLOURS[finding.severity]).append(head, "bold")
    for line in rest:
        text.append("\n" + line)
    return text.append("\n")


def ruleset_view(ruleset: Ruleset, lang: str) -> RenderableType:
    """A ruleset as people read it: dimensions and indicators with formula, standard and authority; then the rest."""
    declared = ruleset.declaration
    parts = [_head(ruleset, lang), _indicators(ruleset, lang), *_sections(declared, lang), _facts(ruleset, lang)]
    return Group(*(piece for part in parts for piece in (part, Line())))


def _head(ruleset: Ruleset, lang: str) -> RenderableType:
    header = ruleset.declaration.ruleset
    effective = header.effective.isoformat() if header.effective else ""
    lines = [
        plain(words.title(header.title, lang, header.id), "bold"),
        plain(" · ".join(part for part in (header.id, header.authority, effective) if part), "dim"),
    ]
    parents = [identifier for identifier, _ in ruleset.parts[:-1]]
    if parents:
        lines.append(plain(words.say("show.extends", lang, {"parents": ", ".join(parents)}), "dim"))
    if header.provenance:
        lines.append(plain(words.title(header.provenance, lang), "dim"))
    if header.framework:
        lines.append(Line(words.say("show.frame", lang), "yellow"))
    return Group(*lines)


def _indicators(ruleset: Ruleset, lang: str) -> RenderableType:
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_lines=False)
    drawn.add_column(words.say("view.indicator", lang), overflow="fold", ratio=2)
    drawn.add_column(words.say("show.weight", lang), justify="right", no_wrap=True)
    drawn.add_column(words.say("show.formula", lang), overflow="fold", ratio=4)
    program = ruleset.program
    waiting = [(branch, 0) for branch in program.branches.values() if branch.within is None][::-1]
    while waiting:
        branch, depth = waiting.pop()
        name = Padding(titled(branch.title, branch.id, lang, "bold"), (0, 0, 0, 2 * depth))
        declared = ruleset.declaration.dimensions[branch.id]
        weight = branch.weight if declared.weight is None else declared.weight
        open_ = declared.weight is None and not branch.rows and not branch.dimensions  # a framework's plans fill it
        drawn.add_row(name, Line("—" if open_ else numbers.plain(weight), "bold"), plain(declared.score or ""))
        for row in branch.rows:
            drawn.add_row(*_row(ruleset, row, depth + 1, lang))
        waiting += [(program.branches[child], depth + 1) for child in branch.dimensions[::-1]]
    return drawn


def _row(ruleset: Ruleset, identifier: str, depth: int, lang: str) -> list[RenderableType]:
    row = ruleset.program.rows[identifier]
    name = Group(titled(row.indicator.title, identifier, lang), Line(identifier, "dim"))
    lines = [plain(line) for line in _standard(ruleset, row.indicator, row.method, lang)]
    if row.indicator.authority:
        lines.append(plain(row.indicator.authority, "dim"))
    return [Padding(name, (0, 0, 0, 2 * depth)), Line(numbers.plain(row.weight)), Group(*lines)]


def _standard(ruleset: Ruleset, indicator: model.Indicator, method_id: str | None, lang: str) -> Iterator[str]:
    """The lines that say what is measured and how it scores."""
    if indicator.value:
        yield f"{words.say('explain.value', lang)}: {indicator.value}"
    if indicator.target:
        yield f"{words.say('explain.target', lang)}: {indicator.target}"
    if indicator.applies:
        yield f"{words.say('explain.applies', lang)}: {indicator.applies}"
    method = ruleset.declaration.methods.get(method_id or "")
    if indicator.score:
        yield f"{words.say('explain.score', lang)}: {indicator.score}"
    elif method:
        by = words.say("explain.by", lang, {"source": words.title(method.title, lang, method_id or "")})
        yield f"{by}: {method.score or ''}"
    for band in indicator.bands or (method.bands if method else None) or ():
        yield "  " + _band(band)
    if standard := words.title(indicator.standard, lang):
        yield standard


def _band(band: model.Band) -> str:
    edges = ((">=", band.from_), (">", band.above), ("<=", band.to), ("<", band.below))
    tests = [f"{sign} {numbers.plain(edge)}" for sign, edge in edges if edge is not None]
    tests += [band.when] if band.when else []
    return f"{' , '.join(tests) or '…'} → {band.score}"


def _sections(declared: model.Declaration, lang: str) -> Iterator[RenderableType]:
    """Values, methods, adjustments, checks and grades, where there are any."""
    yield from _named("show.values", {key: (one.title, one.formula) for key, one in declared.values.items()}, lang)
    methods = {
        key: (one.title, one.score or "; ".join(map(_band, one.bands or ()))) for key, one in declared.methods.items()
    }
    yield from _named("show.methods", methods, lang)
    adjustments = {key: (one.title, f"{one.each}: {one.score}") for key, one in declared.adjustments.items()}
    yield from _named("show.adjustments", adjustments, lang)
    checks = {key: (one.title, one.assert_ or " == ".join(one.equal or ())) for key, one in declared.checks.items()}
    yield from _named("show.checks", checks, lang)
    for identifier, scale in declared.scales.items():
        steps = {step.id: (step.title, step.when or f">= {numbers.plain(step.from_ or 0)}") for step in scale.steps}
        yield from _named("show.grades", steps, lang, identifier)


def _named(
    key: str, parts: dict[str, tuple[dict[str, str], str]], lang: str, suffix: str = ""
) -> Iterator[RenderableType]:
    if not parts:
        return
    drawn = Table.grid(padding=(0, 2))
    for _ in range(2):
        drawn.add_column(overflow="fold")
    for identifier, (title, formula) in parts.items():
        drawn.add_row(named(title, identifier, lang), plain(formula))
    head = Line(words.say(key, lang), "bold").append(f" {words.safe(suffix)}" if suffix else "", "dim")
    yield Group(head, Padding(drawn, (0, 0, 0, 2)))


def _facts(ruleset: Ruleset, lang: str) -> RenderableType:
    drawn = Table(
        box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, title=words.say("show.facts", lang), title_justify="left"
    )
    drawn.add_column(words.say("show.title", lang), overflow="fold", ratio=3)
    drawn.add_column(words.say("show.id", lang), overflow="fold", ratio=3)
    drawn.add_column(words.say("show.kind", lang), no_wrap=True)
    drawn.add_column(words.say("show.unit", lang), overflow="fold")
    drawn.add_column(words.say("show.range", lang), overflow="fold")
    for identifier, fact in ruleset.program.facts.items():
        drawn.add_row(
            titled(fact.title, identifier, lang), identifier, fact.kind, plain(fact.unit or ""), range_text(fact)
        )
    return drawn


def range_text(fact: model.Fact) -> str:
    """The range of a fact for people; empty where its kind has none."""
    if fact.kind in ("truth", "choice", "text", "checklist", "table") or (fact.kind == "date" and fact.range is None):
        return ""
    return " – ".join(_end(end) for end in limits(fact.kind, fact.range))


def _end(end: object) -> str:
    if isinstance(end, float):
        return "∞" if end > 0 else "-∞"
    return numbers.plain(end) if isinstance(end, Exact) else str(end)
