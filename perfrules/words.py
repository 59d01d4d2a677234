"""Words for people, in Chinese and English, and the one place where foreign text is made safe to show.

Messages live in `perfrules.messages` as data. Texts that come from files are never trusted: `safe` makes control
characters visible, so that neither a terminal nor a log obeys them.
"""

from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from perfrules.messages import MESSAGES

LANGUAGES = ("zh", "en")

MAX_SHOWN = 160
"""Characters of one foreign text inside a message; a name of 60,000 characters is not worth more."""

_UNSAFE = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))


def default_language(environment: Mapping[str, str] = os.environ) -> str:
    """`zh` or `en`, as the locale says; English where it says neither."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def safe(text: str, limit: int | None = MAX_SHOWN) -> str:
    """The text with control, format and surrogate characters written as escapes, cut at `limit` characters."""
    if not text.isascii() or not text.isprintable():
        text = "".join(char if unicodedata.category(char) not in _UNSAFE else _escape(char) for char in text)
    return text if limit is None else shorten(text, limit)


def _escape(char: str) -> str:
    number = ord(char)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"


def shorten(text: str, limit: int) -> str:
    """The text, cut with an ellipsis where it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def say(key: str, lang: str, values: Mapping[str, object] | None = None, default: str | None = None) -> str:
    """The message of a key, with the values put in; every value is made safe.

    Args:
        key: An entry of the table.
        lang: `zh` or `en`.
        values: What the message names; a tuple is listed, a pair of languages is picked from.
        default: What to say where the table has no such key.
    """
    entry = MESSAGES.get(key)
    if entry is None:
        return key if default is None else default
    template = entry[LANGUAGES.index(lang)]
    return template.format_map({name: _word(value, lang) for name, value in (values or {}).items()})


def _word(value: object, lang: str) -> str:
    if isinstance(value, Term):
        return safe(say(value, lang))
    if isinstance(value, Mapping):
        return safe(title(value, lang))
    if isinstance(value, tuple):
        return separator(lang).join(f"`{_word(item, lang)}`" for item in value)
    return safe(str(value))


def separator(lang: str) -> str:
    """What stands between the items of a list."""
    return "、" if lang == "zh" else ", "


def ordinal(index: int, lang: str) -> str:
    """The number of a heading or level that is counted from 0; digits beyond the tenth."""
    chinese = "一二三四五六七八九十"
    return chinese[index] if lang == "zh" and index < len(chinese) else str(index + 1)


class Term(str):
    """A value that is itself an entry of the table of messages, said in the language of the message."""

    __slots__ = ()


_OS_REASONS = {
    errno.ENOENT: Term("os.absent"), errno.EACCES: Term("os.denied"), errno.EPERM: Term("os.denied"),
    errno.EISDIR: Term("os.folder"), errno.ENOSPC: Term("os.full"),
}  # fmt: skip


def os_reason(error: OSError) -> str:
    """Why the system refused a file, in the language of the message where it is one of the usual reasons."""
    return _OS_REASONS.get(error.errno or 0, error.strerror or "?")


def title(titles: Mapping[str, str] | str | None, lang: str, default: str = "") -> str:
    """The title in a language; in another where that one is missing; `default` where there is none at all."""
    if not titles:
        return default
    if isinstance(titles, str):
        return titles
    return titles.get(lang) or next(iter(titles.values()), default)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means."""
    if len(name) > MAX_SHOWN:
        return None
    found = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None
