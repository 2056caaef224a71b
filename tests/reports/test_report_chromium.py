"""The HTML report in a real browser: filters, search, keys, theme, phone, paper, hostile names, many
findings, without scripts, and by the rules of accessibility."""

from __future__ import annotations

import email
import email.policy
import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from reports.html import HtmlReport
from reports.mail import MailReport
from tests.reports.hostile_strings import STRINGS, hostile_report
from tests.reports.sample import blind_report, clean_report, large_report, sample_report

pytestmark = [pytest.mark.chromium, pytest.mark.long]

_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")

Open = Callable[..., Page]
# A machine that runs much else at once is slow; no test waits for what does not come.
expect.set_options(timeout=60_000)


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

    def opened(report: dict[str, Any], anchor: str = "", **context: Any) -> Page:
        file = tmp_path / "report.html"
        with file.open("wb") as out:
            HtmlReport().render(report, out)
        contexts.append(browser.new_context(**context))
        page = contexts[-1].new_page()
        page.set_default_timeout(120_000)
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
    return page.locator("#list li.finding")


def settled(page: Page, asked: str, wanted: int) -> int:
    """What the page answers once it is what is wanted, or after a minute: a busy browser lays out late."""
    for _ in range(600):
        answer: int = page.evaluate(asked)
        if answer == wanted:
            break
        page.wait_for_timeout(100)
    return answer


def overflow(page: Page) -> int:
    """By how much the page is wider than its window."""
    return settled(page, "document.documentElement.scrollWidth - document.documentElement.clientWidth", 0)


def test_search_reads_names_values_people_and_files(open_report: Open) -> None:
    page = open_report(sample_report())
    expect(page.locator("#shown")).to_have_text("15 findings")
    for words, names in (
        ("m.okafor", ["api-public"]),
        ("2.15.0-rc1", ["api-workers"]),
        ("alarms.tf", ["thumbnailer-errors"]),
        ("orders sqs", ["orders", "orders-replay-tmp"]),
    ):
        page.fill("#search", words)
        expect(page.locator("#list li.finding .c-name b")).to_have_text(names)
    page.fill("#search", "nothing like this")
    expect(page.get_by_text("No finding matches.")).to_be_visible()
    page.click("#clear-empty")
    expect(rows(page)).to_have_count(15)


def test_filters_work_together_and_stand_in_the_address(open_report: Open) -> None:
    page = open_report(sample_report(), viewport={"width": 1300, "height": 800})
    high = page.get_by_role("checkbox", name="high")
    high.check()
    expect(rows(page)).to_have_count(3)
    page.get_by_role("checkbox", name="critical").check()
    expect(rows(page)).to_have_count(5)
    expect(page.get_by_role("checkbox", name="critical")).to_be_focused()
    page.get_by_role("checkbox", name="security").check()
    expect(page.locator("#shown")).to_have_text("2 of 15 match")
    page.fill("#search", "org audit")
    expect(rows(page)).to_have_count(1)
    assert page.url.endswith("#q=org%20audit&severity=high,critical&owner=security")
    page.reload()
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#search")).to_have_value("org audit")
    page.click("#clear")
    expect(rows(page)).to_have_count(15)
    page.get_by_role("link", name="security 2").click()
    expect(rows(page)).to_have_count(2)
    page.evaluate("location.hash = 'owner=nobody-here&severity=low'")
    expect(page.get_by_text("No finding matches.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="nobody-here")).to_be_checked()


def test_groups(open_report: Open) -> None:
    page = open_report(sample_report(), anchor="#group=type")
    expect(page.locator("#list h3").first).to_have_text("AWS::EC2::SecurityGroup 1")
    page.select_option("#group", "owner")
    expect(page.locator("#list h3").first).to_have_text("payments 3")
    expect(page.locator("#list h3")).to_have_count(6)
    expect(rows(page)).to_have_count(15)
    page.select_option("#group", "place")
    expect(page.locator("#list h3").first).to_have_text("aws 111122223333 eu-west-1 6")
    assert page.url.endswith("#group=place")


def test_keys(open_report: Open) -> None:
    page = open_report(sample_report())
    expect(rows(page)).to_have_count(15)
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
    page.keyboard.type("jk/")
    expect(page.locator("#search")).to_have_value("jk/")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_have_value("")
    expect(rows(page)).to_have_count(15)


def test_the_first_tab_stop_skips_to_the_findings(open_report: Open) -> None:
    page = open_report(sample_report(), anchor="#owner=security")
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the findings")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#findings")).to_be_focused()
    expect(rows(page)).to_have_count(2)


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
    for number, finding in enumerate(report["findings"]):
        finding["id"] = f"f-{number:016x}"
    page = open_report(report, anchor="#f-0000000000000007")
    opened = page.locator("#list li.finding:has(details[open])")
    expect(opened).to_have_count(1)
    expect(opened.locator(".c-name b")).to_have_text(report["findings"][7]["name"])
    expect(opened.locator("summary")).to_be_in_viewport()
    opened.get_by_role("link", name="Link to this").click()
    expect(opened).to_have_count(1)


def test_copying_a_command(open_report: Open) -> None:
    page = open_report(sample_report(), permissions=["clipboard-read", "clipboard-write"])
    page.locator("#list summary").first.click()
    page.get_by_role("button", name="Copy: Apply the declaration again").click()
    command = "terraform apply -target=module.api.aws_security_group.public"
    expect(page.locator("#said")).to_have_text(f"Copied {command}")
    assert page.evaluate("navigator.clipboard.readText()") == command


def test_readable_without_javascript(open_report: Open) -> None:
    report = sample_report()
    page = open_report(report, anchor=f"#{report['findings'][5]['id']}", java_script_enabled=False)
    expect(page.locator("h1")).to_contain_text("14 resources drifted")
    expect(page.get_by_text("8 of 61 cells could not be read")).to_be_visible()
    expect(page.locator("#search")).to_be_hidden()
    expect(page.locator("button:visible")).to_have_count(0)
    expect(page.locator("#plain li.finding:visible")).to_have_count(15)
    page.locator("#plain summary").first.click()
    expect(
        page.get_by_text("A port that is not 80 or 443 is open to the whole internet.").last
    ).to_be_visible()


def test_the_script_draws_what_is_written_as_plain_html(open_report: Open) -> None:
    page = open_report(sample_report())
    expect(rows(page)).to_have_count(15)
    page.click("#open-all")
    expect(page.locator("#list .body")).to_have_count(15)
    for part in ("summary", ".body"):
        drawn, plain = (
            page.eval_on_selector_all(f"{place} {part}", "all => all.map((one) => one.outerHTML)")
            for place in ("#list", "#plain")
        )
        assert len(drawn) == 15
        assert drawn == plain


def narrow_and_wide(page: Page) -> Iterator[tuple[int, int]]:
    for width, height in ((390, 844), (768, 1024), (1000, 700), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        assert settled(page, "innerWidth", width) == width
        page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        yield width, height


def long_report() -> dict[str, Any]:
    report = sample_report()
    for finding in report["findings"]:
        finding |= {
            name: str(finding[name]) * 20 for name in ("name", "owner", "type", "scope", "resource_id")
        }
    report["run"]["environment"] *= 9
    report["run"]["history"] = {}
    return report


def test_the_first_finding_is_in_the_first_screen_and_nothing_is_wider_than_it(open_report: Open) -> None:
    for report in (sample_report(), long_report(), clean_report()):
        page = open_report(report)
        first = page.locator("#list li.finding, .empty:visible").first
        expect(first).to_be_visible()
        for _, height in narrow_and_wide(page):
            box = first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= height
            assert overflow(page) == 0
    for report in (sample_report(), long_report(), blind_report()):
        page = open_report(report)
        page.wait_for_selector("html.drawn, .finding.empty")
        page.evaluate("document.querySelectorAll('details').forEach((item) => (item.open = true))")
        page.evaluate("document.getElementById('facets')?.classList.add('shown')")
        for width, _ in narrow_and_wide(page):
            assert overflow(page) == 0
            wider = page.eval_on_selector_all(
                "main *:not(.sr)",
                "(all, width) => all.filter((one) => one.getBoundingClientRect().right > width + 1)"
                ".map((one) => one.outerHTML.slice(0, 200))",
                width,
            )
            assert wider == []


def test_accessible_by_the_rules_of_axe(open_report: Open) -> None:
    report = sample_report()
    report["findings"] = [report["findings"][number] for number in (0, 1, 3, 4, 7)]
    report["coverage"] = report["coverage"][-6:]
    for scheme, width in (("light", 1440), ("dark", 390)):
        page = open_report(report, color_scheme=scheme, viewport={"width": width, "height": 900})
        expect(rows(page)).to_have_count(5)
        page.evaluate("document.querySelectorAll('details').forEach((item) => (item.open = true))")
        page.evaluate("document.getElementById('facets').classList.add('shown')")
        expect(page.locator("#list .body")).to_have_count(5)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found] == []


def test_hostile_strings_do_nothing_and_are_shown(open_report: Open) -> None:
    report = hostile_report()
    for script in (True, False):
        page = open_report(report, viewport={"width": 390, "height": 740}, java_script_enabled=script)
        if script:
            expect(page.locator("#shown")).to_have_text(f"{len(STRINGS):,} findings")
            # The first block with all that opens in it, then one of each of the others by its link.
            page.evaluate("document.querySelectorAll('#list details').forEach((one) => (one.open = true))")
            expect(page.locator("#list .body")).not_to_have_count(0)
            for finding in report["findings"][1::25]:
                page.evaluate("(id) => (location.hash = id)", finding["id"])
                expect(page.locator("#list details[open] summary:focus")).to_have_count(1)
            assert page.evaluate("window.ran") is None
            assert overflow(page) == 0
            page.fill("#search", "<img src=x")
            expect(page.locator("#shown")).to_contain_text("match")
            expect(page.locator("#list .c-name b").first).to_contain_text("<img src=x onerror=")
        else:
            expect(page.locator("#plain li.finding").first).to_be_attached()
        bad = "main :is(img, iframe, object, embed, link, style, script, form, base, math, svg script)"
        assert page.locator(bad).count() == 0
        links = page.eval_on_selector_all("a", "all => all.map((one) => one.getAttribute('href'))")
        assert [link for link in links if not link.lower().startswith(("https://", "http://", "#"))] == []


def test_paper_shows_the_severest_that_match_opened(open_report: Open) -> None:
    page = open_report(sample_report(), anchor="#owner=orders,payments,platform")
    expect(rows(page)).to_have_count(8)
    page.emulate_media(media="print")
    expect(page.locator(".tools")).to_be_hidden()
    expect(page.locator("#plain li:visible")).to_have_count(8)
    for text in ("DeletionProtection", "LaunchTemplateData › UserData", "computed at apply time"):
        expect(page.locator("#plain, .appendix").get_by_text(text, exact=True).first).to_be_visible()
    assert page.pdf().startswith(b"%PDF")
    expect(page.locator("#list details[open]")).to_have_count(0)


def test_many_findings_are_drawn_as_they_come_into_view_and_are_all_found(open_report: Open) -> None:
    report = large_report(3_000)
    page = open_report(
        report, anchor="#" + report["findings"][2_999]["id"], viewport={"width": 1200, "height": 800}
    )
    opened = page.locator("#list details[open]")
    expect(opened.locator(".c-name b")).to_have_text("E2QWRUHEXAMPLE-02999")
    expect(opened.locator("summary")).to_be_in_viewport()
    assert rows(page).count() < 400
    expect(page.locator("#shown")).to_have_text("3,000 findings")
    page.keyboard.press("j")
    expect(page.locator("#list summary:focus")).to_have_count(1)
    page.fill("#search", "orders-02110")
    expect(page.locator("#shown")).to_have_text("1 of 3,000 match")
    page.locator("#list summary").click()
    expect(page.locator("#list .body")).to_contain_text("made for 2110")
    page.evaluate("location.hash = 'owner=team-07'")
    expect(page.locator("#shown")).to_have_text("81 of 3,000 match")


LONG = "networking.example.acme-platform.io/v1alpha1/VirtualServiceAuthorizationPolicyBinding"


def test_a_mail_fits_a_phone_whatever_names_are_in_it(browser: Browser, tmp_path: Path) -> None:
    report = sample_report()
    unread = {
        "provider": "kubernetes",
        "scope": "x" * 60,
        "region": "global",
        "type": LONG,
        "status": "denied",
    }
    report["coverage"] = [{**unread, "message": "y" * 80}]
    for one in report["findings"][:2]:
        one.update(name="n" * 90, note="z" * 90, owner="o" * 60)
    out = io.BytesIO()
    MailReport().render(report, out)
    message = email.message_from_bytes(out.getvalue(), policy=email.policy.default)
    file = tmp_path / "mail.html"
    file.write_text(message.get_body(("html",)).get_content(), encoding="utf-8")  # type: ignore[union-attr]
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(file.as_uri())
    assert overflow(page) == 0
    context.close()
