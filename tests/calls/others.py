"""What is asked of everybody else: forges, channels, object stores, Vault, backends of states, registries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from channels import apprise, pushgateway, webhook
from drift.channel import Channel, ChannelError, Message
from drift.deadline import Deadline
from drift.errors import DriftError
from drift.loopback import Answer, Server
from drift.objects import Store, StoreError
from providers.aws.loopback import environment as of_aws
from providers.kubernetes.engines.oci import pulled
from tests import forked_aws
from tests.calls.clouds import Maker, named
from tests.calls.stand import Outcome, Stand, asked, environment, patched
from tests.conftest import client
from tests.faulty import faulty
from tests.providers.kubernetes.engines.test_flux_sources import Registry
from tests.report.test_stored import Bucket

#: What a webhook, a chat or a gateway says is its own business once it takes a message.
_TAKEN = {(".*", "cut|reset|garbage|empty|foreign|html|endless"): "that it was taken is all that counts"}
_QUIET = {"NO_PROXY": "127.0.0.1"}


# Channels


def _channel(name: str, channel: Channel, settings: Callable[[str], dict[str, Any]], secret: str) -> Maker:
    @contextmanager
    def maker(folder: Path) -> Iterator[Stand]:
        server = Server(lambda _: Answer(200, b"ok"))
        message = Message(
            "id-1", "1 new · prod", "- **high** `a`", content=b"drift_up 1\n", document={"a": 1}
        )
        try:
            with faulty(server.url, "plain") as (url, weather), environment(**_QUIET):

                def act(seconds: float) -> Outcome:
                    said = channel.Settings.model_validate(settings(url))
                    clock = Deadline(12 * seconds)
                    return asked(lambda: channel.send(message, said, clock), ChannelError)

                yield Stand(name, weather, act, named, _TAKEN, [secret])
        finally:
            server.close()

    return maker


# Object stores


def _store(kind: str) -> Maker:
    """A file that is written, listed and read back."""

    @contextmanager
    def maker(folder: Path) -> Iterator[Stand]:
        if kind == "s3":
            with forked_aws.moto() as aws:
                client(aws, "s3").create_bucket(Bucket="rep")
                with faulty(aws) as (url, weather), environment(**of_aws(url), **_QUIET):
                    yield _stored(f"store: {kind}", "s3://rep/runs", weather, folder)
            return
        bucket = Bucket()
        bucket.blob = kind == "az"
        try:
            with faulty(bucket.server.url, "plain") as (url, weather):
                said = {
                    "AZURE_STORAGE_USE_EMULATOR": "true",
                    "AZURITE_BLOB_STORAGE_URL": url,
                    "AZURE_STORAGE_ACCOUNT_NAME": "devstoreaccount1",
                }
                if kind == "gs":
                    account = folder / "account.json"
                    keys = '"client_email": "", "private_key": "", "private_key_id": ""'
                    account.write_text(f'{{"gcs_base_url": "{url}", "disable_oauth": true, {keys}}}')
                    said = {"GOOGLE_SERVICE_ACCOUNT": str(account)}
                with environment(**said, **_QUIET):
                    yield _stored(f"store: {kind}", f"{kind}://rep/runs", weather, folder)
        finally:
            bucket.server.close()

    return maker


def _stored(name: str, url: str, weather: Any, folder: Path) -> Stand:
    def act(seconds: float) -> Outcome:
        with patched(drift__objects__TRIES=2, drift__objects__REQUEST=seconds):
            there = Store(url, Deadline(60 * seconds))

            def all_of_it() -> str:
                (folder / "out").write_text("{}")
                there.put("a/report.json", folder / "out")
                there.get("a/report.json", folder / "back")
                there.listed("a")
                there.moment("a/report.json")
                there.every()
                there.remove(["a/report.json"])
                return "written, read, listed and taken away"

            return asked(all_of_it, StoreError)

    return Stand(name, weather, act, lambda call: f"{call.method} {call.path.partition('?')[0]}", _BYTES)


#: What is in a file, its reader says; of a list that is none the library makes an empty one.
_BYTES = {
    ("GET .*report.*json", "garbage|empty|foreign|html|endless"): "a report that is none is refused",
    ("GET .*/rep", "foreign|html"): "no run is found there, which is said",
    ("PUT .*", "cut|foreign|html|garbage|empty"): "it is there",
    ("DELETE .*", "cut|foreign|html|garbage|empty"): "that it is gone says the status",
}


# Artifacts


@contextmanager
def registry(folder: Path) -> Iterator[Stand]:
    """An artifact that a repository of Flux or Argo CD names."""
    made = Registry()
    made.put({"app.yaml": "a: 1\n"})
    server = Server(made.answer)
    number = [0]
    try:
        with faulty(server.url, "plain") as (url, weather), environment(**_QUIET):
            host = url.removeprefix("http://")

            def act(seconds: float) -> Outcome:
                number[0] += 1
                clock = Deadline(16 * seconds)
                cache = folder / str(number[0])

                def pull() -> str:
                    with patched(providers__kubernetes__engines__oci__user_cache_path=lambda _: cache):
                        files = pulled(_Trees(), f"oci://{host}/acme/fleet", "v1", clock, insecure=True)  # type: ignore[arg-type]
                        return str([one.read_text() for one in files.iterdir()])

                return asked(pull, DriftError)

            yield Stand("registry", weather, act, lambda call: named(call).replace(url, ""))
    finally:
        server.close()


class _Trees:
    """What allows all."""

    def allows(self, url: str) -> bool:
        return True


MAKERS: dict[str, Maker] = {
    "webhook": _channel(
        "webhook", webhook.WebhookChannel(), lambda url: {"url": f"{url}/in?key=hunter3"}, "hunter3"
    ),
    "apprise": _channel(
        "apprise",
        apprise.AppriseChannel(),
        lambda url: {"urls": [url.replace("http://", "json://") + "/hunter3"]},
        "hunter3",
    ),
    "pushgateway": _channel(
        "pushgateway",
        pushgateway.PushgatewayChannel(),
        lambda url: {"url": url, "user": "u", "password": "hunter3"},
        "hunter3",
    ),
    **{f"store: {kind}": _store(kind) for kind in ("s3", "gs", "az")},
    "registry": registry,
}
