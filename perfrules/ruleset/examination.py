"""One ruleset under examination: what the checks beyond loading share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from perfrules.errors import Finding, Severity
from perfrules.ruleset.toml import Document, KeyPath

if TYPE_CHECKING:
    from perfrules.ruleset.library import Ruleset
    from perfrules.ruleset.proofs import Prover


class Examination:
    """A loaded ruleset, its program and declaration, and how findings about it are made."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Take a loaded ruleset."""
        self.ruleset = ruleset
        self.program = ruleset.program
        self.declared = ruleset.declaration

    @cached_property
    def prover(self) -> Prover:
        """What proves things of the program's scores."""
        from perfrules.ruleset.proofs import Prover

        return Prover(self.program)

    @cached_property
    def own(self) -> Document:
        """The document of the ruleset itself, without parents and overlays."""
        return next(layer.document for layer in self.ruleset.layers if layer.role == "ruleset")

    def is_own(self, section: str, name: str) -> bool:
        """Whether a part was declared by the ruleset itself or an overlay, not by a parent, which answers for it."""
        document = self.ruleset.origins.document((section, name))
        return not any(layer.document is document for layer in self.ruleset.layers if layer.role == "parent")

    def finding(
        self,
        code: str,
        path: KeyPath,
        key: str = "",
        severity: Severity = "warning",
        on_key: bool = False,
        span: tuple[int, int] | None = None,
        values: Mapping[str, object] | None = None,
    ) -> Finding:
        """A finding about a part of the ruleset, with its place."""
        about = ".".join(map(str, path[:2]))
        return Finding(
            code, severity, about, key, dict(values or {}), self.ruleset.origins.where(path, span, on_key=on_key)
        )
