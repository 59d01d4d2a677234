"""Names of a form as ids and as names of a ruleset: stable ids, and which group or row of a ruleset a name means."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping

from perfrules.audit.columns import plain
from perfrules.audit.texts import bare
from perfrules.formula.language import FUNCTIONS, RESERVED_NAMES
from perfrules.ruleset import model

MAX_ID = 60
"""Characters of an id that is made of a name, before what keeps it apart from another."""

_SEPARATED = re.compile(r"(?<=[0-9A-Za-z])[^0-9A-Za-z_](?=[0-9A-Za-z])")
_QUOTES = re.compile("[“”‘’\"'《》「」〈〉]")
_SAME = {
    "环境效益": "生态效益",
    "效果": "效益",
    **dict.fromkeys(("可持续影响力", "可持续发展", "可持续性"), "可持续影响"),
    **dict.fromkeys(("社会公众或服务对象满意度", "社会公众满意度", "群众满意度", "受益对象满意度"), "服务对象满意度"),
    **dict.fromkeys(("预算资金执行率", "资金执行率", "执行率", "预算执行情况"), "预算执行率"),
}
"""Names of groups that forms use for one another; 效果 is what Hebei calls 效益."""


class Ids:
    """Makes ids of names, each once."""

    def __init__(self, taken: Iterable[str]) -> None:
        """Take the names that are no longer free."""
        self.taken = {*taken, *FUNCTIONS, *RESERVED_NAMES, *keyword.kwlist}

    def make(self, name: str, otherwise: str) -> str:
        """An id of a name: its letters, digits and Chinese characters; `otherwise` where it has none.

        A name that comes again gets a number in the order of the form, so that the same form gives the same ids.
        """
        joined = _SEPARATED.sub("_", bare(name))
        kept = "".join(char for char in joined if model.is_identifier(f"_{char}"))[:MAX_ID].strip("_") or otherwise
        kept = kept if model.is_identifier(kept) else f"_{kept}"
        found, count = kept, 1
        while found in self.taken:
            count += 1
            found = f"{kept}_{count}"
        self.taken.add(found)
        return found


def slug(name: str) -> str:
    """A part of the id of a ruleset, of a name of a file."""
    kept = "".join(char if model.is_identifier(f"_{char}") else "-" for char in bare(name))
    return re.sub("-+", "-", kept).strip("-_")[:MAX_ID].strip("-_") or "form"


def group(name: str) -> str:
    """The name of a group as it is compared: 数量指标 is 数量, 项目决策指标 is 决策."""
    found = plain(_QUOTES.sub("", name))
    found = found.removesuffix("等").removesuffix("指标").removeprefix("项目").removeprefix("部门")
    return _SAME.get(found, found)


def indicator(name: str) -> str:
    """The name of an indicator as it is compared: quotes and brackets do not count, nor 率 at its end."""
    found = plain(_QUOTES.sub("", name)).removesuffix("指标")
    return _SAME.get(found, found).removesuffix("率")


def titled(parts: Mapping[str, model.Named]) -> dict[str, list[str]]:
    """Every name of some parts as it stands in the ruleset, ids included."""
    return {identifier: [identifier, *part.title.values()] for identifier, part in parts.items()}
