"""A proof reads again what an edit touches, and nothing else; that it finds the same as one which reads all
again is held wherever findings are adopted (:class:`tests.remediate.harness.Checked`)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from drift.config.model import load
from drift.remediate.adopt import Adopting
from drift.remediate.plan import choices
from drift.remediate.proof import Proof
from drift.remediate.trace import Trace
from tests.providers.kubernetes.declared.conftest import renderer
from tests.remediate.cases import put, records_of
from tests.remediate.conftest import TEMPLATE
from tests.remediate.harness import Checked, repository, snapshot

__all__ = ["renderer"]
OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\ndata: {a: b}\n"
FILES = {
    "bases/one/a.yaml": OBJECT.replace("NAME", "one"),
    "bases/one/kustomization.yaml": "resources: [a.yaml]\n",
    "bases/two/a.yaml": OBJECT.replace("NAME", "two"),
    "bases/two/kustomization.yaml": "resources: [a.yaml]\n",
    "overlays/a/kustomization.yaml": "namespace: a\nresources: [../../bases/one]\n",
    "overlays/b/kustomization.yaml": "namespace: b\nresources: [../../bases/one, b.yaml]\n",
    "overlays/b/b.yaml": OBJECT.replace("NAME", "b"),
    "overlays/c/kustomization.yaml": "namespace: c\nresources: [../../bases/two]\n",
    "plain/p.yaml": OBJECT.replace("NAME", "p"),
    "queues.yaml": TEMPLATE,
    "drift.yaml": """\
version: 1
declared:
  - {path: overlays/a, scope: cluster}
  - {path: overlays/b, scope: cluster}
  - {path: overlays/c, scope: cluster}
  - {path: plain, scope: cluster}
  - {path: queues.yaml, scope: "111122223333", region: eu-west-1}
""",
}


@pytest.fixture
def rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renderer: None) -> Callable[[], list[str]]:
    """The renderer, and what was rendered since it was asked last, by folder."""
    found = next(each for one in ("kustomize", "kubectl") if (each := shutil.which(one)))
    folder, log = tmp_path / "bin", tmp_path / "rendered"
    folder.mkdir()
    script = folder / Path(found).name
    place = 'for last; do :; done; cat "$last/kustomization.yaml"'
    script.write_text(f'#!/bin/sh\n({place}) >> "{log}"\nexec "{found}" "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def since() -> list[str]:
        text = log.read_text() if log.exists() else ""
        log.unlink(missing_ok=True)
        return sorted(name for name in "abc" for _ in range(text.count(f"overlays/{name}\n")))

    return since


def proof_of(tmp_path: Path, files: dict[str, str], kind: type[Proof] = Proof) -> Proof:
    there = repository(tmp_path / "infra", files)
    records = records_of(there, snapshot(tmp_path / "seed.jsonl", []))
    return kind(load(there / "drift.yaml", None, {}), [snapshot(tmp_path / "live.jsonl", records)])


def test_only_what_takes_an_edited_file_in_is_read_again(
    tmp_path: Path, rendered: Callable[[], list[str]]
) -> None:
    proof = proof_of(tmp_path, FILES)
    (space,) = proof.workspaces.values()
    rendered()

    def read(*files: str, content: bytes | None = None) -> tuple[list[str], list[str]]:
        """(overlays that are rendered, files that are opened) once some files are others than in the
        commit."""
        space.restore()
        for name in files:
            file = space.root / name
            space.write(file, content if content is not None else file.read_bytes() + b"# edited\n")
        trace = Trace()
        with trace.listening():
            proof.judged(lambda _: False)
        mine = (os.path.relpath(one, space.root) for one in trace.opened if one.startswith(f"{space.root}/"))
        return rendered(), sorted(one for one in mine if one in ("plain/p.yaml", "queues.yaml"))

    assert read() == (["a", "b", "c"], ["plain/p.yaml", "queues.yaml"])
    assert read() == ([], [])
    assert read("bases/one/a.yaml") == (["a", "b"], [])
    assert read("overlays/c/kustomization.yaml") == (["c"], [])
    assert read("plain/p.yaml") == ([], ["plain/p.yaml"])
    assert read("queues.yaml") == ([], ["queues.yaml"])
    assert read("bases/two/new.yaml", content=b"{}") == (
        ["c"],
        ["queues.yaml"],
    )  # who says what it looked for
    assert read() == ([], [])  # what the commit says is known still


def test_what_links_lead_to_is_read_again_too(tmp_path: Path) -> None:
    files = {
        "shared/p.yaml": FILES["plain/p.yaml"],
        "drift.yaml": "version: 1\ndeclared: [{path: plain, scope: c}]\n",
    }
    (tmp_path / "infra" / "plain").mkdir(parents=True)
    (tmp_path / "infra" / "plain" / "p.yaml").symlink_to("../shared/p.yaml")
    proof = proof_of(tmp_path, files)
    (space,) = proof.workspaces.values()
    assert proof.judged(lambda _: True).findings == {}
    space.write(space.root / "shared" / "p.yaml", OBJECT.replace("NAME", "p").replace("b}", "c}").encode())
    (finding,) = proof.judged(lambda _: True).findings.values()
    assert [one.path for one in finding.changes] == ["/data/a"]


@pytest.mark.usefixtures("renderer")
def test_what_an_overlay_has_of_a_shared_base_is_edited_in_that_overlay(tmp_path: Path) -> None:
    there = repository(tmp_path / "infra", FILES)
    records = records_of(there, snapshot(tmp_path / "seed.jsonl", []))
    for one in records:
        if one["id"] == "b/one":
            put(one["attributes"], ["data", "a"], '"c"')
    proof = Checked(load(there / "drift.yaml", None, {}), [snapshot(tmp_path / "live.jsonl", records)])
    before = proof.judged(lambda _: True)
    done = Adopting(proof, frozenset(before.findings), before).run()
    assert done.described == {}
    (space,) = proof.workspaces.values()
    assert {str(Path(space.inside(file)).parent) for file in space.changed} == {"overlays/b"}


@pytest.mark.usefixtures("renderer")
def test_what_two_findings_ask_for_alike_is_written_once(tmp_path: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME}\nspec: {containers: [{name: a, image: web}]}\n"
    kustomization = "resources: [a.yaml, b.yaml]\nimages:\n  - name: web\n    newTag: '1'\n"
    files = {f"apps/{name}.yaml": pod.replace("NAME", name) for name in "ab"}
    config = "version: 1\ndeclared: [{path: apps, scope: c}]\n"
    files |= {"apps/kustomization.yaml": kustomization, "drift.yaml": config}
    there = repository(tmp_path / "infra", files)
    records = records_of(there, snapshot(tmp_path / "seed.jsonl", []))
    for one in records:
        put(one["attributes"], ["spec", "containers", "0", "image"], '"web:2"')
    proof = Checked(load(there / "drift.yaml", None, {}), [snapshot(tmp_path / "live.jsonl", records)])
    before = proof.judged(lambda _: True)
    done = Adopting(proof, frozenset(before.findings), before).run()
    assert (len(before.findings), done.described) == (2, {})
    (space,) = proof.workspaces.values()
    assert list(space.changed.values()) == [kustomization.replace("'1'", "'2'").encode()]


def test_more_rules_than_there_are_rounds_are_written_into_one_file(tmp_path: Path) -> None:
    count = 45
    objects = "---\n".join(OBJECT.replace("NAME", f"n{number}") for number in range(count))
    config = "version: 1\ndeclared: [{path: plain, scope: c}]\n"
    there = repository(tmp_path / "infra", {"plain/p.yaml": objects, "drift.yaml": config})
    records = records_of(there, snapshot(tmp_path / "seed.jsonl", []))
    for one in records:
        put(one["attributes"], ["data", "a"], '"c"')
    proof = Proof(load(there / "drift.yaml", None, {}), [snapshot(tmp_path / "live.jsonl", records)])
    before = proof.judged(lambda _: True)
    ids = frozenset(before.findings)
    done = Adopting(proof, ids, before, choices((), (), ids, "The loader changes them.")).run()
    assert (len(done.edits), done.described) == (count, {})


def test_a_secret_that_differs_does_not_hinder_what_is_beside_it(tmp_path: Path) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: b2xk}\n"
    objects = f"{secret}---\n{OBJECT.replace('NAME', 'p')}"
    config = "version: 1\ndeclared: [{path: plain, scope: c}]\n"
    there = repository(tmp_path / "infra", {"plain/p.yaml": objects, "drift.yaml": config})
    records = records_of(there, snapshot(tmp_path / "seed.jsonl", []))
    for one in records:
        put(one["attributes"], ["data", "a"], json.dumps("bmV3" if one["name"] == "s" else "c"))
    proof = Proof(load(there / "drift.yaml", None, {}), [snapshot(tmp_path / "live.jsonl", records)])
    before = proof.judged(lambda _: True)
    assert len(before.findings) == 2
    done = Adopting(proof, frozenset(before.findings), before).run()
    assert len(done.edits) == len(done.described) == 1
