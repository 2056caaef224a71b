"""Tasks of Ansible are manifests as far as they say literally what they keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from providers.kubernetes.engines.source import GitOps
from tests.providers.kubernetes.declared.support import write
from tests.providers.kubernetes.engines.harness import Cluster, scan

PLAYBOOK = """\
- name: Shop
  hosts: localhost
  vars: {color: blue}
  tasks:
    - name: namespace
      kubernetes.core.k8s: {name: shop, api_version: v1, kind: Namespace, state: present}
    - name: settings
      kubernetes.core.k8s:
        state: present
        namespace: shop
        definition:
          apiVersion: v1
          kind: ConfigMap
          metadata: {name: settings}
          data:
            color: "{{ color }}"
            size: "3"
    - block:
        - name: account
          k8s:
            resource_definition:
              - {apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}}
              - {apiVersion: v1, kind: ServiceAccount, metadata: {name: api, namespace: shop}}
      when: create_accounts
    - name: block of text
      community.kubernetes.k8s:
        definition: |
          apiVersion: v1
          kind: ConfigMap
          metadata: {name: text, namespace: shop}
          data: {a: b}
    - name: read
      kubernetes.core.k8s_info: {kind: Pod}
    - name: gone
      kubernetes.core.k8s: {state: absent, kind: ConfigMap, name: gone, namespace: shop}
    - name: a label
      kubernetes.core.k8s:
        state: patched
        kind: Namespace
        name: other
        definition: {apiVersion: v1, kind: Namespace, metadata: {name: other, labels: {team: shop}}}
  post_tasks:
    - name: from a file
      kubernetes.core.k8s: {src: files/service.yaml}
    - name: looked up
      kubernetes.core.k8s:
        definition: "{{ lookup('file', 'files/quota.yaml') | from_yaml }}"
"""
FILES = {
    "playbooks/site.yml": PLAYBOOK,
    "playbooks/files/service.yaml": """\
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {ports: [{port: 80}]}
        """,
    "playbooks/files/quota.yaml": """\
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: quota, namespace: shop}
        spec: {hard: {pods: "5"}}
        """,
    "roles/app/tasks/main.yml": """\
        - name: hashed
          kubernetes.core.k8s:
            append_hash: true
            definition: {apiVersion: v1, kind: ConfigMap, metadata: {name: hashed, namespace: shop}}
        - name: in the role's files
          kubernetes.core.k8s: {src: role.yaml}
        """,
    "roles/app/files/role.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: role, namespace: shop}\n",
    "roles/app/vars/main.yml": "k8s:\n  definition: none\n",
    "k8s/plain.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain, namespace: shop}\n",
}
LIVE = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: other, labels: {team: shop, other: kept}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {color: blue, size: "3"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: text, namespace: shop}
data: {a: b}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: hashed-f46kb4t7mm, namespace: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: role, namespace: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: plain, namespace: shop}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: shop}
spec: {hard: {pods: "5"}}
"""


HASHED = "Ansible puts a hash behind its name (append_hash), and 0 such are there"


def live() -> Cluster:
    return Cluster(controller="OpenAPI-Generator", operation="Update").deployed(LIVE)


def test_literal_definitions_are_declared(tmp_path: Path) -> None:
    folder = write(tmp_path / "infra", FILES)
    assert GitOps().recognises(folder, b"")
    found = scan(folder, live())
    assert found.problems == []
    assert found.told == []
    assert found.report["summary"]["in_sync"] == 10
    assert sorted(found.unverifiable) == [
        ("ConfigMap shop/settings", "/data/color", "Ansible's template {{ color }}"),
        ("ServiceAccount shop/api", "", "it is kept only when create_accounts"),
    ]
    assert any("the task takes objects away" in one for one in found.notes)


def test_changes_stand_where_the_task_says_them(tmp_path: Path) -> None:
    folder = write(tmp_path / "infra", FILES)
    other = live()
    other.changed("ConfigMap", "shop/settings", {"data": {"size": "4"}})
    other.changed("Namespace", "other", {"metadata": {"labels": {"team": "sales", "more": "x"}}})
    other.removed("ConfigMap", "shop/hashed-f46kb4t7mm")
    other.removed("ResourceQuota", "shop/quota").removed("ConfigMap", "shop/text")
    found = scan(folder, other)
    assert found.told == [
        ("changed", "ConfigMap shop/settings", ("/data/size",)),
        ("changed", "Namespace other", ("/metadata/labels/team",)),
        ("missing", "ConfigMap shop/text", ()),
        ("missing", "ResourceQuota shop/quota", ()),
    ]
    assert ("ConfigMap shop/hashed", "", HASHED) in found.unverifiable
    at = found.finding("ConfigMap shop/settings")["changes"][0]["written_at"]
    assert (at["file"], at["line"]) == ("infra/playbooks/site.yml", 17)
    assert (
        found.finding("ResourceQuota shop/quota")["declared_at"]["file"] == "infra/playbooks/files/quota.yaml"
    )


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("{template: x.yaml.j2}", "it uses `template`"),
        ("{src: '{{ item }}'}", "a template gives its `src`"),
        ("{src: 'https://x.example/y.yaml'}", "is fetched when it runs"),
        ("{src: nowhere.yaml}", "there is no nowhere.yaml beside it"),
        ("""{definition: "{{ lookup('template', 'x.j2') }}"}""", "a template gives its definition"),
        ("""{definition: {kind: "{{ k }}", apiVersion: v1, metadata: {name: x}}}""", "of its definitions"),
        ("{definition: {kind: Role, apiVersion: v1, metadata: {name: '{{ n }}'}}}", "the name or the"),
        ("{kind: Namespace, name: '{{ n }}'}", "the kind or the name of its object"),
        ("{state: '{{ s }}', kind: Namespace, name: n}", "a template says what it does"),
        ("{context: elsewhere, kind: Namespace, name: n}", "it goes to the context 'elsewhere'"),
        ("{namespace: shop}", "it names no definition"),
        ("src=x.yaml state=present", "a template says what it does"),
    ],
)  # fmt: skip
def test_what_is_not_literal_is_named_once(tmp_path: Path, task: str, why: str) -> None:
    text = f"- hosts: all\n  tasks:\n    - name: odd\n      kubernetes.core.k8s: {task}\n"
    found = scan(write(tmp_path / "infra", {"site.yml": text}), live())
    assert found.told == []
    (row,) = found.problems
    assert row.startswith("the task 'odd' (infra/site.yml:3)") and why in row


def test_a_namespace_of_no_form_is_named(tmp_path: Path) -> None:
    text = "- k8s: {namespace: {}, kind: ServiceAccount, name: x}\n- k8s: {kind: Namespace, name: shop}\n"
    folder = write(tmp_path / "infra", {"tasks.yml": "# kubernetes.core.k8s:\n" + text})
    found = scan(folder, live())
    assert found.report["summary"]["in_sync"] == 1
    assert len(found.problems) == 1
