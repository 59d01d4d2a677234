"""HTML of templates: the one place that asks for Jinja2, and the one door through which texts get into a page.

Every value is escaped, and shown as `perfrules.words.safe` does: no text from a file is markup, an attribute, or a
control character. The templates stand beside this module and load nothing from elsewhere.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from perfrules import words
from perfrules.errors import Finding, PerfrulesError

if TYPE_CHECKING:
    from jinja2 import Environment

_SPACE = re.compile(r"\s+")


def rendered(template: str, lang: str, **given: Any) -> str:
    """A template with values in it.

    Args:
        template: The name of a file in `perfrules/report/templates`.
        lang: `zh` or `en`; `say` gives a template the messages in it.
        given: What the template names.

    Raises:
        PerfrulesError: Jinja2 is not installed.
    """

    def say(key: str, **values: object) -> str:
        return words.say(key, lang, values)

    return _environment().get_template(template).render(lang=lang, say=say, **given)


@cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise PerfrulesError([Finding("needs-extra", about=".html", values={"extra": "html"})]) from None
    return Environment(
        loader=PackageLoader("perfrules", "report/templates"), autoescape=True, finalize=shown,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


def shown(value: Any) -> Any:
    """A value as a page shows it: on one line, safe; what a template made itself stays as it is."""
    if hasattr(value, "__html__"):
        return value
    return words.safe(_SPACE.sub(" ", str(value)), None)
