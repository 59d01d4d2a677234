"""An evaluation read for its page: which texts and figures stand there, in which order.

Scores, bounds and differences are taken from the JSON, words from `wording` and `derived`; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perfrules import numbers, words
from perfrules.errors import Finding
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.export import as_dict
from perfrules.evaluation.gaps import gaps
from perfrules.evaluation.results import BranchResult, CheckResult, Result, RowResult, Status, losing
from perfrules.report import wording
from perfrules.report.bars import bar
from perfrules.report.derived import told
from perfrules.report.page_model import (
    Branch,
    Check,
    Claim,
    Figure,
    Found,
    Group,
    PageModel,
    Raise,
    Row,
    Score,
)
from perfrules.report.style import value as value_text

MOST = 6
"""Facts, and indicators, that are named as raising the score most."""

_MARKS = {"pass": "✓", "fail": "✗", "missing": "?", "undefined": "?"}


def page_content(evaluation: Evaluation, lang: str, within: str = "") -> PageModel:
    """What the page of an evaluation shows, in a language; on a page that has more, `within` begins its anchors."""
    return _Reader(evaluation, lang, within).page()


def found(finding: Finding, lang: str) -> Found:
    """A finding as pages show it."""
    return Found(
        finding.severity, words.say(f"severity.{finding.severity}", lang), finding.code, finding.message(lang),
        str(finding.where) if finding.where else "", finding.help(lang),
    )  # fmt: skip


class _Reader:
    def __init__(self, evaluation: Evaluation, lang: str, within: str) -> None:
        self.evaluation = evaluation
        self.lang = lang
        self.within = within
        self.data = as_dict(evaluation, lang)
        self.anchors = {row.id: f"{within}indicator-{number}" for number, row in enumerate(evaluation, 1)}
        self.anchors |= {name: f"{within}dimension-{number}" for number, name in enumerate(evaluation.dimensions, 1)}

    def say(self, key: str, **values: object) -> str:
        return words.say(key, self.lang, values)

    def page(self) -> PageModel:
        evaluation, submission = self.evaluation, self.evaluation.submission
        declared = evaluation.ruleset.declaration.ruleset
        ruleset = words.title(declared.title, self.lang, declared.id)
        heading = " · ".join(part for part in (submission.subject, submission.period) if part) or ruleset
        findings = evaluation.findings
        raising, raises = self._raises()
        total = self._branch(evaluation.total, 0) if evaluation.total else None
        branches = tuple(self._branches())
        return PageModel(
            f"{heading} · {ruleset}" if heading != ruleset else ruleset,
            heading,
            ruleset if heading != ruleset else "",
            " · ".join(part for part in (declared.id, declared.authority) if part),
            tuple(self._provenance()),
            self._label(),
            tuple(self._counts()),
            total,
            self._coverage(),
            branches,
            tuple(self._groups()),
            (*filter(None, [total]), *branches),
            raising,
            raises,
            tuple(self._check(check) for check in evaluation.checks),
            tuple(self._claims()),
            tuple(found(one, self.lang) for one in findings if one.severity != "note"),
            tuple(found(one, self.lang) for one in findings if one.severity == "note"),
            tuple(self._origin()),
        )

    def _provenance(self) -> Iterator[str]:
        """What was laid on the ruleset, and what is not official about it."""
        declared = self.evaluation.ruleset.declaration.ruleset
        if overlays := self.evaluation.ruleset.overlays:
            yield self.say("show.overlays", rulesets=words.separator(self.lang).join(part.id for part in overlays))
        if declared.provenance:
            yield words.title(declared.provenance, self.lang)

    def _origin(self) -> Iterator[tuple[str, str]]:
        """By whom and from what it is, and the digests of the two texts that it follows from."""
        submission = self.evaluation.submission
        for key, text in (("prepared_by", submission.prepared_by), ("source", submission.source)):
            if text:
                yield self.say(f"page.{key}"), text
        for part in ("ruleset", "submission"):
            yield self.say(f"page.{part}"), self.data[part]["digest"]
        yield self.say("page.engine"), self.data["engine"]

    # -- scores ---------------------------------------------------------------------------------------------------

    def _figure(self, path: str, value: Any, text: str | None = None) -> Figure:
        return Figure(path, str(value), text if text is not None else str(value))

    def _coverage(self) -> Figure:
        coverage = self.evaluation.coverage
        path = "total.coverage" if self.evaluation.total else ""
        return self._figure(path, numbers.plain(coverage), numbers.shown(coverage, 2))

    def _label(self) -> str:
        decided = self.evaluation.total is None or self.evaluation.total.score is not None
        return self.say("view.score") + ("" if decided else " · " + self.say("view.undecided"))

    def _counts(self) -> Iterator[tuple[str, str]]:
        """How many errors and warnings there are, where there are any."""
        for severity in ("error", "warning"):
            if count := sum(finding.severity == severity for finding in self.evaluation.findings):
                yield severity, self.say(f"page.count.{severity}", count=count)

    def _score(self, path: str, result: Result, data: dict[str, Any]) -> Score:
        weight = self._figure(f"{path}.weight", data["weight"], numbers.shown(result.weight))
        if result.score is not None:
            return Score((self._figure(f"{path}.score", data["score"], f"{result.score:f}"),), weight)
        if result.status is Status.NOT_APPLICABLE or result.bounds is None:
            return Score((), weight, "—" if result.status is Status.NOT_APPLICABLE else "?")
        ends = zip(("0", "1"), data["bounds"], result.bounds, strict=True)
        return Score(
            tuple(self._figure(f"{path}.bounds.{at}", end, numbers.shown(found, 2)) for at, end, found in ends), weight
        )

    def _branch(self, result: BranchResult, depth: int) -> Branch:
        path = f"dimensions.{result.id}" if result.id else "total"
        data = (
            next(one for one in self.data["dimensions"] if one["id"] == result.id) if result.id else self.data["total"]
        )
        state = "" if result.status in (Status.SCORED, Status.MISSING) else self.say(f"status.{result.status}")
        return Branch(
            result.id, self.anchors.get(result.id, f"{self.within}total"),
            words.title(result.title, self.lang, result.id or self.say("view.total")), depth,
            self._score(path, result, data), bar(result, self.lang),
            wording.grade(self.evaluation, result, self.lang), state,
            told(self.evaluation, result.id or "total", self.lang).below,
        )  # fmt: skip

    def _branches(self) -> Iterator[Branch]:
        depths: dict[str, int] = {}
        for result in self.evaluation.dimensions.values():
            depth = depths[result.id] = depths.get(result.branch.within or "", -1) + 1
            yield self._branch(result, depth)

    # -- indicators -----------------------------------------------------------------------------------------------

    def _groups(self) -> Iterator[Group]:
        """Those that lost points, most first; those not decided, most at stake first; the rest, as they stand."""
        rows = list(self.evaluation)
        undecided = [row for row in rows if row.exact is None and row.status is not Status.NOT_APPLICABLE]
        full = [row for row in rows if row.lost is not None and row.lost <= 0]
        beside = [row for row in rows if row.status is Status.NOT_APPLICABLE]
        ranked = {
            "page.lost": losing(rows),
            "page.undecided": sorted(undecided, key=lambda row: -row.weight),
            "page.full": full,
            "page.not-applicable": beside,
        }
        data = {one["id"]: one for one in self.data["indicators"]}
        for key, listed in ranked.items():
            if listed:
                yield Group(key, tuple(self._row(row, data[row.id]) for row in listed))

    def _row(self, row: RowResult, data: dict[str, Any]) -> Row:
        path, lost, measured = f"indicators.{row.id}", row.lost, wording.measured(row, self.lang)
        within = self.evaluation.dimensions[row.row.indicator.dimension]
        return Row(
            row.id, self.anchors[row.id], words.title(row.title, self.lang, row.id),
            words.title(within.title, self.lang, within.id), measured if measured != "—" else "",
            self._score(path, row, data),
            self._figure(f"{path}.lost", data["lost"], numbers.shown(lost)) if lost is not None and lost > 0 else None,
            wording.state(self.evaluation, row, self.lang), row.status.value,
            told(self.evaluation, row.id, self.lang).below,
        )  # fmt: skip

    def _raises(self) -> tuple[str, tuple[Raise, ...]]:
        """The facts that would settle most; where none is missing, the indicators that lost most."""
        ranked = gaps(self.evaluation)[:MOST]
        if ranked:
            return self.say("page.raise-facts"), tuple(
                Raise(
                    " + ".join(wording.fact_titles(self.evaluation, gap.facts, self.lang)),
                    self.say("page.settles", points=numbers.shown(gap.weight)), "",
                )
                for gap in ranked
            )  # fmt: skip
        lost = losing(self.evaluation)
        return self.say("page.raise"), tuple(
            Raise(
                words.title(row.title, self.lang, row.id),
                self.say("page.lost-here", points=numbers.shown(row.lost or 0)), self.anchors[row.id],
            )
            for row in lost[:MOST]
        )  # fmt: skip

    # -- checks, claims, findings ---------------------------------------------------------------------------------

    def _check(self, check: CheckResult) -> Check:
        mark = "≈" if check.status == "pass" and check.difference else _MARKS[check.status]
        said, figure = wording.difference(self.evaluation, check, self.lang), None
        if check.difference is not None:
            figure = self._figure(f"checks.{check.id}.difference", numbers.plain(check.difference), said)
        state = self.say(f"status.{check.status}")
        return Check(
            mark, check.status, state, words.title(check.title, self.lang, check.id), figure,
            "" if figure or said == state else said,
        )  # fmt: skip

    def _claims(self) -> Iterator[Claim]:
        for claim in self.evaluation.claims:
            about, instead = (
                say(self.evaluation, claim, self.lang) for say in (wording.claimed_of, wording.consequence)
            )
            figure, text = None, ""
            if isinstance(claim.claimed, str):
                text = claim.claimed
            else:
                shown = value_text(claim.claimed, None, self.lang)
                figure = self._figure(f"claims.{claim.about}.claimed", numbers.plain(claim.claimed), shown)
            yield Claim(about, figure, text, claim.verdict, self.say(f"verdict.{claim.verdict}"), instead)
