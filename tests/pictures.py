"""Makes the README's pictures of the report and of its mail anew, from what `make demo` left."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from drift.cli.demo import looks


def main() -> int:
    report = Path("demo/report/report.html")
    chromium = os.environ.get("DRIFT_CHROMIUM") or shutil.which("chromium")
    if chromium is None or not report.exists():
        print("pictures need Chromium (on PATH or DRIFT_CHROMIUM) and `make demo` before", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="light")
        page.set_default_timeout(120_000)
        page.goto(report.resolve().as_uri())
        page.locator("#list summary").first.click()
        page.wait_for_selector("#list .body")
        page.screenshot(path="docs/report.png")
        page = browser.new_page(viewport={"width": 700, "height": 1000}, color_scheme="light")
        page.set_content(looks(Path("demo/report/report.eml").read_bytes()), wait_until="load")
        page.screenshot(path="docs/mail.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
