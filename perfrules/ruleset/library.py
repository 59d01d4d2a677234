"""Find rulesets and load them: by path, or by id from the library; with what they extend, and what is laid on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from perfrules import numbers, words
from perfrules.errors import Finding, RulesetError, Where
from perfrules.ruleset import declare, merge, model, resolve, structure, trials
from perfrules.ruleset.build import build
from perfrules.ruleset.program import Program
from perfrules.ruleset.resolve import Layer, Reference, Role, header
from perfrules.ruleset.toml import Document, DocumentError, read

FILE_NAME = "ruleset.toml"


class Part(NamedTuple):
    """One document that a ruleset was made of.

    Attributes:
        id: The id that it gives itself.
        digest: The digest of its content.
        role: `parent`, `ruleset` or `overlay`.
        effective: The date from which on it holds, where it says one.
    """

    id: str
    digest: str
    role: Role
    effective: date | None


@dataclass(frozen=True, eq=False)
class Ruleset:
    """A ruleset that is ready to score with: what was declared, its program, and what is worth knowing about it."""

    declaration: model.Declaration
    program: Program
    layers: tuple[Layer, ...]
    findings: tuple[Finding, ...]
    merged: dict[str, Any]
    plan: bool
    origins: declare.Origins
    used: frozenset[str]
    as_of: date | None = None

    @property
    def id(self) -> str:
        """The id that the ruleset gives itself, such as `cn/department-overall-2013`."""
        return self.declaration.ruleset.id

    @property
    def title(self) -> dict[str, str]:
        """The title, by language."""
        return self.declaration.ruleset.title

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents it was made of, those that lie lowest first."""
        return tuple(layer.document for layer in self.layers)

    @cached_property
    def digest(self) -> str:
        """`sha256:` and the digest of the canonical JSON of all documents, those that lie lowest first."""
        return digest([document.data for document in self.documents])

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What every document it was made of is, those that lie lowest first."""
        return tuple(_part(layer) for layer in self.layers)

    @property
    def overlays(self) -> tuple[Part, ...]:
        """The overlays that lie on it, those of its parents included."""
        return tuple(part for part in self.parts if part.role == "overlay")

    def __repr__(self) -> str:
        """The id, and how many indicators there are."""
        return f"<Ruleset {self.id}: {len(self.program.rows)} indicators>"


def _part(layer: Layer) -> Part:
    said = header(layer.document)
    return Part(str(said.get("id", "")), digest(layer.document.data), layer.role, _effective(said.get("effective")))


def _effective(written: object) -> date | None:
    return written if isinstance(written, date) and not isinstance(written, datetime) else None


def digest(data: object) -> str:
    """`sha256:` and the digest of data as canonical JSON (RFC 8785), numbers as strings."""
    import hashlib

    import rfc8785

    return "sha256:" + hashlib.sha256(rfc8785.dumps(plain_data(data))).hexdigest()


def plain_data(data: object) -> Any:
    """Data as JSON has it: numbers and dates as text."""
    if isinstance(data, dict):
        return {str(key): plain_data(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [plain_data(item) for item in data]
    if isinstance(data, bool | str) or data is None:
        return data
    if isinstance(data, date | datetime):
        return data.isoformat()
    if isinstance(data, Decimal | int | float):
        return numbers.plain(numbers.read(data))
    return str(data)


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
    overlays: Sequence[str | Path | Reference] = (),
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
    overlays: Sequence[str | Path | Reference] = (),
) -> Ruleset:
    """A ruleset as far as it can be read, for checking: its findings may be errors, and parts may be missing.

    Args and what is raised are those of `load`, but for errors inside the files.
    """
    asked = [one if isinstance(one, Reference) else Reference(one, beside) for one in overlays]
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
    effective = _effective(header(document).get("effective"))
    if as_of and effective and effective > as_of:
        values = {"name": str(header(document).get("id", document.name)), "effective": effective, "as_of": as_of}
        where = document.where(("ruleset", "effective"))
        reading.add(Finding("not-in-force", "warning", "ruleset.effective", "", values, where))


def check(
    ruleset: Ruleset | str | Path, *, as_of: date | None = None, overlays: Sequence[str | Path] = ()
) -> tuple[Finding, ...]:
    """Everything that is wrong with a ruleset, or worth knowing: errors, warnings and notes, by place.

    An overlay alone is tried on each ruleset that its cases name.

    Args:
        ruleset: A loaded ruleset, or what `load` takes. One with errors is no exception here: they are returned.
        as_of: As of `load`; of no effect on a loaded ruleset.
        overlays: As of `load`; of no effect on a loaded ruleset.
    """
    if isinstance(ruleset, Ruleset):
        return _examined(ruleset)
    try:
        return _examined(draft(ruleset, as_of=as_of, overlays=overlays))
    except RulesetError as error:
        if error.findings[0].key != "no-ruleset.overlay":
            return error.findings
        return tuple(in_order(_tried(ruleset, as_of, overlays)))


def _examined(loaded: Ruleset) -> tuple[Finding, ...]:
    from perfrules.ruleset.soundness import examine

    return tuple(in_order([*loaded.findings, *examine(loaded)]))


def _tried(overlay: str | Path, as_of: date | None, overlays: Sequence[str | Path]) -> list[Finding]:
    """What an overlay adds to the findings of the rulesets that its cases name; each finding once."""
    path, name = find(overlay, as_of=as_of)
    bases, found = trials.bases(read(path, name), lambda one, near: find(one, near, as_of))
    asked = [Reference(one) for one in (overlay, *overlays)]
    for base in bases:
        alone: tuple[Finding, ...] = ()
        try:
            alone = _examined(load(base.text, beside=base.beside, as_of=as_of))
            together = _examined(load(base.text, beside=base.beside, as_of=as_of, overlays=asked))
        except RulesetError as error:  # of the ruleset alone: then there is nothing to try the overlay on
            together = error.findings
        found += [finding for finding in together if finding not in found and finding not in alone]
    return found


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by file and place; those without a place last."""

    def place(finding: Finding) -> tuple[str, int, int]:
        where = finding.where or Where("\uffff")
        return where.file, where.line or 0, where.column or 0

    return sorted(findings, key=place)
