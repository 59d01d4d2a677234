"""Records and ledgers on the console: whether they hold, and what a submission comes to by another ruleset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from perfrules import numbers, words
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.export import text
from perfrules.evaluation.results import Result
from perfrules.records.chain import LedgerVerification
from perfrules.records.replay import Pair, Replay
from perfrules.records.verify import Verification
from perfrules.report.listing import finding_text
from perfrules.report.style import COLOURS, Line, plain, points, titled

_STATUS = {"verified": "green", "differs": "red", "unreadable": "red"}


# -- records -----------------------------------------------------------------------------------------------------


def verified_view(verified: Sequence[Verification], lang: str, replay: Replay | None = None) -> RenderableType:
    """Each record, whether it holds, and what is wrong with it; below it the replay, where there is one."""
    parts = [part for one in verified for part in _verified(one, lang, whole=len(verified) == 1)]
    return Group(*parts, *(_replay(replay, lang) if replay else ()))


def _verified(one: Verification, lang: str, *, whole: bool) -> Iterator[RenderableType]:
    yield _head(one.status, one.name, lang)
    if one.evaluation is not None and one.status == "verified" and whole:
        yield plain(one.evaluation, "dim")
        yield Line(words.say("verify.counts", lang, _counts(one.evaluation)), "dim")
    yield from (finding_text(finding, lang) for finding in one.findings)


def _head(status: str, name: str, lang: str) -> Text:
    return Line(words.say(f"verify.{status}", lang), _STATUS[status]).append("  ").append_text(plain(name))


def _counts(evaluation: Evaluation) -> dict[str, int]:
    return {
        "indicators": len(evaluation.ruleset.program.rows),
        "facts": len(evaluation.facts.given.keys() | evaluation.facts.names.keys() & evaluation.submission.raw.keys()),
        "steps": len(evaluation.trace),
    }


def verified_data(verified: Sequence[Verification], lang: str, replay: Replay | None = None) -> dict[str, Any]:
    """The same as JSON: of one record an object, of several a list of them."""
    records = [
        {
            "record": words.safe(one.name, None), "status": one.status,
            "engine": words.safe(one.record.engine) if one.record else None,
            "findings": [finding.as_dict(lang) for finding in one.findings],
        }
        for one in verified
    ]  # fmt: skip
    if len(records) != 1:
        return {"format": 1, "records": records}
    return {"format": 1, **records[0], "replay": _replayed_data(replay, lang) if replay else None}


# -- by another ruleset ------------------------------------------------------------------------------------------


def _replay(replay: Replay, lang: str) -> Iterator[RenderableType]:
    yield Text()
    yield plain(words.say("verify.by", lang, {"ruleset": replay.after.ruleset.id}), "bold")
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    drawn.add_column(words.say("view.indicator", lang), overflow="fold", min_width=12, ratio=3)
    for side in ("recorded", "replayed", "difference"):
        drawn.add_column(words.say(f"verify.{side}", lang), justify="right", overflow="fold")
    for pair in replay.pairs:
        drawn.add_row(*_cells(pair, lang), style="bold" if not pair.about.startswith("indicators.") else "")
    yield drawn
    yield from (finding_text(finding, lang) for finding in replay.left_out)


def _cells(pair: Pair, lang: str) -> tuple[Text, Text, Text, Text]:
    result: Result = pair.replayed or pair.recorded
    name = titled(result.title, result.id or words.say("view.total", lang), lang)
    if pair.about.startswith("indicators."):
        name = Line("  ").append_text(name)
    return name, _points(pair.recorded), _points(pair.replayed), _difference(pair)


def _points(result: Result | None) -> Text:
    return Line("—", "dim") if result is None else Line(f"{points(result)} / {numbers.plain(result.weight)}")


def _difference(pair: Pair) -> Text:
    if not pair.differs:
        return Line()
    change = _change(pair)
    if change is None:
        return Line("≠", "yellow")
    return Line(("+" if change > 0 else "") + numbers.shown(change), "green" if change > 0 else "red" if change else "")


def _change(pair: Pair) -> Any:
    """Points after less points before; None where a side has none."""
    sides = [None if side is None else side.exact for side in (pair.recorded, pair.replayed)]
    return None if sides[0] is None or sides[1] is None else sides[1] - sides[0]


def _replayed_data(replay: Replay, lang: str) -> dict[str, Any]:
    rows = [
        {
            "about": pair.about, "recorded": _side(pair.recorded), "replayed": _side(pair.replayed),
            "difference": text(_change(pair)),
        }
        for pair in replay.pairs
    ]  # fmt: skip
    ruleset = {"id": replay.after.ruleset.id, "digest": replay.after.ruleset.digest}
    notes = [finding.as_dict(lang) for finding in replay.left_out]
    return {"ruleset": ruleset, "rows": rows, "findings": notes}


def _side(result: Result | None) -> dict[str, Any] | None:
    if result is None:
        return None
    bounds = None if result.bounds is None else [text(end) for end in result.bounds]
    score = None if result.score is None else f"{result.score:f}"
    return {"status": result.status.value, "score": score, "weight": text(result.weight), "bounds": bounds}


# -- ledgers -----------------------------------------------------------------------------------------------------


def ledger_view(found: LedgerVerification, lang: str) -> RenderableType:
    """Whether a ledger holds, how many entries it has, and what is wrong with which."""
    head = _head(found.status, found.folder, lang)
    head.append("  " + words.say("verify.ledger", lang, {"count": len(found.numbers)}), "dim")
    parts: list[RenderableType] = [head]
    if found.signed:
        parts.append(Line(words.say("verify.signed", lang), COLOURS["scored"]))
    return Group(*parts, *(finding_text(finding, lang) for finding in found.findings))


def ledger_data(found: LedgerVerification, lang: str) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "format": 1, "ledger": words.safe(found.folder, None), "status": found.status, "entries": len(found.numbers),
        "last": found.head.last if found.head else None, "signed": found.signed,
        "findings": [finding.as_dict(lang) for finding in found.findings],
    }  # fmt: skip
