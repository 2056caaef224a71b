"""Who did it, from the command line to report.json: drift and events are planted in each loopback cloud."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.loopback import NO_PROXY
from drift.moment import rfc3339
from providers.aws.loopback import ACCOUNT
from providers.aws.loopback_trail import TrailStandIn
from providers.azure import loopback as azure
from providers.gcp import loopback as google
from tests.conftest import Drift, Ran, client
from tests.rules.support import QUEUE, queue

REGION = "eu-west-1"
NOON = (datetime.now(UTC) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
SSO = "AWSReservedSSO_Admin_1a"


def moment(at: int) -> str:
    return rfc3339(NOON + timedelta(seconds=at))


def configured(folder: Path, live: dict[str, Any], **attribution: Any) -> None:
    said = {"pipelines": ["deploy*"], **attribution}
    document = {
        "version": 1,
        "declared": [{"path": "base"}],
        "live": live,
        "attribution": said,
        "redaction": {"key": "k"},
    }
    (folder / "drift.yaml").write_text(yaml.safe_dump(document))


def declared(folder: Path, *records: dict[str, Any]) -> None:
    (folder / "base").mkdir()
    (folder / "base" / "all.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))


def who(ran: Ran) -> dict[str, Any]:
    """Name of each finding → who did it, without the sentence of evidence."""
    assert ran.code == 2, ran.stderr
    found = {}
    for one in ran.report["findings"]:
        by = one["attribution"]
        found[one["name"]] = by and {key: value for key, value in by.items() if key != "evidence"}
    return found


def by(actor: str, kind: str | None, event: str, time: str, link: str | None, certain: bool = True) -> Any:
    return {
        "actor": actor,
        "kind": kind,
        "event": event,
        "time": time,
        "link": link,
        "certain": certain,
    }


# AWS


def role(name: str, session: str) -> dict[str, Any]:
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
        "sessionContext": {"sessionIssuer": {"userName": name, "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}},
    }


ANNA, DEPLOY = role(SSO, "anna@acme.example"), role("deploy", "run-7")
BOB = {"type": "IAMUser", "userName": "bob", "arn": f"arn:aws:iam::{ACCOUNT}:user/bob"}
SERVICE = {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}


def event(at: int, name: str, actor: dict[str, Any], queue: str, parameters: Any = None) -> dict[str, Any]:
    """A record of CloudTrail about a queue."""
    url = {"queueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{queue}"}
    return {
        "eventID": f"e{at}",
        "eventTime": moment(at),
        "eventName": name,
        "eventSource": "sqs.amazonaws.com",
        "awsRegion": REGION,
        "readOnly": False,
        "userIdentity": actor,
        "requestParameters": None if parameters is None else {**url, **parameters},
        "$resources": [queue],
    }


def link(at: int) -> str:
    return f"https://{REGION}.console.aws.amazon.com/cloudtrailv2/home?region={REGION}#/events/e{at}"


def setting(**attributes: str) -> dict[str, Any]:
    return {"attributes": attributes}


@pytest.fixture
def night(fresh_aws: str, tmp_path: Path) -> Iterator[TrailStandIn]:
    """Queues that were declared as they stood in the evening, what the night did to them, and its log."""
    sqs = client(fresh_aws, "sqs", REGION)
    names = ("person", "several", "nobody", "pipeline", "service", "ended")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in names}
    configured(tmp_path, {"aws": {"regions": [REGION], "include": [QUEUE]}})
    declared(tmp_path, *({**queue(name), "scope": ACCOUNT, "id": arn(name)} for name in names))
    for name in ("person", "several", "nobody", "pipeline"):
        sqs.set_queue_attributes(QueueUrl=urls[name], Attributes={"VisibilityTimeout": "77"})
    sqs.tag_queue(QueueUrl=urls["service"], Tags={"Night": "shift"})
    sqs.delete_queue(QueueUrl=urls["ended"])
    sqs.create_queue(QueueName="made")
    trail = TrailStandIn(ACCOUNT)
    trail.records = [
        *(event(n, "TagQueue", DEPLOY, "person", {}) for n in range(60)),
        event(100, "SetQueueAttributes", ANNA, "person", setting(VisibilityTimeout="77")),
        event(101, "SetQueueAttributes", BOB, "person", setting(DelaySeconds="0")),
        event(102, "SetQueueAttributes", BOB, "several"),
        event(103, "SetQueueAttributes", DEPLOY, "several"),
        event(104, "SetQueueAttributes", DEPLOY, "pipeline", setting(VisibilityTimeout="77")),
        event(105, "TagQueue", SERVICE, "service", {"tags": {"Night": "shift"}}),
        event(106, "DeleteQueue", ANNA, "ended", {}),
        event(107, "CreateQueue", BOB, "made", {"queueName": "made"}),
    ]
    yield trail
    trail.close()


def environment(trail: TrailStandIn) -> dict[str, str]:
    return {"AWS_ENDPOINT_URL_CLOUDTRAIL": trail.url, **NO_PROXY}


TOLD = {
    "person": by(f"{SSO}/anna@acme.example", "person", "SetQueueAttributes", moment(100), link(100)),
    "several": by("one of deploy/run-7, bob", None, "SetQueueAttributes", moment(103), link(103), False),
    "nobody": None,
    "pipeline": by("deploy/run-7", "pipeline", "SetQueueAttributes", moment(104), link(104)),
    "service": by("autoscaling.amazonaws.com", "service", "TagQueue", moment(105), link(105)),
    "ended": by(f"{SSO}/anna@acme.example", "person", "DeleteQueue", moment(106), link(106)),
    "made": by("bob", None, "CreateQueue", moment(107), link(107)),
}


def arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def test_aws_tells_who_did_what_and_the_next_run_asks_what_the_budget_cut(
    night: TrailStandIn, fresh_aws: str, drift: Drift, tmp_path: Path
) -> None:
    night.throttled = 1  # which is tried again
    live = {"aws": {"regions": [REGION], "include": [QUEUE]}}
    configured(tmp_path, live, calls=4)
    scan = ("scan", "-o", "out", "--history", "h.db", "--format", "html")
    first = drift(*scan, endpoint=fresh_aws, env=environment(night))
    told = who(first)
    known = {name for name, one in told.items() if one}
    assert len(night.asked) == 4 and 0 < len(known) < 6
    assert all(told[name] == TOLD[name] for name in known)
    run = first.report["run"]["attribution"]
    assert run == {
        "asked": 7,
        "told": len(known),
        "left": run["left"],
        "silent": ["not all were asked who did it: the calls are used up (attribution.calls)"],
    }
    assert run["left"] >= 4
    assert "the calls are used up" in first.stderr + (first.folder / "report.html").read_text()

    night.asked.clear()
    configured(tmp_path, live)
    second = drift(*scan, endpoint=fresh_aws, env={**environment(night), "COLUMNS": "400"})
    assert who(second) == TOLD
    asked = {one["LookupAttributes"][0]["AttributeValue"] for one in night.asked}
    assert not asked & known and "nobody" in asked
    (person,) = [one for one in second.report["findings"] if one["name"] == "person"]
    assert person["attribution"]["evidence"] == (
        "CloudTrail: SetQueueAttributes names the resource and touches /VisibilityTimeout (event e100)"
    )
    line = f"live by {SSO}/anna@acme.example, SetQueueAttributes, {moment(100)}"
    assert line in second.stdout and "Who did it: told of 4 of the 5 findings" in second.stdout
    life = drift("history", "finding", "person", "--history", "h.db")
    assert line in life.stdout
    explained = drift("explain", person["id"], "--run", "out")
    assert line in explained.stdout and link(100) in explained.stdout


def test_a_log_that_is_denied_is_said_and_hides_nothing(
    night: TrailStandIn, fresh_aws: str, drift: Drift
) -> None:
    night.denied = True
    ran = drift("scan", "-o", "out", "--no-history", endpoint=fresh_aws, env=environment(night))
    assert who(ran) == dict.fromkeys(TOLD)
    (said,) = ran.report["run"]["attribution"]["silent"]
    assert "cloudtrail:LookupEvents" in said and "AccessDenied" in said and said in ran.stderr
    assert ran.report["run"]["attribution"]["left"] == 7


def test_a_log_that_does_not_answer_in_time_is_left_behind(
    night: TrailStandIn, fresh_aws: str, drift: Drift, tmp_path: Path
) -> None:
    night.held = threading.Event()
    configured(tmp_path, {"aws": {"regions": [REGION], "include": [QUEUE]}}, seconds=1)
    ran = drift("scan", "-o", "out", "--no-history", endpoint=fresh_aws, env=environment(night))
    night.held.set()
    assert who(ran) == dict.fromkeys(TOLD)
    (said,) = ran.report["run"]["attribution"]["silent"]
    assert said.endswith("(attribution.seconds)")


# Azure

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
STORAGE = "Microsoft.Storage/storageAccounts"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop"


def account(name: str, tls: str = "TLS1_2") -> dict[str, Any]:
    return {
        "id": f"{GROUP}/providers/{STORAGE}/{name}",
        "name": name,
        "type": STORAGE,
        "location": "westeurope",
        "sku": {"name": "Standard_LRS"},
        "kind": "StorageV2",
        "properties": {"minimumTlsVersion": tls},
    }


def change(at: int, name: str, actor: str, kind: str, how: str = "Update") -> dict[str, Any]:
    changed = {"properties.minimumTlsVersion": {"previousValue": "TLS1_2", "newValue": "TLS1_0"}}
    return {
        "id": f"{GROUP}/providers/{STORAGE}/{name}/providers/Microsoft.Resources/changes/{at}",
        "properties": {
            "targetResourceId": f"{GROUP}/providers/{STORAGE}/{name}",
            "changeType": how,
            "changes": changed if how == "Update" else {},
            "changeAttributes": {
                "changedBy": actor,
                "changedByType": kind,
                "operation": f"{STORAGE.lower()}/write",
                "timestamp": moment(at),
                "changesCount": 1,
            },
        },
    }


def act(at: int, name: str, actor: str, status: str = "Succeeded") -> dict[str, Any]:
    return {
        "resourceId": f"{GROUP}/providers/{STORAGE}/{name}",
        "caller": actor,
        "eventTimestamp": moment(at),
        "correlationId": f"c{at}",
        "operationName": {"value": f"{STORAGE}/write"},
        "status": {"value": status},
    }


def test_azure_tells_who_did_what(drift: Drift, tmp_path: Path) -> None:
    names = ("person", "several", "nobody", "pipeline", "service")
    group = {
        "id": GROUP,
        "name": "shop",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "westeurope",
    }
    documents = [{"subscriptionId": SUBSCRIPTION, "displayName": "shop"}, group]
    documents += [account(name, "TLS1_0") for name in names]
    declared(
        tmp_path,
        *(
            {
                "provider": "azure",
                "scope": SUBSCRIPTION,
                "type": STORAGE,
                "id": body.pop("id").lower(),
                "name": body.pop("name"),
                "attributes": {key: value for key, value in body.items() if key != "type"},
            }
            for body in map(account, names)
        ),
    )
    with azure.cloud(documents) as cloud:
        live = {"azure": {"endpoint": cloud.url, "subscriptions": [SUBSCRIPTION], "include": [STORAGE]}}
        configured(tmp_path, live)
        cloud.store.changes = [
            change(1, "person", "anna@acme.example", "User"),
            change(2, "pipeline", "deploy-app", "Application"),
            change(3, "service", "System", "System"),
        ]
        cloud.store.events = [
            act(4, "several", "anna@acme.example"),
            act(5, "several", "bob@acme.example"),
            act(6, "nobody", "eve@acme.example", "Failed"),
        ]
        ran = drift("scan", "-o", "out", "--no-history", env=NO_PROXY)

    def portal(name: str) -> str:
        return f"https://portal.azure.com/#@/resource{GROUP.lower()}/providers/{STORAGE.lower()}/{name}/eventlogs"

    write = f"{STORAGE.lower()}/write"
    assert who(ran) == {
        "person": by("anna@acme.example", "person", write, moment(1), portal("person")),
        "pipeline": by("deploy-app", "pipeline", write, moment(2), portal("pipeline")),
        "service": by("System", "service", write, moment(3), portal("service")),
        "several": by(
            "one of bob@acme.example, anna@acme.example",
            None,
            f"{STORAGE}/write",
            moment(5),
            portal("several"),
            False,
        ),
        "nobody": None,
    }
    assert ran.report["run"]["attribution"] == {"asked": 5, "told": 4, "left": 0, "silent": []}


# Google Cloud

TOPIC = "pubsub.googleapis.com/Topic"


def topic(name: str, kept: str = "600s") -> dict[str, Any]:
    full = f"projects/shop/topics/{name}"
    data = {"name": full, "messageRetentionDuration": kept}
    return {"name": f"//pubsub.googleapis.com/{full}", "assetType": TOPIC, "data": data}


def entry(at: int, name: str, actor: str, request: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "insertId": f"i{at}",
        "timestamp": moment(at),
        "logName": "projects/shop/logs/cloudaudit.googleapis.com%2Factivity",
        "protoPayload": {
            "serviceName": "pubsub.googleapis.com",
            "resourceName": f"projects/shop/topics/{name}",
            "methodName": "google.pubsub.v1.Publisher.UpdateTopic",
            "authenticationInfo": {"principalEmail": actor},
            "request": request,
            **more,
        },
    }


def test_google_cloud_tells_who_did_what(drift: Drift, tmp_path: Path) -> None:
    names = ("person", "several", "nobody", "pipeline", "service")
    project = {"name": "projects/718204993361", "projectId": "shop", "displayName": "shop"}
    robot = "service-1@gcp-sa-pubsub.iam.gserviceaccount.com"
    mask = {"updateMask": "messageRetentionDuration"}
    declared(
        tmp_path,
        *(
            {
                "provider": "gcp",
                "scope": "shop",
                "type": TOPIC,
                "id": body["name"],
                "name": body["name"].rpartition("/")[2],
                "attributes": body["data"],
            }
            for body in map(topic, names)
        ),
    )
    with google.cloud([project, *(topic(name, "900s") for name in names)]) as cloud:
        configured(tmp_path, {"gcp": {"endpoint": cloud.url, "projects": ["shop"], "include": [TOPIC]}})
        cloud.service.entries = [
            entry(1, "person", "anna@acme.example", mask),
            entry(2, "pipeline", "deploy@shop.iam.gserviceaccount.com", mask),
            entry(3, "service", robot, mask),
            entry(4, "several", "anna@acme.example"),
            entry(5, "several", "bob@acme.example"),
            entry(6, "nobody", "eve@acme.example", mask, status={"code": 7}),
        ]
        ran = drift("scan", "-o", "out", "--no-history", env=NO_PROXY)

    def console(at: int) -> str:
        query = f"insertId%3D%22i{at}%22;cursorTimestamp={moment(at)}?project=shop"
        return f"https://console.cloud.google.com/logs/query;query={query}"

    method = "google.pubsub.v1.Publisher.UpdateTopic"
    assert who(ran) == {
        "person": by("anna@acme.example", "person", method, moment(1), console(1)),
        "pipeline": by("deploy@shop.iam.gserviceaccount.com", "pipeline", method, moment(2), console(2)),
        "service": by(robot, "service", method, moment(3), console(3)),
        "several": by(
            "one of bob@acme.example, anna@acme.example", "person", method, moment(5), console(5), False
        ),
        "nobody": None,
    }
    assert ran.report["run"]["attribution"] == {"asked": 5, "told": 4, "left": 0, "silent": []}
