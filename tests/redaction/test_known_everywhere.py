"""A secret that one place tells is in no output, wherever else it stands: not in reports, evidence,
snapshots, baselines, tables, explanations, notes and errors, and not where a cloud's error repeats it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from drift import plugins
from tests.conftest import start_drift
from tests.redaction.test_redact_everywhere import outputs, plain

RESULT, OUTPUT, TOKEN, CLUSTER = "brvkqzmtwplx", "wq8-trombone", "zkprqkfwjzxm", "nwtqblpsrfgh"
NEEDLES = (RESULT, OUTPUT, TOKEN, CLUSTER)
ACCOUNT = "111111111111"


def queue(name: str, **tags: str) -> dict[str, Any]:
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{name}"
    place = {"provider": "aws", "scope": ACCOUNT, "region": "eu-west-1", "type": "AWS::SQS::Queue", "id": arn}
    tagged = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {**place, "attributes": {"QueueName": name, "Tags": tagged}}


def kubernetes(kind: str, name: str, **body: Any) -> dict[str, Any]:
    attributes = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **body}
    return {
        "provider": "kubernetes",
        "scope": "prod",
        "type": f"v1/{kind}",
        "id": f"shop/{name}",
        "attributes": attributes,
    }


def state() -> dict[str, Any]:
    def resource(
        type_: str, name: str, attributes: dict[str, Any], *sensitive: str, key: str | None = None
    ) -> dict[str, Any]:
        of = type_.split("_")[0]
        marked = [[{"type": "get_attr", "value": one}] for one in sensitive]
        instance = {
            "attributes": attributes,
            "sensitive_attributes": marked,
            **({"index_key": key} if key else {}),
        }
        provider = f'provider["registry.terraform.io/hashicorp/{of}"]'
        return {"mode": "managed", "type": type_, "name": name, "provider": provider, "instances": [instance]}

    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}"
    url = f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}"
    return {
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 1,
        "lineage": "x",
        "outputs": {"o": {"value": OUTPUT, "type": "string", "sensitive": True}},
        "resources": [
            resource("random_password", "p", {"result": RESULT}),
            resource("other_thing", "t", {"id": "t", "handle": TOKEN}, "handle"),
            resource(
                "aws_sqs_queue",
                "a",
                {"arn": f"{arn}:a", "id": f"{url}/a", "name": "a", "tags_all": {"note": f"is {RESULT} now"}},
            ),
            resource(
                "aws_sqs_queue",
                "b",
                {"arn": f"{arn}:{TOKEN}", "id": f"{url}/{TOKEN}", "name": TOKEN},
                key=OUTPUT,
            ),
        ],
    }


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("known")
    secret = kubernetes("Secret", "s", stringData={"any": CLUSTER})
    denied = {
        "provider": "aws",
        "scope": ACCOUNT,
        "region": "eu-west-1",
        "type": "AWS::SNS::Topic",
        "status": "denied",
        "resources": 0,
        "message": f"GET https://me:{TOKEN}@sns/?note={RESULT} said {OUTPUT}, {CLUSTER}",
    }
    live = [
        queue("a", note=f"was {OUTPUT}", also=f"x{CLUSTER.encode().hex()}"),
        queue("c", password=RESULT, other=TOKEN),
        secret,
        kubernetes("ConfigMap", "m", data={"file": f"line\nuse {CLUSTER} here"}),
    ]
    covered = [
        {
            **{k: one[k] for k in ("provider", "scope", "type")},
            "region": one.get("region", "global"),
            "status": "checked",
            "resources": 1,
        }
        for one in live
    ]
    unique = list({json.dumps({**row, "resources": 2 if "SQS" in row["type"] else 1}): 0 for row in covered})
    header = {"drift_snapshot": 1, "coverage": [*map(json.loads, unique), denied], "resources": len(live)}
    (folder / "live.jsonl").write_text("\n".join(map(json.dumps, [header, *live])) + "\n")
    (folder / "app.tfstate").write_text(json.dumps(state()))
    base = kubernetes("ConfigMap", "m", data={"file": "other"})
    (folder / "base.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in (base, secret)))
    said: dict[str, bytes] = {}

    def run(name: str, *arguments: str) -> None:
        ran = start_drift(folder, *arguments)
        said[f"{name}: {ran.code}"] = (ran.stdout + ran.stderr).encode()

    formats = ",".join(plugins.names("renderers"))
    declared = ("--declared", "app.tfstate,region=eu-west-1", "--declared", "base.jsonl")
    run("diff", "diff", "--live", "live.jsonl", *declared, "-o", "out/diff", "--format", formats)
    run("snapshot", "snapshot", "--live", "live.jsonl", "-o", "out/live.jsonl")
    run("baseline", "baseline", "--live", "live.jsonl", "-o", "out/baseline")
    run(
        "error",
        "diff",
        "--live",
        "live.jsonl",
        "--declared",
        f"ftp://me:{TOKEN}@host/app.tfstate?token={RESULT}",
    )
    for finding in json.loads((folder / "out/diff/report.json").read_bytes())["findings"]:
        run(f"explain {finding['id']}", "explain", finding["id"], "--run", "out/diff", "--all")
    yield {**dict(outputs(folder / "out")), **said}


def test_the_commands_did_their_work(told: dict[str, bytes]) -> None:
    report = json.loads(told["diff/report.json"])
    kinds = [one["kind"] for one in report["findings"]]
    assert kinds.count("changed") == 2 and kinds.count("missing") == 1 and kinds.count("unmanaged") == 1, (
        kinds
    )
    assert b"was $secret:" in told["diff/report.json"]
    assert b"denied" in told["diff/report.json"]
    assert any(name.startswith("error: 1") for name in told)


@pytest.mark.parametrize("needle", NEEDLES)
def test_no_output_tells(told: dict[str, bytes], needle: str) -> None:
    found = {
        name
        for name, content in told.items()
        if needle.encode() in plain(content) or needle.encode().hex().encode() in content
    }
    snapshots = {"live.jsonl", *(name for name in told if name.startswith(("baseline", "snapshot")))}
    if needle != CLUSTER and needle != RESULT:
        found -= snapshots  # nothing of these files says that it is one
    assert found == set()
