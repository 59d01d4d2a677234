"""A browser for the tests of pages: what a page asks for and logs, whom it shuts out, and a walk over it by keyboard."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


def start(profile: Path) -> Chrome:
    """Chromium, with a folder for its profile; the test is skipped where it, or its driver, is not installed."""
    selenium = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    from selenium.webdriver.chrome.service import Service

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("no chromium and chromedriver here")
    options = selenium.ChromeOptions()
    options.binary_location = chromium
    for one in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(one)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started: Chrome = selenium.Chrome(options=options, service=Service(driver))
    return started


def visit(browser: Chrome, file: Path) -> None:
    """Open a page from its file, the logs emptied before."""
    for kind in ("performance", "browser"):
        browser.get_log(kind)  # type: ignore[no-untyped-call]  # selenium gives it no types
    browser.get(file.as_uri())


def run(browser: Chrome, script: str, *arguments: object) -> Any:
    return browser.execute_script(script, *arguments)


def console(browser: Chrome) -> list[str]:
    """What the page logged since it was opened, or since this was asked."""
    return [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]  # selenium gives it no types


def requests(browser: Chrome) -> list[str]:
    """The addresses that the page asked for besides its own."""
    here = browser.current_url
    logged = browser.get_log("performance")  # type: ignore[no-untyped-call]  # selenium gives it no types
    messages = [json.loads(entry["message"])["message"] for entry in logged]
    sent = [one["params"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    own = [one["request"]["url"] for one in sent if one["documentURL"] == here]  # not of the browser's first tab
    assert here in own
    return [url for url in own if url != here and not url.startswith("data:")]


def screen(browser: Chrome, width: int, scheme: str = "light") -> None:
    """Show the page as a screen of a width does, in light or dark colours."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def violations(browser: Chrome, *rules: str) -> list[tuple[str, str, str]]:
    """What axe-core finds fault with, by all its rules or some."""
    axe = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    if not run(browser, "return typeof axe !== 'undefined'"):
        run(browser, (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = list(rules)
    found = browser.execute_async_script("axe.run(arguments[0]).then(arguments[1])", options)
    assert found["passes"]
    return [
        (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"]) for one in found["violations"]
    ]


def walk(browser: Chrome) -> None:
    """Close every row that opens; then go from stop to stop by keyboard, and open each."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    run(browser, "document.querySelectorAll('details').forEach(e => e.open = false)")
    stops = run(browser, "return [...document.querySelectorAll('a, summary, [tabindex]')].map(e => e.localName)")
    keys = ActionChains(browser, duration=0)
    for stop in stops:
        keys.send_keys(Keys.TAB + Keys.ENTER if stop == "summary" else Keys.TAB)
    keys.perform()
