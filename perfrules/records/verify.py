"""verify(): does a record follow from its own texts? What was recorded is compared with what is derived now.

The first thing that differs is named. It is looked for from the causes to what follows from them: the texts by their
digests, then of every indicator the facts, the steps, the score; then dimensions, total, checks, claims; the rest last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from perfrules import words
from perfrules.errors import Finding, PerfrulesError, RecordError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.records.reading import said
from perfrules.records.record import OWN, Record, load_record, results
from perfrules.records.replay import ABSENT, Replay
from perfrules.ruleset.library import Ruleset, load
from perfrules.ruleset.loaded import digest
from perfrules.ruleset.resolve import Overlays
from perfrules.ruleset.toml import KeyPath

_ORDER = ("id", "indicators", "values", "dimensions", "total", "checks", "claims", "status", "facts", "steps")
"""What is compared first, of a record and of each entry in it."""

_SHOWN = 60
"""Characters that are shown of either side of a difference."""


class Verification(NamedTuple):
    """What verifying a record gives.

    Attributes:
        name: The file.
        record: The record; None where it cannot be read.
        evaluation: What is derived from its texts; None where they cannot be evaluated.
        findings: What is wrong, first things first; a note where it was recorded by another version.
    """

    name: str
    record: Record | None
    evaluation: Evaluation | None
    findings: tuple[Finding, ...]

    @property
    def status(self) -> str:
        """`verified`, `differs`, or `unreadable`."""
        codes = {finding.code for finding in self.findings if finding.severity == "error"}
        if not codes:
            return "verified"
        return "differs" if "record-differs" in codes else "unreadable"


def evaluated(
    path: str | Path, ruleset: str | Path | None = None, *, overlays: Overlays = (), as_of: date | None = None
) -> Evaluation:
    """The evaluation of a record that holds; by another ruleset where one is given, as of `verify`.

    Raises:
        RecordError: It cannot be read, or what is derived from it is not what was recorded.
        RulesetError, SubmissionError: As of `verify`.
    """
    found = examine(path)
    if found.record is None or found.evaluation is None or found.status != "verified":
        raise RecordError(found.findings)
    if ruleset is None:
        return found.evaluation
    return Replay.of(found.record, found.evaluation, load(ruleset, overlays=overlays, as_of=as_of)).after


class Difference(NamedTuple):
    """The place at which a record differs from what is derived, and both sides."""

    path: KeyPath
    recorded: Any
    derived: Any


def verify(
    path: str | Path,
    ruleset: Ruleset | str | Path | None = None,
    *,
    overlays: Overlays = (),
    as_of: date | None = None,
) -> tuple[Finding, ...]:
    """Derive a record again from its own texts, and name the first thing that differs.

    Args:
        path: The file of a record.
        ruleset: Another ruleset, or what `load` takes, to replay the submission on.
        overlays: As of `load`, for the other ruleset.
        as_of: As of `load`, for the other ruleset.

    Returns:
        Errors where it cannot be read or differs, none where it holds. A note where another version recorded it; and
        with another ruleset, a note for each score that comes out otherwise by it.

    Raises:
        RulesetError: The other ruleset cannot be found, read or scored with.
        SubmissionError: The submission does not fit the other ruleset.
    """
    found = examine(path)
    if ruleset is None or found.record is None or found.evaluation is None:
        return found.findings
    other = ruleset if isinstance(ruleset, Ruleset) else load(ruleset, overlays=overlays, as_of=as_of)
    return (*found.findings, *Replay.of(found.record, found.evaluation, other).findings)


def examine(path: str | Path) -> Verification:
    """As `verify`, with the record and what is derived from it."""
    try:
        return examined(load_record(path))
    except RecordError as error:
        return Verification(str(path), None, None, error.findings)


def examined(record: Record) -> Verification:
    """Verify a record that was read."""
    found = list(_sources(record))
    try:
        evaluation = record.evaluation()
    except PerfrulesError as error:
        if not found:
            found = [Finding("not-a-record", "error", record.name, "not-a-record.sources")]
        wrong = (finding for finding in error.findings if finding.severity == "error")
        return Verification(record.name, record, None, (*found, *wrong))
    derived = results(evaluation)
    known = record.engine == derived["engine"]
    if difference := _identity(record, evaluation) or _first(record.data, derived, strict=known):
        found.append(_finding(record, difference))
    if not found:
        found += _whole(record, derived["engine"])
    if not known:
        values = {"recorded": record.engine, "derived": derived["engine"]}
        found.append(Finding("other-engine", "note", "engine", "", values, record.file.where(("engine",))))
    return Verification(record.name, record, evaluation, tuple(found))


# -- digests -----------------------------------------------------------------------------------------------------


def _sources(record: Record) -> Iterator[Finding]:
    """The texts whose digests do not fit."""
    sources = record.data["sources"]
    paths: list[KeyPath] = [("sources", "documents", index) for index in range(len(sources["documents"]))]
    for path, source in zip(
        [*paths, ("sources", "submission")], [*sources["documents"], sources["submission"]], strict=True
    ):
        if _digest(source) != source["digest"]:
            about = said(path)
            values = {"name": source["name"] or "—"}
            yield Finding("record-differs", "error", about, "record-differs.source", values, record.file.where(path))


def _digest(data: Mapping[str, Any]) -> str:
    return digest({key: value for key, value in data.items() if key != "digest"})


def _whole(record: Record, engine: str) -> Iterator[Finding]:
    """What is left when everything derives: a digest that does not fit, or an engine that did not make it."""
    data = record.data
    fitting = _digest(data)
    if fitting == data["digest"]:
        return
    difference = Difference(("digest",), data["digest"], fitting)
    if _digest({**data, "engine": engine}) == data["digest"]:
        difference = Difference(("engine",), data.get("engine", ABSENT), engine)
    yield _finding(record, difference)


# -- results -----------------------------------------------------------------------------------------------------


def _identity(record: Record, evaluation: Evaluation) -> Difference | None:
    """The first document whose id is not the one that its text says."""
    documents = record.data["sources"]["documents"]
    for index, (document, part) in enumerate(zip(documents, evaluation.ruleset.parts, strict=True)):
        if document["id"] != part.id:
            return Difference(("sources", "documents", index, "id"), document["id"], part.id)
    return None


def _first(recorded: Mapping[str, Any], derived: Mapping[str, Any], *, strict: bool) -> Difference | None:
    """The first difference of the results.

    Args:
        recorded: The record.
        derived: The results, derived again.
        strict: Whether a key that is derived must be recorded; another version may not have known it.
    """
    ours = {key: value for key, value in recorded.items() if key not in OWN and key != "engine"}
    theirs = {key: value for key, value in derived.items() if key != "engine"}
    return _between(ours, theirs, (), strict=strict)


def _between(recorded: Any, derived: Any, path: KeyPath, *, strict: bool) -> Difference | None:
    if isinstance(recorded, dict) and isinstance(derived, dict):
        for key in sorted({**derived, **recorded}, key=_rank):
            if key not in recorded and not strict:
                continue
            if found := _between(recorded.get(key, ABSENT), derived.get(key, ABSENT), (*path, key), strict=strict):
                return found
        return None
    if isinstance(recorded, list) and isinstance(derived, list):
        for index in range(max(len(recorded), len(derived))):
            sides = [side[index] if index < len(side) else ABSENT for side in (recorded, derived)]
            if found := _between(sides[0], sides[1], (*path, index), strict=strict):
                return found
        return None
    same = recorded == derived and type(recorded) is type(derived)
    return None if same else Difference(path, recorded, derived)


def _rank(key: str) -> int:
    return _ORDER.index(key) if key in _ORDER else len(_ORDER)


def _finding(record: Record, difference: Difference) -> Finding:
    recorded, derived = _shown(difference.recorded, difference.derived)
    name = _named(record.data, difference.path)
    values = {"recorded": recorded, "derived": derived, "name": name}
    key = "record-differs.of" if name else ""
    key = "record-differs.absent" if difference.recorded is ABSENT else key
    key = "record-differs.added" if difference.derived is ABSENT else key
    where = record.file.where(difference.path)
    return Finding("record-differs", "error", said(difference.path), key, values, where)


def _named(data: Any, path: KeyPath) -> str:
    """The ids of the entries on a path, the outermost first: of an indicator, and of its fact."""
    names = []
    for part in path[:-1]:
        inside = data.get(part) if isinstance(data, dict) else None
        if isinstance(data, list) and isinstance(part, int) and part < len(data):
            inside = data[part]
        data = inside
        if isinstance(data, dict) and isinstance(data.get("id"), str):
            names.append(data["id"])
    return " · ".join(names)


def _shown(*sides: Any) -> tuple[str, ...]:
    """Two values for people, from where they begin to differ."""
    texts = [side if isinstance(side, str) else json.dumps(side, ensure_ascii=False) for side in sides]
    if max(map(len, texts)) <= _SHOWN or any(isinstance(side, words.Term) for side in sides):
        return tuple(side if isinstance(side, words.Term) else words.shorten(text, _SHOWN)
                     for side, text in zip(sides, texts, strict=True))  # fmt: skip
    pairs = enumerate(zip(*texts, strict=False))
    start = next((index for index, pair in pairs if len(set(pair)) > 1), min(map(len, texts)))
    start = max(0, start - _SHOWN // 3)
    return tuple(("…" if start else "") + words.shorten(text[start:], _SHOWN) for text in texts)
