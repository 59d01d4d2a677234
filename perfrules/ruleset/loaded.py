"""A ruleset that is loaded: what was declared, its program, what it was made of, and what it is known by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from perfrules import numbers
from perfrules.errors import Finding
from perfrules.rationals import Ratio
from perfrules.ruleset import declare, model
from perfrules.ruleset.program import Program
from perfrules.ruleset.resolve import Layer, Role, header
from perfrules.ruleset.toml import Document


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
    return Part(str(said.get("id", "")), digest(layer.document.data), layer.role, effective_date(said.get("effective")))


def effective_date(written: object) -> date | None:
    """The date that a header gives; None where it gives none, or something else."""
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
    if isinstance(data, Decimal | int | float | Fraction | Ratio):
        return numbers.plain(numbers.read(data))
    return str(data)
