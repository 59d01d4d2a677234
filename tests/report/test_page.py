"""The page of an evaluation, in a real browser: complete, readable by keyboard and by machine, and obeying no text."""

from __future__ import annotations

import re
import sys
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import tomli_w
from browsing import console, requests, run, screen, violations, visit, walk

from perfrules import evaluate, load, words
from perfrules.errors import PerfrulesError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.export import as_dict
from perfrules.report.derived import told
from perfrules.report.page import page
from perfrules.report.rules_page import ruleset_page
from perfrules.report.told import Told

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.xdist_group("chromium")  # one browser for all of them

ROOT = Path(__file__).resolve().parents[2]
JULU, LANGFANG = (ROOT / "docs/examples" / name / "submission.toml" for name in ("julu-2022", "langfang-2019"))

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)> javascript:alert(1) {{ 7*7 }} {% x %} \u202egnp \x1b[31m &amp; \'"`'
LONG = "很长的名称" * 4000


def hostile(folder: Path) -> Evaluation:
    """An evaluation with the texts in every place that takes one."""
    both = {"zh": HOSTILE, "en": HOSTILE}
    ruleset = {
        "format": 1,
        "ruleset": {"id": "test/hostile", "title": both, "authority": HOSTILE, "provenance": HOSTILE},
        "scales": {"g": {"title": both, "steps": [{"id": "all", "title": both, "from": 0}]}},
        "facts": {
            "spent": {"title": both, "kind": "amount", "unit": HOSTILE},
            "absent": {"title": both, "kind": "amount"},
            "long": {"title": LONG, "kind": "number"},
        },
        "dimensions": {"d": {"title": both, "authority": HOSTILE}},
        "total": {"title": both, "scale": "g"},
        "indicators": {
            "a": {
                "dimension": "d", "title": both, "weight": 40, "value": "spent", "unit": HOSTILE, "score": "min(weight, value)",
                "standard": HOSTILE, "authority": HOSTILE,
            },
            "b": {"dimension": "d", "title": both, "weight": 30, "value": "absent", "score": "min(weight, value)"},
            "c": {"dimension": "d", "title": LONG, "weight": 30, "value": "long", "score": "min(weight, value)"},
        },
        "checks": {"k": {"title": both, "equal": ["spent", "long"]}},
    }  # fmt: skip
    given = {"source": HOSTILE, "note": HOSTILE}
    submission = {
        "format": 1,
        "submission": {"subject": HOSTILE, "period": HOSTILE, "prepared_by": HOSTILE, "source": LONG},
        "facts": {"spent": {"value": 7, **given}, "absent": {"missing": HOSTILE, **given}, "long": {"value": 30, "note": LONG}},
        "claims": {"total": 98},
        "notes": {"a": {"reason": HOSTILE, "improvement": HOSTILE}},
    }  # fmt: skip
    rules = folder / "ruleset.toml"
    rules.write_text(tomli_w.dumps(ruleset), encoding="utf-8")
    return evaluate(rules, submission)


class Opened(NamedTuple):
    """A page in the browser."""

    name: str
    lang: str
    evaluation: Evaluation
    browser: Chrome

    @property
    def data(self) -> Any:
        return as_dict(self.evaluation, self.lang)

    def run(self, script: str, *arguments: object) -> Any:
        return run(self.browser, script, *arguments)


@pytest.fixture(scope="module", params=[("julu", "zh"), ("langfang", "en"), ("hostile", "zh")], ids="-".join)
def opened(request: pytest.FixtureRequest, browser: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A page, opened from its file."""
    name, lang = request.param
    folder = tmp_path_factory.mktemp("page")
    evaluation = hostile(folder) if name == "hostile" else evaluate(None, JULU if name == "julu" else LANGFANG)
    file = folder / f"{name}.html"
    file.write_text(page(evaluation, lang), encoding="utf-8")
    visit(browser, file)
    return Opened(name, lang, evaluation, browser)


def test_no_request_leaves_the_file_and_nothing_is_logged(opened: Opened) -> None:
    assert requests(opened.browser) == []
    assert console(opened.browser) == []
    assert opened.run("return document.documentElement.lang") == {"zh": "zh-Hans", "en": "en"}[opened.lang]


def test_every_number_is_the_one_of_the_json(opened: Opened) -> None:
    shown = opened.run("return [...document.querySelectorAll('data')].map(e => [e.dataset.of, e.value, e.textContent])")
    places = addresses(opened.data)
    for path, value, text in shown:
        assert places[path] == value
        said = re.findall(r"-?\d+(?:\.\d+)?", text)
        assert said, text
        assert abs(Fraction(said[-1]) - Fraction(value)) <= Fraction(1, 10 ** (2 if "." in said[-1] else 0)) / 2
    required = {
        path for path, value in places.items()
        if value is not None and re.fullmatch(r"(total|(dimensions|indicators)\.\w+)\.(score|weight)|total\.coverage", path)
    }  # fmt: skip
    required |= {
        f"{path.rpartition('.')[0]}.bounds.{end}"
        for path, value in places.items() if path.endswith(".score") and value is None
        for end in (0, 1) if places.get(f"{path.rpartition('.')[0]}.bounds.{end}") is not None
    }  # fmt: skip
    assert required <= {path for path, _, _ in shown}


def addresses(data: dict[str, Any]) -> dict[str, Any]:
    """The numbers of an evaluation's JSON, by the names that the page gives them."""
    found: dict[str, Any] = {}

    def add(path: str, part: dict[str, Any]) -> None:
        for key in ("score", "weight", "coverage", "lost", "difference", "claimed"):
            if key in part:
                found[f"{path}.{key}"] = part[key]
        for end, value in enumerate(part.get("bounds") or ()):
            found[f"{path}.bounds.{end}"] = value

    add("total", data["total"])
    for section, name in (("dimensions", "id"), ("indicators", "id"), ("checks", "id"), ("claims", "about")):
        for part in data[section]:
            add(f"{section}.{part[name]}", part)
    return found


def test_each_derivation_opens_by_keyboard_and_says_what_explain_says(opened: Opened) -> None:
    evaluation = opened.evaluation
    wanted = {*evaluation.ruleset.program.rows, *evaluation.dimensions, "total"}
    assert set(opened.run("return [...document.querySelectorAll('details.row')].map(e => e.dataset.id)")) == wanted
    walk(opened.browser)
    for name, is_open, text in opened.run(
        "return [...document.querySelectorAll('details.row')].map(e => [e.dataset.id, e.open, e.querySelector('.inside').innerText])"
    ):
        assert is_open
        assert squeezed(text) == squeezed("".join(spoken(one) for one in told(evaluation, name, opened.lang).below))


def spoken(line: Told) -> str:
    return "".join(span.text for span in line.spans) + "".join(spoken(one) for one in line.below)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_it_is_accessible_and_as_wide_as_the_screen(scheme: str, width: int, opened: Opened) -> None:
    screen(opened.browser, width, scheme)
    opened.run("[...document.querySelectorAll('details')].forEach((e, i) => e.open = i % 9 == 0)")
    assert opened.run("return document.documentElement.scrollWidth") <= width
    rules = ("color-contrast",) if scheme == "dark" else ()  # where the colours alone are others
    assert violations(opened.browser, *rules) == []


def test_on_paper_every_derivation_is_open_and_in_light_colours(opened: Opened) -> None:
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    opened.run("document.querySelectorAll('details').forEach(e => e.open = false)")
    opened.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})
    try:
        assert opened.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        heights = "return [...document.querySelectorAll('details .inside')].map(e => e.checkVisibility({contentVisibilityAuto: true}) && e.offsetHeight)"
        assert all(height > 10 for height in opened.run(heights))
    finally:
        opened.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def test_the_page_of_a_ruleset_is_accessible_and_as_wide_as_the_screen(browser: Chrome, tmp_path: Path) -> None:
    file = tmp_path / "rules.html"
    file.write_text(ruleset_page(load("cn/department-overall-yueyang-2018"), "zh"), encoding="utf-8")
    for width in (390, 1280):
        screen(browser, width)
        visit(browser, file)
        assert run(browser, "return document.documentElement.scrollWidth") <= width
        assert console(browser) == []
        assert violations(browser) == []


# -- without a browser -------------------------------------------------------------------------------------------


class _Tags(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [str(value) for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_texts_are_text_and_nothing_else(tmp_path: Path) -> None:
    plain, odd = (_Tags(), _Tags())
    plain.feed(page(evaluate(None, JULU), "zh"))
    html = page(hostile(tmp_path), "zh")
    odd.feed(html)
    assert odd.tags <= plain.tags
    assert odd.attributes <= plain.attributes
    assert not {"script", "img", "iframe"} & odd.tags
    assert all(link.startswith(("#", "data:,")) for link in odd.links)
    assert odd.text.count(words.safe(HOSTILE, None)) > 10
    assert LONG in odd.text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", html)


def test_the_same_evaluation_gives_the_same_page() -> None:
    assert page(evaluate(None, LANGFANG), "en") == page(evaluate(None, LANGFANG), "en")


def test_without_jinja2_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from perfrules.report import markup

    markup._environment.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(PerfrulesError) as refused:
        page(evaluate(None, LANGFANG), "en")
    assert [finding.code for finding in refused.value.findings] == ["needs-extra"]
    assert "perfrules[html]" in str(refused.value)
