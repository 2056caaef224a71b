"""The report as metrics for Prometheus: a text file for the node exporter, and what a Pushgateway is given.

Source: https://prometheus.io/docs/practices/naming/.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from statistics import quantiles
from typing import TYPE_CHECKING, Any, BinaryIO

from drift.report.exit_code import unread
from drift.visible import visible
from reports import ledger, moments, view

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

_RESOURCES = ("declared", "live", "in_sync", "system")
_OTHERS = ("unverifiable", "suppressed", "undeclared", "unmanaged_not_listed")


class PrometheusReport:
    """Writes Prometheus' text format. Only a whole run is a success, which has its own moment."""

    name = "prometheus"
    suffix = "prom"

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Write ``report`` to ``out``."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.registry import Collector

        class Told(Collector):
            """The numbers of one report."""

            def collect(self) -> Iterator[Metric]:
                yield from _metrics(report)

        registry = CollectorRegistry()
        registry.register(Told())
        out.write(generate_latest(registry))


def _metrics(report: Mapping[str, Any]) -> Iterator[Metric]:
    from prometheus_client.metrics_core import GaugeMetricFamily

    run, summary = report.get("run") or {}, report.get("summary") or {}
    environment = _label(run.get("environment"))
    findings, coverage = report.get("findings") or [], report.get("coverage") or []

    def gauge(name: str, text: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Metric:
        made = GaugeMetricFamily(f"drift_{name}", text, labels=("environment", *labels))
        for key, value in values.items():
            made.add_metric((environment, *(key if isinstance(key, tuple) else (key,) * len(labels))), value)
        return made

    providers = sorted({_label(one.get("provider")) for one in (*coverage, *findings)})
    counted: dict[Any, float] = {
        (provider, severity, kind): 0
        for provider in providers
        for severity in view.SEVERITIES
        for kind in view.KINDS
    }
    for one in view.drifted(findings):
        key = (_label(one.get("provider")), view.severity_of(one), _label(one.get("kind")))
        counted[key] = counted.get(key, 0) + 1
    yield gauge("findings", "Resources that drifted.", ("provider", "severity", "kind"), counted)
    by_status = Counter(view.status_of(one) or "new" for one in findings)
    statuses = {name: float(by_status[name]) for name in view.STATUSES}
    yield gauge("findings_status", "Findings by what the history knows of them.", ("status",), statuses)
    owners = Counter(view.owner_of(one) for one in view.drifted(findings))
    yield gauge("findings_owner", "Resources that drifted, by owner.", ("owner",), dict(owners))
    cells = dict.fromkeys((*ledger.UNREAD, "skipped", "checked"), 0.0) | ledger.by_status(coverage)
    yield gauge("cells", "Cells (account, region, type) by how they were read.", ("status",), cells)
    resources = {name: float(summary.get(name) or 0) for name in _RESOURCES}
    yield gauge("resources", "Resources that were compared.", ("state",), resources)
    for name in _OTHERS:
        yield gauge(name, f"What the report lists or counts as {name}.", (), {"": summary.get(name) or 0})
    problems = float(len(report.get("problems") or []))
    yield gauge("problems", "Input that could not be read.", (), {"": problems})
    yield gauge("run_duration_seconds", "How long it took.", (), {"": run.get("duration_seconds") or 0})
    yield gauge("run_exit_code", "0 in sync, 2 drift, 3 not whole.", (), {"": run.get("exit_code") or 0})
    finished = moments.parse_time(run.get("finished_at"))
    if finished is not None:
        moment = finished.timestamp()
        yield gauge("last_run_timestamp_seconds", "When the last run ended.", (), {"": moment})
        if not problems and not unread(coverage) and run.get("exit_code") != 1:
            yield gauge("last_success_timestamp_seconds", "When the last whole run ended.", (), {"": moment})
    yield from _restored(report, environment)


def _restored(report: Mapping[str, Any], environment: str) -> Iterator[Metric]:
    """How long what this run found restored had drifted."""
    from prometheus_client.metrics_core import Metric

    took = []
    for one in report.get("resolved") or []:
        since, until = moments.parse_time(one.get("since")), moments.parse_time(one.get("resolved_at"))
        if one.get("resolution") == "restored" and since is not None and until is not None:
            took.append(max(0.0, (until - since).total_seconds()))
    name = "drift_time_to_restore_seconds"
    made = Metric(name, "How long what was restored had drifted.", "summary")
    labels = {"environment": environment}
    if took:
        tenths = quantiles(took, n=10, method="inclusive") if len(took) > 1 else took * 9
        for part, value in (("0.5", tenths[4]), ("0.9", tenths[8])):
            made.add_sample(name, {**labels, "quantile": part}, value)
    made.add_sample(f"{name}_count", labels, len(took))
    made.add_sample(f"{name}_sum", labels, sum(took))
    yield made


def _label(value: object) -> str:
    return visible("" if value is None else value)
