"""Config Connector objects become the Google resources that they ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.errors import DeclaredError
from drift.finding import Unverifiable
from drift.model import Problem, Resource, Sensitive, Unresolved
from drift.source import Loader, Location
from providers.gcp.config_connector import ConfigConnector
from tests.providers.gcp.config_connector.translating import declaration, declared, first, manifest

TOPIC = manifest("pubsub", "PubSubTopic", "orders")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TOPIC, True),
        ("apiVersion: v1\nkind: ConfigMap\n---\n" + TOPIC, True),
        ("apiVersion: v1\nkind: ConfigMap\n", False),
        ("apiVersion: core.cnrm.cloud.google.com/v1beta1\nkind: ConfigConnector\n", False),
        ("", False),
    ],
)
def test_a_file_with_one_such_object_is_recognised(tmp_path: Path, text: str, said: bool) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    assert ConfigConnector().recognises(file, text.encode()) is said
    assert ConfigConnector().recognises(tmp_path, b"") is said


def test_another_language_is_not_recognised(tmp_path: Path) -> None:
    assert not ConfigConnector().recognises(tmp_path / "main.tf", TOPIC.encode())
    assert not ConfigConnector().recognises(tmp_path / "nowhere", b"")


def test_a_folder_is_read_with_the_references_between_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        manifest("compute", "ComputeRouter", "r", "{region: europe-west1, networkRef: {name: net}}"),
        encoding="utf-8",
    )
    (tmp_path / "b.yaml").write_text(
        "kind: Other\n" + manifest("compute", "ComputeNetwork", "net", "{resourceID: main}"), encoding="utf-8"
    )
    (tmp_path / "c.yaml").write_text("{{ broken template }}: [", encoding="utf-8")
    found = ConfigConnector().load(Location(tmp_path, "infra", options={"scope": "shop"}), Loader({}))
    router, network = found.resources(None)  # type: ignore[arg-type]
    assert isinstance(router, Resource) and isinstance(network, Resource)
    assert router.id == "//compute.googleapis.com/projects/shop/regions/europe-west1/routers/r"
    assert router.attributes == {"network": "projects/shop/global/networks/main"}
    assert router.origin is not None and router.origin.file == "infra/a.yaml"
    assert network.id == "//compute.googleapis.com/projects/shop/global/networks/main"


@pytest.mark.parametrize(
    ("group", "kind", "spec", "type_", "id_"),
    [
        (
            "pubsub",
            "PubSubTopic",
            "{}",
            "pubsub.googleapis.com/Topic",
            "pubsub.googleapis.com/projects/shop/topics/x",
        ),
        ("storage", "StorageBucket", "{}", "storage.googleapis.com/Bucket", "storage.googleapis.com/x"),
        (
            "compute",
            "ComputeURLMap",
            "{location: europe-west1}",
            "compute.googleapis.com/UrlMap",
            "compute.googleapis.com/projects/shop/regions/europe-west1/urlMaps/x",
        ),
        (
            "compute",
            "ComputeURLMap",
            "{location: global}",
            "compute.googleapis.com/UrlMap",
            "compute.googleapis.com/projects/shop/global/urlMaps/x",
        ),
        (
            "compute",
            "ComputeInstance",
            "{zone: europe-west1-b}",
            "compute.googleapis.com/Instance",
            "compute.googleapis.com/projects/shop/zones/europe-west1-b/instances/x",
        ),
        (
            "sql",
            "SQLInstance",
            "{}",
            "sqladmin.googleapis.com/Instance",
            "cloudsql.googleapis.com/projects/shop/instances/x",
        ),
        (
            "iam",
            "IAMServiceAccount",
            "{}",
            "iam.googleapis.com/ServiceAccount",
            "iam.googleapis.com/projects/shop/serviceAccounts/x@shop.iam.gserviceaccount.com",
        ),
        (
            "kms",
            "KMSKeyRing",
            "{location: global}",
            "cloudkms.googleapis.com/KeyRing",
            "cloudkms.googleapis.com/projects/shop/locations/global/keyRings/x",
        ),
        (
            "kms",
            "KMSCryptoKey",
            "{keyRingRef: {external: projects/p/locations/eu/keyRings/r}}",
            "cloudkms.googleapis.com/CryptoKey",
            "cloudkms.googleapis.com/projects/p/locations/eu/keyRings/r/cryptoKeys/x",
        ),
        (
            "bigquery",
            "BigQueryDataset",
            "{}",
            "bigquery.googleapis.com/Dataset",
            "bigquery.googleapis.com/projects/shop/datasets/x",
        ),
        (
            "container",
            "ContainerCluster",
            "{location: europe-west1}",
            "container.googleapis.com/Cluster",
            "container.googleapis.com/projects/shop/locations/europe-west1/clusters/x",
        ),
        (
            "container",
            "ContainerNodePool",
            "{location: eu-west1, clusterRef: {external: projects/shop/locations/eu-west1/clusters/c}}",
            "container.googleapis.com/NodePool",
            "container.googleapis.com/projects/shop/locations/eu-west1/clusters/c/nodePools/x",
        ),
    ],
)
def test_a_kind_has_its_type_and_full_name(
    tmp_path: Path, group: str, kind: str, spec: str, type_: str, id_: str
) -> None:
    found = first(tmp_path, manifest(group, kind, "x", spec))
    assert (found.type, found.id) == (type_, f"//{id_}")


@pytest.mark.parametrize(
    ("metadata", "spec", "scope"),
    [
        ("namespace: team", "{projectRef: {external: projects/said}}", "said"),
        ("namespace: team, annotations: {cnrm.cloud.google.com/project-id: noted}", "{}", "noted"),
        ("namespace: team", "{}", "team"),
        ("namespace: held", "{}", "of-namespace"),
        ("labels: {}", "{}", "shop"),
    ],
)
def test_the_project_is_the_nearest_said(tmp_path: Path, metadata: str, spec: str, scope: str) -> None:
    namespace = (
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: held, annotations: "
        "{cnrm.cloud.google.com/project-id: of-namespace}}\n"
    )
    found = first(tmp_path, manifest("pubsub", "PubSubTopic", "t", spec, metadata=metadata) + namespace)
    assert (found.scope, found.id) == (scope, f"//pubsub.googleapis.com/projects/{scope}/topics/t")


def test_labels_are_sent_without_those_of_kubernetes(tmp_path: Path) -> None:
    found = first(
        tmp_path, manifest("pubsub", "PubSubTopic", "t", metadata="labels: {team: a, app.io/name: b}")
    )
    assert found.attributes == {"labels": {"team": "a"}}


def test_fields_take_the_names_of_the_api(tmp_path: Path) -> None:
    spec = (
        "{location: global, defaultService: {backendServiceRef: {external: 'https://www.googleapis.com/compute/v1/projects/p/"
        "global/backendServices/b'}}, hostRule: [{hosts: [a.example], pathMatcher: m}]}"
    )
    assert first(tmp_path, manifest("compute", "ComputeURLMap", "u", spec)).attributes == {
        "defaultService": "projects/p/global/backendServices/b",
        "hostRules": [{"hosts": ["a.example"], "pathMatcher": "m"}],
    }


def test_a_json_text_is_the_structure_that_it_means(tmp_path: Path) -> None:
    spec = """{datasetRef: {external: d}, schema: '[{"name": "b"}, {"name": "a"}]'}"""
    found = first(tmp_path, manifest("bigquery", "BigQueryTable", "t", spec))
    assert found.id == "//bigquery.googleapis.com/projects/shop/datasets/d/tables/t"
    assert found.attributes == {"schema": {"fields": [{"name": "b"}, {"name": "a"}]}}


def test_directives_are_not_fields_and_numbers_are_renamed(tmp_path: Path) -> None:
    spec = "{resourceID: real, deletionPolicy: abandon, numNodes: 3, config: regional-europe-west1}"
    found = first(tmp_path, manifest("spanner", "SpannerInstance", "s", spec))
    assert found.name == "real"
    assert found.attributes == {
        "nodeCount": 3,
        "config": "projects/shop/instanceConfigs/regional-europe-west1",
    }


def test_what_has_no_place_is_unverifiable_not_gone(tmp_path: Path) -> None:
    found = first(tmp_path, manifest("pubsub", "PubSubTopic", "t", "{noSuchField: 1}"))
    said = found.attributes["noSuchField"]
    assert isinstance(said, Unresolved) and "noSuchField" in said.reason


def test_secrets_are_sensitive_or_unknown(tmp_path: Path) -> None:
    def password(how: str) -> object:
        spec = f"{{instanceRef: {{external: i}}, password: {how}}}"
        return first(tmp_path, manifest("sql", "SQLUser", "u", spec)).attributes["password"]

    assert password("{value: hunter2}") == Sensitive("hunter2")
    assert isinstance(password("{valueFrom: {secretKeyRef: {name: s, key: k}}}"), Unresolved)


def test_a_reference_to_nothing_is_unverifiable(tmp_path: Path) -> None:
    found = first(
        tmp_path, manifest("compute", "ComputeRouter", "r", "{region: eu-west1, networkRef: {name: gone}}")
    )
    said = found.attributes["network"]
    assert isinstance(said, Unresolved) and "gone" in said.reason


def test_a_reference_means_the_object_of_the_right_kind(tmp_path: Path) -> None:
    both = manifest("compute", "ComputeSubnetwork", "same", "{region: eu-west1}") + manifest(
        "compute", "ComputeNetwork", "same"
    )
    found = first(
        tmp_path,
        manifest("compute", "ComputeRouter", "r", "{region: eu-west1, networkRef: {name: same}}") + both,
    )
    assert found.attributes == {"network": "projects/shop/global/networks/same"}


def test_objects_that_refer_to_each_other_end(tmp_path: Path) -> None:
    ring = manifest("kms", "KMSCryptoKey", "a", "{keyRingRef: {name: b}}") + manifest(
        "kms", "KMSKeyRing", "b", "{location: global, keyRingRef: {name: a}}"
    )
    assert len(declared(tmp_path, ring)) == 2


def test_an_id_that_the_server_chooses_comes_from_the_status(tmp_path: Path) -> None:
    folder = manifest("resourcemanager", "Folder", "f", "{displayName: f, organizationRef: {external: '1'}}")
    found = first(tmp_path, folder)
    assert (found.id, found.scope) == (None, "organizations/1")
    assert found.attributes == {"displayName": "f", "parent": "organizations/1"}
    known = first(tmp_path, folder + "status: {name: folders/42}\n")
    assert known.id == "//cloudresourcemanager.googleapis.com/folders/42"


def test_an_object_of_no_known_project_is_unverifiable(tmp_path: Path) -> None:
    (found,) = declaration(tmp_path, TOPIC).resources(None)  # type: ignore[arg-type]
    assert isinstance(found, Unverifiable) and "project" in found.reason


def test_each_field_knows_its_line(tmp_path: Path) -> None:
    text = """\
    # first line
    apiVersion: pubsub.cnrm.cloud.google.com/v1beta1
    kind: PubSubTopic
    metadata:
      name: t
      namespace: team
    spec:
      messageRetentionDuration: 600s
      messageStoragePolicy:
        allowedPersistenceRegions: [europe-west1]
    """
    origin = first(tmp_path, text).origin
    assert origin is not None
    assert (origin.line, origin.address) == (2, "PubSubTopic/team/t")
    assert origin.lines["/messageRetentionDuration"] == 8
    assert origin.lines["/messageStoragePolicy/allowedPersistenceRegions"] == 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: ]", "objects.yaml:1"),
        ("a: b\n", "no Config Connector object"),
        ("apiVersion: pubsub.cnrm.cloud.google.com/v1beta1\nmetadata: {name: a}\n", "objects.yaml:1: kind"),
        (
            "apiVersion: pubsub.cnrm.cloud.google.com/v1\nkind: A\nmetadata: {name: 3}\n",
            "objects.yaml:3: A: metadata.name",
        ),
        (TOPIC.replace("spec: {}", "spec: [1]"), "spec: expected a mapping"),
        (TOPIC.replace("name: orders", "name: a, labels: 3"), "metadata.labels: expected a mapping"),
        (TOPIC + "---\nb: *gone\n", "objects.yaml:7"),
    ],
)
def test_bad_input_is_one_clear_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DeclaredError, match=message.replace(".", r"\.")):
        declaration(tmp_path, text)


def test_a_broken_file_of_a_folder_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TOPIC, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(TOPIC + "a: [}\n", encoding="utf-8")
    found = ConfigConnector().load(Location(tmp_path, "infra", options={"scope": "shop"}), Loader({}))
    problem, topic = found.resources(None)  # type: ignore[arg-type]
    assert isinstance(problem, Problem) and "infra/b.yaml:" in problem.message
    assert isinstance(topic, Resource)


def test_a_chart_is_left_to_its_rendering(tmp_path: Path) -> None:
    (tmp_path / "chart" / "templates").mkdir(parents=True)
    (tmp_path / "chart" / "Chart.yaml").write_text("name: a", encoding="utf-8")
    (tmp_path / "chart" / "templates" / "a.yaml").write_text(TOPIC, encoding="utf-8")
    assert not ConfigConnector().recognises(tmp_path, b"")


def test_an_object_at_the_end_of_a_long_file_is_recognised(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("# long\n" * 10_000 + TOPIC, encoding="utf-8")
    assert ConfigConnector().recognises(file, file.read_bytes()[:65536])
