"""An evaluation kept as one canonical JSON file, from which everything in it can be derived again.

A record is what `evaluate --json` writes, and beside it the sources: the text of every document of the ruleset, and the
submission as TOML. What is kept is derived from these texts, not from what lay in memory: a record stands alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from perfrules import output
from perfrules.errors import Finding, RecordError, RulesetError, SubmissionError
from perfrules.evaluation import written
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.export import as_dict, safe
from perfrules.evaluation.scoring import evaluate
from perfrules.evaluation.submission import Submission, from_data
from perfrules.records import reading
from perfrules.records.reading import Json
from perfrules.records.shape import FORMAT, as_date, check_shape
from perfrules.ruleset import resolve, toml
from perfrules.ruleset.library import Ruleset, assemble
from perfrules.ruleset.loaded import digest, plain_data
from perfrules.ruleset.resolve import Layer
from perfrules.ruleset.toml import DocumentError

SUBMISSION = "sources.submission.text"
"""What places in the submission of a record are said to be in."""

OWN = ("record", "sources", "digest", "ledger")
"""The parts of a record that are not results."""


_Source = tuple[str, str, str]
"""The name, the role and the text of a document."""


# -- saving ------------------------------------------------------------------------------------------------------


def save(evaluation: Evaluation, path: Path) -> None:
    """Write an evaluation as a record.

    Raises:
        PerfrulesError: It cannot be written, or holds a number that no decimal says.
    """
    output.write(path, contents(sealed(made(evaluation))))


def made(evaluation: Evaluation) -> dict[str, Any]:
    """The record of an evaluation, without its digest.

    Raises:
        SubmissionError: A fact is a fraction that no decimal says.
    """
    handed = evaluation.submission
    sources = {
        "as_of": plain_data(evaluation.ruleset.as_of),
        "documents": [_document(layer) for layer in evaluation.ruleset.layers],
        "submission": _signed({
            "name": safe(handed.path.name) if handed.path else None,
            "cells": handed.texts,
            "text": written.toml(handed),
        }),
    }  # fmt: skip
    return {"record": FORMAT, "sources": sources, **results(_evaluation(sources))}


def _document(layer: Layer) -> dict[str, Any]:
    said = resolve.header(layer.document)
    return _signed({
        "id": str(said.get("id", "")), "role": layer.role, "name": safe(layer.document.name),
        "text": layer.document.text,
    })  # fmt: skip


def _signed(source: dict[str, Any]) -> dict[str, Any]:
    """A source with the digest of what it says."""
    return {**source, "digest": digest(source)}


def results(evaluation: Evaluation) -> dict[str, Any]:
    """The results as a record has them: as `evaluate --json`, without the words of findings, which may be improved."""
    data = as_dict(evaluation)
    findings = [{key: one[key] for key in ("code", "severity", "about", "where")} for one in data["findings"]]
    kept: dict[str, Any] = safe(plain_data({**data, "findings": findings}))
    return kept


def sealed(body: Mapping[str, Any]) -> dict[str, Any]:
    """A record with the digest of everything else in it."""
    rest = {key: value for key, value in body.items() if key != "digest"}
    return {**rest, "digest": digest(rest)}


def contents(record: Mapping[str, Any]) -> bytes:
    """The canonical JSON of a record (RFC 8785).

    Raises:
        RecordError: It is larger than a record may be.
    """
    import rfc8785

    found = rfc8785.dumps(dict(record))
    if len(found) > reading.MAX_BYTES:
        values = {"limit": reading.MAX_BYTES}
        raise RecordError([Finding("too-large", "error", "record", "too-large.record", values)])
    return found


# -- loading -----------------------------------------------------------------------------------------------------


class Record:
    """A record as it was read: its sources are there, and whether its results follow from them is not known yet.

    Attributes:
        file: The file it is in.
        data: What the file holds.
    """

    def __init__(self, file: Json) -> None:
        """Take a JSON file.

        Raises:
            RecordError: It is no record.
        """
        self.file = file
        self.data = file.data
        check_shape(file)

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.file.name

    @property
    def engine(self) -> str:
        """The program and its version that made the record."""
        return str(self.data.get("engine"))

    def evaluation(self) -> Evaluation:
        """The evaluation, derived again from the texts of the record.

        Raises:
            RulesetError, SubmissionError: A text cannot be read, or does not score.
        """
        return self._evaluation

    @cached_property
    def _evaluation(self) -> Evaluation:
        return _evaluation(self.data["sources"])

    def submission(self) -> Submission:
        """The submission of the record.

        Raises:
            SubmissionError: Its text is no TOML.
        """
        return _submission(self.data["sources"]["submission"])


def is_record(path: Path) -> bool:
    """Whether a file is meant as a record, and not as a submission in JSON; the reader of either says what is wrong."""
    if path.suffix.lower() != ".json":
        return False
    try:
        data = json.loads(toml.read_text(path, str(path), reading.MAX_BYTES))
    except (DocumentError, ValueError, RecursionError):
        return False
    return isinstance(data, dict) and {"record", "sources"} <= data.keys()


def load_record(path: str | Path) -> Record:
    """Read a record. Its `evaluation()` is derived again; whether it is what was recorded, `verify` says.

    Raises:
        RecordError: It cannot be read, or is no record.
    """
    return Record(reading.read(Path(path)))


# -- from the texts ----------------------------------------------------------------------------------------------


def _evaluation(sources: Mapping[str, Any]) -> Evaluation:
    """The evaluation of the sources of a record.

    Raises:
        RulesetError, SubmissionError: A text cannot be read, or does not score.
    """
    documents = tuple((one["name"], one["role"], one["text"]) for one in sources["documents"])
    as_of = None if sources["as_of"] is None else as_date(sources["as_of"])
    return evaluate(_ruleset(documents, as_of), _submission(sources["submission"]))


@lru_cache(maxsize=8)
def _ruleset(documents: Sequence[_Source], as_of: date | None) -> Ruleset:
    """The ruleset of some texts; kept, since many records of a ledger stand on the same.

    Raises:
        RulesetError: A text cannot be read, or has errors.
    """
    findings: list[Finding] = []
    layers = tuple(_layers(documents, findings))
    if findings:
        raise RulesetError(findings)
    return assemble(layers, as_of)


def _layers(documents: Sequence[_Source], findings: list[Finding]) -> Iterator[Layer]:
    for name, role, text in documents:
        try:
            document = _parsed(text, name)
        except DocumentError as error:
            findings.append(error.finding)
        else:
            yield Layer(document, role)  # type: ignore[arg-type]  # one of ROLES


def _submission(source: Mapping[str, Any]) -> Submission:
    """The submission of its text.

    Raises:
        SubmissionError: It is no TOML, or cells of a table that are no texts.
    """
    try:
        document = _parsed(source["text"], SUBMISSION)
    except DocumentError as error:
        raise SubmissionError([error.finding]) from None
    submission = from_data(document.data, document.where)
    submission.texts = source["cells"]
    if submission.texts and not all(map(_is_cell, submission.raw.values())):
        raise SubmissionError([Finding("not-a-record", "error", SUBMISSION, "not-a-record.cells")])
    return submission


def _is_cell(said: Any) -> bool:
    """Whether something is what a table says of a fact: a text, or several by the names of their columns."""
    texts = said.values() if isinstance(said, dict) else [said]
    return all(isinstance(text, str) for text in texts)


def _parsed(text: str, name: str) -> toml.Document:
    """A text as a document, no larger than a file may be.

    Raises:
        DocumentError: It is too large, or no TOML.
    """
    if len(text) > toml.MAX_BYTES:
        values = {"limit": toml.MAX_BYTES}
        raise DocumentError(Finding("too-large", "error", name, "too-large.file", values))
    return toml.parse(text, name)
