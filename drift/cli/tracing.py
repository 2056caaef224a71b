"""Traces of a run for OpenTelemetry (extra ``otel``): a span a stage and a span a cell, where ``OTEL_*`` say
where to."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from drift import __version__
from drift.deadline import Cut, Deadline
from drift.live.tasks import Progress, Stage, Told

#: How long the end of a run waits for the last spans to be taken.
_SECONDS = 5.0
_ASK = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")


class Spans:
    """The spans of one run; without a tracer it does nothing."""

    def __init__(self, tracer: Any = None, root: Any = None) -> None:
        self._tracer, self._root = tracer, root
        self._stage: Any = None
        self._cells: dict[object, Any] = {}
        self._lock = threading.Lock()

    def watch(self, told: Told) -> None:
        """A stage begins where the one before ends; a cell's span is as long as its reading."""
        if self._tracer is None:
            return
        with self._lock:
            if isinstance(told, Stage):
                self._end_stage()
                self._stage = self._start(told.what, {})
            elif isinstance(told, Progress):
                cell = told.cells[0]
                if not told.done:
                    place = {f"drift.{name}": value for name, value in cell._asdict().items()}
                    self._cells[cell] = self._start(f"read {cell.type}", place)
                elif (span := self._cells.pop(cell, None)) is not None:
                    span.set_attribute("drift.status", told.status)
                    span.set_attribute("drift.resources", told.resources)
                    if told.status not in ("checked", "skipped"):
                        span.set_status(_error(told.status))
                    span.end()

    def ended(self, report: Mapping[str, Any]) -> None:
        """What is told of the whole run."""
        if self._root is not None:
            run = report["run"]
            self._root.set_attribute("drift.run", run["id"])
            self._root.set_attribute("drift.environment", run["environment"])
            self._root.set_attribute("drift.exit_code", run["exit_code"])
            self._root.set_attribute("drift.findings", len(report["findings"]))

    def end(self) -> None:
        with self._lock:
            for span in self._cells.values():
                span.end()
            self._end_stage()
        if self._root is not None:
            self._root.end()

    def _start(self, name: str, attributes: Mapping[str, str]) -> Any:
        from opentelemetry import trace

        return self._tracer.start_span(
            name, context=trace.set_span_in_context(self._root), attributes=dict(attributes)
        )

    def _end_stage(self) -> None:
        if self._stage is not None:
            self._stage.end()
            self._stage = None


@contextlib.contextmanager
def tracing(tell: Callable[[str], None]) -> Iterator[Spans]:
    """The spans of a run, sent when the block ends; ``tell`` is told why they are not."""
    if not _wanted():
        yield Spans()
        return
    try:
        from opentelemetry import propagate
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        tell("OTEL_* is set, and OpenTelemetry is not installed: pip install 'driftline[otel]'")
        yield Spans()
        return
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": "drift"}
    provider = TracerProvider(
        resource=Resource.create({**named, "service.version": __version__}), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("drift", __version__)
    parent = propagate.extract({"traceparent": os.environ.get("TRACEPARENT", "")})
    spans = Spans(tracer, tracer.start_span("drift", context=parent))
    try:
        yield spans
    finally:
        spans.end()
        try:
            if not Deadline().ask(lambda: provider.force_flush(int(_SECONDS * 1000)), _SECONDS + 1):
                tell("the trace was not taken in time")
        except Cut as error:
            tell(f"the trace was not taken: {error}")


def _wanted() -> bool:
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return any(os.environ.get(name) for name in _ASK) and not off and os.environ.get(_ASK[2]) != "none"


def _error(status: str) -> Any:
    from opentelemetry.trace import Status, StatusCode

    return Status(StatusCode.ERROR, status)
