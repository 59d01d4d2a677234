"""What is found when a ruleset is loaded, without what `check` looks for beyond that."""

from __future__ import annotations

from pathlib import Path

from perfrules.errors import Finding, RulesetError
from perfrules.ruleset.library import load


def at_load(path: str | Path) -> tuple[Finding, ...]:
    """The findings of loading a ruleset, whether it can be loaded or not."""
    try:
        return load(path).findings
    except RulesetError as error:
        return error.findings
