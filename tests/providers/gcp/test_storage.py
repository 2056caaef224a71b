"""A declared file that lies in Cloud Storage, read over HTTP on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from drift.deadline import Deadline
from drift.errors import DeclaredError
from providers.gcp.provider import provider
from providers.gcp.settings import Settings
from tests.conftest import serving

FIELDS = "fields=items%28name%29%2CnextPageToken"
OBJECTS = {
    "/storage/v1/b/states/o/shop%2Fdefault.tfstate?alt=media": (200, b'{"version": 4}'),
    "/storage/v1/b/closed/o/a?alt=media": (403, b"{}"),
    f"/storage/v1/b/states/o?prefix=shop%2F&{FIELDS}": (
        200,
        b'{"items": [{"name": "shop/default.tfstate"}], "nextPageToken": "n"}',
    ),
    f"/storage/v1/b/states/o?prefix=shop%2F&{FIELDS}&pageToken=n": (
        200,
        b'{"items": [{"name": "shop/staging.tfstate"}]}',
    ),
    f"/storage/v1/b/circle/o?prefix=&{FIELDS}": (200, b'{"nextPageToken": "n"}'),
    f"/storage/v1/b/circle/o?prefix=&{FIELDS}&pageToken=n": (200, b'{"nextPageToken": "n"}'),
    f"/storage/v1/b/closed/o?prefix=&{FIELDS}": (403, b"{}"),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = OBJECTS.get(self.path, (404, b"{}"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def settings() -> Iterator[Settings]:
    with serving(Handler) as url:
        yield Settings(endpoint=url)


def test_an_object_is_read_by_its_url(settings: Settings) -> None:
    assert "gs" in provider.schemes
    assert provider.fetch("gs://states/shop/default.tfstate", settings, Deadline()) == b'{"version": 4}'


def test_objects_are_listed_page_by_page(settings: Settings) -> None:
    assert provider.below("gs://states/shop/", settings, Deadline()) == [
        "gs://states/shop/default.tfstate",
        "gs://states/shop/staging.tfstate",
    ]


def test_a_list_in_circles_or_without_permission_is_an_error(settings: Settings) -> None:
    with pytest.raises(DeclaredError, match="gs://circle/: can't be listed: its list goes in circles"):
        provider.below("gs://circle/", settings, Deadline())
    with pytest.raises(DeclaredError, match="gs://closed/: can't be listed: HTTP 403 Forbidden; it needs"):
        provider.below("gs://closed/", settings, Deadline())


@pytest.mark.parametrize(
    ("url", "said"),
    [("gs://closed/a", "HTTP 403 Forbidden; it needs storage.objects.get"), ("gs://states/b", "HTTP 404")],
)
def test_what_can_not_be_read_is_an_error_that_says_why(settings: Settings, url: str, said: str) -> None:
    with pytest.raises(DeclaredError, match=said) as told:
        provider.fetch(url, settings, Deadline())
    assert url in str(told.value)
