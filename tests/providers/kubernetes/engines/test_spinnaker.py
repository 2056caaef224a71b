"""Spinnaker: what pipelines' stages and manifests in Git make of a cluster, version by version."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from providers.kubernetes.engines.source import GitOps
from tests.providers.kubernetes.declared.support import write
from tests.providers.kubernetes.engines.harness import Cluster, exact, in_sync, scan

SETTINGS = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings", "namespace": "shop"},
    "data": {"color": "blue"},
}
PLAIN = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {
        "name": "plain",
        "namespace": "shop",
        "annotations": {"strategy.spinnaker.io/versioned": "false"},
    },
    "data": {"a": "1"},
}
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "login", "namespace": "shop"},
    "stringData": {"user": "shop"},
}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"selector": {"lb": "web"}, "ports": [{"port": 80}]},
}


#: Nobody declares it here, and yet a manifest's reference to it is bound.
ELSEWHERE = ("unmanaged", "ConfigMap shop/elsewhere-v007", ())


def workload(kind: str, name: str, image: str, **spec: Any) -> dict[str, Any]:
    container = {
        "name": "app",
        "image": image,
        "env": [
            {"name": "COLOR", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "color"}}},
            {"name": "OTHER", "valueFrom": {"configMapKeyRef": {"name": "elsewhere", "key": "x"}}},
        ],
        "envFrom": [{"secretRef": {"name": "login"}}, {"configMapRef": {"name": "plain"}}],
    }
    volumes = [
        {"name": "s", "configMap": {"name": "settings"}},
        {"name": "p", "projected": {"sources": [{"secret": {"name": "login"}}]}},
    ]
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [container], "volumes": volumes},
            },
            **spec,
        },
    }


DEPLOYMENT = workload("Deployment", "api", "registry.acme.io/api:1.0")
SET = workload("ReplicaSet", "web", "registry.acme.io/web")
PIPELINE = {
    "application": "shop",
    "name": "Deploy",
    "expectedArtifacts": [
        {
            "id": "web-image",
            "matchArtifact": {"type": "docker/image", "name": "registry.acme.io/web"},
            "defaultArtifact": {"type": "custom/object"},
        },
        {
            "id": "service-file",
            "matchArtifact": {"type": "github/file", "name": "manifests/service.yaml"},
            "defaultArtifact": {
                "type": "github/file",
                "name": "manifests/service.yaml",
                "reference": "https://api.github.com/repos/acme/shop/contents/manifests/service.yaml",
            },
        },
        {
            "id": "other-file",
            "defaultArtifact": {
                "type": "github/file",
                "reference": "https://api.github.com/repos/acme/other/contents/x.yaml",
            },
        },
    ],
    "triggers": [{"type": "docker", "registry": "registry.acme.io", "repository": "api"}],
    "stages": [
        {
            "type": "deployManifest",
            "name": "settings",
            "refId": "1",
            "account": "k8s",
            "source": "text",
            "manifests": [SETTINGS, PLAIN, SECRET, DEPLOYMENT],
        },
        {
            "type": "deployManifest",
            "name": "web",
            "refId": "2",
            "account": "k8s",
            "source": "text",
            "manifests": [SET],
            "requiredArtifactIds": ["web-image"],
            "trafficManagement": {
                "enabled": True,
                "options": {"enableTraffic": True, "services": ["service web"], "strategy": "redblack"},
            },
        },
        {
            "type": "deployManifest",
            "name": "service",
            "refId": "3",
            "account": "k8s",
            "source": "artifact",
            "manifestArtifactId": "service-file",
        },
    ],
}


def sent(body: Mapping[str, Any], version: int | None = None, *, images: Mapping[str, str] | None = None,
         bound: bool = True, traffic: bool = False) -> dict[str, Any]:  # fmt: skip
    """What clouddriver sends for a manifest, as its sources say it."""
    made = copy.deepcopy(dict(body))
    name, kind = made["metadata"]["name"], made["kind"]
    number = "" if version is None else f"v{version:03d}"
    annotations = {
        "artifact.spinnaker.io/type": f"kubernetes/{kind[0].lower()}{kind[1:]}",
        "artifact.spinnaker.io/name": name,
        "artifact.spinnaker.io/location": "shop",
        "artifact.spinnaker.io/version": number,
        "moniker.spinnaker.io/application": "shop",
        "moniker.spinnaker.io/cluster": f"{kind.lower()} {name}",
    }
    labels = {"app.kubernetes.io/name": "shop", "app.kubernetes.io/managed-by": "spinnaker"}
    if version is not None:
        annotations["moniker.spinnaker.io/sequence"] = str(version)
        labels["moniker.spinnaker.io/sequence"] = str(version)
        made["metadata"]["name"] = f"{name}-{number}"
    places = [made["metadata"]]
    if "template" in made.get("spec", {}):
        text = json.dumps(made["spec"]["template"])
        for old, new in {"settings": "settings-v001", "login": "login-v000", "elsewhere": "elsewhere-v007",
                         **(images or {})}.items():  # fmt: skip
            text = text.replace(f'"{old}"', f'"{new}"') if bound else text
        made["spec"]["template"] = json.loads(text)
        places.append(made["spec"]["template"]["metadata"])
    for place in places:
        place["annotations"] = {**annotations, **(place.get("annotations") or {})}
        place["labels"] = {**labels, **(place.get("labels") or {})}
    if traffic:
        made["metadata"]["annotations"]["traffic.spinnaker.io/load-balancers"] = '["service web"]'
        made["spec"]["template"]["metadata"]["labels"]["lb"] = "web"
    return made


def deployed() -> Cluster:
    live = Cluster(controller="kubectl-client-side-apply", operation="Update")
    elsewhere = {**SETTINGS, "metadata": {"name": "elsewhere", "namespace": "shop"}}
    old = {**SETTINGS, "data": {"color": "red"}}
    images = {
        "registry.acme.io/api:1.0": "registry.acme.io/api:1.7",
        "registry.acme.io/web": "registry.acme.io/web@sha256:12",
    }
    secret = {**SECRET, "data": {"user": base64.b64encode(b"shop").decode()}}
    del secret["stringData"]
    return live.deployed(
        [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
            sent(old, 0), sent(SETTINGS, 1), sent(PLAIN), sent(secret, 0), sent(elsewhere, 7), sent(SERVICE),
            sent(DEPLOYMENT, images=images),
            sent(SET, 4, images={**images, "registry.acme.io/web": "registry.acme.io/web:old"}),
            sent(SET, 5, images=images, traffic=True),
        ]
    )  # fmt: skip


def repository(folder: Path, *pipelines: Mapping[str, Any], **files: str) -> Path:
    named = {f"pipelines/{number}.json": json.dumps(one, indent=2) for number, one in enumerate(pipelines)}
    return write(folder / "shop", {"manifests/service.yaml": yaml.safe_dump(SERVICE), **named, **files})


def test_what_pipelines_deployed_is_in_sync(tmp_path: Path) -> None:
    folder = repository(tmp_path, PIPELINE)
    assert GitOps().recognises(folder, b"")
    found = scan(folder, deployed())
    assert found.told == [ELSEWHERE]
    assert found.problems == [] and found.unverifiable == []
    assert found.report["summary"]["in_sync"] == 6


def test_ten_changes_are_told_each_where_it_is(tmp_path: Path) -> None:
    folder = repository(tmp_path, PIPELINE)
    template = "/spec/template/spec/containers/app"

    def container(**more: Any) -> dict[str, Any]:
        said = sent(DEPLOYMENT, images={"registry.acme.io/api:1.0": "registry.acme.io/api:1.7"})
        (own,) = said["spec"]["template"]["spec"]["containers"]
        return {"spec": {"template": {"spec": {"containers": [{**own, **more}]}}}}

    stray = sent({**SETTINGS, "metadata": {"name": "stray", "namespace": "shop"}}, 0)
    newer = sent({**SETTINGS, "data": {"color": "pink"}}, 9)
    by_hand = sent({**SETTINGS, "data": {"color": "green"}}, 0)
    by_hand["metadata"]["name"] = "settings-v002"  # not what its own marks say
    found = exact(
        folder,
        deployed(),
        [
            (lambda one: one.changed("ConfigMap", "shop/settings-v001", {"data": {"color": "x"}}),
             [("changed", "ConfigMap shop/settings-v001", ("/data/color",))]),
            (lambda one: one.changed("ConfigMap", "shop/plain", {"data": {"b": "2"}}),
             [("changed", "ConfigMap shop/plain", ("/data/b",))]),
            (lambda one: one.changed("Deployment", "shop/api", container(image="evil.io/api:1.7")),
             [("changed", "Deployment shop/api", (f"{template}/image",))]),
            (lambda one: one.changed("Service", "shop/web", {"spec": {"selector": {"lb": "other"}}}),
             [("changed", "Service shop/web", ("/spec/selector/lb",))]),
            (lambda one: one.changed("ReplicaSet", "shop/web-v005", {"spec": {"replicas": 9}}),
             [("changed", "ReplicaSet shop/web-v005", ("/spec/replicas",))]),
            (lambda one: one, [ELSEWHERE]),
            (lambda one: one.removed("Secret", "shop/login-v000"), [("missing", "Secret shop/login", ())]),
            (lambda one: one.deployed([stray]), [("unmanaged", "ConfigMap shop/stray-v000", ())]),
            (lambda one: one.deployed([by_hand]), [("unmanaged", "ConfigMap shop/settings-v002", ())]),
            (lambda one: one.deployed([newer], by="kubectl-create"),
             [("unmanaged", "ConfigMap shop/settings-v009", ())]),
            (lambda one: one.changed("ConfigMap", "shop/settings-v000", {"data": {"color": "x"}}),
             [("unmanaged", "ConfigMap shop/settings-v000", ())]),
        ],
    )  # fmt: skip
    assert found.finding("ConfigMap shop/plain")["declared_at"]["via"] == ["Deploy", "settings"]


def stage(*manifests: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "deployManifest", "name": "s", "account": "k8s", "manifests": list(manifests), **more}


def pipeline(*stages: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"application": "shop", "name": "P", "stages": list(stages), **more}


def test_expressions_are_not_guessed(tmp_path: Path) -> None:
    said = {**PLAIN, "data": {"a": "${parameters.a}", "b": "2"}}
    named = {**PLAIN, "metadata": {**PLAIN["metadata"], "name": "${parameters.name}"}}  # type: ignore[dict-item]
    folder = repository(tmp_path, pipeline(stage(said, named)))
    live = Cluster(controller="kubectl-client-side-apply", operation="Update")
    live.deployed([sent({**PLAIN, "data": {"a": "x", "b": "3"}}), sent(SERVICE)])
    found = scan(folder, live)
    assert found.told == [("changed", "ConfigMap shop/plain", ("/data/b",))]
    assert found.unverifiable == [
        ("ConfigMap shop/plain", "/data/a", "Spinnaker's expression ${parameters.a}")
    ]
    (row,) = found.problems
    assert row.startswith("ConfigMap ${parameters.name} (shop/pipelines/0.json:")
    literal = repository(tmp_path / "x", pipeline(stage(said, skipExpressionEvaluation=True)))
    assert ("changed", "ConfigMap shop/plain", ("/data/a", "/data/b")) in scan(literal, live).told


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (stage(source="artifact", manifestArtifactId="none"), "only an execution knows which it was"),
        (stage(source="artifact", manifestArtifactId="baked"), "what the stage 'Bake' bakes"),
        (stage(source="artifact", manifestArtifactId="other-file"), "github.com/acme/other is not fetched"),
        ({"type": "patchManifest", "name": "s"}, "it is a patchManifest"),
        ({"type": "runJobManifest", "name": "s"}, "it is a runJobManifest"),
    ],
)
def test_what_is_not_read_is_one_row(tmp_path: Path, said: Mapping[str, Any], why: str) -> None:
    bake = {
        "type": "bakeManifest",
        "name": "Bake",
        "expectedArtifacts": [{"id": "baked", "matchArtifact": {"type": "embedded/base64"}}],
    }
    whole = pipeline(bake, said, expectedArtifacts=PIPELINE["expectedArtifacts"])
    folder = repository(tmp_path, whole)
    live = Cluster(controller="kubectl-client-side-apply", operation="Update").deployed([sent(SERVICE)])
    found = scan(folder, live)
    assert found.told == []
    (row,) = found.problems
    assert why in row and "'P'" in row or "P → s" in row


def test_accounts_are_clusters(tmp_path: Path) -> None:
    two = pipeline(stage(PLAIN, account="eu"), stage(SETTINGS, account="us"))
    folder = repository(tmp_path, two)
    eu = Cluster("eu", "kubectl-client-side-apply", "Update").deployed([sent(PLAIN), sent(SERVICE)])
    us = Cluster("america", "kubectl-client-side-apply", "Update").deployed([sent(SETTINGS, 3)])
    found = scan(folder, eu, us, scope="eu")
    (row,) = found.problems
    assert "say by `clusters` of the entry which cluster that is ({us: NAME})" in row
    found = scan(folder, eu, us, scope="eu", clusters={"us": "america"})
    assert (found.told, found.problems) == ([], [])
    assert found.report["summary"]["in_sync"] == 3


def test_forms_of_pipelines_and_stages(tmp_path: Path) -> None:
    text = base64.b64encode(yaml.safe_dump(PLAIN).encode()).decode()
    embedded = {"type": "embedded/base64", "reference": text}
    moved = {**SETTINGS, "metadata": {"name": "settings"}}
    keep = workload("Deployment", "keep", "keep:1")
    keep["spec"]["template"]["spec"] = {"containers": [{"name": "app", "image": "keep:1"}]}
    keep["metadata"]["annotations"] = {"strategy.spinnaker.io/use-source-capacity": "true"}
    gone = {**PLAIN, "metadata": {**PLAIN["metadata"], "name": "gone"}}  # type: ignore[dict-item]
    condition = {"type": "expression", "expression": "${trigger.manual}"}
    folder = write(tmp_path / "shop", {
        "pipelines/list.json": json.dumps([
            pipeline(stage(source="artifact", manifestArtifact=embedded), stage(keep)),
            pipeline(stage(moved, namespaceOverride="shop"), stage(gone, stageEnabled=condition)),
            pipeline(stage(gone), disabled=True, name="off"),
        ]),
        "dinghyfile": json.dumps({"application": "shop", "pipelines": [pipeline(stage(SERVICE))]}),
        "other/dinghyfile": '{"application": "shop", "pipelines": [{{ module "x.module" }}]}',
        "template.json": '{"name": "T", "template": {"reference": "x"}, "stages": [], "refId": ""}',
    })  # fmt: skip
    live = Cluster(controller="kubectl-client-side-apply", operation="Update")
    scaled = {**keep, "spec": {**keep["spec"], "replicas": 7}}
    live.deployed([sent(PLAIN), sent(SETTINGS, 0), sent(scaled, bound=False), sent(SERVICE)])
    found = scan(folder, live)
    assert found.told == []
    assert found.report["summary"]["in_sync"] == 4
    assert [(what, why) for what, _, why in found.unverifiable] == [
        ("ConfigMap shop/gone", "it is deployed only where ${trigger.manual}")
    ]
    of_dinghy, of_template = sorted(found.problems)
    assert "it is a template of dinghy" in of_template and "a pipeline template" in of_dinghy
    assert any("the pipeline 'off' is disabled" in one for one in found.notes)


def test_content_that_is_deployed_again_keeps_its_version(tmp_path: Path) -> None:
    folder = repository(tmp_path, pipeline(stage(SETTINGS)))
    live = Cluster(controller="kubectl-client-side-apply", operation="Update")
    live.deployed([sent(SETTINGS, 0), sent({**SETTINGS, "data": {"color": "red"}}, 1), sent(SERVICE)])
    assert in_sync(folder, live, declared=2).problems == []


def test_what_two_stages_deploy_differently_nobody_knows(tmp_path: Path) -> None:
    folder = repository(tmp_path, pipeline(stage(PLAIN), stage({**PLAIN, "data": {"a": "2"}}), stage(PLAIN)))
    live = Cluster(controller="kubectl-client-side-apply", operation="Update")
    live.deployed([sent({**PLAIN, "data": {"a": "2"}}), sent(SERVICE)])
    found = scan(folder, live)
    assert found.told == []
    assert [why for _, _, why in found.unverifiable] == [
        "several stages deploy it, each another one, and which was last nobody says"
    ]


def test_manifests_without_a_pipeline(tmp_path: Path) -> None:
    api = workload("Deployment", "api", "registry.acme.io/api")
    web = workload("Deployment", "web", "registry.acme.io/web:1.0")
    folder = write(tmp_path / "k8s", {"all.yaml": yaml.safe_dump_all([api, web, SETTINGS, PLAIN, SECRET])})
    assert GitOps().recognises(folder, b"")  # by the annotation of one of them
    secret = {**SECRET, "data": {"user": base64.b64encode(b"shop").decode()}}
    del secret["stringData"]
    live = Cluster(controller="kubectl-client-side-apply", operation="Update")
    live.deployed([
        sent(api, images={"registry.acme.io/api": "registry.acme.io/api:2"}),
        sent(web, images={"registry.acme.io/web:1.0": "registry.acme.io/web:2.0"}),
        sent(SETTINGS, 1), sent(PLAIN), sent(secret, 0),
    ])  # fmt: skip
    found = scan(folder, live)
    base = "/spec/template/spec/containers/app"
    other = f"{base}/env/OTHER/valueFrom/configMapKeyRef/name"
    assert found.told == [
        ("changed", "Deployment shop/api", (other,)),
        ("changed", "Deployment shop/web", (other, f"{base}/image")),
    ]


@pytest.mark.parametrize(
    ("how", "gone"),
    [
        ({"manifestName": "configMap plain", "location": "shop"}, True),
        ({"manifestName": "configMap plain", "location": "other"}, False),
        ({"manifestName": "configMap plain", "location": "shop", "account": "another"}, False),
        ({"mode": "label", "kinds": ["configMap"], "location": "shop",
          "labelSelectors": {"selectors": [{"key": "a", "kind": "EQUALS", "values": ["b"]}]}}, True),
        ({"mode": "label", "kinds": ["configMap"], "location": "shop",
          "labelSelectors": {"selectors": [{"key": "a", "kind": "EQUALS", "values": ["c"]}]}}, False),
    ],
)  # fmt: skip
def test_what_another_stage_deletes_again_is_not_missing(
    tmp_path: Path, how: Mapping[str, Any], gone: bool
) -> None:
    labelled = {**PLAIN, "metadata": {**PLAIN["metadata"], "labels": {"a": "b"}}}  # type: ignore[dict-item]
    delete = {"type": "deleteManifest", "name": "Clean up", "account": "k8s", **how}
    folder = repository(tmp_path, pipeline(stage(labelled), delete))
    live = Cluster(controller="kubectl-client-side-apply", operation="Update").deployed([sent(SERVICE)])
    found = scan(folder, live)
    assert found.problems == []
    assert found.told == ([] if gone else [("missing", "ConfigMap shop/plain", ())])
    assert [why for _, _, why in found.unverifiable] == ["the stage 'Clean up' deletes it again"] * gone


def test_what_is_of_no_form_takes_nothing_with_it(tmp_path: Path) -> None:
    odd = workload("Deployment", "odd", "odd:1")
    odd["spec"]["template"]["metadata"] = []
    artifact = {"type": ["embedded/base64"]}
    stages: list[Any] = [{"type": {}}, None, stage(odd, requiredArtifactIds=[{}]), stage(PLAIN)]
    stages.append(stage(manifestArtifactId=[], manifestArtifact=artifact))
    whole = pipeline(*stages, expectedArtifacts=[{"id": 3}, None], triggers={})
    live = Cluster(controller="kubectl-client-side-apply", operation="Update")
    live.deployed([sent(PLAIN), sent(workload("Deployment", "odd", "odd:1")), sent(SERVICE)])
    found = scan(repository(tmp_path, whole), live)
    assert ("changed", "Deployment shop/odd") in [one[:2] for one in found.told]
    assert found.report["summary"]["in_sync"] == 2


def test_a_chart_stays_a_chart(tmp_path: Path) -> None:
    chart = write(tmp_path / "web", {
        "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "templates/settings.yaml": yaml.safe_dump(PLAIN),
        "files/pipeline.json": json.dumps(PIPELINE),
    })  # fmt: skip
    assert not GitOps().recognises(chart, b"")
