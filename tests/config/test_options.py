"""The options of a declared entry: each source says its own; what none that reads it knows is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drift import plugins
from drift.cli.configured import entry
from drift.config.entry import DeclaredEntry
from drift.config.model import json_schema, parse
from drift.config.options import checked, known
from drift.contract import ContractError
from drift.declared import load
from drift.errors import ConfigError
from drift.source import BaseSource, Option

OBJECTS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
---
apiVersion: pubsub.cnrm.cloud.google.com/v1beta1
kind: PubSubTopic
metadata: {name: news}
"""
TEMPLATE = "Resources: {Q: {Type: AWS::SQS::Queue}}\n"


def loaded(folder: Path, text: str, environment: str | None = None) -> list[Any]:
    (folder / "objects").mkdir()
    (folder / "objects/all.yaml").write_text(OBJECTS)
    (folder / "queue.yaml").write_text(TEMPLATE)
    config = parse(f"version: 1\n{text}", "drift.yaml", folder, environment, {})
    return load(config.declared, folder, plugins.providers(), {})


def refused(folder: Path, text: str, environment: str | None = None) -> str:
    with pytest.raises(ConfigError) as raised:
        loaded(folder, text, environment)
    return str(raised.value)


def test_an_entry_that_two_sources_read_takes_the_options_of_both(tmp_path: Path) -> None:
    found = loaded(tmp_path, "declared:\n- {path: objects, scope: s, namespace: shop}")
    assert sorted(one.source for one in found) == ["config-connector", "manifests"]
    assert {tuple(one.location.options.items()) for one in found} == {(("scope", "s"), ("namespace", "shop"))}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "declared:\n- path: queue.yaml\n  namespace: shop",
            "drift.yaml:4: declared.0: cloudformation knows no option 'namespace'; "
            "known are config_env, parameters, region, scope, stack, stack_policy, stack_set, "
            "termination_protection",
        ),
        (
            "declared:\n- path: queue.yaml\n  options:\n    stak: x",
            "drift.yaml:5: declared.0: cloudformation knows no option 'stak'; did you mean 'stack'?; "
            "known are config_env, parameters, region, scope, stack, stack_policy, stack_set, "
            "termination_protection",
        ),
        (
            "declared:\n- path: objects\n  stack: x",
            "drift.yaml:4: declared.0: manifests and config-connector know no option 'stack'; ",
        ),
        (
            "declared:\n- path: queue.yaml\n  stack: 5",
            "drift.yaml:4: declared.0: option 'stack' must be text, not 5; quote it",
        ),
        (
            "declared:\n- path: queue.yaml\n  parameters: [hunter2hunter2]",
            "drift.yaml:4: declared.0: option 'parameters' must be a mapping of names to values or a path, "
            "not a list",
        ),
        (
            "declared:\n- path: queue.yaml\n  stak: x",
            "drift.yaml:4: declared.0.stak: unknown key; did you mean 'stack'?; known are path, git, ",
        ),
        (
            "declared:\n- path: queue.yaml\n  stack: x\n  options: {stack: y}",
            "declared.0: stack is said here and in `options`; join the two",
        ),
    ],
)
def test_what_no_reader_knows_is_refused_by_line(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, text)


def test_of_an_environment_the_place_is_its_own(tmp_path: Path) -> None:
    text = "environments:\n  prod:\n    declared:\n    - path: queue.yaml\n      namespace: x"
    assert refused(tmp_path, text, "prod").startswith(
        "drift.yaml:6: environments.prod.declared.0: cloudformation knows no option 'namespace'; "
    )


def test_dashes_and_underscores_are_the_same(tmp_path: Path) -> None:
    helm = plugins.source("helm")
    assert checked({"kube_version": "1.30"}, [helm], str) == {"kube-version": "1.30"}
    with pytest.raises(ConfigError, match="option 'kube-version' is said twice"):
        checked({"kube_version": "1.30", "kube-version": "1.31"}, [helm], str)


def test_null_says_nothing() -> None:
    assert checked({"stack": None, "scope": "s"}, [plugins.source("cloudformation")], str) == {"scope": "s"}


def test_the_command_line_takes_every_option() -> None:
    said = entry("a,scope=s,source=kustomize,namespace=n,remote=true")
    assert (said.scope, said.source) == ("s", "kustomize")
    assert said.options == {"namespace": "n", "remote": True}
    with pytest.raises(ConfigError, match="--declared a: cloudformation knows no option 'namespace'"):
        checked({"namespace": "n"}, [plugins.source("cloudformation")], DeclaredEntry(path="a").where)


def test_the_schema_describes_every_option_of_the_installed_sources() -> None:
    told = json_schema()["$defs"]["DeclaredEntry"]["properties"]
    own = known(plugins.sources().values())
    assert own
    for ones in own.values():
        assert all(one.description in told[ones[0].name]["description"] for one in ones)
    assert {"namespace", "stack", "resource_group", "parameters", "configuration"} <= set(told)
    assert told["parameters"]["anyOf"] == [{"type": "object"}, {"type": "string"}, {"type": "null"}]


def test_a_source_that_says_its_options_otherwise_is_refused_by_name() -> None:
    class Old(BaseSource):
        name = "old"
        options = ("stack",)  # type: ignore[assignment]

    class Odd(BaseSource):
        name = "odd"
        options = (Option("stack", "", ("number",)),)  # type: ignore[arg-type]

    for source in (Old(), Odd()):
        with pytest.raises(ContractError, match=f"the source '{source.name}': options: expected Option"):
            known([source])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "live: {kubernetes: {release: shop}}",
            "live.kubernetes.release: unknown key; it is an option of a declared",
        ),
        ("set: {a: b}", "set: unknown key; it is an option of a declared entry: say it beside its `path`"),
        ("values: [v.yaml]", "values: unknown key; it is an option of a declared entry"),
        ("declared: [{path: c, helm: {release: a}}]", "helm: unknown key; it is a source: say `source:`"),
    ],
)
def test_an_option_in_a_wrong_place_is_told_where_it_belongs(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse(f"version: 1\n{text}\n", "drift.yaml", tmp_path, None, {})
    assert said in str(told.value)
