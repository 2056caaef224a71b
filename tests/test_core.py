"""The core knows no cloud: its code and its texts name none, and no word of one, but where it is said why."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CORE = Path(__file__).parents[1] / "drift"
WORDS = re.compile(
    r"(?i)(?<![a-z])(?:aws|amazon\w*|arns?|azure\w*|gcp|google\w*|gserviceaccount|kube\w*|kubernetes|cloudformation|iam|"
    r"resource_?groups?|management_?groups?|subscriptions?|stacks?|namespaces?|projects?|userlabels)(?![a-z])"
)
#: (file, word) → why the core says it.
SAID = {
    ("config/entry.py", "subscription"): "what `scope` is, told to people",
    ("config/entry.py", "project"): "what `scope` is, told to people",
    (
        "declared/terraform/configuration/terragrunt/functions.py",
        "aws",
    ): "names of Terragrunt's functions",
    (
        "declared/terraform/configuration/terragrunt/functions.py",
        "arn",
    ): "the name of a function of Terragrunt's",
    ("declared/terraform/configuration/terragrunt/config.py", "stack"): "Terragrunt's word for many units",
    ("declared/terraform/cdktf.py", "stack"): "CDK for Terraform's word for a root module",
    ("declared/terraform/cdktf.py", "cloudformation"): "whose `stack` it is besides, told to people",
    ("declared/terraform/cdktf_stacks.py", "stack"): "CDK for Terraform's word for a root module",
    ("declared/terraform/cdktf_files.py", "stack"): "CDK for Terraform's word for a root module",
    ("declared/terraform/cdktf_files.py", "stacks"): "CDK for Terraform's word for root modules",
    ("declared/terraform/cdktf_files.py", "project"): "CDK for Terraform's word for its folder",
    ("declared/terraform/configuration/terragrunt/files.py", "stack"): "Terragrunt's word for many units",
    ("declared/terraform/stacks.py", "stack"): "Terragrunt's word for many units",
    ("declared/terraform/stacks.py", "stacks"): "Terragrunt's word for many units",
    ("declared/terraform/units.py", "stacks"): "Terragrunt's word for many units",
    ("declared/terraform/run_all.py", "stacks"): "Terragrunt's word for many units",
    ("editing/objects.py", "namespace"): "what `metadata` of an object says besides its name",
    ("model.py", "azure"): "a forge",
    ("report/forge.py", "azure"): "a forge",
    ("report/forge.py", "azure_devops"): "a forge",
    ("report/forge.py", "azure_line"): "a forge",
    ("report/forge.py", "projects"): "a part of a forge's addresses",
    ("config/rules.py", "subscription"): "what `scope` is, told to people",
    ("config/rules.py", "project"): "what `scope` is, told to people",
    ("config/rules.py", "aws"): "an example of an address, told to people",
    ("match/unfound.py", "project"): "what `scope` is, told to people",
    (
        "declared/terraform/reader.py",
        "arn",
    ): "an attribute by which Terraform names what no provider translates",
    ("declared/terraform/neighbours.py", "arn"): "an attribute by which Terraform names another resource",
    ("declared/likely.py", "arn"): "a word that most resources say of themselves",
    ("declared/git_run.py", "namespace"): "git's own word, in the name of a variable of its environment",
    ("declared/pulumi/export.py", "project"): "Pulumi's own word for a program",
    ("declared/pulumi/export.py", "stack"): "Pulumi's own word for what is deployed",
    ("declared/pulumi/hint.py", "project"): "Pulumi's own word for a program",
    ("declared/pulumi/hint.py", "stack"): "Pulumi's own word for what is deployed",
    ("declared/pulumi/hint.py", "stacks"): "Pulumi's own word for what is deployed",
    ("declared/pulumi/intent.py", "stack"): "Pulumi's own word for what is deployed",
    ("declared/pulumi/source.py", "stack"): "Pulumi's own word for what is deployed",
    ("declared/pulumi/source.py", "stacks"): "Pulumi's own word for what is deployed",
    ("declared/pulumi/stacks.py", "stack"): "Pulumi's own word for what is deployed",
    ("declared/pulumi/stacks.py", "stacks"): "Pulumi's own word for what is deployed",
    ("declared/pulumi/bridged.py", "arn"): "how a property's name in Terraform ends",
    ("cli/demo.py", "stack"): "Python's ExitStack",
    ("redaction/guess.py", "arn"): "a form of name that is never a secret, before any provider is asked",
    (
        "declared/terraform/configuration/restriction.py",
        "arn",
    ): "an attribute by which Terraform names a resource",
    ("declared/terraform/configuration/encodings.py", "namespace"): "a UUID's own word",
    (
        "declared/terraform/configuration/values.py",
        "namespace",
    ): "what an expression's names are looked up in",
    ("redaction/compile_vendors.py", "kubernetes"): "the name of a rule that is left out",
    ("redaction/known.py", "arn"): "a form of name that is public, whoever repeats it",
    ("redaction/known.py", "aws"): "a form of type that is public, whoever repeats it",
    ("redaction/known.py", "googleapis"): "a form of type that is public, whoever repeats it",
    ("redaction/known.py", "namespace"): "a word for names that are public",
    ("redaction/placeholders.py", "arn"): "a form of reference that is no secret itself",
    ("redaction/placeholders.py", "projects"): "a form of reference that is no secret itself",
    ("redaction/shapes.py", "subscription"): "a parameter's name, in addresses",
    ("redaction/variables.py", "arn"): "a form of name that is no secret",
    ("redaction/variables.py", "aws"): "the option settings whose entries are variables",
    ("redaction/variables.py", "namespace"): "what tells these option settings from others",
    ("redaction/words.py", "arn"): "a form of name that is never a secret",
    ("redaction/words.py", "aws"): "a word for who keeps a key, which is none",
    ("redaction/words.py", "kubeconfig"): "a name that tells of a secret",
    ("redaction/words.py", "project"): "a word beside which `key` is no secret",
    ("redaction/shapes.py", "arn"): "a form of name that is never a secret, before any provider is asked",
    (
        "cli/commands/engine.py",
        "kubernetes",
    ): "manifests of a scheduler and its workers are printed for a cluster",
    ("cli/commands/engine.py", "namespace"): "where these manifests go",
    ("engine/manifests.py", "kubernetes"): "manifests of a scheduler and its workers",
    ("engine/manifests.py", "namespace"): "where these manifests go",
}


def texts(tree: ast.Module) -> Iterator[str]:
    """Every text and name of the code, without docstrings."""
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and id(node) not in prose:
            yield node.value if isinstance(node.value, str) else node.value.decode("latin-1")
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def test_the_core_names_no_cloud_but_where_it_is_said_why() -> None:
    found = {
        (path.relative_to(CORE).as_posix(), word.lower())
        for path in sorted(CORE.rglob("*.py"))
        for text in texts(ast.parse(path.read_text(encoding="utf-8")))
        for word in WORDS.findall(text)
    }
    assert found - set(SAID) == set()
    assert set(SAID) - found == set(), "no longer said: take it out of the list"
