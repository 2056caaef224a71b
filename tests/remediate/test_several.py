"""Several repositories in one drift.yaml: at two hosts of one kind of forge, each with its login, asked for
once; and one that can't be had, which hides nothing of the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from drift.config.model import load, parse
from drift.errors import ConfigError
from drift.remediate.plan import choices
from drift.remediate.work import Remediation
from drift.scan import Run
from forges.loopback import GitHub, Repo
from tests.conftest import Repository
from tests.remediate.conftest import TEMPLATE, queue
from tests.remediate.harness import snapshot

pytestmark = pytest.mark.usefixtures("numbers")


@pytest.fixture
def forges(tmp_path: Path) -> Iterator[tuple[GitHub, GitHub]]:
    with GitHub(tmp_path / "at1") as one, GitHub(tmp_path / "at2", token="other") as other:
        yield one, other


def clone(folder: Path, server: GitHub, name: str, text: str) -> Repo:
    """A repository at a forge, and a clone of it."""
    made: Repo = server.repository(f"acme/{name}", {"queues.yaml": text})
    there = Repository(folder / name)
    there.path.mkdir()
    there.git("init", "-q", "-b", "main")
    there.git("remote", "add", "origin", made.url)
    there.commit({"queues.yaml": text})
    return made


def app(server: GitHub) -> dict[str, Any]:
    """The settings of an App at a forge, whose logins end."""
    key = rsa.generate_private_key(65537, 2048)
    server.app_id, server.app_key = "Iv23li", key.public_key()
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return server.settings(token=None, app_id="Iv23li", private_key=pem.decode())


def mails(account: str, seconds: int) -> dict[str, Any]:
    made = json.loads(json.dumps(queue("mails", VisibilityTimeout=seconds)).replace("111122223333", account))
    return dict(made)


def test_what_one_repository_lacks_hides_nothing_of_the_others(
    tmp_path: Path, forges: tuple[GitHub, GitHub]
) -> None:
    one, other = forges
    template = "Resources:\n" + TEMPLATE.partition("DelaySeconds: 5\n")[2]
    repos = [
        clone(tmp_path, one, "one", template),
        clone(tmp_path, other, "other", template),
        clone(tmp_path, other, "gone", template),
    ]
    accounts = ["111122223333", "222233334444", "333344445555"]
    entries = [
        {"path": f"{name}/queues.yaml", "scope": account, "region": "eu-west-1"}
        for name, account in zip(("one", "other", "gone"), accounts, strict=True)
    ]
    said = {
        "version": 1,
        "declared": entries,
        "forges": {"127.0.0.1": "github"},
        "remediate": {"forges": {"github": [app(one), other.settings()]}},
    }
    (tmp_path / "drift.yaml").write_text(json.dumps(said))
    live = snapshot(tmp_path / "live.jsonl", [mails(account, 45) for account in accounts])
    config = load(tmp_path / "drift.yaml", None, {})
    report = Run(config, live=[live]).scan().report
    ids = [finding["id"] for finding in report["findings"]]
    assert len(ids) == 3
    del other.repositories["acme/gone"]
    done = Remediation(config, report, [live], choices(ids, (), ()), True).run()
    assert one.violations == other.violations == []
    assert sorted(request["state"] for request in done["pull_requests"]) == ["opened", "opened"]
    assert [len(repo.pulls) for repo in repos] == [1, 1, 0]
    (why,) = done["problems"]
    assert "acme/gone" in why
    status = {finding["finding"]: finding for finding in done["findings"]}
    (gone,) = [found for found in status.values() if found["status"] == "refused"]
    assert "acme/gone" in gone["why"]
    assert len([call for call in one.calls if call.path.endswith("/access_tokens")]) == 1


def test_two_logins_for_one_host_are_refused() -> None:
    text = "version: 1\nremediate:\n  forges:\n    gitea:\n      - {url: https://a.example, token: x}\n"
    text += "      - {url: https://a.example/, token: y}\n"
    with pytest.raises(ConfigError, match=r"drift.yaml:6: remediate.forges.gitea.1: .*https://a.example"):
        parse(text, "drift.yaml", Path(), None, {})
