"""drift.yaml: every mistake is told with file, line, key and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from drift.config.model import Config, json_schema, load, parse
from drift.errors import ConfigError

EXAMPLE = """\
version: 1
declared:
  - path: stacks/prod/terraform.tfstate
  - path: clusters/prod
    scope: prod
    namespace: web
  - path: stacks/queues.yaml
    stack: queues
    region: eu-west-1
  - git: https://github.com/acme/infra.git
    ref: main
    path: apps/overlays/prod
live:
  aws:
    regions: [us-east-1]
    accounts:
      - {id: 123456789012, role: reader}
environments:
  staging: {ref: staging, fail_on: high}
unmanaged:
  - {action: ignore, type: "AWS::Logs::*"}
undeclared:
  - {action: ignore, path: /Tags/auto}
output: {formats: [html]}
grace: 30m
"""


def read(text: str, environment: str | None = None, env: Mapping[str, str] | None = None) -> Config:
    return parse(text, "drift.yaml", Path("/base"), environment, env or {})


def complaint(text: str, environment: str | None = None, env: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as error:
        read(text, environment, env)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_example_is_read() -> None:
    config = read(EXAMPLE)
    assert config.declared[2].said() == {"stack": "queues", "region": "eu-west-1"}
    assert config.settings["aws"].regions == ["us-east-1"]  # type: ignore[attr-defined]
    assert config.base == Path("/base")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\ndeclraed: []", "drift.yaml:2: declraed: unknown key; did you mean 'declared'?"),
        (
            "version: 1\ndeclared:\n- path: a\n  scpoe: b",
            "drift.yaml:4: declared.0.scpoe: unknown key; did you mean 'scope'?",
        ),
        (
            "version: 1\nlive:\n  aws:\n    region: [x]",
            "drift.yaml:4: live.aws.region: unknown key; did you mean 'regions'?",
        ),
        (
            "version: 1\nlive:\n  aws:\n    accounts:\n    - {id: '123456789012', rol: x}",
            "drift.yaml:5: live.aws.accounts.0.rol: unknown key; did you mean 'role'?",
        ),
        (
            "version: 1\nlive: {awss: {}}",
            "drift.yaml:2: live.awss: there is no provider 'awss'; did you mean 'aws'?",
        ),
        (
            "version: 1\nenvironments:\n  a:\n    reff: x",
            "drift.yaml:4: environments.a.reff: unknown key; did you mean 'ref'?",
        ),
        ("version: 2", "drift.yaml:1: version: Input should be 1 (it is 2)"),
        ("declared: []", "drift.yaml:1: version: is missing"),
        ("version: 1\nworkers: many", "drift.yaml:2: workers: Input should be a valid integer"),
        (
            "version: 1\nworkers: 0",
            "drift.yaml:2: workers: Input should be greater than or equal to 1 (it is 0)",
        ),
        ("version: 1\nlive:\n  aws:\n    regions: 5", "drift.yaml:4: live.aws.regions: "),
        ("version: 1\nlive:\n  aws:\n    regions: []", "drift.yaml:4: live.aws.regions: "),
        ("version: 1\nlive:\n  aws:\n    accounts: []", "drift.yaml:4: live.aws.accounts: "),
        ("version: 1\nlive:\n  aws:\n    accounts: [{id: 12}]", "drift.yaml:4: live.aws.accounts.0.id: "),
        (
            "version: 1\nlive:\n  aws:\n    endpoint: localhost",
            "drift.yaml:4: live.aws.endpoint: an address begins with http",
        ),
        ("version: 1\ndeclared:\n- scope: x", "drift.yaml:3: declared.0: needs `path` or `git`"),
        (
            "version: 1\ndeclared:\n- path: x\n  source: terraform-stat",
            "drift.yaml:4: declared.0.source: there is no source 'terraform-stat'; did you mean 'terraf",
        ),
        (
            "version: 1\noutput:\n  formats: [htm]",
            "drift.yaml:3: output.formats: there is no format 'htm'; did you mean 'html'?",
        ),
        ("version: 1\ngrace: soon", "drift.yaml:2: grace: 'soon' is no duration"),
        ("version: 1\nfail_on: never", "drift.yaml:2: fail_on: "),
        ("version: 1\ndeclared: [", "drift.yaml:3: no valid YAML: "),
        ("version: 1\n\tx: 1", "drift.yaml:2: no valid YAML: "),
        ("version: 1\nx: \x00", "drift.yaml: no valid YAML: "),
        ("- a", "drift.yaml: expected a mapping that begins with `version: 1`"),
        ("", "drift.yaml: expected a mapping that begins with `version: 1`"),
        (
            "version: 1\ngrace: 1h\ngrace: 2h",
            "drift.yaml:3: grace: the key is on line 2 already; join the two",
        ),
        ("version: 1\ndeclared: &a [*a]", "drift.yaml:2: the value contains itself"),
        ("version: 1\n? [a, b]\n: 1", "drift.yaml:"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, said: str) -> None:
    assert complaint(text).startswith(said)


def test_several_mistakes_are_counted_once_each() -> None:
    assert complaint("version: 1\nworkers: x\nfail_on: y").endswith("(and 1 more)")
    assert "more)" not in complaint("version: 1\nlive:\n  aws:\n    regions: 5")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file; write one"):
        load(tmp_path / "drift.yaml")
    (tmp_path / "drift.yaml").write_bytes(b"version: 1 # \xff")
    with pytest.raises(ConfigError, match="drift.yaml:1: is not UTF-8 text; save it as UTF-8"):
        load(tmp_path / "drift.yaml")


# Environment variables


def test_variables_are_expanded_also_inside_of_text() -> None:
    text = "version: 1\ndeclared: [{path: 'a/${STAGE}/${FILE:-b}.json'}]\nworkers: ${WORKERS}"
    config = read(text, env={"STAGE": "prod", "WORKERS": "3"})
    assert (config.declared[0].path, config.workers) == ("a/prod/b.json", 3)


def test_an_empty_default_is_a_default() -> None:
    key = read("version: 1\nredaction: {key: '${KEY:-}'}").redaction.key
    assert key is not None and key.get_secret_value() == ""


def test_a_missing_variable() -> None:
    said = complaint("version: 1\ndeclared:\n- path: ${STATE}")
    assert said == (
        "drift.yaml:3: declared.0.path: the environment variable STATE is not set; "
        "set it or write ${STATE:-default}"
    )


def test_a_variable_of_another_environment_need_not_be_set() -> None:
    text = "version: 1\nenvironments:\n  a: {ref: '${A}'}\n  b: {ref: '${B}'}"
    assert read(text, "a", {"A": "main"}).environment == "a"
    assert "B is not set" in complaint(text, "b", {"A": "main"})


# Environments


def test_an_environment_replaces_settings() -> None:
    config = read(
        "version: 1\ndeclared: [{git: u, path: p}, {git: u, ref: fixed}, {path: q}]\n"
        "live: {aws: {regions: [a], concurrency: 3}}\n"
        "environments: {prod: {ref: release, live: {aws: {regions: [b]}}, fail_on: low}}",
        "prod",
    )
    assert [entry.ref for entry in config.declared] == ["release", "fixed", None]
    settings: Any = config.settings["aws"]
    assert (settings.regions, settings.concurrency) == (["b"], 3)
    assert (config.fail_on, config.environment) == ("low", "prod")


MAIL = "version: 1\nmail: {sender: a@acme.io, to: [a@acme.io], via: {smtp: {host: one}}}\nenvironments:\n"


def test_an_environment_mails_otherwise() -> None:
    text = (
        MAIL
        + "  prod:\n    mail: {to: [b@acme.io], when: weekly}\n"
        + "  dev:\n    mail: {via: {smtp: {host: '${X}'}}}"
    )
    config = read(text, "prod")
    assert config.mail is not None
    assert (config.mail.to, config.mail.when, config.mail.sender) == (["b@acme.io"], "weekly", "a@acme.io")
    settings: Any = config.channels["mail"][1]
    assert settings.host == "one"
    settings = parse(text, "drift.yaml", Path(), "dev", {"X": "two"}).channels["mail"][1]
    assert settings.host == "two"


@pytest.mark.parametrize(
    ("mail", "said"),
    [
        ("{wen: new}", "drift.yaml:5: environments.prod.mail.wen: unknown key; did you mean 'when'?"),
        ("{to: [nobody]}", "drift.yaml:5: environments.prod.mail.to.0: is no mail address"),
        (
            "{via: {smtp: {host: a, prot: 1}}}",
            "drift.yaml:5: environments.prod.mail.via.smtp.prot: unknown key",
        ),
    ],
)
def test_a_mistake_in_an_environments_mail(mail: str, said: str) -> None:
    assert complaint(f"{MAIL}  prod:\n    mail: {mail}", "prod").startswith(said)


def test_an_unknown_environment() -> None:
    text = "version: 1\nenvironments: {prod: {}}"
    said = complaint(text, "prd")
    assert said == "drift.yaml: there is no environment 'prd'; did you mean 'prod'?; known are prod"
    assert "`environments:` is empty" in complaint("version: 1", "prod")


# The published schema


def test_the_schema_is_valid_and_says_what_the_reader_says() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    example = yaml.safe_load(EXAMPLE)
    example["live"]["aws"]["accounts"][0]["id"] = "123456789012"
    assert list(validator.iter_errors(example)) == []
    for wrong in (
        {"version": 1, "declraed": []},
        {"version": 1, "live": {"awss": {}}},
        {"version": 1, "live": {"aws": {"region": "x"}}},
        {"version": 1, "declared": [{"path": "a", "scpoe": "b"}]},
        {"version": 2},
        {},
    ):
        assert list(validator.iter_errors(wrong)), wrong


def test_a_value_that_looks_like_a_secret_is_not_said_in_an_error(tmp_path: Path) -> None:
    (tmp_path / "drift.yaml").write_text("version: 1\nworkers: postgres://u:correcthorse@h/db\n")
    with pytest.raises(ConfigError, match=r"drift.yaml:2: workers") as refused:
        load(tmp_path / "drift.yaml")
    assert "correcthorse" not in str(refused.value)
