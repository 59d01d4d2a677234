"""Names of cells that a spreadsheet takes: the ids of facts, wherever these do not look like something else to it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_REFERENCE = re.compile(r"[a-z]{1,3}[0-9]+|r|c|r[0-9]*c[0-9]*|r[0-9]+|c[0-9]+|true|false", re.IGNORECASE)
"""What a spreadsheet reads as a cell, a row, a column or a truth value: `A1`, `R1C1`, `R`, `TRUE`."""

LONGEST = 255
"""Characters of a name."""


def cell_names(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """The name of a cell for each of some names; spreadsheets do not tell letter case apart.

    Args:
        names: Ids, with dots between their parts.
        taken: Names that cells have already.
    """
    used = {name.casefold() for name in taken}
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"\W", "_", name)[: LONGEST - 10]
        if _REFERENCE.fullmatch(plain) or not re.match(r"[^\W\d]", plain):
            plain = f"_{plain}"
        new, count = plain, 1
        while new.casefold() in used:
            count += 1
            new = f"{plain}_{count}"
        used.add(new.casefold())
        found[name] = new
    return found


def sheet_names(names: Iterable[str], taken: Iterable[str]) -> list[str]:
    r"""Names of sheets: at most 31 characters, none of `[]:*?/\`, and none twice."""
    used = {name.casefold() for name in taken} | {"history"}
    found: list[str] = []
    for name in names:
        plain = re.sub(r"[\[\]:*?/\\]|[^\w\s（）().,，、《》“”-]", "_", name).strip().strip("'")[:27] or "_"
        new, count = plain, 1
        while new.casefold() in used:
            count += 1
            new = f"{plain} {count}"
        used.add(new.casefold())
        found.append(new)
    return found
