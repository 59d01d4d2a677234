"""Where in the tree of a ruleset the rows of a form stand: groups as dimensions, known ones and new ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from perfrules.audit import naming
from perfrules.audit.forms import FormRow
from perfrules.audit.naming import Ids
from perfrules.ruleset import model

_PARTS = re.compile("[/、和及与，,]")


class Added(NamedTuple):
    """A dimension that the ruleset does not have."""

    id: str
    title: str
    within: str | None


@dataclass
class Places:
    """Finds dimensions for rows, and adds those that are not there.

    Attributes:
        declared: The ruleset.
        added: The new dimensions by id, in order.
        tops: The dimension of each group of the first level, by its name.
    """

    declared: model.Declaration
    added: dict[str, Added] = field(default_factory=dict)
    tops: dict[str, str] = field(default_factory=dict)
    seconds: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Compare names once."""
        self.ids = Ids(self.declared.dimensions)
        self.names = {
            identifier: {naming.group(name) for name in names}
            for identifier, names in naming.titled(self.declared.dimensions).items()
        }

    def place(self, row: FormRow) -> str:
        """The id of the dimension that a row stands in."""
        level1, level2 = row.level1 or row.level2, row.level2 if row.level1 else ""
        if not level1:
            level1 = row.name
        if level1 not in self.tops:
            self.tops[level1] = self._known(level1, None) or self._add(level1, None)
        top = self.tops[level1]
        if not level2 or naming.group(level2) == naming.group(level1):
            return top
        if (top, level2) not in self.seconds:
            self.seconds[top, level2] = self._known(level2, top) or self._add(level2, top)
        return self.seconds[top, level2]

    def within(self, identifier: str) -> str | None:
        """The dimension that a dimension stands within."""
        if identifier in self.added:
            return self.added[identifier].within
        return self.declared.dimensions[identifier].within

    def outwards(self, identifier: str | None) -> list[str]:
        """A dimension and those it stands within."""
        found: list[str] = []
        while identifier is not None:
            found.append(identifier)
            identifier = self.within(identifier)
        return found

    def _add(self, title: str, within: str | None) -> str:
        identifier = self.ids.make(title, "group")
        self.added[identifier] = Added(identifier, title, within)
        return identifier

    def _known(self, name: str, inside: str | None) -> str | None:
        """The dimension of a name, the nearest to the root; below another where that is said."""
        wanted = naming.group(name)
        found = [
            identifier
            for identifier, names in self.names.items()
            if wanted in names and (inside is None or inside in self.outwards(identifier))
        ]
        if not found and inside is not None and inside in self.names:
            return self._of_several(name, inside)
        return min(found, key=lambda one: len(self.outwards(one)), default=None)

    def _of_several(self, name: str, inside: str) -> str | None:
        """The first dimension that a name of several names, such as 经济/社会效益."""
        parts = [naming.group(part) for part in _PARTS.split(name) if part]
        below = [one for one in self.names if inside in self.outwards(one) and one != inside]
        for part in parts if len(parts) > 1 else ():
            for identifier in below:
                if len(part) > 1 and any(known.startswith(part) for known in self.names[identifier]):
                    return identifier
        return None
