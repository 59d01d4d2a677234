"""One ruleset under examination: what the checks beyond loading share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from perfrules.errors import Finding, Severity
from perfrules.ruleset.toml import Document, KeyPath

if TYPE_CHECKING:
    from perfrules.ruleset.library import Ruleset
    from perfrules.ruleset.proofs import Prover


_WORD = re.compile(r"\w+")


class Examination:
    """A ruleset, its program and declaration, and how findings about it are made.

    Of a ruleset with errors it is what they leave: parts that they are about, and what reads these, are not looked at.
    """

    def __init__(self, ruleset: Ruleset) -> None:
        """Take a ruleset, which may have errors."""
        self.ruleset = ruleset
        self.declared = ruleset.declaration
        self.broken = {finding.about for finding in ruleset.findings if finding.severity == "error"}
        self.program = ruleset.program.without(self.broken) if self.broken else ruleset.program

    def is_news(self, finding: Finding) -> bool:
        """Whether a finding is about a part that has no error, nor may be meant by one that has."""
        unread = finding.code == "unused" and finding.about.partition(".")[2] in self._mentioned
        return not self.broken or not (unread or finding.about in self.broken)

    @cached_property
    def _mentioned(self) -> set[str]:
        """The words of the parts that could not be read, and what their names may have meant."""
        words = {str(finding.values.get("near", "")) for finding in self.ruleset.findings}
        for about in self.broken:
            section, _, name = about.partition(".")
            part = self.ruleset.merged.get(section)
            words |= set(_WORD.findall(repr(part.get(name) if isinstance(part, dict) and name else part)))
        return words

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
