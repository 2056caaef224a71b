"""Metrics for a Prometheus Pushgateway: what a run does not tell stays as the run before told it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import quote

from pydantic import BaseModel, Field, SecretStr

from channels import http
from drift.channel import Carries, Message
from drift.deadline import Deadline
from drift.settings import Section, Url


class Settings(Section):
    """`notify.via.pushgateway` of drift.yaml."""

    url: Url = Field(description="The Pushgateway, as http://pushgateway:9091.")
    job: str = Field("drift", min_length=1, description="The label `job`.")
    user: str | None = Field(None, description="Who logs in (basic authentication).")
    password: SecretStr | None = Field(None, description="As ${PUSHGATEWAY_PASSWORD}.")


class PushgatewayChannel:
    """Pushes the metrics of a run into the group of its environment."""

    name = "pushgateway"
    carries: Carries = "metrics"
    Settings: type[BaseModel] = Settings

    def send(self, message: Message, settings: BaseModel, deadline: Deadline) -> Mapping[str, str]:
        """Push; POST replaces what has the same names and leaves the rest, the last success of a run that was
        not whole."""
        assert isinstance(settings, Settings)
        environment = str(message.document.get("environment") or "default")
        url = f"{settings.url}/metrics/{_label('job', settings.job)}/{_label('environment', environment)}"
        headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        if settings.user is not None:
            password = settings.password.get_secret_value() if settings.password else ""
            login = base64.b64encode(f"{settings.user}:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {login}"
        http.post(url, message.content, headers, deadline)
        return {}


def _label(name: str, value: str) -> str:
    """A label of the group, whatever is in it; Source: the Pushgateway's README, "URL"."""
    if "/" in value or not value:
        encoded = base64.urlsafe_b64encode(value.encode()).decode().rstrip("=") or "="
        return f"{name}@base64/{encoded}"
    return f"{name}/{quote(value, safe='')}"
