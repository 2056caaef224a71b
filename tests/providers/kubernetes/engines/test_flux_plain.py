"""What is built without kustomize is exactly what kustomize builds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drift.deadline import Deadline
from drift.source import Location
from providers.kubernetes.engines.flux.building import Composed
from providers.kubernetes.engines.flux.generated import written
from providers.kubernetes.engines.flux.plain import plainly
from providers.kubernetes.engines.renderers import Renderers
from providers.kubernetes.engines.trees import Trees

pytestmark = pytest.mark.usefixtures("renderer")
TEXTS = (
    """
a|1h|10Gi|0.5|5|012|0x1f|1e3|1_000|yes|Off|n|true|null|~||2024-01-02|12:30|1.2.3|v1.2.3-rc.1|.5|-3|+3|1.0
9007199254740993|@x|x: y|'quoted'|"5"|a #b|${N}|[1, 2]|{a: 1}|!!str 5|&x 1|*x|<<|=|é|.inf|0o7|a: b: c|- 1
""".strip()
    .replace("\n", "|")
    .split("|")
)
KINDS = (
    """
v1 ConfigMap|v1 Secret|apps/v1 Deployment|helm.toolkit.fluxcd.io/v2 HelmRelease|v1 Namespace
shop.example/v1 Cart|rbac.authorization.k8s.io/v1 RoleBinding|networking.k8s.io/v1 Ingress|v1 ServiceAccount
""".strip()
    .replace("\n", "|")
    .split("|")
)
PATCH = {"target": {"kind": "HelmRelease"}, "patch": '[{"op": "add", "path": "/spec/x", "value": 1}]'}
OBJECT = st.tuples(
    st.sampled_from(KINDS),
    st.sampled_from(["one", "two", "three"]),
    st.sampled_from(["", "there"]),
    st.lists(st.sampled_from(TEXTS), max_size=2),
)
SPEC = st.fixed_dictionaries(
    {},
    optional={
        "targetNamespace": st.just("shop"),
        "patches": st.just([PATCH]),
    },
)  # fmt: skip


def text(one: tuple[str, str, str, list[str]]) -> str:
    kind, name, namespace, values = one
    version, _, own = kind.partition(" ")
    where = f"\n  namespace: {namespace}" if namespace else ""
    lines = "".join(f"\n  v{number}: {value}" for number, value in enumerate(values))
    return f"apiVersion: {version}\nkind: {own}\nmetadata:\n  name: {name}{where}\nspec:{lines or ' {}'}\n"


@given(
    files=st.lists(st.lists(OBJECT, min_size=1, max_size=2), min_size=1, max_size=2),
    spec=SPEC,
    made=st.booleans(),
)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_it_is_what_kustomize_builds(
    tmp_path_factory: pytest.TempPathFactory, files: Any, spec: dict[str, Any], made: bool
) -> None:
    folder = tmp_path_factory.mktemp("app")
    names = []
    for number, several in enumerate(files):
        names.append(f"{number}.yaml")
        (folder / names[-1]).write_text("---\n".join(map(text, several)), encoding="utf-8")
    if made:
        (folder / "kustomization.yaml").write_text(yaml.safe_dump({"resources": names}), encoding="utf-8")
    tree = Trees(Location(folder, "app"), (), Deadline(None)).own
    said = written(folder, spec, "app", lambda _: False)
    plain = plainly(Renderers(Deadline(None)), tree, folder, said)
    if plain is None:
        return
    built = Composed(tree, folder, said, Deadline(None), remote=False).found()
    assert spelled(plain.manifests) == spelled(built.manifests)


def spelled(manifests: Any) -> list[str]:
    return sorted(json.dumps(one.body, sort_keys=True) for one in manifests)


def test_what_is_usual_needs_no_kustomize(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(
        text((KINDS[2], "web", "", ["1h", "5", "${N}", "true"])), encoding="utf-8"
    )
    tree = Trees(Location(tmp_path, "app"), (), Deadline(None)).own
    said = written(tmp_path, {"targetNamespace": "shop"}, "app", lambda _: False)
    found = plainly(Renderers(Deadline(None)), tree, tmp_path, said)
    assert found is not None
    assert [one.namespace for one in found.manifests] == ["shop"]
