"""Words for people: what is foreign is made safe, what is misspelt is guessed, and both languages say the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfrules import words

HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("staff_in_post", "staff_in_post"), ("预算执行率（％）", "预算执行率（％）"), ("", ""), ("é", "é"),
        ("😀", "😀"), ("a\x1b[31mb", "a\\x1b[31mb"), ("a\nb\tc\r", "a\\x0ab\\x09c\\x0d"), ("\x00", "\\x00"),
        ("\x7f\x9b", "\\x7f\\x9b"),
        ("a\u200bb", "a\\u200bb"), ("\u202eevil", "\\u202eevil"), ("\ufeffa", "\\ufeffa"), ("a\u2028b", "a\\u2028b"),
        ("\ud800", "\\ud800"), ("\ue000", "\\ue000"), ("\U000e0041", "\\U000e0041"), ("a b", "a b"),
    ],
)  # fmt: skip
def test_what_a_terminal_would_obey_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert words.safe(text) == shown


@given(st.text(st.characters()))
def test_a_safe_text_holds_nothing_hidden(text: str) -> None:
    assert not [char for char in words.safe(text, limit=None) if unicodedata.category(char) in HIDDEN]


@given(st.text(st.characters()))
def test_a_safe_text_is_safe_and_short(text: str) -> None:
    once = words.safe(text)
    assert words.safe(once) == once
    assert len(once) <= words.MAX_SHOWN


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert words.safe("甲" * 60_000) == "甲" * (words.MAX_SHOWN - 1) + "…"
    assert words.safe("甲" * 60_000, limit=None) == "甲" * 60_000
    assert words.shorten("abc", 3) == "abc"
    assert words.shorten("abcd", 3) == "ab…"


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("staff_in_pots", ("staff_in_post", "staff_posts"), "staff_in_post"),
        ("编制", ("编制数", "在编数"), "编制数"),
        ("Max", ("min", "max"), "max"),
        ("nothing_like_it", ("a", "b"), None),
        ("a", (), None),
        ("", ("a",), None),
        ("x" * 60_000, ("x" * 60_000,), None),
    ],
)
def test_the_nearest_known_name_is_guessed(name: str, known: tuple[str, ...], near: str | None) -> None:
    assert words.nearest(name, known) == near


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LANG": "en_US.UTF-8"}, "en"), ({}, "en"), ({"LANG": "fr_FR"}, "en"),
        ({"LC_ALL": "zh_TW.UTF-8", "LANG": "en_US.UTF-8"}, "zh"), ({"LC_ALL": "C", "LANG": "zh_CN"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_CN", "LANG": "en_US"}, "zh"),
    ],
)  # fmt: skip
def test_the_locale_chooses_the_language(environment: dict[str, str], language: str) -> None:
    assert words.default_language(environment) == language


def test_a_message_is_said_in_either_language() -> None:
    assert words.say("unknown-function", "en", {"name": "avg"}) == "there is no function `avg`"
    assert words.say("unknown-function", "zh", {"name": "avg"}) == "没有函数 `avg`"


def test_what_a_message_names_is_made_safe() -> None:
    assert words.say("unknown-function", "en", {"name": "a\x1b[2J{b}"}) == "there is no function `a\\x1b[2J{b}`"


def test_several_things_are_listed_as_the_language_lists() -> None:
    values = {"names": ("a", "b\n")}
    assert words.say("cycle", "en", values) == "`a`, `b\\x0a` refer to each other in a circle"
    assert words.say("cycle", "zh", values) == "`a`、`b\\x0a` 互相引用，成了循环"


def test_a_term_is_said_in_the_language_of_its_message() -> None:
    values = {"given": words.Term("kind.date")}
    assert words.say("wrong-kind.condition", "en", values) == "a condition must be a truth value, and this is a date"
    assert words.say("wrong-kind.condition", "zh", values).endswith("却是日期")


def test_a_key_without_a_message_is_its_default() -> None:
    assert words.say("nothing.like.it", "en") == "nothing.like.it"
    assert words.say("nothing.like.it", "en", default="") == ""


def test_a_title_falls_back_to_another_language() -> None:
    titles = {"zh": "部门整体支出", "en": "department"}
    assert words.title(titles, "en") == "department"
    assert words.title({"zh": "部门整体支出"}, "en") == "部门整体支出"
    assert words.title("plain", "zh") == "plain"
    assert words.title({}, "zh", "none") == words.title(None, "zh", "none") == "none"
