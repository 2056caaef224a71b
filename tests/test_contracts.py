"""Every built-in plugin is what its contract says: mypy checks it here, and a plugin that is not is refused
by name when it is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, BinaryIO

import pytest
from pydantic import BaseModel

from channels.apprise import AppriseChannel
from channels.pushgateway import PushgatewayChannel
from channels.smtp import SmtpChannel
from channels.webhook import WebhookChannel
from drift import plugins
from drift.backend import Backend
from drift.channel import Channel
from drift.contract import ContractError, Defaults, check, members
from drift.deadline import Deadline
from drift.declared.baseline import Baseline
from drift.declared.pulumi.source import Pulumi
from drift.declared.terraform.backends.consul import ConsulBackend
from drift.declared.terraform.backends.hcp import HcpBackend
from drift.declared.terraform.backends.http import HttpBackend
from drift.declared.terraform.backends.postgresql import PostgresBackend
from drift.declared.terraform.cdktf import CdkForTerraform
from drift.declared.terraform.root import TerraformConfiguration
from drift.declared.terraform.state import TerraformState
from drift.declared.terraform.terragrunt import Terragrunt
from drift.demo import Demo, DemoForge
from drift.dialect import BaseDialect, PulumiDialect, TerraformDialect
from drift.errors import DriftError
from drift.facts import TypeFacts
from drift.forge import Forge
from drift.hooks import Hooks
from drift.model import Resource
from drift.provider import BaseProvider, Provider
from drift.renderer import Renderer, Summary
from drift.secret import SecretStore
from drift.secrets.command import CommandSecrets
from drift.secrets.environment import EnvironmentSecrets
from drift.secrets.file import FileSecrets
from drift.source import BaseDeclaration, BaseSource, Source
from drift.task import Live
from forges.azure_devops import AzureDevOpsForge
from forges.bitbucket import BitbucketForge
from forges.bitbucket_server import BitbucketServerForge
from forges.demo import GitHubDemo
from forges.gitea import GiteaForge
from forges.github import GitHubForge
from forges.gitlab import GitLabForge
from providers.aws import AwsProvider
from providers.aws.cloudformation import CloudFormation
from providers.aws.demo import AwsDemo
from providers.aws.pulumi import AwsPulumi
from providers.aws.secrets_manager import SecretsManager
from providers.aws.ses import SesChannel
from providers.aws.state import S3Backend
from providers.aws.terraform import AwsTerraform
from providers.azure import AzureProvider
from providers.azure.arm import ArmTemplates
from providers.azure.bicep import Bicep
from providers.azure.demo import AzureDemo
from providers.azure.key_vault import KeyVault
from providers.azure.pulumi import AzurePulumi
from providers.azure.state import AzureBackend
from providers.azure.terraform import AzureTerraform
from providers.gcp import GcpProvider
from providers.gcp.config_connector import ConfigConnector
from providers.gcp.demo import GcpDemo
from providers.gcp.pulumi import GcpPulumi
from providers.gcp.secret_manager import SecretManager
from providers.gcp.state import GcsBackend
from providers.gcp.terraform import GcpTerraform
from providers.kubernetes import KubernetesProvider
from providers.kubernetes.demo import KubernetesDemo
from providers.kubernetes.engines.source import GitOps
from providers.kubernetes.helm import Helm
from providers.kubernetes.kustomize import Kustomize
from providers.kubernetes.manifests import Manifests
from providers.kubernetes.pulumi import KubernetesPulumi
from providers.kubernetes.state import KubernetesBackend
from providers.vault import VaultSecrets
from reports.codequality import CodeQualityReport
from reports.csv import CsvReport
from reports.html import HtmlReport
from reports.json import JsonReport
from reports.junit import JunitReport
from reports.mail import MailReport
from reports.markdown import MarkdownReport
from reports.prometheus import PrometheusReport
from reports.sarif import SarifReport
from reports.table import TableReport

# mypy checks each of these lines.
PROVIDERS: list[Provider] = [AwsProvider(), AzureProvider(), GcpProvider(), KubernetesProvider()]
PULUMI: list[PulumiDialect] = [AwsPulumi(), AzurePulumi(), GcpPulumi(), KubernetesPulumi()]
DIALECTS: list[TerraformDialect] = [AwsTerraform(), AzureTerraform(), GcpTerraform()]
SOURCES: list[Source] = [
    ArmTemplates(),
    Baseline(),
    Bicep(),
    CdkForTerraform(),
    CloudFormation(),
    ConfigConnector(),
    GitOps(),
    Helm(),
    Kustomize(),
    Manifests(),
    Pulumi(),
    TerraformConfiguration(),
    TerraformState(),
    Terragrunt(),
]
RENDERERS: list[Renderer] = [
    CodeQualityReport(),
    CsvReport(),
    HtmlReport(),
    JsonReport(),
    JunitReport(),
    MailReport(),
    MarkdownReport(),
    PrometheusReport(),
    SarifReport(),
]
SUMMARY: Summary = TableReport()
DEMOS: list[Demo] = [AwsDemo(), AzureDemo(), GcpDemo(), KubernetesDemo()]
BACKENDS: list[Backend] = [
    AzureBackend(),
    ConsulBackend(),
    GcsBackend(),
    HcpBackend(),
    HttpBackend(),
    KubernetesBackend(),
    PostgresBackend(),
    S3Backend(),
]
CHANNELS: list[Channel] = [
    AppriseChannel(),
    PushgatewayChannel(),
    SesChannel(),
    SmtpChannel(),
    WebhookChannel(),
]
FORGES: list[Forge] = [
    AzureDevOpsForge(),
    BitbucketForge(),
    BitbucketServerForge(),
    GiteaForge(),
    GitHubForge(),
    GitLabForge(),
]
SECRETS: list[SecretStore] = [
    CommandSecrets(),
    EnvironmentSecrets(),
    FileSecrets(),
    KeyVault(),
    SecretManager(),
    SecretsManager(),
    VaultSecrets(),
]
DEMO_FORGES: list[DemoForge] = [GitHubDemo()]
BUILT_IN: dict[str, list[Any]] = {
    "providers": [*PROVIDERS],
    "sources": [*SOURCES],
    "renderers": [*RENDERERS, SUMMARY],
    "demos": [*DEMOS],
    "backends": [*BACKENDS],
    "channels": [*CHANNELS],
    "forges": [*FORGES],
    "demo_forges": [*DEMO_FORGES],
    "secrets": [*SECRETS],
}


@pytest.mark.parametrize("kind", BUILT_IN)
def test_what_mypy_checks_here_is_what_is_installed(kind: str) -> None:
    installed = {entry.load() for entry in entry_points(group=f"drift.{kind}")}
    assert {type(one) for one in BUILT_IN[kind]} == installed


@pytest.mark.parametrize(
    ("kind", "plugin"),
    [(kind, one) for kind, ones in BUILT_IN.items() for one in ones],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__,
)
def test_each_built_in_plugin_has_every_member_with_its_parameters(kind: str, plugin: Any) -> None:
    contract = plugins.contract(kind, plugin.name)
    check(plugin, contract, plugin.name)
    for name in members(contract):
        getattr(plugin, name)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: type(one).__name__)
def test_each_dialect_is_one(dialect: TerraformDialect) -> None:
    check(dialect, TerraformDialect, "a dialect")


def test_the_loaders_load_what_is_installed() -> None:
    assert list(plugins.providers()) == [one.name for one in PROVIDERS]
    assert list(plugins.sources()) == [one.name for one in SOURCES]
    assert set(plugins.renderers()) == {*(one.name for one in RENDERERS), plugins.summary().name}
    assert list(plugins.demos()) == [one.name for one in DEMOS]


# What is misspelt or missing is refused


class Settings(BaseModel):
    """None."""


class Alone(BaseProvider):
    """The least that a provider is."""

    name = "alone"
    Settings: type[BaseModel] = Settings

    def connect(self, settings: BaseModel, deadline: Deadline) -> Live:
        raise NotImplementedError

    def types(self) -> Iterable[str]:
        return ("thing",)

    def facts(self, type: str) -> TypeFacts | None:
        return None


def test_the_defaults_are_enough_for_the_rest() -> None:
    alone: Provider = Alone()
    check(alone, Provider, "alone")
    resource = Resource("alone", "s", "thing", "ID", {})
    assert alone.canonical_id(resource) == "ID"
    assert alone.terraform is None
    assert alone.hooks.type_key("thing") == "thing"
    with pytest.raises(DriftError, match="alone reads no files of its own"):
        alone.fetch("x://y", None, Deadline())
    with pytest.raises(DriftError, match="alone lists no files"):
        alone.below("x://y/", None, Deadline())


BASES: list[tuple[type[Defaults], str, str]] = [
    (BaseProvider, "hook", "hooks"),
    (BaseProvider, "cannonical_id", "canonical_id"),
    (BaseProvider, "scheme", "schemes"),
    (BaseDialect, "versions", "version"),
    (BaseDialect, "name", "names"),
    (BaseSource, "option", "options"),
    (BaseSource, "add", "adds"),
    (BaseDeclaration, "version", "versions"),
    (BaseDeclaration, "note", "notes"),
    (BaseDeclaration, "rule", "rules"),
    (Hooks, "public_text", "public_texts"),
    (Hooks, "undeclard", "undeclared"),
]


@pytest.mark.parametrize(("base", "misspelt", "meant"), BASES)
@pytest.mark.parametrize("said", ["value", "method", "annotation"])
def test_a_misspelt_member_fails_where_its_class_is_defined(
    base: type[Defaults], misspelt: str, meant: str, said: str
) -> None:
    def method(self: object) -> None: ...

    bodies: dict[str, dict[str, Any]] = {
        "value": {misspelt: True},
        "method": {misspelt: method},
        "annotation": {"__annotations__": {misspelt: "bool"}},
    }
    with pytest.raises(ContractError, match=f"has no '{misspelt}'; did you mean '{meant}'"):
        type("Misspelt", (base,), bodies[said])


def test_names_of_a_plugins_own_begin_with_an_underscore() -> None:
    type("Fine", (BaseSource,), {"_helper": 1})
    with pytest.raises(
        ContractError, match=r"has no 'zebra'; a name of its own begins with '_' \(adds, hint,"
    ):
        type("Own", (BaseSource,), {"zebra": 1})


class Text:
    """A report format that inherits from nobody."""

    name = "text"
    suffix = "txt"

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        out.write(b"text")


class Misspelt(Text):
    """Has what its contract does not know."""

    sufix = "txt"


class Narrow(Text):
    """Takes too little."""

    def render(self, report: Mapping[str, Any]) -> None:  # type: ignore[override]
        """Nothing."""


class Renamed(Text):
    """Calls a parameter otherwise."""

    def render(self, document: Mapping[str, Any], out: BinaryIO) -> None:
        """Nothing."""


class Value(Text):
    """Has no method where one is asked for."""

    render = "text"  # type: ignore[assignment]


class Nothing:
    """Is no plugin."""

    name = "text"


class Half(BaseProvider):
    """Inherits the contract's declaration of what it must define."""

    name = "half"
    Settings: type[BaseModel] = Settings


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes a class of this file the one plugin of a kind."""

    def install(kind: str, name: str, cls: type) -> None:
        entry = EntryPoint(name, f"{__name__}:{cls.__name__}", f"drift.{kind}")
        monkeypatch.setattr(plugins, "_entries", lambda group: {name: entry} if group == entry.group else {})
        plugins._load.cache_clear()

    yield install
    plugins._load.cache_clear()


def test_a_plugin_that_inherits_from_nobody_is_loaded(installed: Any) -> None:
    installed("renderers", "text", Text)
    assert plugins.renderer("text").suffix == "txt"


@pytest.mark.parametrize(
    ("cls", "said"),
    [
        (Misspelt, "Misspelt: the contract Renderer has no 'sufix'; did you mean 'suffix'"),
        (Narrow, r"the renderer 'text' .*Narrow\): render can't be called as the contract .*Renderer does"),
        (Renamed, r"Renamed\): render can't be called as the contract .*render\(self, report, out\)|report"),
        (Value, "'render' is no method"),
        (Nothing, "lacks 'render', which the contract drift.renderer.Renderer asks for"),
    ],
    ids=lambda one: one.__name__ if isinstance(one, type) else "",
)
def test_a_renderer_that_is_none_is_refused_when_it_is_loaded(installed: Any, cls: type, said: str) -> None:
    installed("renderers", "text", cls)
    with pytest.raises(DriftError, match=said):
        plugins.renderer("text")


def test_what_is_printed_to_the_terminal_needs_more(installed: Any) -> None:
    installed("renderers", "table", Text)
    with pytest.raises(DriftError, match=r"the renderer 'table' .*lacks 'print'"):
        plugins.summary()


def test_a_plugin_has_the_name_of_its_entry(installed: Any) -> None:
    installed("renderers", "other", Text)
    with pytest.raises(DriftError, match="the renderer 'other': calls itself 'text'"):
        plugins.renderer("other")


def test_what_is_only_declared_by_the_contract_is_missing(installed: Any) -> None:
    installed("providers", "half", Half)
    with pytest.raises(DriftError, match=r"the provider 'half' .*Half\): lacks 'connect'"):
        plugins.provider("half")
