"""The HTML report of 100,000 findings: how long it is written, how large it is, how long Chromium takes to
open it and to search in it. Beside them stands a bare loop of Python, which says how busy the machine is."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from reports.html import HtmlReport
from tests.bench.timing import busy, processor_seconds
from tests.reports.sample import large_report

FINDINGS = int(os.environ.get("BENCH_FINDINGS") or 100_000)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        report = large_report(FINDINGS)
        with file.open("wb") as out:
            written = processor_seconds(lambda: HtmlReport().render(report, out))
        print(f"html of {FINDINGS:,} findings: {file.stat().st_size / 1e6:.1f} MB (goal: under 25)")
        print(f"written in {written:.1f} s of processor time; {busy()}")
        chromium = os.environ.get("DRIFT_CHROMIUM") or shutil.which("chromium")
        if chromium is None:
            print("not opened: there is no chromium on PATH and DRIFT_CHROMIUM is not set")
            return
        for drawn, ready, searched in _opened(file, chromium):
            print(
                f"opened in {drawn:.2f} s, searchable after {ready:.2f} s (goal: under 2), "
                f"a search took {searched:.2f} s; {busy()}"
            )


def _opened(file: Path, chromium: str, runs: int = 3) -> list[tuple[float, float, float]]:
    times = []
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for _ in range(runs):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(300_000)
            started = time.perf_counter()
            page.goto(file.as_uri(), wait_until="commit")
            page.wait_for_selector("#list li.finding")
            drawn = time.perf_counter() - started
            page.wait_for_selector('html[data-search="ready"]')
            ready = time.perf_counter() - started
            started = time.perf_counter()
            page.fill("#search", "made for 12345")
            page.wait_for_selector('html[data-turn="2"]')
            times.append((drawn, ready, time.perf_counter() - started))
            page.close()
        browser.close()
    return times
