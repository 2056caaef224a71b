"""The HTML report in a real browser: filters, search, keys, theme, phone, paper, hostile names, 20,000
findings."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from reports.html import HtmlReport, Limits
from tests.reports.sample import blind_report, clean_report, large_report, sample_report
from tests.reports.test_report_html import hostile_report

pytestmark = [pytest.mark.chromium, pytest.mark.long]

_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("DRIFT_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip(f"no Chromium: none of {', '.join(_NAMES)} is on PATH and DRIFT_CHROMIUM is not set")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS.split())
        yield browser
        browser.close()


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a report from disk. At the end there must be no console message, no error, no request, no
    dialog."""
    trouble: list[str] = []
    contexts = []

    def opened(
        report: dict[str, Any], limits: Limits | None = None, anchor: str = "", **context: Any
    ) -> Page:
        file = tmp_path / "report.html"
        with file.open("wb") as out:
            HtmlReport(limits).render(report, out)
        contexts.append(browser.new_context(**context))
        page = contexts[-1].new_page()
        page.on("console", lambda message: trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (trouble.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: _note(trouble, request.url, file))
        page.goto(file.as_uri() + anchor)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert trouble == []


def _note(trouble: list[str], url: str, file: Path) -> None:
    if not url.startswith((file.as_uri(), "data:", "blob:")):
        trouble.append(f"request: {url}")


def rows(page: Page) -> Locator:
    return page.locator("#list > li:visible")


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def test_search_reads_names_values_people_and_files(open_report: Open) -> None:
    page = open_report(sample_report())
    expect(page.locator("#shown")).to_have_text("All 15 shown")
    for words, names in (
        ("m.okafor", ["api-public"]),
        ("2.15.0-rc1", ["api-workers"]),
        ("alarms.tf", ["thumbnailer-errors"]),
        ("orders sqs", ["orders", "orders-replay-tmp"]),
    ):
        page.fill("#search", words)
        expect(rows(page)).to_have_count(len(names))
        expect(page.locator("#list > li:visible .c-name b")).to_have_text(names)
    page.fill("#search", "nothing like this")
    expect(page.get_by_text("No finding matches.")).to_be_visible()
    page.click("#clear-empty")
    expect(rows(page)).to_have_count(15)


def test_chips_and_lists_filter_together(open_report: Open) -> None:
    page = open_report(sample_report())
    high = page.get_by_role("button", name="high 3", exact=True)
    high.click()
    expect(high).to_have_attribute("aria-pressed", "true")
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name="critical 2", exact=True).click()
    expect(rows(page)).to_have_count(5)
    page.get_by_label("Owner", exact=True).select_option("security")
    expect(rows(page)).to_have_count(2)
    expect(page.locator("#shown")).to_have_text("2 of 15 match")
    page.click("#clear")
    expect(rows(page)).to_have_count(15)
    page.get_by_role("button", name="aws 444455556666 us-east-1").click()
    expect(rows(page)).to_have_count(2)


def test_keys(open_report: Open) -> None:
    page = open_report(sample_report())
    expect(page.locator("#shown")).to_have_text("All 15 shown")
    page.keyboard.press("j")
    first, second = (page.locator("#list summary").nth(n) for n in (0, 1))
    expect(first).to_be_focused()
    page.keyboard.press("j")
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#list details").nth(1)).to_have_attribute("open", "")
    page.keyboard.press("k")
    expect(first).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    expect(page.locator("#search")).to_have_value("")
    page.keyboard.type("jk/")
    expect(page.locator("#search")).to_have_value("jk/")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_have_value("")
    expect(rows(page)).to_have_count(15)


def test_the_first_tab_stop_skips_to_the_findings(open_report: Open) -> None:
    page = open_report(sample_report())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the findings")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#findings")).to_be_focused()


def test_theme_follows_the_system_until_chosen(open_report: Open) -> None:
    page = open_report(sample_report(), color_scheme="dark")

    def background() -> str:
        color: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return color

    dark = background()
    button = page.get_by_role("button", name="Theme: auto")
    button.click()
    expect(page.locator("#theme")).to_have_text("Theme: light")
    assert background() != dark
    page.click("#theme")
    expect(page.locator("#theme")).to_have_text("Theme: dark")
    assert background() == dark
    page.reload()
    expect(page.locator("#theme")).to_have_text("Theme: dark")


def test_a_link_opens_its_finding(open_report: Open) -> None:
    report = sample_report()
    identity = report["findings"][7]["id"]
    page = open_report(report, anchor=f"#finding-{identity}")
    expect(page.locator(f"#finding-{identity}")).to_be_visible()
    expect(page.locator("li.finding:has(details[open])")).to_have_count(1)


def test_copying_an_id(open_report: Open) -> None:
    page = open_report(sample_report(), permissions=["clipboard-read", "clipboard-write"])
    page.locator("#list summary").first.click()
    page.get_by_role("button", name="Copy finding id").first.click()
    expect(page.locator("#said")).to_have_text(f"Copied {sample_report()['findings'][0]['id']}")
    assert page.evaluate("navigator.clipboard.readText()") == sample_report()["findings"][0]["id"]


def test_readable_without_javascript(open_report: Open) -> None:
    page = open_report(sample_report(), java_script_enabled=False)
    expect(page.locator("h1")).to_contain_text("14 resources drifted")
    expect(page.locator("#search")).to_be_hidden()
    page.locator("#list summary").first.click()
    expect(page.get_by_text("A port that is not 80 or 443 is open to the whole internet.")).to_be_visible()


@pytest.mark.parametrize("make", [sample_report, clean_report, blind_report])
@pytest.mark.parametrize("width", [360, 768, 1360])
def test_nothing_is_wider_than_the_screen(
    open_report: Open, make: Callable[[], dict[str, Any]], width: int
) -> None:
    page = open_report(make(), viewport={"width": width, "height": 740})
    page.evaluate("document.querySelectorAll('details').forEach((item) => (item.open = true))")
    assert overflow(page) == 0


def test_hostile_names_do_nothing_and_are_shown(open_report: Open) -> None:
    page = open_report(hostile_report(), Limits(readable=5, chunk=3), viewport={"width": 360, "height": 740})
    expect(rows(page)).to_have_count(15)
    page.click("#open-all")
    assert page.locator("img, iframe, svg script, #list script").count() == 0
    expect(page.locator(".c-name b").first).to_contain_text("</script><img src=x onerror=alert(1)>")
    page.fill("#search", "<img src=x")
    expect(page.locator("#shown")).to_have_text("All 15 shown")
    page.locator("button.toggle", has_text="onerror").first.click()
    expect(page.locator("#clear")).to_be_visible()
    assert overflow(page) == 0


def test_paper_shows_every_change(open_report: Open) -> None:
    page = open_report(sample_report())
    expect(page.locator("#shown")).to_have_text("All 15 shown")
    page.emulate_media(media="print")
    expect(page.locator(".tools")).to_be_hidden()
    for text in ("DeletionProtection", "LaunchTemplateData › UserData", "computed at apply time"):
        expect(page.get_by_text(text, exact=True).first).to_be_visible()
    assert page.pdf().startswith(b"%PDF")
    expect(page.locator("#list details[open]")).to_have_count(0)


def test_twenty_thousand_findings_open_and_are_all_found(open_report: Open) -> None:
    report = large_report(20_000)
    page = open_report(report, anchor="#finding-" + report["findings"][19_999]["id"])
    expect(page.locator("#shown")).to_have_text("1 of 20,000 match")
    expect(page.locator("#list details[open]")).to_have_count(1)
    page.click("#clear")
    expect(page.locator("#shown")).to_have_text("300 of 20,000 shown")
    page.click("#more")
    expect(rows(page)).to_have_count(500)
    page.fill("#search", "made for 12345")
    expect(page.locator("#shown")).to_have_text("1 of 20,000 match")
    expect(rows(page)).to_have_count(1)
    page.locator("#list > li:visible summary").click()
    expect(page.locator("#list > li:visible .body")).to_contain_text("made for 12345")
    page.fill("#search", "")
    page.get_by_label("Owner", exact=True).select_option("team-07")
    expect(page.locator("#shown")).to_have_text("541 of 20,000 match, 300 shown")
