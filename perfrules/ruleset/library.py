"""Find rulesets and load them: by path, or by id from the library; with what they extend, and what is laid on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from perfrules import words
from perfrules.errors import Finding, RulesetError, Where
from perfrules.ruleset import declare, merge, model, resolve, structure, trials
from perfrules.ruleset.build import build
from perfrules.ruleset.loaded import Ruleset, digest, effective_date, plain_data
from perfrules.ruleset.resolve import Layer, Overlays, Reference, header
from perfrules.ruleset.toml import Document, DocumentError, read

__all__ = [
    "FILE_NAME", "Checked", "Ruleset", "assemble", "check", "checked", "digest", "draft", "find", "headers", "in_order",
    "load", "paths", "plain_data", "roots",
]  # fmt: skip

FILE_NAME = "ruleset.toml"


# -- finding -----------------------------------------------------------------------------------------------------


def roots() -> tuple[Path, ...]:
    """The folders of the library: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    return tuple(folder for folder in (package / "rulesets", package.parent / "rulesets") if folder.is_dir())


def paths() -> Iterator[tuple[str, Path]]:
    """The id and file of every ruleset of the library, sorted by id."""
    for root in roots():
        for path in sorted(root.rglob(FILE_NAME)):
            yield path.parent.relative_to(root).as_posix(), path
        return


def headers() -> Iterator[model.Header]:
    """The `[ruleset]` table of every ruleset of the library that can be read, sorted by id."""
    yield from filter(None, (_header(path) for _, path in paths()))


def _header(path: Path) -> model.Header | None:
    """The `[ruleset]` table of a file; None where it cannot be read, which `check` explains."""
    try:
        return model.Header.model_validate(read(path).data.get("ruleset"))
    except (DocumentError, ValidationError):
        return None


def find(reference: str | Path, beside: Path | None = None, as_of: date | None = None) -> tuple[Path, str]:
    """The file that a reference means, and the name to show for it.

    Args:
        reference: A path (of a file, or of a folder that holds `ruleset.toml`), an id of the library, or a family.
        beside: The file that a relative path is read from; the working directory unless said.
        as_of: The date at which a member of a family must be effective; the latest member unless said.

    Raises:
        RulesetError: There is no such ruleset.
    """
    text = str(reference)
    known = dict(paths())
    if text in known:
        return known[text], f"rulesets/{text}/{FILE_NAME}"
    if path := _file(text, beside):
        return path, _shown(path)
    if members := _family(text, known):
        found = max((one for one in members if as_of is None or one[0] <= as_of), default=None)
        if found is None:
            first, name = min(members)
            values: dict[str, object] = {"name": text, "first": name, "effective": first, "as_of": as_of}
            raise RulesetError([Finding("no-ruleset", about=text, key="no-ruleset.not-yet", values=values)])
        return known[found[1]], f"rulesets/{found[1]}/{FILE_NAME}"
    near = words.nearest(text, known)
    values = {"name": text, "near": near or "", "known": tuple(known)}
    raise RulesetError([Finding("no-ruleset", about=text, key="no-ruleset.near" if near else "", values=values)])


def _file(text: str, beside: Path | None) -> Path | None:
    """The file that a reference means as a path; None where it is none."""
    path = (beside.parent / text) if beside else Path(text)
    try:
        path = path / FILE_NAME if path.is_dir() else path
        return path if path.is_file() or text.endswith(".toml") else None
    except (OSError, ValueError):  # longer than names of files can be, or with a NUL
        return None


def _shown(path: Path) -> str:
    """A path as people wrote it, without `..` in the middle where it can be said shorter."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()


def _family(family: str, known: dict[str, Path]) -> list[tuple[date, str]]:
    """The members of a family: from when on each is effective, and its id."""
    headers_ = {identifier: _header(path) for identifier, path in known.items()}
    return [
        (one.effective, identifier)
        for identifier, one in headers_.items()
        if one is not None and one.family == family and one.effective is not None
    ]


# -- loading -----------------------------------------------------------------------------------------------------


def load(
    reference: str | Path,
    *,
    beside: Path | None = None,
    as_of: date | None = None,
    overlays: Overlays = (),
) -> Ruleset:
    """Load a ruleset.

    Args:
        reference: A path, an id of the library such as `cn/department-overall-2013`, or a family.
        beside: The file that a relative path is read from.
        as_of: The date at which members of families must be effective, wherever a family is named; the latest
            members unless said. What is not effective yet at the date is a warning.
        overlays: What to lay on it, after the overlays that it names itself.

    Raises:
        RulesetError: It cannot be found or read, or has errors; `findings` holds all of them, warnings too.
    """
    return _whole(draft(reference, beside=beside, as_of=as_of, overlays=overlays))


def draft(
    reference: str | Path,
    *,
    beside: Path | None = None,
    as_of: date | None = None,
    overlays: Overlays = (),
) -> Ruleset:
    """A ruleset as far as it can be read, for checking: its findings may be errors, and parts may be missing.

    Args and what is raised are those of `load`, but for errors inside the files.
    """
    asked = resolve.references(overlays, beside)
    return _read(resolve.stack(reference, beside, asked, lambda one, near: find(one, near, as_of)), as_of)


def assemble(layers: tuple[Layer, ...], as_of: date | None = None) -> Ruleset:
    """A ruleset from the documents that it is made of.

    Args:
        layers: The documents, those that lie lowest first.
        as_of: As of `load`.

    Raises:
        RulesetError: It has errors; `findings` holds all of them, warnings too.
    """
    return _whole(_read(layers, as_of))


def _whole(ruleset: Ruleset) -> Ruleset:
    if any(finding.severity == "error" for finding in ruleset.findings):
        raise RulesetError(ruleset.findings)
    return ruleset


def _read(layers: tuple[Layer, ...], as_of: date | None) -> Ruleset:
    reading = merge.merged(layers)
    for layer in layers:
        _in_force(layer.document, as_of, reading)
    declared = declare.declaration(reading)
    program = build(declared, reading)
    plan = declared.ruleset.plan or any(
        layer.role == "parent" and header(layer.document).get("framework") is True for layer in layers
    )
    structure.check(program, reading, plan=plan)
    found, used = tuple(in_order(reading.findings)), frozenset(reading.used)
    return Ruleset(declared, program, layers, found, reading.data, plan, reading.origins, used, as_of)


def _in_force(document: Document, as_of: date | None, reading: declare.Reading) -> None:
    """Note a document that takes effect after the date that is asked for."""
    effective = effective_date(header(document).get("effective"))
    if as_of and effective and effective > as_of:
        values = {"name": str(header(document).get("id", document.name)), "effective": effective, "as_of": as_of}
        where = document.where(("ruleset", "effective"))
        reading.add(Finding("not-in-force", "warning", "ruleset.effective", "", values, where))


def check(ruleset: Ruleset | str | Path, *, as_of: date | None = None, overlays: Overlays = ()) -> tuple[Finding, ...]:
    """Everything that is wrong with a ruleset, or worth knowing: errors, warnings and notes, by place.

    An overlay alone is tried on each ruleset that its cases name; with a framework, the plans that its cases name are
    checked.

    Args:
        ruleset: A loaded ruleset, or what `load` takes. One with errors is no exception here: they are returned.
        as_of: As of `load`; of no effect on a loaded ruleset.
        overlays: As of `load`; of no effect on a loaded ruleset.
    """
    return checked(ruleset, as_of=as_of, overlays=overlays).findings


class Checked(NamedTuple):
    """What checking a ruleset gives: findings by place, and of its scores how many are proved to stay in 0..weight."""

    findings: tuple[Finding, ...]
    proved: int = 0
    scores: int = 0


def checked(ruleset: Ruleset | str | Path, *, as_of: date | None = None, overlays: Overlays = ()) -> Checked:
    """As `check`, with the figures of the proofs."""
    if isinstance(ruleset, Ruleset):
        return _examined(ruleset)
    try:
        drafted = draft(ruleset, as_of=as_of, overlays=overlays)
        return _with_plans(drafted) if drafted.declaration.ruleset.framework else _examined(drafted)
    except RulesetError as error:
        if error.findings[0].key != "no-ruleset.overlay":
            return Checked(error.findings)
        return _tried(ruleset, as_of, overlays)


def _examined(loaded: Ruleset) -> Checked:
    from perfrules.ruleset.soundness import examine

    found, proofs = examine(loaded)
    proved = sum(proof.answer == "proved" for proof in proofs)
    return Checked(tuple(in_order([*loaded.findings, *found])), proved, len(proofs))


def _with_plans(framework: Ruleset) -> Checked:
    """A framework, and the plans that its cases name: its methods are seen at work there alone."""
    alone = _examined(framework)
    own = next(layer.document for layer in framework.layers if layer.role == "ruleset")
    plans, _ = trials.bases(own, lambda one, near: find(one, near, framework.as_of))
    found, proved, scores = list(alone.findings), alone.proved, alone.scores
    for plan in plans:
        one = _examined(draft(plan.text, beside=plan.beside, as_of=framework.as_of))
        found += [finding for finding in one.findings if finding not in found]
        proved, scores = proved + one.proved, scores + one.scores
    return Checked(tuple(in_order(found)), proved, scores)


def _tried(overlay: str | Path, as_of: date | None, overlays: Overlays) -> Checked:
    """What an overlay adds to the findings of the rulesets that its cases name; each finding once."""
    path, name = find(overlay, as_of=as_of)
    bases, found = trials.bases(read(path, name), lambda one, near: find(one, near, as_of))
    asked = [Reference(overlay), *resolve.references(overlays)]
    proved = scores = 0
    for base in bases:
        alone: tuple[Finding, ...] = ()
        try:
            alone = _examined(load(base.text, beside=base.beside, as_of=as_of)).findings
            together = _examined(load(base.text, beside=base.beside, as_of=as_of, overlays=asked))
        except RulesetError as error:  # of the ruleset alone: then there is nothing to try the overlay on
            together = Checked(error.findings)
        found += [finding for finding in together.findings if finding not in found and finding not in alone]
        proved, scores = proved + together.proved, scores + together.scores
    return Checked(tuple(in_order(found)), proved, scores)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by file and place; those without a place last."""

    def place(finding: Finding) -> tuple[str, int, int]:
        where = finding.where or Where("\uffff")
        return where.file, where.line or 0, where.column or 0

    return sorted(findings, key=place)
