"""Find rulesets and load them: by path, or by id from the library; with the rulesets they extend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from perfrules import numbers, words
from perfrules.errors import Finding, RulesetError, Where
from perfrules.ruleset import declare, model, structure
from perfrules.ruleset.build import build
from perfrules.ruleset.program import Program
from perfrules.ruleset.toml import Document, DocumentError, read

FILE_NAME = "ruleset.toml"

MAX_PARENTS = 10
"""Rulesets that one may stand on, one upon the other."""


@dataclass(frozen=True, eq=False)
class Ruleset:
    """A ruleset that is ready to score with: what was declared, its program, and what is worth knowing about it."""

    declaration: model.Declaration
    program: Program
    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]
    merged: dict[str, Any]
    plan: bool
    origins: declare.Origins
    used: frozenset[str]

    @property
    def id(self) -> str:
        """The id that the ruleset gives itself, such as `cn/department-overall-2013`."""
        return self.declaration.ruleset.id

    @property
    def title(self) -> dict[str, str]:
        """The title, by language."""
        return self.declaration.ruleset.title

    @cached_property
    def digest(self) -> str:
        """`sha256:` and the digest of the canonical JSON of all documents, parents first."""
        return digest([document.data for document in self.documents])

    @cached_property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """The id and digest of every document it was made of, parents first."""
        return tuple((_own_id(document), digest(document.data)) for document in self.documents)

    def __repr__(self) -> str:
        """The id, and how many indicators there are."""
        return f"<Ruleset {self.id}: {len(self.program.rows)} indicators>"


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
    if found := _in_family(text, known, as_of):
        return known[found], f"rulesets/{found}/{FILE_NAME}"
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


def _in_family(family: str, known: dict[str, Path], as_of: date | None) -> str | None:
    """The member of a family that is the latest effective at a date."""
    members = []
    for identifier, path in known.items():
        header = _header(path)
        if header is None or header.family != family or header.effective is None:
            continue
        if as_of is None or header.effective <= as_of:
            members.append((header.effective, identifier))
    return max(members)[1] if members else None


# -- loading -----------------------------------------------------------------------------------------------------


def load(reference: str | Path, *, beside: Path | None = None, as_of: date | None = None) -> Ruleset:
    """Load a ruleset.

    Args:
        reference: A path, an id of the library such as `cn/department-overall-2013`, or a family.
        beside: The file that a relative path is read from.
        as_of: For a family: the date at which its member must be effective.

    Raises:
        RulesetError: It cannot be found or read, or has errors; `findings` holds all of them, warnings too.
    """
    path, name = find(reference, beside, as_of)
    documents = _chain(path, name)
    reading = declare.begin(documents[0])
    for document in documents[1:]:
        declare.lay(reading, document)
    declared = declare.declaration(reading)
    program = build(declared, reading)
    plan = any(_is_framework(document) for document in documents[:-1])
    structure.check(program, reading, plan=plan)
    if any(finding.severity == "error" for finding in reading.findings):
        raise RulesetError(in_order(reading.findings))
    found = tuple(in_order(reading.findings))
    return Ruleset(
        declared, program, documents, found, reading.data, plan, reading.origins, frozenset(reading.used)
    )  # fmt: skip


def check(ruleset: Ruleset | str | Path) -> tuple[Finding, ...]:
    """Everything that is wrong with a ruleset, or worth knowing: errors, warnings and notes, by place.

    Args:
        ruleset: A loaded ruleset, or what `load` takes. One with errors is no exception here: they are returned.
    """
    from perfrules.ruleset.soundness import examine

    try:
        loaded = ruleset if isinstance(ruleset, Ruleset) else load(ruleset)
    except RulesetError as error:
        return error.findings
    return tuple(in_order([*loaded.findings, *examine(loaded)]))


def _chain(path: Path, name: str) -> tuple[Document, ...]:
    """The documents a ruleset stands on, parents first, itself last."""
    chain: list[Document] = []
    seen: list[Path] = []
    while True:
        try:
            document = read(path, name)
        except DocumentError as error:
            unfound = chain and error.finding.code == "no-file"
            where = chain[-1].where(("ruleset", "extends")) if unfound else error.finding.where
            raise RulesetError([error.finding._replace(where=where)]) from None
        chain.append(document)
        seen.append(path.resolve())
        header = document.data.get("ruleset")
        parent = header.get("extends") if isinstance(header, dict) else None
        if not isinstance(parent, str):
            return tuple(chain[::-1])
        path, name = _parent(document, parent)
        if path.resolve() in seen or len(chain) > MAX_PARENTS:
            raise RulesetError([_too_many(chain, seen, path)])


def _too_many(chain: list[Document], seen: list[Path], path: Path) -> Finding:
    """The finding about parents in a circle, or too many of them."""
    where = chain[-1].where(("ruleset", "extends"))
    if path.resolve() not in seen:
        return Finding("cycle", "error", "ruleset.extends", "cycle.parents", {"limit": MAX_PARENTS}, where)
    names = tuple(document.name for document in chain[seen.index(path.resolve()) :])
    return Finding(
        "cycle", "error", "ruleset.extends", "cycle.itself" if len(names) == 1 else "", {"names": names}, where
    )


def _parent(document: Document, parent: str) -> tuple[Path, str]:
    try:
        return find(parent, document.path)
    except RulesetError as error:
        where = document.where(("ruleset", "extends"))
        raise RulesetError(
            Finding(one.code, one.severity, "ruleset.extends", one.key, one.values, where) for one in error.findings
        ) from None


def _is_framework(document: Document) -> bool:
    header = document.data.get("ruleset")
    return isinstance(header, dict) and header.get("framework") is True


def _own_id(document: Document) -> str:
    header = document.data.get("ruleset")
    return str(header.get("id", "")) if isinstance(header, dict) else ""


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by file and place; those without a place last."""

    def place(finding: Finding) -> tuple[str, int, int]:
        where = finding.where or Where("\uffff")
        return where.file, where.line or 0, where.column or 0

    return sorted(findings, key=place)
