"""Makes the README's pictures of the report and of its mail anew, from what `make demo` left."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from drift.renderer import Letter
from reports.mail import MailReport


def mail_of(report: Path) -> str:
    """The HTML of a report's mail, as a browser can show it."""
    message = MailReport().compose(json.loads(report.read_bytes()), Letter())
    body = message.get_body(("html",))
    assert body is not None
    html = str(body.get_content())
    for part in message.walk():
        if part.get_content_type() == "image/png":
            data = base64.b64encode(part.get_payload(decode=True) or b"").decode()  # type: ignore[arg-type]
            html = html.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{data}")
    return html


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
        page.set_content(mail_of(Path("demo/report/report.json")), wait_until="load")
        page.screenshot(path="docs/mail.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
