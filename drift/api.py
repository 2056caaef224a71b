"""All that a plugin's author imports; what is not named here is internal and may change at any time.

Some modules are named as wholes, for the functions in them: ``api.pointer.join``.

The built-in plugins import the same names from the modules that define them.
"""

from __future__ import annotations

from drift import (
    bounded_http,
    demo,
    go_json,
    lined,
    loopback,
    markdown,
    pointer,
    processes,
    reading,
    safe_yaml,
    temporary,
    terraform_schemas,
    values,
)
from drift.backend import BaseBackend, Identity, Stored
from drift.channel import Carries, Channel, ChannelError, InDoubt, Message
from drift.check import Check, Probe, Program, claims, expiry, probed, skew
from drift.compare.canonical import canonicalise
from drift.compare.guessed import only_guessed
from drift.contract import ContractError
from drift.deadline import Cut, Deadline, Passed
from drift.declared import git, git_run, likely
from drift.demo import Built, Cloud, Demo, DemoForge, LocalForge, Opened, need
from drift.dialect import (
    BaseDialect,
    BasePulumi,
    Configured,
    Foreign,
    PulumiDialect,
    Question,
    TerraformDialect,
)
from drift.editing.document import Document, Step
from drift.editing.json import Json
from drift.editing.objects import Spot, changed, spots
from drift.editing.proposing import Way, proposed
from drift.editing.rewrite import Operation, made, operations, spelled
from drift.editing.target import Target, pruned, targets, terms
from drift.editing.versions import replacements
from drift.editing.words import says
from drift.editing.yaml import YamlText
from drift.editing.yaml_document import Yaml
from drift.editing.yaml_nodes import Language, Tagged
from drift.editing.yaml_spelling import YAML_1_1, Style, document_text, item
from drift.editor import BaseEditor, Edit, Editor, NotEdited, Place, Replacement, Restoring, Wish, places
from drift.errors import CellError, ConfigError, CredentialsError, DeclaredError, DriftError
from drift.facts import NOTHING, FactError, PathFacts, TypeFacts
from drift.finding import NO_OWNER, ActorKind, Attribution, Change, Finding, Unverifiable
from drift.forge import (
    Draft,
    Forge,
    ForgeError,
    Hosted,
    Issue,
    Login,
    PullRequest,
    Repository,
)
from drift.hooks import Acceptance, Around, Filled, Hooks, Observed
from drift.kinds.base import Canonical, Context, Keyed, Kind, Ordered, Unordered
from drift.kinds.collections import KEYED_LIST, MAP, by_label, unordered
from drift.kinds.documents import JSON, XML_WHITESPACE, parse_json
from drift.kinds.names import URL, ascii_lower, dns_name, escaped_name
from drift.kinds.registry import KINDS
from drift.kinds.scalars import BOOLEAN, INTEGER, STRING, fold_case
from drift.kinds.text import canonical_text, in_any_order, plain_numbers
from drift.kinds.times import DURATION, TIMESTAMP
from drift.kinds.versions import is_prefix
from drift.limits import Limits, Pages, common
from drift.listing import beginning, files_below, leads_out, passed_over, reached
from drift.live.estate import ANY
from drift.login import logged_in
from drift.model import (
    ABSENT,
    GLOBAL,
    MISSING,
    Cell,
    Coverage,
    Joining,
    Origin,
    Problem,
    Resource,
    Sensitive,
    Status,
    Unresolved,
)
from drift.moment import rfc3339
from drift.patterns import PatternError, compiled
from drift.pointer import escape, unescape
from drift.proposal import Found, Hint, Proposal
from drift.provider import BaseProvider, Grant, Provider
from drift.redaction import (
    NAMED_VALUES,
    is_secret,
    looks_secret,
    may_hold_random,
    may_hold_secret,
    may_hold_variables,
    sensitive_texts,
)
from drift.renderer import FolderPage, Letter, MailPage, Renderer, Summary
from drift.report import last_changes, texts, witnessed
from drift.report.exit_code import unread
from drift.report.forge import forge_of
from drift.report.fresh import came_back, fresh
from drift.rule import Again, Note, Rule
from drift.rules.content import Content, Function, tail
from drift.rules.severity import read_rules
from drift.secret import (
    BaseSecretStore,
    Held,
    OpenStore,
    Secret,
    SecretError,
    SecretStore,
    lent,
    members,
    parted,
)
from drift.settings import Hidden, LiveSection, Seconds, Section, TypesSection, Url, selected
from drift.source import (
    BaseDeclaration,
    BaseSource,
    Declaration,
    LiveView,
    Loader,
    Location,
    Option,
    Signers,
    Source,
)
from drift.store import kept
from drift.task import Confirms, Live, Resumable, Task, Unit, Wanted
from drift.testimony import Event, Touch, in_turn, judged, settled
from drift.visible import visible
from drift.witness import Budget, Silent, Witnessed

__all__ = [
    "BaseSecretStore",
    "Held",
    "Hidden",
    "OpenStore",
    "Secret",
    "SecretError",
    "SecretStore",
    "lent",
    "logged_in",
    "members",
    "parted",
    "Check",
    "Found",
    "Hint",
    "Proposal",
    "Probe",
    "Program",
    "claims",
    "expiry",
    "probed",
    "skew",
    "ABSENT",
    "Spot",
    "changed",
    "common",
    "spots",
    "spelled",
    "Style",
    "document_text",
    "item",
    "Language",
    "Tagged",
    "YAML_1_1",
    "Yaml",
    "YamlText",
    "ActorKind",
    "BaseEditor",
    "Document",
    "Json",
    "Operation",
    "Step",
    "Target",
    "made",
    "operations",
    "pruned",
    "replacements",
    "Way",
    "proposed",
    "says",
    "targets",
    "terms",
    "Draft",
    "Edit",
    "Editor",
    "Forge",
    "ForgeError",
    "Hosted",
    "Issue",
    "Login",
    "NotEdited",
    "Place",
    "PullRequest",
    "Replacement",
    "Resumable",
    "Repository",
    "Restoring",
    "Wish",
    "places",
    "Budget",
    "Event",
    "rfc3339",
    "Signers",
    "Silent",
    "Touch",
    "judged",
    "settled",
    "Witnessed",
    "kept",
    "git",
    "git_run",
    "go_json",
    "Content",
    "Function",
    "tail",
    "last_changes",
    "witnessed",
    "likely",
    "processes",
    "reading",
    "temporary",
    "texts",
    "visible",
    "demo",
    "lined",
    "loopback",
    "markdown",
    "pointer",
    "safe_yaml",
    "terraform_schemas",
    "values",
    "only_guessed",
    "MAP",
    "JSON",
    "Joining",
    "XML_WHITESPACE",
    "URL",
    "is_secret",
    "ANY",
    "BOOLEAN",
    "DURATION",
    "GLOBAL",
    "INTEGER",
    "KEYED_LIST",
    "KINDS",
    "MISSING",
    "NAMED_VALUES",
    "NO_OWNER",
    "NOTHING",
    "STRING",
    "TIMESTAMP",
    "Acceptance",
    "Around",
    "Again",
    "Attribution",
    "BaseBackend",
    "BaseDeclaration",
    "BaseDialect",
    "BaseProvider",
    "BasePulumi",
    "BaseSource",
    "Built",
    "Canonical",
    "Carries",
    "Cell",
    "CellError",
    "Change",
    "Channel",
    "ChannelError",
    "Cloud",
    "Context",
    "ConfigError",
    "Configured",
    "Confirms",
    "ContractError",
    "Coverage",
    "Cut",
    "Deadline",
    "Letter",
    "Limits",
    "LiveSection",
    "MailPage",
    "Message",
    "Pages",
    "Passed",
    "PatternError",
    "bounded_http",
    "CredentialsError",
    "Declaration",
    "DeclaredError",
    "Demo",
    "DemoForge",
    "LocalForge",
    "Opened",
    "DriftError",
    "FactError",
    "Filled",
    "Finding",
    "Foreign",
    "Grant",
    "Hooks",
    "Observed",
    "InDoubt",
    "Keyed",
    "Kind",
    "Live",
    "LiveView",
    "Loader",
    "Location",
    "Note",
    "Option",
    "Ordered",
    "Origin",
    "PathFacts",
    "Problem",
    "Provider",
    "PulumiDialect",
    "Question",
    "Renderer",
    "Resource",
    "Rule",
    "Seconds",
    "Section",
    "Sensitive",
    "Identity",
    "Stored",
    "Source",
    "Status",
    "Summary",
    "FolderPage",
    "Task",
    "TerraformDialect",
    "TypeFacts",
    "Unit",
    "TypesSection",
    "Unordered",
    "Unresolved",
    "Unverifiable",
    "Url",
    "Wanted",
    "ascii_lower",
    "beginning",
    "by_label",
    "came_back",
    "canonical_text",
    "compiled",
    "canonicalise",
    "dns_name",
    "escaped_name",
    "escape",
    "files_below",
    "leads_out",
    "fold_case",
    "forge_of",
    "fresh",
    "in_any_order",
    "in_turn",
    "is_prefix",
    "looks_secret",
    "may_hold_random",
    "may_hold_secret",
    "may_hold_variables",
    "need",
    "parse_json",
    "passed_over",
    "plain_numbers",
    "reached",
    "read_rules",
    "selected",
    "sensitive_texts",
    "unescape",
    "unordered",
    "unread",
]
