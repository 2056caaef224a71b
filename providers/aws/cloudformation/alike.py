"""Tells whether two templates say the same, whatever their spelling: Git's, and what a stack was deployed
with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.redaction import is_secret
from providers.aws.cloudformation.functions import Unknown, as_text
from providers.aws.cloudformation.recorded import MASKED, masked
from providers.aws.cloudformation.template import Template

#: Members whose local paths ``aws cloudformation package`` (``sam package``, ``rain pkg``) replaces by what
#: it uploads. Source: https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
PACKAGED = frozenset(
    "BodyS3Location CodeUri DefinitionUri DefinitionS3Location Definition ContentUri Content Code "
    "SourceBundle TemplateURL Location ScriptLocation DefinitionTemplatePath TemplatePath ImageUri ImageURI "
    "ServiceCatalogProvisioningArtifact Schema ModelDataUrl".split()
)
_SAID = ("Parameters", "Mappings", "Conditions", "Resources", "Globals")
#: Of a resource or parameter: what changes nothing that is deployed.
_SILENT = frozenset({"Metadata", "Description", "ConstraintDescription"})


def alike(written: Template, deployed: Mapping[str, Any]) -> bool:
    """Whether a template in Git says what a stack was deployed with (as plain JSON without secrets). What
    only people read, and local paths that are uploaded when it is deployed, do not count."""
    return all(_section(written.sections[name], deployed.get(name) or {}) for name in _SAID) and (
        set(written.transforms) == set(_transforms(deployed.get("Transform")))
    )


def _transforms(said: Any) -> list[str]:
    found = []
    for one in said if isinstance(said, list) else [said]:
        inner = one.get("Fn::Transform", one) if isinstance(one, Mapping) else one
        name = inner.get("Name") if isinstance(inner, Mapping) else inner
        if isinstance(name, str):
            found.append(name)
    return found


def _section(one: Mapping[str, Any], other: Any) -> bool:
    if not isinstance(other, Mapping) or one.keys() != other.keys():
        return False
    return all(_member(value, other[name]) for name, value in one.items())


def _member(one: Any, other: Any) -> bool:
    """Two resources, parameters or the like."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        one, other = ({k: v for k, v in each.items() if k not in _SILENT} for each in (one, other))
    return _same(masked(one), other, "")


def _same(one: Any, other: Any, name: str) -> bool:
    if name in PACKAGED and _local(one):
        return True
    if is_secret(other) or (isinstance(other, str) and (other == MASKED or "$secret:" in other)):
        return not isinstance(one, (Mapping, list))
    if name in ("DependsOn", "Fn::GetAtt", "Fn::GetAZs"):
        one, other = (_listed(each, name) for each in (one, other))
    if isinstance(one, Mapping):
        if not isinstance(other, Mapping) or one.keys() != other.keys():
            return False
        return all(_same(value, other[key], key) for key, value in one.items())
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(_same(a, b, "") for a, b in zip(one, other, strict=True))
        )
    return _text(one) == _text(other)


def _local(value: Any) -> bool:
    return isinstance(value, str) and "://" not in value


def _listed(value: Any, name: str) -> Any:
    if not isinstance(value, str):
        return value
    return value.split(".", 1) if name == "Fn::GetAtt" else [value]


def _text(value: Any) -> str | None:
    try:
        return as_text(value)
    except Unknown:
        return None
