"""What the cases of an overlay try it on: the rulesets that they name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from perfrules.errors import Finding, RulesetError
from perfrules.ruleset.resolve import Find, Reference, header, is_overlay
from perfrules.ruleset.toml import Document, DocumentError, KeyPath, read


def bases(overlay: Document, find: Find) -> tuple[list[Reference], list[Finding]]:
    """The rulesets that the cases of an overlay name, each once; and what is wrong with naming them."""
    found: dict[Path, Reference] = {}
    findings: list[Finding] = []
    for document in cases_of(overlay, findings):
        for at, named in _named(document):
            try:
                found.setdefault(_base(named, document, find), Reference(named, document.path))
            except RulesetError as error:
                about, where = f"case {int(at[1]) + 1}", document.where(at)
                findings += [one._replace(about=about, where=where) for one in error.findings]
    if not found and not findings:
        where = overlay.where(("ruleset", "id"))
        values = {"name": overlay.name}
        findings.append(Finding("no-cases", "warning", "ruleset", "no-cases.overlay", values, where))
    return list(found.values()), findings


def cases_of(document: Document, findings: list[Finding]) -> list[Document]:
    """The files of cases beside a ruleset or an overlay; what cannot be read is added to the findings."""
    found: list[Document] = []
    folder = document.path.parent if document.path else Path()
    for file in sorted((folder / "cases").glob("*.toml")):
        try:
            found.append(read(file, (Path(document.name).parent / "cases" / file.name).as_posix()))
        except DocumentError as error:
            findings.append(error.finding)
    return found


def _named(document: Document) -> Iterator[tuple[KeyPath, str]]:
    """The rulesets that cases name, and where; a case without one says so when it is run."""
    cases = document.data.get("case", [])
    for index, case in enumerate(cases if isinstance(cases, list) else []):
        named = case.get("ruleset") if isinstance(case, dict) else None
        if isinstance(named, str):
            yield ("case", index, "ruleset"), named


def _base(named: str, document: Document, find: Find) -> Path:
    path, name = find(named, document.path)
    try:
        base = read(path, name)
    except DocumentError as error:
        raise RulesetError([error.finding]) from None
    if is_overlay(base):
        values = {"name": str(header(base).get("id", name))}
        raise RulesetError([Finding("no-ruleset", key="no-ruleset.overlay", values=values)])
    return path.resolve()
