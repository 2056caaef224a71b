"""The report as JUnit XML, which every build server shows: a case for each cell that was to be read, and for
each finding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, BinaryIO
from xml.etree import ElementTree as Xml

from drift.visible import visible
from reports import view
from reports.values import in_short, short_change

#: What visible() leaves and XML 1.0 does not allow.
_NO_XML = re.compile("[\ufffe\uffff]")


class JunitReport:
    """Writes a suite a place. A finding is a failure, a cell that was not read an error, a cell that was read
    passes; what is skipped or pending is skipped."""

    name = "junit"
    suffix = "xml"

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Write ``report`` to ``out``."""
        run = report.get("run") or {}
        root = Xml.Element("testsuites", name="drift", time=f"{run.get('duration_seconds') or 0:g}")
        suites: dict[str, Xml.Element] = {}
        for row in report.get("coverage") or []:
            case = _case(_suite(root, suites, row), _text(row.get("type")), "the cell is read")
            status, message = str(row.get("status")), _text(row.get("message"))
            if status == "skipped":
                Xml.SubElement(case, "skipped", message=message)
            elif status != "checked":
                Xml.SubElement(case, "error", type=status, message=f"not read: {status}: {message}")
        for finding in view.ordered(report.get("findings") or []):
            _finding(_suite(root, suites, finding), finding)
        for problem in report.get("problems") or []:
            case = _case(_named(root, suites, "input"), _text(problem.get("source")), "the input is read")
            Xml.SubElement(case, "error", type="problem", message=_text(problem.get("message")))
        for suite in (*suites.values(), root):
            _count(suite)
        out.write(Xml.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _finding(suite: Xml.Element, finding: Mapping[str, Any]) -> None:
    declared = finding.get("declared_at") or {}
    case = _case(suite, _text(finding.get("type")), _text(f"{view.name_of(finding)} {finding.get('id')}"))
    if declared.get("file"):
        case.set("file", _text(declared["file"]))
        if declared.get("line"):
            case.set("line", _text(declared["line"]))
    if view.status_of(finding) in ("pending", "unknown"):
        told = (finding.get("history") or {}).get("unknown") or finding.get("note") or finding["status"]
        Xml.SubElement(case, "skipped", message=_text(told))
        return
    severity = view.severity_of(finding)
    failure = Xml.SubElement(case, "failure", type=severity, message=_text(in_short(finding)))
    lines = [short_change(change, 200) for change in (finding.get("changes") or [])[:100]]
    place = ":".join(_text(declared[key]) for key in ("file", "line") if declared.get(key))
    facts = (
        ("severity", severity),
        ("reason", finding.get("severity_reason")),
        ("owner", view.owner_of(finding)),
        ("resource", finding.get("resource_id")),
        ("declared", place),
    )
    failure.text = _text("\n".join([*lines, *(f"{name}: {said}" for name, said in facts if said)]))


def _suite(root: Xml.Element, suites: dict[str, Xml.Element], row: Mapping[str, Any]) -> Xml.Element:
    return _named(root, suites, _text(view.place_of(row)))


def _named(root: Xml.Element, suites: dict[str, Xml.Element], name: str) -> Xml.Element:
    if name not in suites:
        suites[name] = Xml.SubElement(root, "testsuite", name=name)
    return suites[name]


def _case(suite: Xml.Element, class_name: str, name: str) -> Xml.Element:
    return Xml.SubElement(suite, "testcase", classname=class_name, name=name)


def _count(suite: Xml.Element) -> None:
    suite.set("tests", str(sum(1 for _ in suite.iter("testcase"))))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(1 for _ in suite.iter(tag))))


def _text(said: object) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", visible("" if said is None else said))
