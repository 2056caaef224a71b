"""What is asked of everybody else: forges, channels, object stores, Vault, backends of states, registries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from channels import apprise, pushgateway, webhook
from drift import backends, plugins
from drift.channel import Channel, ChannelError, Message
from drift.config.entry import DeclaredEntry
from drift.deadline import Deadline
from drift.declared import load
from drift.errors import DriftError
from drift.forge import ForgeError
from drift.live.estate import Estate
from drift.loopback import Answer, Request, Server
from drift.model import Problem
from drift.objects import Store, StoreError
from forges.loopback import FORGES
from forges.loopback.server import TOKEN
from providers.aws.loopback import environment as of_aws
from providers.kubernetes.engines.oci import pulled
from providers.vault.loopback import Loopback as Vault
from tests import forked_aws
from tests.calls.aws import VALUE
from tests.calls.clouds import Maker, named
from tests.calls.stand import FAULTS, Outcome, Stand, asked, environment
from tests.conftest import client
from tests.declared.terraform.test_backends import STATE, consul, terraform_enterprise
from tests.faulty import Call, faulty
from tests.forges.stands import Patient, draft, stand
from tests.providers.kubernetes.engines.test_flux_sources import Registry
from tests.report.test_stored import Bucket
from tests.secrets.stores import configured

#: What a webhook, a chat or a gateway says is its own business once it takes a message.
_TAKEN = {(".*", "cut|reset|garbage|empty|foreign|html|endless"): "that it was taken is all that counts"}
_QUIET = {"NO_PROXY": "127.0.0.1"}


@contextmanager
def patched(**said: Any) -> Iterator[None]:
    """Constants of modules (with ``__`` for dots) that are otherwise for as long."""
    with pytest.MonkeyPatch.context() as patch:
        for name, one in said.items():
            patch.setattr(name.replace("__", "."), one)
        yield


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


# Forges


#: Of what is done already the answer tells no more.
_DONE = {
    (
        "(POST|PATCH|PUT) .*",
        "cut|reset|garbage|empty|foreign|html|endless",
    ): "it is done, and found so next time",
    ("GET .*/branches/[^/]*", "empty|foreign"): "that it is there says the status",
    ("GET .*/(repos/[^/]*|projects|orgs)/[^/]*", "empty|foreign"): "writing says what can't be written",
}


def _forge(name: str) -> Maker:
    """All that is read and written of a pull request and an issue."""

    @contextmanager
    def maker(folder: Path) -> Iterator[Stand]:
        made = stand(name, folder)
        server = made.server
        try:
            with faulty(server.url, "plain") as (url, weather), environment(**_QUIET):
                repositories: list[Any] = []

                def act(_: float) -> Outcome:
                    repo = made.repository()
                    repositories.append(repo)
                    repo.commit("drift/a", {"a": "1"})
                    plugin = plugins.forge(name)
                    at = made.at(repo)
                    there = type(at)(at.url.replace(server.url, url), url, at.path)
                    settings = plugin.Settings.model_validate(server.settings(url=url))
                    hosted = plugin.connect(there, settings, Patient())

                    def all_of_it() -> tuple[str, list[str]]:
                        pull, notes = hosted.open(draft())
                        hosted.comment(pull, "x")
                        pull, more = hosted.update(pull, draft(title="Other"))
                        said = [*notes, *more]
                        count = len(hosted.pull_requests("drift/a")), len(hosted.open_pull_requests("drift/"))
                        hosted.close(pull, "x")
                        with suppress(ForgeError) if not plugin_has_issues(name) else _nothing():
                            issue, more = hosted.open_issue("t", "b", ["drift"], ())
                            said += more
                            hosted.update_issue(issue, "t2", "b")
                            hosted.issues("drift")
                            hosted.close_issue(issue, "x")
                        return str(count), said

                    return asked(all_of_it, ForgeError)

                def called(call: Call) -> str:
                    """Without the repository's own name, which is another each time."""
                    path = re.sub(r"infra\d+", "infra", call.path.partition("?")[0])
                    return f"{call.method} {re.sub(r'(?<=/)[0-9a-f]{40}|(?<=/)[0-9]+(?=/|$)', '{}', path)}"

                faults = [one for one in FAULTS if one != "hang"]  # which tests/forges does
                yield Stand(f"forge: {name}", weather, act, called, _DONE, [TOKEN], faults)
        finally:
            server.close()

    return maker


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def plugin_has_issues(name: str) -> bool:
    """Whether a forge has issues of its own."""
    return not name.startswith("bitbucket")


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
}


# Secrets, states, artifacts


@contextmanager
def vault(folder: Path) -> Iterator[Stand]:
    """A secret that Vault lends, and gives back."""
    made = Vault(engines={"lent": lambda: ({"value": VALUE}, lambda: None)})
    made.tokens.add("s.0")
    try:
        with (
            faulty(made.url, "plain") as (url, weather),
            environment(VAULT_TOKEN="s.0", **_QUIET),  # noqa: S106 - of a server on loopback
            patched(drift__secrets__keyring___BACK_OFF=0.0),
        ):

            def act(_: float) -> Outcome:
                def lent() -> str:
                    config = configured("vault://lent#value", vault={"address": url})
                    try:
                        assert config.redaction.key is not None
                        return config.redaction.key.get_secret_value()
                    finally:
                        config.keyring.close()

                return asked(lent, DriftError)

            yield Stand("vault", weather, act, named, _GIVEN_BACK, [VALUE])
    finally:
        made.close()


_GIVEN_BACK = {
    (".*/mounts/lent", ".*"): "a server need not tell what keeps a path; reading it says the rest",
    ("PUT /v1/sys/leases/revoke", ".*"): "the lease ends by itself, and standard error says so",
    (".*(lookup|renew|revoke)-self", ".*"): "a token that is given has no end that is known",
}


def _backend(
    type_: str, answer: Callable[[Request], Answer], config: Callable[[str], dict[str, Any]]
) -> Maker:
    """The state of a backend of Terraform."""

    @contextmanager
    def maker(folder: Path) -> Iterator[Stand]:
        server = Server(answer)
        try:
            with faulty(server.url, "plain") as (url, weather), environment(**_QUIET):

                def act(seconds: float) -> Outcome:
                    def read() -> str:
                        with patched(drift__backends__SILENCE=min(seconds, 5.0)):
                            found = list(backends.open(type_, config(url)))
                        for one in found:
                            if isinstance(one, Problem):
                                raise DriftError(one.message)
                        return str([_state(one.path) for one in found])  # type: ignore[union-attr]

                    return asked(read, DriftError)

                yield Stand(f"state: {type_}", weather, act, named, secrets=["hunter3"])
        finally:
            server.close()

    return maker


def _state(file: Path) -> int:
    """How much a state declares, as its reader takes it."""
    source = "terraform-state"
    (found,) = load([DeclaredEntry(path=str(file), source=source)], file.parent, plugins.providers(), {})
    return len(list(found.resources(Estate(plugins.providers()))))


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
    **{f"forge: {name}": _forge(name) for name in FORGES},
    **{f"store: {kind}": _store(kind) for kind in ("s3", "gs", "az")},
    "vault": vault,
    "state: http": _backend(
        "http",
        lambda _: Answer(200, STATE),
        lambda url: {"address": f"{url}/shop", "username": "u", "password": "hunter3"},
    ),
    "state: consul": _backend("consul", consul, lambda url: {"address": url, "path": "tf/shop"}),
    "state: remote": _backend(
        "remote",
        terraform_enterprise([]),
        lambda url: {
            "hostname": url.removeprefix("http://"),
            "organization": "acme",
            "workspaces": [{"name": "shop-blue"}],
            "token": "t0ken",
        },
    ),
    "registry": registry,
}
