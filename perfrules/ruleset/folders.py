"""Which rulesets a reference means where it may mean several: a folder, or the beginning of ids of the library."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from perfrules.errors import Finding, RulesetError
from perfrules.ruleset.library import FILE_NAME, paths


def rulesets_of(references: Iterable[str]) -> list[str]:
    """The references of single rulesets that some references come to, each once.

    A folder without a `ruleset.toml` means every ruleset below it, `cn` every ruleset of the library whose id begins
    with `cn/`. Rulesets of the library are named by their ids.

    Raises:
        RulesetError: There is no ruleset in a folder.
    """
    return list(dict.fromkeys(one for reference in references for one in _rulesets(reference)))


def _rulesets(reference: str) -> list[str]:
    known = dict(paths())
    if reference in known:
        return [reference]
    path = Path(reference)
    if not _is_folder(path):
        below = [identifier for identifier in known if identifier.startswith(reference.rstrip("/") + "/")]
        return [reference] if os.path.lexists(path) or not below else below
    identifiers = {file.resolve(): identifier for identifier, file in known.items()}
    found = [identifiers.get(file.resolve(), file.parent.as_posix()) for file in _below(path)]
    if not found:
        raise RulesetError(
            [Finding("no-ruleset", about=reference, key="no-ruleset.folder", values={"name": reference})]
        )
    return found


def _is_folder(path: Path) -> bool:
    """Whether a path is a folder that is no ruleset itself."""
    try:
        return path.is_dir() and not (path / FILE_NAME).is_file()
    except (OSError, ValueError):  # longer than names of files can be, or with a NUL
        return False


def _below(folder: Path) -> list[Path]:
    """The files of rulesets in the folders below one, in order; hidden folders are passed over."""
    found: list[Path] = []
    for inside, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(inside) / FILE_NAME] if FILE_NAME in files else []
    return found
